import { type BucketResource, bucketPlace, buckets } from '../../objects/index.ts';
import { bucketOf, type NamesBucket } from './access.ts';
import { s3Errors } from './errors.ts';
import type { S3Parts } from './parts.ts';

/** Changes what is kept of a bucket. @throws ServiceError `NoSuchBucket` also when it went meanwhile */
export function changeBucket(
  { resources }: Pick<S3Parts, 'resources'>,
  input: NamesBucket,
  change: (bucket: BucketResource) => BucketResource,
): Promise<void> {
  bucketOf({ resources }, input);
  return resources.write((draft) => {
    const bucket = draft.get(buckets, bucketPlace, input.Bucket);
    if (!bucket) throw s3Errors.noSuchBucket(input.Bucket);
    draft.put(buckets, bucketPlace, input.Bucket, change(bucket));
  });
}
