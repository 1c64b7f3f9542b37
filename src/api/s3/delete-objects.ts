import type { _Error, DeletedObject, DeleteObjectsOutput, DeleteObjectsRequest } from '@aws-sdk/client-s3';
import { ServiceError } from '../../fault/index.ts';
import type { BucketResource } from '../../objects/index.ts';
import type { Stored } from '../../resource/index.ts';
import type { Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { bucketOf, checkKey, checkVersion, type NamesObject, targetOf } from './access.ts';
import { s3Errors } from './errors.ts';
import { unquoted } from './object-input.ts';
import type { S3Parts } from './parts.ts';

type DeleteInput = NamesObject & {
  readonly IfMatch?: string;
  readonly IfMatchSize?: number;
  readonly IfMatchLastModifiedTime?: Date;
};
type Identifier = Checked<NonNullable<NonNullable<DeleteObjectsRequest['Delete']>['Objects']>>[number];

const maxKeys = 1000;
/** Removals that go to the disk together. */
const together = 50;

/** An object that is not there is deleted already. */
export async function deleteObject(parts: S3Parts, input: DeleteInput): Promise<void> {
  const bucket = bucketOf(parts, input);
  checkVersion(input.VersionId);
  if (input.IfMatchSize !== undefined || input.IfMatchLastModifiedTime !== undefined) {
    throw s3Errors.notImplemented('Deleting by size or time is');
  }
  const conditions = input.IfMatch === undefined ? undefined : { ifMatch: unquoted(input.IfMatch) };
  await parts.objects.remove(bucket.Name, input.Key, conditions);
}

/** Each key is asked about, refused and told for itself. */
export async function deleteObjects(
  parts: S3Parts,
  input: Checked<DeleteObjectsRequest>,
  call: Call,
): Promise<Stored<DeleteObjectsOutput>> {
  const bucket = bucketOf(parts, input);
  const { Objects, Quiet = false } = input.Delete;
  if (Objects.length === 0 || Objects.length > maxKeys) throw s3Errors.malformedXml();
  const outcomes: (_Error | undefined)[] = [];
  for (let at = 0; at < Objects.length; at += together) {
    const some = Objects.slice(at, at + together);
    outcomes.push(...(await Promise.all(some.map((each) => deleteOne(parts, bucket, each, call)))));
  }
  const deleted = Objects.filter((_, at) => outcomes[at] === undefined).map(deletedOf);
  const errors = outcomes.filter((outcome) => outcome !== undefined);
  return {
    ...(!Quiet && deleted.length > 0 && { Deleted: deleted }),
    ...(errors.length > 0 && { Errors: errors }),
  };
}

function deletedOf({ Key, VersionId }: Identifier): DeletedObject {
  return { Key, ...(VersionId !== undefined && { VersionId }) };
}

/** Why it was not deleted. */
async function deleteOne(
  parts: S3Parts,
  bucket: BucketResource,
  { Key, VersionId, ETag, Size, LastModifiedTime }: Identifier,
  call: Call,
): Promise<_Error | undefined> {
  try {
    checkKey(Key);
    const action = VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    call.require(targetOf(parts, bucket, call, { action, key: Key }));
    checkVersion(VersionId);
    if (Size !== undefined || LastModifiedTime !== undefined) {
      throw s3Errors.notImplemented('Deleting by size or time is');
    }
    const conditions = ETag === undefined ? undefined : { ifMatch: unquoted(ETag) };
    await parts.objects.remove(bucket.Name, Key, conditions);
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return {
      Key,
      ...(VersionId !== undefined && { VersionId }),
      Code: error.code,
      Message: error.message,
    };
  }
}
