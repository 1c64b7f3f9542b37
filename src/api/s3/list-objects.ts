import type { BucketResource, ListPage, ObjectEntry } from '../../objects/index.ts';
import type { Call } from '../action.ts';
import { bucketOf, type ConditionKeys, type NamesBucket } from './access.ts';
import { s3Errors } from './errors.ts';
import { modifiedOf, quotedEtag } from './object-output.ts';
import { ownerOf } from './owner.ts';
import type { S3Parts } from './parts.ts';

/** What all listings of objects ask. */
export interface ListInput extends NamesBucket {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
  readonly EncodingType?: string;
  readonly OptionalObjectAttributes?: readonly string[];
}

type Output = Readonly<Record<string, unknown>>;

const mostKeys = 1000;

/** Condition keys of listings: there when the request gives them. */
export function listKeys({ Prefix, Delimiter, MaxKeys }: ListInput): ConditionKeys {
  return {
    ...(Prefix !== undefined && { 's3:prefix': Prefix }),
    ...(Delimiter !== undefined && { 's3:delimiter': Delimiter }),
    ...(MaxKeys !== undefined && { 's3:max-keys': String(MaxKeys) }),
  };
}

export function listObjects(
  parts: S3Parts,
  input: ListInput & { readonly Marker?: string },
  call: Call,
): Output {
  const { Marker = '' } = input;
  const listing = listingOf(parts, input, Marker, call);
  const { bucket, page, encode } = listing;
  const hasNext = page.next !== undefined && (input.Delimiter ?? '') !== '';
  return {
    ...listing.echo,
    Marker: encode(Marker),
    ...(hasNext && { NextMarker: encode(page.next ?? '') }),
    Contents: page.entries.map((entry) => listed(listing, entry, bucket)),
  };
}

export function listObjectsV2(
  parts: S3Parts,
  input: ListInput & {
    readonly ContinuationToken?: string;
    readonly StartAfter?: string;
    readonly FetchOwner?: boolean;
  },
  call: Call,
): Output {
  const { ContinuationToken, StartAfter, FetchOwner = false } = input;
  const scope = JSON.stringify(['ListObjectsV2', input.Bucket]);
  const position = ContinuationToken === undefined ? undefined : call.tokens.open(scope, ContinuationToken);
  if (ContinuationToken !== undefined && position === undefined) {
    throw s3Errors.invalidArgument('The continuation token provided is incorrect', 'continuation-token');
  }
  const listing = listingOf(parts, input, position ?? StartAfter, call);
  const { bucket, page, encode } = listing;
  return {
    ...listing.echo,
    KeyCount: page.entries.length + page.commonPrefixes.length,
    ...(ContinuationToken !== undefined && { ContinuationToken }),
    ...(page.next !== undefined && { NextContinuationToken: call.tokens.seal(scope, page.next) }),
    ...(StartAfter !== undefined && { StartAfter: encode(StartAfter) }),
    Contents: page.entries.map((entry) => listed(listing, entry, FetchOwner ? bucket : undefined)),
  };
}

/** Buckets have no versions here: each object is its own only one, `null`, as where versioning was never enabled. */
export function listObjectVersions(
  parts: S3Parts,
  input: ListInput & { readonly KeyMarker?: string; readonly VersionIdMarker?: string },
  call: Call,
): Output {
  const { KeyMarker = '', VersionIdMarker } = input;
  if (VersionIdMarker !== undefined && KeyMarker === '') {
    throw s3Errors.invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      VersionIdMarker,
    );
  }
  if (VersionIdMarker === '') {
    throw s3Errors.invalidArgument('A version-id marker cannot be empty.', 'version-id-marker', '');
  }
  const listing = listingOf(parts, input, KeyMarker, call);
  const { bucket, page, encode } = listing;
  return {
    ...listing.echo,
    KeyMarker: encode(KeyMarker),
    VersionIdMarker: VersionIdMarker ?? '',
    ...(page.next !== undefined && { NextKeyMarker: encode(page.next), NextVersionIdMarker: 'null' }),
    Versions: page.entries.map((entry) => ({
      ...listed(listing, entry, bucket),
      VersionId: 'null',
      IsLatest: true,
    })),
  };
}

interface Listing {
  readonly bucket: BucketResource;
  readonly page: ListPage;
  /** As the client wants names to be written. */
  readonly encode: (name: string) => string;
  /** What answers repeat of the request. */
  readonly echo: Output;
  readonly withRestore: boolean;
  readonly nowMs: number;
}

function listingOf(parts: S3Parts, input: ListInput, after: string | undefined, call: Call): Listing {
  const bucket = bucketOf(parts, input);
  const { Prefix = '', Delimiter = '', EncodingType, OptionalObjectAttributes = [] } = input;
  const MaxKeys = maxKeysOf(input);
  const page = parts.objects.list({
    bucket: bucket.Name,
    maxKeys: MaxKeys,
    ...(Prefix !== '' && { prefix: Prefix }),
    ...(Delimiter !== '' && { delimiter: Delimiter }),
    ...(after !== undefined && after !== '' && { after }),
  });
  const encode = EncodingType === 'url' ? urlEncoded : (name: string) => name;
  return {
    bucket,
    page,
    encode,
    withRestore: OptionalObjectAttributes.includes('RestoreStatus'),
    nowMs: call.nowMs,
    echo: {
      Name: bucket.Name,
      Prefix: encode(Prefix),
      ...(Delimiter !== '' && { Delimiter: encode(Delimiter) }),
      MaxKeys,
      IsTruncated: page.next !== undefined,
      ...(EncodingType !== undefined && { EncodingType }),
      CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    },
  };
}

function maxKeysOf({ MaxKeys = mostKeys }: ListInput): number {
  if (MaxKeys < 0) {
    throw s3Errors.invalidArgument(
      'Argument maxKeys must be an integer between 0 and 2147483647',
      'max-keys',
      String(MaxKeys),
    );
  }
  return Math.min(MaxKeys, mostKeys);
}

function listed({ encode, withRestore, nowMs }: Listing, entry: ObjectEntry, owned?: BucketResource): Output {
  const { key, size, storageClass, checksum } = entry;
  return {
    Key: encode(key),
    LastModified: modifiedOf(entry),
    ETag: quotedEtag(entry),
    ...(checksum && { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
    Size: size,
    StorageClass: storageClass,
    ...(owned && { Owner: ownerOf(owned.ownerAccountId) }),
    ...(withRestore && restoreStatus(entry, nowMs)),
  };
}

function restoreStatus({ restore }: ObjectEntry, nowMs: number): Output {
  if (!restore || restore.expiresMs <= nowMs) return {};
  const isUnderWay = restore.readyMs > nowMs;
  return {
    RestoreStatus: {
      IsRestoreInProgress: isUnderWay,
      ...(!isUnderWay && { RestoreExpiryDate: new Date(restore.expiresMs) }),
    },
  };
}

/** As forms write it, with slashes left alone: `encoding-type=url`. */
export function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
