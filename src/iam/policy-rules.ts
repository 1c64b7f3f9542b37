import { timeMs } from './condition-values.ts';
import { malformedPolicy } from './malformed-policy.ts';
import { compiled, type PolicyDocument } from './policy-document.ts';
import { parsePolicyJson } from './policy-json.ts';
import { type PolicySyntax, policySyntax, type StatementSyntax } from './policy-syntax.ts';
import { checkResource } from './resource-rules.ts';
import { checkTrustStatement } from './trust-rules.ts';

/**
 * What a policy is for. `managed`: a policy with versions of its own; `identity`: inline in a user, group or role;
 * `session`: given with AssumeRole; `trust`: of a role; `resource`: of another resource, such as a bucket.
 */
export type PolicyUse = 'managed' | 'identity' | 'session' | 'trust' | 'resource';

/**
 * A policy that a user gives, checked as IAM checks one of its kind. Sizes are `checkPolicySize`'s, and whether
 * principals exist `resolvePrincipals`'.
 * @throws ServiceError `MalformedPolicyDocument`, in IAM's sentences
 */
export function parsePolicy(text: string, use: PolicyUse): PolicyDocument {
  const json = parsePolicyJson(text);
  if (!json)
    throw malformedPolicy(use === 'trust' ? 'This policy contains invalid Json' : syntaxSentence(use));
  const syntax = policySyntax(json);
  if (!syntax) throw malformedPolicy(syntaxSentence(use));
  if (use === 'trust') checkTrust(syntax);
  else checkPermissions(syntax, use);
  const document = compiled(syntax);
  if (!document) throw malformedPolicy(hasBadTime(syntax) ? failedParsing : syntaxSentence(use));
  return document;
}

const failedParsing = 'The policy failed legacy parsing';

function syntaxSentence(use: PolicyUse): string {
  return use === 'trust' ? 'Syntax error in policy.' : 'Syntax errors in policy.';
}

function checkTrust({ statements }: PolicySyntax): void {
  if (statements.length === 0) throw malformedPolicy('Could not parse the policy: Statement is empty!');
  for (const statement of statements) checkTrustStatement(statement);
  if (hasSidTwice(statements)) throw malformedPolicy('The Statement Ids in the policy are not unique');
}

function checkPermissions({ version, statements }: PolicySyntax, use: PolicyUse): void {
  if (statements.length === 0) throw malformedPolicy(syntaxSentence(use));
  for (const { effect } of statements) checkEffect(effect, use);
  if (use === 'managed' && version !== '2012-10-17') {
    throw malformedPolicy('Policy document must be version 2012-10-17 or greater.');
  }
  if (hasSidTwice(statements))
    throw malformedPolicy('Statement IDs (SID) in a single policy must be unique.');
  for (const statement of statements) checkStatement(statement, use);
}

function checkEffect(effect: string | undefined, use: PolicyUse): void {
  if (effect === 'Allow' || effect === 'Deny') return;
  const isOtherCase = /^(?:allow|deny)$/i.test(effect ?? '');
  throw malformedPolicy(isOtherCase ? failedParsing : syntaxSentence(use));
}

function checkStatement(statement: StatementSyntax, use: PolicyUse): void {
  checkPrincipals(statement, use);
  checkSid(statement.sid, use);
  if (!statement.actions?.length) throw malformedPolicy('Policy statement must contain actions.');
  if (!statement.resources?.length) throw malformedPolicy('Policy statement must contain resources.');
  for (const resource of statement.resources) checkResource(resource);
  for (const action of statement.actions) checkAction(action);
}

function checkPrincipals({ principals, isNotPrincipal, effect }: StatementSyntax, use: PolicyUse): void {
  if (use !== 'resource') {
    if (principals) throw malformedPolicy('Policy document should not specify a principal.');
    return;
  }
  if (!principals?.length) throw malformedPolicy('Missing required field Principal');
  if (isNotPrincipal && effect === 'Allow') throw malformedPolicy('Allow with NotPrincipal is not allowed.');
}

function checkSid(sid: string | undefined, use: PolicyUse): void {
  if (use === 'resource' || sid === undefined || /^[0-9A-Za-z]*$/.test(sid)) return;
  throw malformedPolicy(
    'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
  );
}

/** A vendor, a colon, a name that may have wildcards; or `*`. */
function checkAction(action: string): void {
  if (action === '*') return;
  const [vendor, ...rest] = action.split(':');
  if (rest.length === 0) {
    throw malformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  }
  if (rest.length > 1) throw malformedPolicy('Actions/Condition can contain only one colon.');
  if (vendor !== '*' && /[^a-zA-Z0-9.-]/.test(vendor)) throw malformedPolicy(`Vendor ${vendor} is not valid`);
}

function hasSidTwice(statements: readonly StatementSyntax[]): boolean {
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== undefined && sid !== '');
  return new Set(sids).size < sids.length;
}

function hasBadTime({ statements }: PolicySyntax): boolean {
  return statements
    .flatMap(({ conditions }) => conditions)
    .some(
      ({ operator, values }) =>
        /(?:^|:)Date/i.test(operator) && values.some((value) => timeMs(value) === undefined),
    );
}
