import type { Decision, Permission } from './permission.ts';

const withoutAllow: Readonly<Record<Decision['decidedBy'], string>> = {
  identity: 'no identity-based policy allows',
  boundary: 'no permissions boundary allows',
  session: 'no session policy allows',
  resource: 'no resource-based policy allows',
  trust: 'no role trust policy allows',
};
const withDeny: Readonly<Record<Decision['decidedBy'], string>> = {
  identity: 'an identity-based policy',
  boundary: 'a permissions boundary',
  session: 'a session policy',
  resource: 'a resource-based policy',
  trust: 'the role trust policy',
};

/**
 * Why somebody may not do something, in the words of "Troubleshoot access denied error messages". Of actions that are
 * about no resource IAM alone says so; S3 puts it between quotation marks.
 */
export function denialSentence(
  { caller, action, resource }: Permission,
  { reason, decidedBy }: Decision,
): string {
  const named = /^s3:/i.test(action) ? `"${resource}"` : resource;
  const about = resource === '*' && !/^iam:/i.test(action) ? '' : ` on resource: ${named}`;
  const why =
    reason === 'explicit-deny'
      ? `with an explicit deny in ${withDeny[decidedBy]}`
      : `because ${withoutAllow[decidedBy]} the ${action} action`;
  return `User: ${caller.arn} is not authorized to perform: ${action}${about} ${why}`;
}
