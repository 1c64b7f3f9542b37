import type { BucketResource, ObjectDescription, WriteConditions } from '../../objects/index.ts';
import type { ConditionKeys, NamesObject } from './access.ts';
import { aclKeys, checkObjectAcl, type NamesGrantees } from './acl-rules.ts';
import { s3Errors } from './errors.ts';
import type { S3Parts } from './parts.ts';
import { publicAccessBlockOf } from './public-access.ts';
import { parseTagging, requestTagKeys } from './tags.ts';

/** What requests that write an object say of it besides its bytes. */
export interface DescribesObject extends NamesObject, NamesGrantees {
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentType?: string;
  readonly Expires?: string;
  readonly WebsiteRedirectLocation?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly Tagging?: string;
  readonly StorageClass?: string;
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  readonly SSECustomerAlgorithm?: string;
  readonly SSECustomerKey?: string;
  readonly ObjectLockMode?: string;
  readonly ObjectLockRetainUntilDate?: unknown;
  readonly ObjectLockLegalHoldStatus?: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/** Headers that are kept, and their members in requests and answers. */
export const keptHeaders = {
  'content-type': 'ContentType',
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
  expires: 'Expires',
  'x-amz-website-redirect-location': 'WebsiteRedirectLocation',
} as const;

/** "User-defined object metadata": bytes of names and values. */
const maxMetadataBytes = 2048;
/** Those of other places than buckets are no classes of objects in buckets. */
const storageClasses: ReadonlySet<string> = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

/** @throws ServiceError for what cannot be kept */
export function descriptionOf(input: DescribesObject): ObjectDescription {
  const { Metadata, Tagging, StorageClass } = input;
  const headers = headersOf(input);
  if (Metadata !== undefined) checkMetadata(Metadata);
  if (StorageClass !== undefined && !storageClasses.has(StorageClass)) {
    throw s3Errors.refusal('InvalidStorageClass', 'The storage class you specified is not valid', 400, {
      StorageClassRequested: StorageClass.slice(0, 256),
    });
  }
  const tags = Tagging === undefined ? {} : parseTagging(Tagging);
  return {
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Metadata !== undefined && Object.keys(Metadata).length > 0 && { metadata: Metadata }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(StorageClass !== undefined && { storageClass: StorageClass }),
  };
}

function headersOf(input: DescribesObject): Readonly<Record<string, string>> {
  const location = input.WebsiteRedirectLocation;
  if (location !== undefined && !/^(?:\/|https?:\/\/)/.test(location)) {
    throw s3Errors.refusal(
      'InvalidRedirectLocation',
      "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
      400,
    );
  }
  const kept = Object.entries(keptHeaders).flatMap(([name, member]) => {
    const value = input[member];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const bytes = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > maxMetadataBytes) {
    throw s3Errors.refusal(
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      400,
      { Size: String(bytes), MaxSizeAllowed: String(maxMetadataBytes) },
    );
  }
}

/** What an object may not be asked to have. @throws ServiceError */
export function checkWritten(parts: S3Parts, bucket: BucketResource, input: DescribesObject): void {
  checkObjectAcl(bucket, input, publicAccessBlockOf(parts, bucket).BlockPublicAcls === true);
  checkEncryption(input);
  if (
    input.ObjectLockMode !== undefined ||
    input.ObjectLockRetainUntilDate !== undefined ||
    input.ObjectLockLegalHoldStatus !== undefined
  ) {
    throw s3Errors.noObjectLock();
  }
}

/** Objects are said to be encrypted as S3 does it by itself; keys of others would be a promise that is not kept. */
function checkEncryption({
  ServerSideEncryption: encryption,
  SSEKMSKeyId,
  SSECustomerAlgorithm,
  SSECustomerKey,
}: DescribesObject): void {
  if (SSECustomerAlgorithm !== undefined || SSECustomerKey !== undefined) {
    throw s3Errors.notImplemented('Server-side encryption with customer-provided keys (SSE-C) is');
  }
  if (encryption === 'aws:kms' || encryption === 'aws:kms:dsse' || SSEKMSKeyId !== undefined) {
    throw s3Errors.notImplemented('Server-side encryption with AWS KMS keys (SSE-KMS) is');
  }
  if (encryption !== undefined && encryption !== 'AES256') {
    throw s3Errors.invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      encryption,
    );
  }
}

/** @throws ServiceError `NotImplemented` for a condition that S3 has not */
export function writeConditions({
  IfMatch,
  IfNoneMatch,
}: Pick<DescribesObject, 'IfMatch' | 'IfNoneMatch'>): WriteConditions {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') {
    throw s3Errors.refusal(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
      { Header: 'If-None-Match' },
    );
  }
  return {
    ...(IfNoneMatch !== undefined && { ifNoneMatch: '*' }),
    ...(IfMatch !== undefined && { ifMatch: unquoted(IfMatch) }),
  };
}

/** An ETag without its quotation marks. */
export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

/** Condition keys of requests that write an object. */
export function writeKeys(input: DescribesObject): ConditionKeys {
  const tags = input.Tagging === undefined ? {} : parseTagging(input.Tagging);
  return {
    ...aclKeys(input),
    ...requestTagKeys(tags),
    ...given('s3:x-amz-storage-class', input.StorageClass),
    ...given('s3:x-amz-server-side-encryption', input.ServerSideEncryption),
    ...given('s3:x-amz-server-side-encryption-customer-algorithm', input.SSECustomerAlgorithm),
    ...given('s3:x-amz-website-redirect-location', input.WebsiteRedirectLocation),
    ...given('s3:if-match', input.IfMatch),
    ...given('s3:if-none-match', input.IfNoneMatch),
  };
}

function given(name: string, value: string | undefined): ConditionKeys {
  return value === undefined ? {} : { [name]: value };
}
