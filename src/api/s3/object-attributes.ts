import type { ObjectEntry } from '../../objects/index.ts';
import type { Call, Target } from '../action.ts';
import { bucketOf, entryOf, type NamesObject, onObject } from './access.ts';
import { checksumMembers } from './checksums.ts';
import { s3Errors } from './errors.ts';
import { modifiedOf } from './object-output.ts';
import type { S3Parts } from './parts.ts';

export interface AttributesInput extends NamesObject {
  readonly ObjectAttributes: readonly string[];
  readonly MaxParts?: number;
  readonly PartNumberMarker?: number;
}

type Output = Readonly<Record<string, unknown>>;

const mostParts = 1000;

/** Both reading an object and its attributes. */
export function attributesTargets(parts: S3Parts) {
  const onGet = onObject<AttributesInput>(parts, 's3:GetObject');
  return (input: AttributesInput, call: Call): readonly Target[] => {
    const [get] = onGet(input, call);
    return [get, { ...get, action: 's3:GetObjectAttributes' }];
  };
}

export function objectAttributes(parts: S3Parts, input: AttributesInput, call: Call): Output {
  const entry = entryOf(parts, bucketOf(parts, input), input, call);
  const wanted = new Set(input.ObjectAttributes);
  const { etag, checksum, partSizes, storageClass, size } = entry;
  return {
    LastModified: modifiedOf(entry),
    ...(wanted.has('ETag') && { ETag: etag }),
    ...(wanted.has('Checksum') && checksum && { Checksum: checksumMembers(checksum) }),
    ...(wanted.has('ObjectParts') && partSizes && { ObjectParts: objectParts(entry, partSizes, input) }),
    ...(wanted.has('StorageClass') && { StorageClass: storageClass }),
    ...(wanted.has('ObjectSize') && { ObjectSize: size }),
  };
}

/** Parts one by one only of uploads with checksums; of others how many they were. */
function objectParts(
  { checksum }: ObjectEntry,
  partSizes: readonly number[],
  { MaxParts = mostParts, PartNumberMarker: marker = 0 }: AttributesInput,
): Output {
  if (MaxParts < 0) {
    throw s3Errors.invalidArgument(
      'Argument max-parts must be an integer between 0 and 2147483647',
      'x-amz-max-parts',
      String(MaxParts),
    );
  }
  if (!checksum) return { TotalPartsCount: partSizes.length };
  const after = Math.max(marker, 0);
  const most = Math.min(MaxParts, mostParts);
  const page = partSizes.map((Size, index) => ({ PartNumber: index + 1, Size })).slice(after, after + most);
  const last = page.at(-1)?.PartNumber ?? after;
  return {
    TotalPartsCount: partSizes.length,
    PartNumberMarker: after,
    NextPartNumberMarker: last,
    MaxParts: most,
    IsTruncated: last < partSizes.length,
    Parts: page,
  };
}
