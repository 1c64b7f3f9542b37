import type { ChecksumAlgorithm, ObjectChecksum } from '../../objects/index.ts';
import { s3Errors } from './errors.ts';

/** Checksums as requests give them: the value in the member of its algorithm. */
export type GivenChecksums = {
  readonly [Algorithm in ChecksumAlgorithm as `Checksum${Algorithm}`]?: string;
} & {
  readonly [Algorithm in (typeof unknownAlgorithms)[number] as `Checksum${Algorithm}`]?: string;
} & { readonly ChecksumAlgorithm?: string };

/** What they are when they are decoded, in bytes. */
const lengths: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};
const algorithms = Object.keys(lengths) as readonly ChecksumAlgorithm[];
const unknownAlgorithms = ['SHA512', 'MD5', 'XXHASH64', 'XXHASH3', 'XXHASH128'] as const;

/** What S3 makes for objects that come without one. */
export const defaultAlgorithm: ChecksumAlgorithm = 'CRC64NVME';

/**
 * The checksum that a body comes with; without a value it comes behind the body, or is to be made.
 * @throws ServiceError `InvalidRequest`
 */
export function givenChecksum(
  input: GivenChecksums,
): { readonly algorithm: ChecksumAlgorithm; readonly value?: string } | undefined {
  for (const algorithm of unknownAlgorithms) {
    if (input[`Checksum${algorithm}`] !== undefined) throw unknownAlgorithm(algorithm);
  }
  const given = algorithms.filter((algorithm) => input[`Checksum${algorithm}`] !== undefined);
  if (given.length > 1) {
    throw s3Errors.invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const named = algorithmOf(input.ChecksumAlgorithm);
  if (given.length === 0) return named && { algorithm: named };
  const [algorithm] = given;
  if (named !== undefined && named !== algorithm) {
    throw s3Errors.invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.');
  }
  return { algorithm, value: checkedValue(algorithm, input[`Checksum${algorithm}`] ?? '') };
}

/** @throws ServiceError for one that Headgate does not know */
export function algorithmOf(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const known = algorithms.find((algorithm) => algorithm === name.toUpperCase());
  if (known === undefined) throw unknownAlgorithm(name);
  return known;
}

/** Of a multipart upload's own: also `…-3`. */
export function wholeChecksum(input: GivenChecksums): string | undefined {
  return algorithms.map((algorithm) => input[`Checksum${algorithm}`]).find((value) => value !== undefined);
}

/** The members by which answers tell a checksum. */
export function checksumMembers(
  checksum: (Pick<ObjectChecksum, 'algorithm' | 'value'> & Partial<ObjectChecksum>) | undefined,
): Readonly<Record<string, string>> {
  if (!checksum) return {};
  const { algorithm, value, type } = checksum;
  return { [`Checksum${algorithm}`]: value, ...(type !== undefined && { ChecksumType: type }) };
}

function checkedValue(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === lengths[algorithm] && bytes.toString('base64') === value) return value;
  throw s3Errors.invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);
}

function unknownAlgorithm(name: string) {
  return s3Errors.notImplemented(`The checksum algorithm ${name.slice(0, 64)} is`);
}
