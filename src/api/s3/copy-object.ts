import type { ObjectDescription } from '../../objects/index.ts';
import type { Call, Target } from '../action.ts';
import { bucketOf, checkKey } from './access.ts';
import { algorithmOf, checksumMembers, defaultAlgorithm } from './checksums.ts';
import { type CopiesObject, type Source, sourceOf, sourceTarget } from './copy-source.ts';
import { s3Errors } from './errors.ts';
import { checkWritten, type DescribesObject, descriptionOf, writeConditions } from './object-input.ts';
import { modifiedOf, quotedEtag } from './object-output.ts';
import type { S3Parts } from './parts.ts';
import { maxPutBytes, writeTargets } from './put-object.ts';

export interface CopyInput extends DescribesObject, CopiesObject {
  readonly MetadataDirective?: string;
  readonly TaggingDirective?: string;
  readonly ChecksumAlgorithm?: string;
}

/** Who copies tags along must be allowed to read and to write them. */
export function copyTargets(parts: S3Parts) {
  const onPut = writeTargets(parts, ({ CopySource, MetadataDirective }: CopyInput) => ({
    's3:x-amz-copy-source': CopySource,
    ...(MetadataDirective !== undefined && { 's3:x-amz-metadata-directive': MetadataDirective }),
  }));
  return (input: CopyInput, call: Call): readonly Target[] => {
    const puts = onPut(withoutTagging(input), call);
    const read = sourceTarget(parts, input, call);
    const hasTags = Object.keys(read.keys ?? {}).some((name) => name.startsWith('s3:ExistingObjectTag/'));
    if (input.TaggingDirective === 'REPLACE') return [...onPut(input, call), read];
    if (!hasTags) return [...puts, read];
    return [
      ...puts,
      { ...puts[0], action: 's3:PutObjectTagging' },
      read,
      { ...read, action: 's3:GetObjectTagging' },
    ];
  };
}

export async function copyObject(
  parts: S3Parts,
  input: CopyInput,
  call: Call,
): Promise<Readonly<Record<string, unknown>>> {
  checkKey(input.Key);
  const bucket = bucketOf(parts, input);
  checkDirectives(input);
  checkWritten(parts, bucket, input);
  const source = sourceOf(parts, input, call);
  checkCopy(input, source);
  const { entry } = source;
  const algorithm = algorithmOf(input.ChecksumAlgorithm) ?? entry.checksum?.algorithm ?? defaultAlgorithm;
  const copied = await parts.objects.copy({
    source: { bucket: source.bucket.Name, entry },
    bucket: bucket.Name,
    key: input.Key,
    conditions: writeConditions(input),
    ...copyDescription(input, source),
    checksum: { algorithm },
  });
  return {
    CopyObjectResult: {
      ETag: quotedEtag(copied),
      LastModified: modifiedOf(copied),
      ...checksumMembers(copied.checksum),
    },
    ServerSideEncryption: 'AES256',
  };
}

/** Tags in the header count only where they replace those of the source. */
function withoutTagging({ Tagging: _, ...input }: CopyInput): CopyInput {
  return input;
}

function checkDirectives({ MetadataDirective, TaggingDirective }: CopyInput): void {
  const given = {
    'x-amz-metadata-directive': MetadataDirective,
    'x-amz-tagging-directive': TaggingDirective,
  };
  for (const [header, value] of Object.entries(given)) {
    if (value === undefined || value === 'COPY' || value === 'REPLACE') continue;
    const noun = header === 'x-amz-metadata-directive' ? 'metadata' : 'tagging';
    throw s3Errors.invalidArgument(`Unknown ${noun} directive.`, header, value);
  }
}

function checkCopy(input: CopyInput, { bucket, entry }: Source): void {
  if (entry.size > maxPutBytes) {
    throw s3Errors.invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maxPutBytes}`,
    );
  }
  const isItself = bucket.Name === input.Bucket && entry.key === input.Key;
  const changes =
    input.MetadataDirective === 'REPLACE' ||
    input.StorageClass !== undefined ||
    input.WebsiteRedirectLocation !== undefined ||
    input.ServerSideEncryption !== undefined;
  if (isItself && !changes) {
    throw s3Errors.invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}

/** The storage class and where a website leads are never copied. */
function copyDescription(input: CopyInput, { entry }: Source): ObjectDescription {
  const { headers, metadata, tags, storageClass } = descriptionOf(
    input.TaggingDirective === 'REPLACE' ? input : withoutTagging(input),
  );
  const replaces = input.MetadataDirective === 'REPLACE';
  const location = headers?.['x-amz-website-redirect-location'];
  const { 'x-amz-website-redirect-location': _, ...copied } = entry.headers ?? {};
  const kept = {
    ...copied,
    ...(location !== undefined && { 'x-amz-website-redirect-location': location }),
  };
  const chosen = {
    headers: replaces ? headers : kept,
    metadata: replaces ? metadata : entry.metadata,
    tags: input.TaggingDirective === 'REPLACE' ? tags : entry.tags,
  };
  return {
    ...(chosen.headers && { headers: chosen.headers }),
    ...(chosen.metadata && { metadata: chosen.metadata }),
    ...(chosen.tags && { tags: chosen.tags }),
    ...(storageClass !== undefined && { storageClass }),
  };
}
