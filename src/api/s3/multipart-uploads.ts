import type { Upload, UploadRequest } from '../../objects/index.ts';
import type { Call, Target } from '../action.ts';
import { bucketOf, type NamesObject } from './access.ts';
import { parseCopyRange } from './byte-range.ts';
import {
  algorithmOf,
  checksumMembers,
  type GivenChecksums,
  givenChecksum,
  wholeChecksum,
} from './checksums.ts';
import { type CopiesObject, sourceOf, sourceTarget } from './copy-source.ts';
import { s3Errors } from './errors.ts';
import {
  checkWritten,
  type DescribesObject,
  descriptionOf,
  unquoted,
  writeConditions,
} from './object-input.ts';
import { modifiedOf, quotedEtag } from './object-output.ts';
import type { S3Parts } from './parts.ts';
import { contentOf, maxPutBytes, type SentBody, writeTargets } from './put-object.ts';

export interface NamesUpload extends NamesObject {
  readonly UploadId: string;
}

type Output = Readonly<Record<string, unknown>>;

export interface CreateInput extends DescribesObject {
  readonly ChecksumAlgorithm?: string;
  readonly ChecksumType?: string;
}

export async function createUpload(parts: S3Parts, input: CreateInput, call: Call): Promise<Output> {
  const bucket = bucketOf(parts, input);
  checkWritten(parts, bucket, input);
  const checksum = uploadChecksum(input);
  const upload = await parts.objects.createUpload({
    bucket: bucket.Name,
    key: input.Key,
    initiator: call.caller.arn,
    ...descriptionOf(input),
    ...(checksum && { checksum }),
  });
  return {
    Bucket: bucket.Name,
    Key: input.Key,
    UploadId: upload.uploadId,
    ServerSideEncryption: 'AES256',
    ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
  };
}

/** Of the CRCs that of the whole can be made of the parts'; hashes can only be composed. */
function uploadChecksum({
  ChecksumAlgorithm,
  ChecksumType,
}: CreateInput): NonNullable<UploadRequest['checksum']> | undefined {
  const algorithm = algorithmOf(ChecksumAlgorithm);
  if (algorithm === undefined) {
    if (ChecksumType === undefined) return undefined;
    throw s3Errors.invalidRequest(
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const type = ChecksumType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isWhole = type === 'FULL_OBJECT';
  if ((isWhole && algorithm.startsWith('SHA')) || (!isWhole && algorithm === 'CRC64NVME')) {
    throw s3Errors.invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: isWhole ? 'FULL_OBJECT' : 'COMPOSITE' };
}

export interface PartInput extends NamesUpload, SentBody {
  readonly PartNumber: number;
  readonly SSECustomerAlgorithm?: string;
}

export async function uploadPart(parts: S3Parts, input: PartInput): Promise<Output> {
  const upload = uploadOf(parts, input);
  checkPartNumber(input.PartNumber);
  const { checksum, ...content } = contentOf(input);
  const own = partChecksum(upload, givenChecksum(input));
  const part = await parts.objects.putPart({
    bucket: upload.bucket,
    key: upload.key,
    uploadId: upload.uploadId,
    partNumber: input.PartNumber,
    ...content,
    ...(own && { checksum: own }),
  });
  return { ETag: quotedEtag(part), ServerSideEncryption: 'AES256', ...checksumMembers(part.checksum) };
}

/** Of an upload that was begun without one, parts may have any. */
function partChecksum(upload: Upload, given: ReturnType<typeof givenChecksum>) {
  const { algorithm } = upload.checksum ?? {};
  if (algorithm === undefined) return given;
  if (given === undefined || given.algorithm === algorithm) return given ?? { algorithm };
  throw s3Errors.invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${given.algorithm.toLowerCase()}`,
  );
}

export interface PartCopyInput extends NamesUpload, CopiesObject {
  readonly PartNumber: number;
  readonly CopySourceRange?: string;
}

export async function uploadPartCopy(parts: S3Parts, input: PartCopyInput, call: Call): Promise<Output> {
  const upload = uploadOf(parts, input);
  checkPartNumber(input.PartNumber);
  const { bucket, entry } = sourceOf(parts, input, call);
  const range = parseCopyRange(input.CopySourceRange, entry.size);
  const size = range ? range.last - range.first + 1 : entry.size;
  if (size > maxPutBytes) {
    throw s3Errors.invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maxPutBytes}`,
    );
  }
  const body = await parts.objects.read(bucket.Name, entry, range);
  const part = await parts.objects.putPart({
    bucket: upload.bucket,
    key: upload.key,
    uploadId: upload.uploadId,
    partNumber: input.PartNumber,
    body,
    size,
    ...(upload.checksum && { checksum: { algorithm: upload.checksum.algorithm } }),
  });
  return {
    CopyPartResult: {
      ETag: quotedEtag(part),
      LastModified: modifiedOf(part),
      ...checksumMembers(part.checksum),
    },
    ServerSideEncryption: 'AES256',
  };
}

/** Reading, and writing, each where it is. */
export function partCopyTargets(parts: S3Parts) {
  const onPut = writeTargets(parts, ({ CopySource }: PartCopyInput) => ({
    's3:x-amz-copy-source': CopySource,
  }));
  return (input: PartCopyInput, call: Call): readonly Target[] => [
    ...onPut(input, call),
    sourceTarget(parts, input, call),
  ];
}

export interface CompleteInput extends NamesUpload, GivenChecksums {
  readonly MultipartUpload?: {
    readonly Parts?: readonly (GivenChecksums & { readonly PartNumber?: number; readonly ETag?: string })[];
  };
  readonly ChecksumType?: string;
  readonly MpuObjectSize?: number;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/** More than any upload has. */
const maxParts = 10_000;

export async function completeUpload(parts: S3Parts, input: CompleteInput, call: Call): Promise<Output> {
  const bucket = bucketOf(parts, input);
  // It may be over already: who asks again is answered again.
  const upload = parts.objects.upload(bucket.Name, input.Key, input.UploadId);
  const given = input.MultipartUpload?.Parts ?? [];
  if (given.length === 0 || given.length > maxParts) throw s3Errors.malformedXml();
  const checksum = wholeChecksum(input);
  checkChecksumType(upload?.checksum, input.ChecksumType);
  const entry = await parts.objects.completeUpload({
    bucket: bucket.Name,
    key: input.Key,
    uploadId: input.UploadId,
    parts: given.map((part) => completedPart(part)),
    conditions: writeConditions(input),
    ...(checksum !== undefined && { checksum }),
    ...(input.MpuObjectSize !== undefined && { size: input.MpuObjectSize }),
  });
  return {
    Location: `${call.origin}/${bucket.Name}/${encodeURI(input.Key)}`,
    Bucket: bucket.Name,
    Key: input.Key,
    ETag: quotedEtag(entry),
    ServerSideEncryption: 'AES256',
    ...checksumMembers(entry.checksum),
  };
}

function completedPart(part: NonNullable<NonNullable<CompleteInput['MultipartUpload']>['Parts']>[number]) {
  const { PartNumber, ETag } = part;
  if (PartNumber === undefined || ETag === undefined) throw s3Errors.malformedXml();
  checkPartNumber(PartNumber);
  const checksum = wholeChecksum(part);
  return {
    partNumber: PartNumber,
    etag: unquoted(ETag),
    ...(checksum !== undefined && { checksum }),
  };
}

function checkChecksumType(checksum: Upload['checksum'], given: string | undefined): void {
  if (given === undefined || checksum?.type === undefined || given === checksum.type) return;
  throw s3Errors.invalidRequest(
    `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
  );
}

export async function abortUpload(parts: S3Parts, input: NamesUpload): Promise<void> {
  const { bucket, key, uploadId } = uploadOf(parts, input);
  await parts.objects.abortUpload(bucket, key, uploadId);
}

/** @throws ServiceError `NoSuchUpload` */
export function uploadOf(parts: S3Parts, input: NamesUpload): Upload {
  const bucket = bucketOf(parts, input);
  const upload = parts.objects.upload(bucket.Name, input.Key, input.UploadId);
  if (!upload) throw s3Errors.noSuchUpload(input.UploadId);
  return upload;
}

function checkPartNumber(partNumber: number): void {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= maxParts) return;
  throw s3Errors.invalidArgument(
    'Part number must be an integer between 1 and 10000, inclusive',
    'partNumber',
    String(partNumber),
  );
}
