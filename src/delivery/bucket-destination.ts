import { filePieces } from '../disk/index.ts';
import { ServiceError } from '../fault/index.ts';
import type { FlowLogResource } from '../flowlog/index.ts';
import type { ServiceAccess } from '../iam/service-access.ts';
// Not by the room's index: who delivers to no bucket does not load the index of objects.
import { type BucketResource, bucketPlace, buckets } from '../objects/kinds.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Place, ResourceView } from '../resource/index.ts';
import { mayDeliver } from './bucket-access.ts';
import type { DeliveryOutcome, ObjectDestination, ObjectFile, Refusal } from './destination.ts';
import { type BucketFolder, bucketFolder } from './log-delivery.ts';

export interface BucketDestinationOptions {
  readonly resource: Pick<FlowLogResource, 'LogDestination'>;
  /** Of the flow log. */
  readonly place: Place;
  readonly resources: Pick<ResourceView, 'get'>;
  readonly objects: Pick<ObjectStore, 'put'>;
  readonly access: Pick<ServiceAccess, 'isAllowed'>;
}

/** Neither of a text nor of Parquet does log delivery say more; nothing may unpack it on the way. */
export const deliveredContentType = 'application/octet-stream';

/** What the store says when it has too much to do, or no room. */
const passingCodes: ReadonlySet<string> = new Set(['SlowDown', 'ConditionalRequestConflict']);

/**
 * A bucket of Headgate's own, written by log delivery for itself: at each object the bucket's policy must let it in. The
 * account that owned the bucket at the first delivery must own it at later ones: a bucket that was deleted and made again
 * by somebody else is not theirs to read.
 */
export class BucketDestination implements ObjectDestination {
  readonly takes = 'objects';
  readonly #options: BucketDestinationOptions;
  readonly #folder: BucketFolder;
  #ownerAccountId: string | undefined;

  constructor(options: BucketDestinationOptions) {
    this.#options = options;
    this.#folder = bucketFolder(options.resource.LogDestination ?? '');
  }

  get prefix(): string {
    return this.#folder.prefix;
  }

  async put({ key, file, bytes }: ObjectFile): Promise<DeliveryOutcome> {
    const { bucketName } = this.#folder;
    const bucket = this.#options.resources.get(buckets, bucketPlace, bucketName);
    if (!bucket) return refused('Access error', `bucket ${bucketName} does not exist`);
    const denied = this.#denied(bucket, key);
    if (denied !== undefined) return refused('Access error', denied);
    try {
      await this.#options.objects.put({
        bucket: bucketName,
        key,
        body: filePieces(file),
        size: bytes,
        headers: { 'content-type': deliveredContentType },
      });
      this.#ownerAccountId ??= bucket.ownerAccountId;
      return { kind: 'delivered' };
    } catch (error) {
      return refusalOf(error);
    }
  }

  #denied(bucket: BucketResource, key: string): string | undefined {
    const { place, access } = this.#options;
    const { bucketArn, bucketName } = this.#folder;
    const owner = this.#ownerAccountId ?? bucket.ownerAccountId;
    if (owner !== bucket.ownerAccountId) {
      return `bucket ${bucketName} belonged to ${owner}, and now belongs to ${bucket.ownerAccountId}`;
    }
    if (mayDeliver(access, { place, bucket, bucketArn }, key)) return undefined;
    return `the policy of bucket ${bucketName} does not let log delivery put ${key}`;
  }
}

/** What the store or the disk refuses; anything else is a bug, and thrown. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof ServiceError) {
    const { code, message } = error;
    if (code === 'NoSuchBucket') return refused('Access error', message);
    return refused(passingCodes.has(code) ? 'Rate limited' : 'Unknown error', `${code}: ${message}`);
  }
  if (error instanceof Error && 'syscall' in error) return refused('Unknown error', error.message);
  throw error;
}

/** All of it may be mended while the flow log lives. */
function refused(message: Refusal['message'], detail: string): Refusal {
  return { kind: 'refused', message, detail, retryable: true };
}
