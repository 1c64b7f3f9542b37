import type { Tag } from '@aws-sdk/client-s3';
import type { BucketResource } from '../../objects/index.ts';
import type { Call } from '../action.ts';
import { bucketOf, entryOf, type NamesBucket, type NamesObject, onBucket, onObject } from './access.ts';
import { changeBucket } from './change-bucket.ts';
import { s3Errors } from './errors.ts';
import type { Actions, S3Parts } from './parts.ts';
import { bucketTagLimit, checkTags, objectTagLimit, requestTagKeys } from './tags.ts';

interface GivesTags {
  readonly Tagging: { readonly TagSet: readonly { readonly Key: string; readonly Value: string }[] };
}

type TagSet = { readonly TagSet: readonly Tag[] };

export function taggingActions(parts: S3Parts): Actions {
  const objectKeys = ({ Tagging }: GivesTags) => requestTagKeys(tagTable(Tagging.TagSet));
  return {
    GetObjectTagging: {
      targets: onObject(parts, named('s3:GetObjectTagging', 's3:GetObjectVersionTagging')),
      run: (input: NamesObject, call: Call) => objectTagging(parts, input, call),
    },
    PutObjectTagging: {
      targets: onObject<NamesObject & GivesTags>(
        parts,
        named('s3:PutObjectTagging', 's3:PutObjectVersionTagging'),
        objectKeys,
      ),
      run: (input: NamesObject & GivesTags, call: Call) => putObjectTagging(parts, input, call),
    },
    DeleteObjectTagging: {
      targets: onObject(parts, named('s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging')),
      run: async (input: NamesObject, call: Call) => {
        const bucket = bucketOf(parts, input);
        const { key } = entryOf(parts, bucket, input, call);
        await parts.objects.setTags(bucket.Name, key, {});
      },
    },
    GetBucketTagging: {
      targets: onBucket(parts, 's3:GetBucketTagging'),
      run: (input: NamesBucket): TagSet => {
        const { tags = [] } = bucketOf(parts, input);
        if (tags.length > 0) return { TagSet: tags };
        throw s3Errors.refusal('NoSuchTagSet', 'The TagSet does not exist', 404);
      },
    },
    PutBucketTagging: {
      targets: onBucket(parts, 's3:PutBucketTagging'),
      run: async (input: NamesBucket & GivesTags) => {
        checkTags(input.Tagging.TagSet, bucketTagLimit);
        await changeBucket(parts, input, (bucket) => ({ ...bucket, tags: plain(input.Tagging.TagSet) }));
        return { httpStatus: 204 };
      },
    },
    DeleteBucketTagging: {
      targets: onBucket(parts, 's3:PutBucketTagging'),
      run: (input: NamesBucket) => changeBucket(parts, input, ({ tags: _, ...bucket }) => bucket),
    },
  };
}

/** Versions have actions of their own in IAM. */
function named(action: string, ofVersion: string) {
  return ({ VersionId }: NamesObject) => (VersionId === undefined ? action : ofVersion);
}

function objectTagging(parts: S3Parts, input: NamesObject, call: Call): TagSet {
  const { tags = {} } = entryOf(parts, bucketOf(parts, input), input, call);
  return { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

async function putObjectTagging(parts: S3Parts, input: NamesObject & GivesTags, call: Call): Promise<void> {
  const bucket = bucketOf(parts, input);
  checkTags(input.Tagging.TagSet, objectTagLimit);
  const { key } = entryOf(parts, bucket, input, call);
  await parts.objects.setTags(bucket.Name, key, tagTable(input.Tagging.TagSet));
}

function tagTable(tags: GivesTags['Tagging']['TagSet']): Readonly<Record<string, string>> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

function plain(tags: GivesTags['Tagging']['TagSet']): NonNullable<BucketResource['tags']> {
  return tags.map(({ Key, Value }) => ({ Key, Value }));
}
