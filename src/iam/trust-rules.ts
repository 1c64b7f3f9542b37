import { malformedPolicy } from './malformed-policy.ts';
import type { StatementSyntax } from './policy-syntax.ts';

/** What a trust policy may allow. */
const trustActions = [
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:tagsession',
  'sts:setsourceidentity',
  'sts:setcontext',
];

/** @throws ServiceError `MalformedPolicyDocument` for what a trust policy may not say */
export function checkTrustStatement(statement: StatementSyntax): void {
  const sentence = faultOf(statement);
  if (sentence !== undefined) throw malformedPolicy(sentence);
}

function faultOf({
  effect,
  principals,
  isNotPrincipal,
  actions,
  resources,
  isNotResource,
}: StatementSyntax): string | undefined {
  if (effect === undefined) return 'Missing required field Effect';
  if (effect !== 'Allow' && effect !== 'Deny') return `Invalid effect: ${effect}`;
  if (resources) {
    return isNotResource ? 'AssumeRole policy must not contain resources.' : 'Has prohibited field Resource';
  }
  if (isNotPrincipal) {
    return effect === 'Allow'
      ? 'Allow with NotPrincipal is not allowed.'
      : 'AssumeRole policy must not contain NotPrincipal field.';
  }
  if (!principals) return 'Missing required field Principal';
  if (principals.length === 0) return 'Missing required field Principal cannot be empty!';
  if (!actions?.length) return 'Missing required field Action';
  return actions.every(isTrustAction)
    ? undefined
    : 'AssumeRole policy may only specify STS AssumeRole actions.';
}

function isTrustAction(action: string): boolean {
  const small = action.toLowerCase();
  return small.startsWith('sts:assumerole') || trustActions.includes(small);
}
