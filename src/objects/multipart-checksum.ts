import { createHash } from 'node:crypto';
import { checksumOf } from './content-digests.ts';
import { CombinedCrc, isCombinable } from './crc-combine.ts';
import { s3Faults } from './s3-faults.ts';
import type { ChecksumAlgorithm, ObjectChecksum, UploadRequest } from './shapes.ts';
import type { StoredPart } from './stored-entry.ts';

/**
 * How the checksum of an upload is made: of its parts' checksums, or the one that the whole would have. Only CRCs can be
 * the latter, and CRC64NVME nothing else.
 * @throws InvalidRequest for a pair that S3 has not
 */
export function checksumType(checksum: NonNullable<UploadRequest['checksum']>): ObjectChecksum['type'] {
  const { algorithm, type } = checksum;
  const isWholeOnly = algorithm === 'CRC64NVME';
  const chosen = type ?? (isWholeOnly ? 'FULL_OBJECT' : 'COMPOSITE');
  const isPossible = chosen === 'FULL_OBJECT' ? isCombinable(algorithm) : !isWholeOnly;
  if (!isPossible) throw s3Faults.invalidChecksumType(algorithm, chosen);
  return chosen;
}

/** Of an object in parts: the MD5 of their MD5s, and how many there are. */
export function multipartEtag(parts: readonly StoredPart[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
}

/** Pieces of work before others have their turn. */
const turnParts = 256;

/** Undefined where a part has none. */
export async function multipartChecksum(
  algorithm: ChecksumAlgorithm,
  type: ObjectChecksum['type'],
  parts: readonly StoredPart[],
): Promise<ObjectChecksum | undefined> {
  const whole = type === 'FULL_OBJECT' ? new CombinedCrc(algorithm) : undefined;
  const composite = checksumOf(algorithm);
  for (const [index, { checksum, size }] of parts.entries()) {
    if (checksum?.algorithm !== algorithm) return undefined;
    if (whole) whole.add(checksum.value, size);
    else composite.update(Buffer.from(checksum.value, 'base64'));
    if (index % turnParts === turnParts - 1) await new Promise(setImmediate);
  }
  const value = whole ? whole.base64() : `${composite.base64()}-${parts.length}`;
  return { algorithm, type, value };
}
