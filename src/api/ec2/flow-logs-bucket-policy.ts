import { isDeepStrictEqual } from 'node:util';

/** AWS's limit of a bucket's policy: 20 KB. */
const mostBytes = 20 * 1024;
/** What AWS calls a policy that it makes for log delivery. */
const policyId = 'AWSLogDeliveryWrite20150319';
const writeSid = 'AWSLogDeliveryWrite';
const aclSid = 'AWSLogDeliveryAclCheck';

/** What of a policy a flow log needs: by the guide's page on bucket permissions. */
export interface NeededDelivery {
  readonly bucketArn: string;
  /** Of the objects, with a `*` at its end. */
  readonly objectsArn: string;
  /** Of the flow log. */
  readonly accountId: string;
  readonly region: string;
}

/** What was made of a policy. */
export type AmendedPolicy = { readonly policy: string } | { readonly fault: 'denied' | 'policy-too-large' };

type Statement = Readonly<Record<string, unknown>>;
/** Checked when it was put. */
type Document = Readonly<Record<string, unknown>> & { readonly Statement: Statement | readonly Statement[] };

/**
 * The policy with the two statements for log delivery behind its own; where it has them for the same account and Region,
 * with one more resource in them. One with NotAction or NotPrincipal is left alone, as AWS leaves it.
 */
export function policyWithDelivery(policy: string | undefined, needed: NeededDelivery): AmendedPolicy {
  const document: Document =
    policy === undefined ? { Version: '2012-10-17', Id: policyId, Statement: [] } : JSON.parse(policy);
  const present = [document.Statement].flat();
  if (present.some((statement) => 'NotAction' in statement || 'NotPrincipal' in statement)) {
    return { fault: 'denied' };
  }
  const written = withStatement(present, writeStatement(needed), needed.objectsArn);
  const Statement = withStatement(written, aclStatement(needed), needed.bucketArn);
  const amended = JSON.stringify({ ...document, Statement });
  return Buffer.byteLength(amended) > mostBytes ? { fault: 'policy-too-large' } : { policy: amended };
}

function writeStatement({ accountId, region }: NeededDelivery): Statement {
  return {
    Sid: writeSid,
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: 's3:PutObject',
    Condition: {
      StringEquals: { 'aws:SourceAccount': accountId, 's3:x-amz-acl': 'bucket-owner-full-control' },
      ArnLike: { 'aws:SourceArn': `arn:aws:logs:${region}:${accountId}:*` },
    },
  };
}

function aclStatement({ accountId, region }: NeededDelivery): Statement {
  return {
    Sid: aclSid,
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: 's3:GetBucketAcl',
    Condition: {
      StringEquals: { 'aws:SourceAccount': accountId },
      ArnLike: { 'aws:SourceArn': `arn:aws:logs:${region}:${accountId}:*` },
    },
  };
}

function withStatement(present: readonly Statement[], wanted: Statement, resource: string): Statement[] {
  const at = present.findIndex((statement) => isSame(statement, wanted));
  if (at < 0)
    return [...present, { ...wanted, Sid: newSid(present, String(wanted.Sid)), Resource: resource }];
  const resources = [present[at].Resource ?? []].flat();
  if (resources.includes(resource)) return [...present];
  const Resource = [...resources, resource];
  return present.with(at, { ...present[at], Resource });
}

/** Ours for the same account and Region: all is equal but what it is about, and a number in its name. */
function isSame({ Sid, Resource: _, ...present }: Statement, { Sid: sid, ...wanted }: Statement): boolean {
  return String(Sid).startsWith(String(sid)) && isDeepStrictEqual(present, wanted);
}

/** Statements of one policy have names of their own. */
function newSid(present: readonly Statement[], sid: string): string {
  const names = new Set(present.map(({ Sid }) => Sid));
  if (!names.has(sid)) return sid;
  let number = 1;
  while (names.has(`${sid}${number}`)) number++;
  return `${sid}${number}`;
}
