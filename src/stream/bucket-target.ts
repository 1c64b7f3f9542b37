import { filePieces } from '../disk/index.ts';
import { ServiceError } from '../fault/index.ts';
import type { RoleSession, ServiceAccess, ServiceSource } from '../iam/service-access.ts';
// Not by the room's index: who has no stream does not load the index of objects.
import { bucketPlace, buckets } from '../objects/kinds.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { ResourceView } from '../resource/index.ts';
import type { DiskSlots } from './disk-slots.ts';

/** Who delivers, in whose name, to which bucket. */
export interface BucketAddress {
  /** `arn:aws:s3:::name` */
  readonly bucketArn: string;
  /** Of the stream's destination: assumed by Firehose where the bucket is Headgate's own. */
  readonly roleArn: string;
  readonly source: ServiceSource;
}

/** An object that is whole on the local disk. */
export interface BucketPut {
  readonly key: string;
  /** Path. */
  readonly file: string;
  readonly bytes: number;
  readonly contentType: string;
}

/** `code` as Firehose's error logs have it: `S3.AccessDenied`. What is refused is tried again later. */
export type PutOutcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface BucketTarget {
  /** Does not throw for what may be mended. */
  put(object: BucketPut): Promise<PutOutcome>;
}

export interface LocalBucketParts {
  readonly resources: ResourceView;
  readonly objects: Pick<ObjectStore, 'put'>;
  readonly access: ServiceAccess;
  readonly slots: DiskSlots;
}

/** A bucket of Headgate's own, written to as the role that the stream's destination names. */
export function localBucket(
  parts: LocalBucketParts,
  { bucketArn, roleArn, source }: BucketAddress,
): BucketTarget {
  const bucket = bucketArn.slice(bucketArn.indexOf(':::') + 3);
  return {
    put: async ({ key, file, bytes, contentType }) => {
      const found = parts.resources.get(buckets, bucketPlace, bucket);
      if (!found) return refused('S3.NoSuchBucket', `The specified bucket does not exist: ${bucket}`);
      const session = parts.access.assume(roleArn, source);
      if (!session) return refused('S3.AccessDenied', `Firehose is unable to assume role ${roleArn}`);
      const mayPut = isAllowed(session, `${bucketArn}/${key}`, found);
      if (!mayPut)
        return refused('S3.AccessDenied', `${roleArn} may not s3:PutObject on ${bucketArn}/${key}`);
      try {
        await parts.slots.use(async () => {
          await parts.objects.put({
            bucket,
            key,
            body: filePieces(file),
            size: bytes,
            headers: { 'content-type': contentType },
          });
        });
        return { kind: 'taken' };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return refused(`S3.${error.code}`, error.message);
      }
    },
  };
}

function isAllowed(
  session: RoleSession,
  resource: string,
  { policy, ownerAccountId }: { readonly policy?: string; readonly ownerAccountId: string },
): boolean {
  const owner = { account: ownerAccountId, ...(policy !== undefined && { policy }) };
  return session.isAllowed('s3:PutObject', resource, {}, owner);
}

function refused(code: string, message: string): PutOutcome {
  return { kind: 'refused', code, message };
}
