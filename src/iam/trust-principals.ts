import { globalPlace, iamPlace, type ResourceView } from '../resource/index.ts';
import { accounts, roles, users } from './kinds.ts';
import { malformedPolicy } from './malformed-policy.ts';
import { parsePolicyJson } from './policy-json.ts';
import { type PrincipalSyntax, policySyntax } from './policy-syntax.ts';

/**
 * A trust policy as it is stored: users and roles by their unique ids, so that one who is made again under the same name
 * is not trusted. Of accounts that are not here nothing can be known: their users and roles stay as they are written.
 * @throws ServiceError `MalformedPolicyDocument` for a principal that cannot be, or is not there
 */
export function resolvePrincipals(text: string, view: ResourceView): string {
  return withPrincipals(text, (principal) => {
    const resolved = storedPrincipal(principal, view);
    if (resolved === undefined) {
      throw malformedPolicy(
        `Invalid principal in policy: "${principal.type.toUpperCase()}":"${principal.text}"`,
      );
    }
    return resolved;
  });
}

/** A stored trust policy as it is shown: with ARNs again, but of those who are no more. */
export function shownPrincipals(text: string, view: ResourceView): string {
  if (!/"(?:AIDA|AROA)/.test(text)) return text;
  return withPrincipals(text, (principal) => arnOfId(principal.text, view) ?? principal.text);
}

function withPrincipals(text: string, change: (principal: PrincipalSyntax) => string): string {
  const json = parsePolicyJson(text);
  const principals = ((json && policySyntax(json)?.statements) ?? []).flatMap(
    ({ principals }) => principals ?? [],
  );
  let changed = '';
  let at = 0;
  for (const principal of principals.toSorted((a, b) => a.start - b.start)) {
    const replaced = change(principal);
    if (replaced === principal.text) continue;
    changed += text.slice(at, principal.start) + JSON.stringify(replaced);
    at = principal.end;
  }
  return changed + text.slice(at);
}

const accountForm = /^(?:\d{12}|arn:aws:iam::\d{12}:root)$/;
const sessionForm =
  /^arn:aws:sts::\d{12}:(?:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+|federated-user\/[\w+=,.@-]+)$/;
const identityForm = /^arn:aws:iam::(\d{12}):(user|role)\/(?:.*\/)?([\w+=,.@-]+)$/;
const serviceForm =
  /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.com|aws\.internal)$/;
const federatedForm = /^(?:arn:aws:iam::\d{12}:(?:saml|oidc)-provider\/.+|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/;

/** `undefined` for a principal that cannot be. */
function storedPrincipal({ type, text }: PrincipalSyntax, view: ResourceView): string | undefined {
  switch (type) {
    case '*':
      return text;
    case 'Service':
      return serviceForm.test(text) ? text : undefined;
    case 'Federated':
      return federatedForm.test(text) ? text : undefined;
    case 'CanonicalUser':
      return undefined;
    case 'AWS':
      if (text === '*' || accountForm.test(text) || sessionForm.test(text)) return text;
      return /^A(?:IDA|ROA)\w+$/.test(text) ? arnOfId(text, view) && text : idOfArn(text, view);
  }
}

function idOfArn(arn: string, view: ResourceView): string | undefined {
  const [, accountId, kind, name] = identityForm.exec(arn) ?? [];
  if (accountId === undefined) return undefined;
  if (!view.get(accounts, globalPlace, accountId)) return arn;
  const place = iamPlace(accountId);
  const user = kind === 'user' ? view.get(users, place, name) : undefined;
  if (user) return user.Arn === arn ? user.UserId : undefined;
  const role = kind === 'role' ? view.get(roles, place, name) : undefined;
  return role?.Arn === arn ? role.RoleId : undefined;
}

function arnOfId(id: string, view: ResourceView): string | undefined {
  if (id.startsWith('AIDA')) {
    for (const place of view.places(users)) {
      for (const user of view.list(users, place)) if (user.UserId === id) return user.Arn;
    }
  }
  if (id.startsWith('AROA')) {
    for (const place of view.places(roles)) {
      for (const role of view.list(roles, place)) if (role.RoleId === id) return role.Arn;
    }
  }
  return undefined;
}
