import type {
  GetBucketLocationOutput,
  HeadBucketOutput,
  ListBucketsOutput,
  ListBucketsRequest,
} from '@aws-sdk/client-s3';
import { type BucketResource, bucketPlace, buckets, KeyLocks } from '../../objects/index.ts';
import type { Stored } from '../../resource/index.ts';
import type { Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { pageByKey } from '../pages.ts';
import { bucketArn, bucketOf, type NamesBucket, onBucket } from './access.ts';
import { createBucket, createBucketTargets } from './create-bucket.ts';
import { s3Errors } from './errors.ts';
import { ownerOf } from './owner.ts';
import type { Actions, S3Parts } from './parts.ts';

/** Of ListBuckets. */
const maxPage = 10_000;

export function bucketActions(parts: S3Parts): Actions {
  // A name that is given up may be somebody else's in the next moment.
  const names = new KeyLocks();
  return {
    CreateBucket: {
      targets: createBucketTargets,
      run: (input: Parameters<typeof createBucket>[1], call: Call) =>
        names.hold(input.Bucket, () => createBucket(parts, input, call)),
    },
    HeadBucket: {
      targets: onBucket(parts, 's3:ListBucket'),
      run: (input: NamesBucket) => headBucket(parts, input),
    },
    DeleteBucket: {
      targets: onBucket(parts, 's3:DeleteBucket'),
      run: (input: NamesBucket) => {
        const meant = bucketOf(parts, input);
        return names.hold(input.Bucket, () => deleteBucket(parts, meant));
      },
    },
    GetBucketLocation: {
      targets: onBucket(parts, 's3:GetBucketLocation'),
      run: (input: NamesBucket) => bucketLocation(parts, input),
    },
    ListBuckets: {
      targets: () => [{ action: 's3:ListAllMyBuckets', resource: bucketArn('*') }],
      run: (input: Checked<ListBucketsRequest>, call: Call) => listBuckets(parts, input, call),
    },
  };
}

function headBucket(parts: S3Parts, input: NamesBucket): HeadBucketOutput {
  const { Name, BucketRegion } = bucketOf(parts, input);
  return { BucketRegion, BucketArn: bucketArn(Name), AccessPointAlias: false };
}

/** The objects' side goes first, and comes back before it does, for what a crash in between has left. */
async function deleteBucket(parts: S3Parts, meant: BucketResource): Promise<void> {
  const { Name, ownerAccountId, CreationDate } = meant;
  const there = parts.resources.get(buckets, bucketPlace, Name);
  const isMeant = there?.ownerAccountId === ownerAccountId && there.CreationDate === CreationDate;
  if (!isMeant) throw s3Errors.noSuchBucket(Name);
  await parts.objects.makeBucket(Name);
  await parts.objects.removeBucket(Name);
  await parts.resources.write((draft) => {
    if (draft.get(buckets, bucketPlace, Name)) draft.remove(buckets, bucketPlace, Name);
  });
}

/** us-east-1 has no constraint. */
function bucketLocation(parts: S3Parts, input: NamesBucket): Stored<GetBucketLocationOutput> {
  const { BucketRegion } = bucketOf(parts, input);
  return BucketRegion === 'us-east-1'
    ? {}
    : { LocationConstraint: BucketRegion as NonNullable<GetBucketLocationOutput['LocationConstraint']> };
}

function listBuckets(
  { resources }: S3Parts,
  { MaxBuckets = maxPage, ContinuationToken, Prefix, BucketRegion }: Checked<ListBucketsRequest>,
  call: Call,
): Stored<ListBucketsOutput> {
  if (MaxBuckets < 1 || MaxBuckets > maxPage) {
    throw s3Errors.invalidArgument(
      `Argument max-buckets must be an integer between 1 and ${maxPage}`,
      'max-buckets',
      String(MaxBuckets),
    );
  }
  const { accountId } = call.place;
  const own = [...resources.list(buckets, bucketPlace)].filter(
    (bucket) =>
      bucket.ownerAccountId === accountId &&
      bucket.Name.startsWith(Prefix ?? '') &&
      (BucketRegion === undefined || bucket.BucketRegion === BucketRegion),
  );
  const badToken = () =>
    s3Errors.invalidArgument('The continuation token provided is incorrect', 'continuation-token');
  const { items, nextToken } = pageByKey(
    own,
    ({ Name }) => Name,
    { limit: MaxBuckets, token: ContinuationToken, conditions: [Prefix, BucketRegion], badToken },
    call,
  );
  return {
    Owner: ownerOf(accountId),
    Buckets: items.map(({ Name, CreationDate, BucketRegion: region }) => ({
      Name,
      CreationDate,
      BucketRegion: region,
      BucketArn: bucketArn(Name),
    })),
    ...(nextToken !== undefined && { ContinuationToken: nextToken }),
    ...(Prefix !== undefined && { Prefix }),
  };
}
