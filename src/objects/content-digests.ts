import { createHash } from 'node:crypto';
import { runningChecksum } from '../wire/aws-checksums.ts';
import { s3Faults } from './s3-faults.ts';
import type { ChecksumAlgorithm, ExpectedContent, ObjectChecksum } from './shapes.ts';

/** The MD5 of bytes that pass, and the checksum that somebody wants; both are what was expected, or it throws. */
export class ContentDigests {
  readonly #expected: ExpectedContent;
  readonly #md5 = createHash('md5');
  readonly #checksum: ReturnType<typeof checksumOf> | undefined;
  #size = 0;

  /** @throws InvalidDigest for what is no MD5 in base64 */
  constructor(expected: ExpectedContent) {
    this.#expected = expected;
    this.#checksum = expected.checksum && checksumOf(expected.checksum.algorithm);
    if (expected.md5 !== undefined && !isMd5(expected.md5)) throw s3Faults.invalidDigest();
  }

  /** @throws IncompleteBody as soon as there are too many bytes */
  update(bytes: Uint8Array): void {
    this.#size += bytes.length;
    const { size } = this.#expected;
    if (size !== undefined && this.#size > size) throw s3Faults.incompleteBody();
    this.#md5.update(bytes);
    this.#checksum?.update(bytes);
  }

  /** @throws IncompleteBody, BadDigest */
  end(): { readonly size: number; readonly etag: string; readonly checksum?: Omit<ObjectChecksum, 'type'> } {
    const { size, md5, checksum } = this.#expected;
    if (size !== undefined && this.#size !== size) throw s3Faults.incompleteBody();
    const digest = this.#md5.digest();
    if (md5 !== undefined && md5 !== digest.toString('base64')) throw s3Faults.badMd5();
    const content = { size: this.#size, etag: digest.toString('hex') };
    if (!checksum || !this.#checksum) return content;
    const value = this.#checksum.base64();
    const { algorithm } = checksum;
    if (checksum.value !== undefined && checksum.value !== value) throw s3Faults.badChecksum(algorithm);
    return { ...content, checksum: { algorithm, value } };
  }
}

export function checksumOf(algorithm: ChecksumAlgorithm) {
  const checksum = runningChecksum(`x-amz-checksum-${algorithm.toLowerCase()}`);
  if (!checksum) throw new Error(`bug: no checksum ${algorithm}`);
  return checksum;
}

function isMd5(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 16 && bytes.toString('base64') === text;
}
