import type { Caller } from './caller.ts';
import type { PrincipalSyntax } from './policy-syntax.ts';

/**
 * How a policy of a resource means a caller. `direct`: itself, as the user, the session or the service that it is, or
 * everybody. `role`: by the role of its session. `account`: by its account, which then decides by its own policies.
 */
export type PrincipalMatch = 'direct' | 'role' | 'account';

/** Whom a statement is about. */
export interface PrincipalSet {
  readonly match: (caller: Caller) => PrincipalMatch | undefined;
}

const accountId = /^\d{12}$/;

/** "JSON policy elements: Principal" and "NotPrincipal". */
export function principalSet(
  principals: readonly PrincipalSyntax[],
  isNegated: boolean,
  effect: 'Allow' | 'Deny',
): PrincipalSet {
  const named = new Set(principals.map(identityOf));
  if (!isNegated) return { match: (caller) => matchOf(named, caller) };
  return { match: (caller) => (isExcepted(named, caller, effect) ? undefined : 'direct') };
}

/** A principal as `identitiesOf` names it. */
function identityOf({ type, text }: PrincipalSyntax): string {
  if (text === '*' && (type === 'AWS' || type === '*')) return '*';
  if (type === 'AWS') return accountId.test(text) ? rootOf(text) : text;
  return `${type}:${text}`;
}

function matchOf(named: ReadonlySet<string>, caller: Caller): PrincipalMatch | undefined {
  if (named.has('*')) return 'direct';
  const { own, role, account } = identitiesOf(caller);
  if (own.some((identity) => named.has(identity))) return 'direct';
  if (role.some((identity) => named.has(identity))) return 'role';
  return account !== undefined && named.has(account) ? 'account' : undefined;
}

/**
 * Deny spares only whom NotPrincipal names in full: with the account, and for a session also with its role. Allow, which
 * gives to everybody else, passes over whom it names in any way.
 */
function isExcepted(named: ReadonlySet<string>, caller: Caller, effect: 'Allow' | 'Deny'): boolean {
  if (named.has('*')) return true;
  const { own, role, account } = identitiesOf(caller);
  const ways = [own, role, account === undefined ? [] : [account]].filter(({ length }) => length > 0);
  const isNamed = (identities: readonly string[]) => identities.some((identity) => named.has(identity));
  return effect === 'Deny' ? ways.every(isNamed) : ways.some(isNamed);
}

interface Identities {
  readonly own: readonly string[];
  readonly role: readonly string[];
  readonly account: string | undefined;
}

/** Users and roles also go by their unique ids: trust policies keep these. */
function identitiesOf(caller: Caller): Identities {
  const account = rootOf(caller.accountId);
  switch (caller.kind) {
    case 'service':
      return { own: [`Service:${caller.service}`], role: [], account: undefined };
    case 'root':
      return { own: [], role: [], account };
    case 'user':
      return { own: [caller.arn, caller.userId], role: [], account };
    case 'role-session':
      return {
        own: [caller.arn],
        role: caller.session ? [caller.session.roleArn, caller.session.roleId] : [],
        account,
      };
  }
}

function rootOf(account: string): string {
  return `arn:aws:iam::${account}:root`;
}
