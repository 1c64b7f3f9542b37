import type { PublicAccessBlockConfiguration, Tag } from '@aws-sdk/client-s3';
import { type BucketResource, bucketPlace, buckets } from '../../objects/index.ts';
import { iamPlace, type Resources } from '../../resource/index.ts';
import type { Call, ServiceApi, Target } from '../action.ts';
import { bucketArn, type ConditionKeys, targetOf } from '../s3/access.ts';
import { changeBucket } from '../s3/change-bucket.ts';
import { s3Errors } from '../s3/errors.ts';
import { accountPublicAccessBlocks, completeSettings } from '../s3/public-access.ts';
import { bucketTagLimit, checkTags } from '../s3/tags.ts';

interface Parts {
  readonly resources: Resources;
}

interface NamesAccount {
  readonly AccountId: string;
}

interface NamesResource extends NamesAccount {
  readonly ResourceArn: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly TagKeys?: readonly string[];
}

/** Amazon S3 Control: tags of buckets by their ARNs, and what an account keeps from being public. */
export function s3ControlApi(parts: Parts): ServiceApi {
  return {
    service: 's3control',
    actions: {
      ListTagsForResource: {
        targets: onResource(parts, 's3:ListTagsForResource'),
        run: (input: NamesResource): { readonly Tags: readonly Tag[] } => ({
          Tags: resourceOf(parts, input).tags ?? [],
        }),
      },
      TagResource: {
        targets: onResource(parts, 's3:TagResource'),
        run: (input: NamesResource) => tagResource(parts, input),
      },
      UntagResource: {
        targets: onResource(parts, 's3:UntagResource'),
        run: ({ TagKeys = [], ...input }: NamesResource) =>
          changeTags(parts, input, (tags) => tags.filter(({ Key }) => !TagKeys.includes(Key))),
      },
      GetPublicAccessBlock: {
        targets: onAccount('s3:GetAccountPublicAccessBlock'),
        run: ({ AccountId }: NamesAccount) => {
          const settings = parts.resources.get(accountPublicAccessBlocks, iamPlace(AccountId), AccountId);
          if (settings) return { PublicAccessBlockConfiguration: settings };
          throw s3Errors.noSuchPublicAccessBlock();
        },
      },
      PutPublicAccessBlock: {
        targets: onAccount('s3:PutAccountPublicAccessBlock'),
        run: (
          input: NamesAccount & { readonly PublicAccessBlockConfiguration: PublicAccessBlockConfiguration },
        ) => {
          const settings = completeSettings(input.PublicAccessBlockConfiguration);
          const { AccountId } = input;
          return parts.resources.write((draft) =>
            draft.put(accountPublicAccessBlocks, iamPlace(AccountId), AccountId, settings),
          );
        },
      },
      DeletePublicAccessBlock: {
        targets: onAccount('s3:PutAccountPublicAccessBlock'),
        run: ({ AccountId }: NamesAccount) =>
          parts.resources.write((draft) => {
            if (!draft.get(accountPublicAccessBlocks, iamPlace(AccountId), AccountId)) return;
            draft.remove(accountPublicAccessBlocks, iamPlace(AccountId), AccountId);
          }),
      },
    },
  };
}

function onAccount(action: string) {
  return ({ AccountId }: NamesAccount, call: Call): readonly Target[] => {
    checkAccount(AccountId, call);
    return [{ action, resource: '*' }];
  };
}

function onResource(parts: Parts, action: string) {
  return (input: NamesResource, call: Call): readonly Target[] => {
    checkAccount(input.AccountId, call);
    return [targetOf(parts, resourceOf(parts, input), call, { action, keys: tagKeys(input) })];
  };
}

function tagKeys({ Tags = [], TagKeys }: NamesResource): ConditionKeys {
  const keys = TagKeys ?? Tags.map(({ Key }) => Key);
  if (keys.length === 0) return {};
  const values = Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value]);
  return { 'aws:TagKeys': keys, ...Object.fromEntries(values) };
}

/** Nobody speaks for another account. */
function checkAccount(accountId: string, { caller }: Call): void {
  if (accountId !== caller.accountId) throw s3Errors.accessDenied();
}

/** @throws ServiceError `NoSuchResource` for what is no bucket of the account */
function resourceOf({ resources }: Parts, { ResourceArn, AccountId }: NamesResource): BucketResource {
  const beginning = bucketArn('');
  const name = ResourceArn.startsWith(beginning) ? ResourceArn.slice(beginning.length) : '';
  const bucket = resources.get(buckets, bucketPlace, name);
  if (bucket?.ownerAccountId === AccountId) return bucket;
  throw s3Errors.refusal('NoSuchResource', "The specified resource doesn't exist.", 404);
}

async function tagResource(parts: Parts, { Tags = [], ...input }: NamesResource): Promise<void> {
  checkTags(Tags, bucketTagLimit);
  await changeTags(parts, input, (known) => {
    const replaced = new Set(Tags.map(({ Key }) => Key));
    const all = [...known.filter(({ Key }) => !replaced.has(Key)), ...Tags];
    checkTags(all, bucketTagLimit);
    return all.map(({ Key, Value }) => ({ Key, Value }));
  });
}

function changeTags(
  parts: Parts,
  input: NamesResource,
  change: (tags: NonNullable<BucketResource['tags']>) => NonNullable<BucketResource['tags']>,
): Promise<void> {
  const { Name } = resourceOf(parts, input);
  return changeBucket(parts, { Bucket: Name }, (bucket) => ({ ...bucket, tags: change(bucket.tags ?? []) }));
}
