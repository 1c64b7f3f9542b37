import type { BucketResource, ByteRange, ObjectEntry } from '../../objects/index.ts';
import type { Call } from '../action.ts';
import { bucketOf, entryOf, type NamesObject, targetOf } from './access.ts';
import { parseRange, partRange } from './byte-range.ts';
import { checksumMembers } from './checksums.ts';
import { s3Errors } from './errors.ts';
import { describedOutput, isOutOfReach } from './object-output.ts';
import type { S3Parts } from './parts.ts';
import { failedCondition, type ReadConditions } from './read-conditions.ts';

/** What GetObject and HeadObject ask. */
export interface ReadInput extends NamesObject, ReadConditions {
  readonly Range?: string;
  readonly PartNumber?: number;
  readonly ChecksumMode?: string;
  readonly ResponseCacheControl?: string;
  readonly ResponseContentDisposition?: string;
  readonly ResponseContentEncoding?: string;
  readonly ResponseContentLanguage?: string;
  readonly ResponseContentType?: string;
  readonly ResponseExpires?: Date;
  readonly SSECustomerAlgorithm?: string;
}

type Output = Readonly<Record<string, unknown>>;

export async function getObject(parts: S3Parts, input: ReadInput, call: Call): Promise<Output> {
  const reading = readingOf(parts, input, call);
  const { bucket, entry, range, isUnchanged } = reading;
  const output = readOutput(parts, reading, input, call);
  if (isUnchanged) return output;
  return { ...output, Body: await parts.objects.read(bucket.Name, entry, range) };
}

export function headObject(parts: S3Parts, input: ReadInput, call: Call): Output {
  return readOutput(parts, readingOf(parts, input, call), input, call);
}

/** What an answer will be made of. */
interface Reading {
  readonly bucket: BucketResource;
  readonly entry: ObjectEntry;
  /** Undefined for all bytes. */
  readonly range: ByteRange | undefined;
  /** 304: the client has it already. */
  readonly isUnchanged: boolean;
}

function readingOf(parts: S3Parts, input: ReadInput, call: Call): Reading {
  const bucket = bucketOf(parts, input);
  const entry = entryOf(parts, bucket, input, call);
  if (input.SSECustomerAlgorithm !== undefined) {
    throw s3Errors.invalidRequest('The encryption parameters are not applicable to this object.');
  }
  if (call.action === 'GetObject' && isOutOfReach(entry, call.nowMs)) {
    throw s3Errors.archived(entry.storageClass);
  }
  const failed = failedCondition(input, entry);
  if (failed === 'If-Match' || failed === 'If-Unmodified-Since') throw s3Errors.preconditionFailed(failed);
  if (failed) return { bucket, entry, range: undefined, isUnchanged: true };
  return { bucket, entry, range: rangeOf(input, entry), isUnchanged: false };
}

function rangeOf({ Range, PartNumber }: ReadInput, entry: ObjectEntry): ByteRange | undefined {
  if (PartNumber === undefined) return parseRange(Range, entry.size);
  if (Range !== undefined) {
    throw s3Errors.invalidRequest('Cannot specify both Range header and partNumber query parameter');
  }
  return partRange(PartNumber, entry);
}

function readOutput(parts: S3Parts, reading: Reading, input: ReadInput, call: Call): Output {
  const { bucket, entry, range, isUnchanged } = reading;
  const described = describedOutput(entry, call.nowMs);
  if (isUnchanged) {
    const { ETag, LastModified, CacheControl, Expires } = described;
    return { httpStatus: 304, ETag, LastModified, CacheControl, Expires };
  }
  const { size, partSizes, checksum, tags = {} } = entry;
  const length = range ? range.last - range.first + 1 : size;
  const tagCount = Object.keys(tags).length;
  const mayCount = tagCount > 0 && call.isAllowed(tagTarget(parts, bucket, call, entry));
  return {
    ...described,
    ...overrides(input),
    ContentLength: length,
    ...(range && { httpStatus: 206 }),
    ...(range && length > 0 && { ContentRange: `bytes ${range.first}-${range.last}/${size}` }),
    ...(input.ChecksumMode !== undefined && length === size && checksumMembers(checksum)),
    ...(input.PartNumber !== undefined && partSizes && { PartsCount: partSizes.length }),
    ...(mayCount && { TagCount: tagCount }),
  };
}

function tagTarget(parts: S3Parts, bucket: BucketResource, call: Call, { key }: ObjectEntry) {
  return targetOf(parts, bucket, call, { action: 's3:GetObjectTagging', key });
}

/** Of signed requests, as all are that come here. */
function overrides(input: ReadInput): Output {
  const given = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires?.toUTCString(),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
