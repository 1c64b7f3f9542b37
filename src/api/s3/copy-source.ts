import type { BucketResource, ObjectEntry } from '../../objects/index.ts';
import type { Call, Target } from '../action.ts';
import { bucketOf, checkKey, entryOf, existingTagKeys, type NamesObject, targetOf } from './access.ts';
import { s3Errors } from './errors.ts';
import { isOutOfReach } from './object-output.ts';
import type { S3Parts } from './parts.ts';
import { failedCondition } from './read-conditions.ts';

/** What CopyObject and UploadPartCopy say of what they copy. */
export interface CopiesObject {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfModifiedSince?: Date;
  readonly CopySourceIfUnmodifiedSince?: Date;
  readonly CopySourceSSECustomerAlgorithm?: string;
  readonly ExpectedSourceBucketOwner?: string;
}

export interface Source {
  readonly bucket: BucketResource;
  readonly entry: ObjectEntry;
}

/** Who copies must be allowed to read, where it is read. */
export function sourceTarget(parts: S3Parts, input: CopiesObject, call: Call): Target {
  const named = namedSource(input);
  const bucket = bucketOf(parts, named);
  const action = named.VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  const keys = existingTagKeys(parts, bucket.Name, named.Key, action);
  return targetOf(parts, bucket, call, { action, key: named.Key, keys });
}

/** @throws ServiceError `NoSuchKey`, `InvalidObjectState`, `PreconditionFailed` … */
export function sourceOf(parts: S3Parts, input: CopiesObject, call: Call): Source {
  const named = namedSource(input);
  const bucket = bucketOf(parts, named);
  const entry = entryOf(parts, bucket, named, call);
  if (input.CopySourceSSECustomerAlgorithm !== undefined) {
    throw s3Errors.invalidRequest('The encryption parameters are not applicable to this object.');
  }
  if (isOutOfReach(entry, call.nowMs)) throw s3Errors.archived(entry.storageClass);
  const failed = failedCondition(conditionsOf(input), entry);
  if (failed) throw s3Errors.preconditionFailed(`x-amz-copy-source-${failed}`);
  return { bucket, entry };
}

function conditionsOf(input: CopiesObject) {
  const { CopySourceIfMatch, CopySourceIfNoneMatch } = input;
  const { CopySourceIfModifiedSince, CopySourceIfUnmodifiedSince } = input;
  return {
    ...(CopySourceIfMatch !== undefined && { IfMatch: CopySourceIfMatch }),
    ...(CopySourceIfNoneMatch !== undefined && { IfNoneMatch: CopySourceIfNoneMatch }),
    ...(CopySourceIfModifiedSince !== undefined && { IfModifiedSince: CopySourceIfModifiedSince }),
    ...(CopySourceIfUnmodifiedSince !== undefined && { IfUnmodifiedSince: CopySourceIfUnmodifiedSince }),
  };
}

/** `bucket/key`, percent-encoded, perhaps after a slash, perhaps with `?versionId=…`. */
function namedSource({ CopySource, ExpectedSourceBucketOwner: owner }: CopiesObject): NamesObject {
  const [, source = '', VersionId] = /^\/?(.*?)(?:\?versionId=(.*))?$/s.exec(CopySource) ?? [];
  const path = decoded(source, CopySource);
  const at = path.indexOf('/');
  if (at < 1 || at === path.length - 1 || path.startsWith('arn:')) throw badSource(CopySource);
  const Key = path.slice(at + 1);
  checkKey(Key);
  return {
    Bucket: path.slice(0, at),
    Key,
    ...(VersionId !== undefined && { VersionId }),
    ...(owner !== undefined && { ExpectedBucketOwner: owner }),
  };
}

function decoded(text: string, header: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badSource(header);
  }
}

function badSource(header: string) {
  return s3Errors.invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    'x-amz-copy-source',
    header,
  );
}
