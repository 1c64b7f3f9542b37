import { ServiceError } from '../fault/index.ts';

/** Characters, white space not counted ("IAM and AWS STS quotas"). */
export const policySizes = {
  user: 2_048,
  group: 5_120,
  role: 10_240,
  managed: 6_144,
  trust: 2_048,
  session: 2_048,
} as const;

/** What counts of a policy's size. */
export function policySize(text: string): number {
  return text.replace(/\s/g, '').length;
}

/**
 * The inline policies of one identity count together.
 * @throws ServiceError `LimitExceeded`
 */
export function checkInlineSize(
  kind: 'user' | 'group' | 'role',
  name: string,
  documents: Iterable<string>,
): void {
  let size = 0;
  for (const document of documents) size += policySize(document);
  if (size <= policySizes[kind]) return;
  throw new ServiceError(
    'LimitExceeded',
    `Maximum policy size of ${policySizes[kind]} bytes exceeded for ${kind} ${name}`,
    { status: 409 },
  );
}

/** @throws ServiceError `LimitExceeded` */
export function checkPolicySize(use: 'managed' | 'trust', document: string): void {
  const most = policySizes[use];
  if (policySize(document) <= most) return;
  const quota = use === 'managed' ? 'PolicySize' : 'ACLSizePerRole';
  throw new ServiceError('LimitExceeded', `Cannot exceed quota for ${quota}: ${most}`, { status: 409 });
}
