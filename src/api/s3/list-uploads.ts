import type { BucketResource, Upload } from '../../objects/index.ts';
import { bucketOf } from './access.ts';
import { checksumMembers } from './checksums.ts';
import { s3Errors } from './errors.ts';
import { type ListInput, urlEncoded } from './list-objects.ts';
import { type NamesUpload, uploadOf } from './multipart-uploads.ts';
import { modifiedOf, quotedEtag } from './object-output.ts';
import { ownerOf } from './owner.ts';
import type { S3Parts } from './parts.ts';

type Output = Readonly<Record<string, unknown>>;

/** Of a page, of parts and of uploads. */
const mostListed = 1000;

export interface ListUploadsInput extends Omit<ListInput, 'MaxKeys'> {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
  readonly MaxUploads?: number;
}

export function listUploads(parts: S3Parts, input: ListUploadsInput): Output {
  const bucket = bucketOf(parts, input);
  const { Prefix = '', Delimiter = '', KeyMarker = '', UploadIdMarker = '', EncodingType } = input;
  const MaxUploads = pageLength(input.MaxUploads, 'max-uploads');
  const { uploads, commonPrefixes, isTruncated, next } = parts.objects.listUploads(bucket.Name, {
    most: MaxUploads,
    ...(Prefix !== '' && { prefix: Prefix }),
    ...(Delimiter !== '' && { delimiter: Delimiter }),
    ...(KeyMarker !== '' && {
      after: { key: KeyMarker, ...(UploadIdMarker !== '' && { uploadId: UploadIdMarker }) },
    }),
  });
  const encode = EncodingType === 'url' ? urlEncoded : (name: string) => name;
  return {
    Bucket: bucket.Name,
    KeyMarker: encode(KeyMarker),
    UploadIdMarker: KeyMarker === '' ? '' : UploadIdMarker,
    ...(next && { NextKeyMarker: encode(next.key), NextUploadIdMarker: next.uploadId ?? '' }),
    Prefix: encode(Prefix),
    ...(Delimiter !== '' && { Delimiter: encode(Delimiter) }),
    ...(EncodingType !== undefined && { EncodingType }),
    MaxUploads,
    IsTruncated: isTruncated,
    Uploads: uploads.map((upload) => listedUpload(upload, bucket, encode)),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function listedUpload(upload: Upload, bucket: BucketResource, encode: (name: string) => string): Output {
  return {
    Key: encode(upload.key),
    UploadId: upload.uploadId,
    Initiator: { ID: upload.initiator },
    Owner: ownerOf(bucket.ownerAccountId),
    StorageClass: upload.storageClass ?? 'STANDARD',
    Initiated: new Date(upload.initiatedMs),
    ...uploadChecksum(upload),
  };
}

export interface ListPartsInput extends NamesUpload {
  readonly MaxParts?: number;
  readonly PartNumberMarker?: number;
}

export function listParts(parts: S3Parts, input: ListPartsInput): Output {
  const upload = uploadOf(parts, input);
  const bucket = bucketOf(parts, input);
  const { PartNumberMarker = 0 } = input;
  const MaxParts = pageLength(input.MaxParts, 'max-parts');
  const { parts: found, isTruncated } = parts.objects.listParts(upload, PartNumberMarker, MaxParts);
  return {
    Bucket: bucket.Name,
    Key: upload.key,
    UploadId: upload.uploadId,
    Initiator: { ID: upload.initiator },
    Owner: ownerOf(bucket.ownerAccountId),
    StorageClass: upload.storageClass ?? 'STANDARD',
    PartNumberMarker,
    NextPartNumberMarker: found.at(-1)?.partNumber ?? 0,
    MaxParts,
    IsTruncated: isTruncated,
    ...uploadChecksum(upload),
    Parts: found.map((part) => ({
      PartNumber: part.partNumber,
      LastModified: modifiedOf(part),
      ETag: quotedEtag(part),
      Size: part.size,
      ...checksumMembers(part.checksum),
    })),
  };
}

function uploadChecksum({ checksum }: Upload): Output {
  if (!checksum) return {};
  return {
    ChecksumAlgorithm: checksum.algorithm,
    ...(checksum.type !== undefined && { ChecksumType: checksum.type }),
  };
}

function pageLength(asked: number = mostListed, name: string): number {
  if (asked >= 0) return Math.min(asked, mostListed);
  throw s3Errors.invalidArgument(
    `Argument ${name} must be an integer between 0 and 2147483647`,
    name,
    String(asked),
  );
}
