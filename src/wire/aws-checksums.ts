import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A checksum that is made while bytes pass. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** As headers have it: base64 of its bytes, the highest first. */
  base64(): string;
}

const makers: Readonly<Record<string, () => RunningChecksum>> = {
  'x-amz-checksum-crc32': crc32Checksum,
  'x-amz-checksum-crc32c': crc32cChecksum,
  'x-amz-checksum-crc64nvme': crc64Checksum,
  'x-amz-checksum-sha1': () => hashChecksum('sha1'),
  'x-amz-checksum-sha256': () => hashChecksum('sha256'),
};

/** By the name of the header or trailer that carries it; undefined for one that is no checksum that we know. */
export function runningChecksum(name: string): RunningChecksum | undefined {
  return Object.hasOwn(makers, name) ? makers[name]() : undefined;
}

function hashChecksum(algorithm: 'sha1' | 'sha256'): RunningChecksum {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), base64: () => hash.digest('base64') };
}

function crc32Checksum(): RunningChecksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    base64: () => wordsBase64(value),
  };
}

/** Castagnoli's polynomial, bits reversed. */
const castagnoli = 0x82f63b78;
const castagnoliTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ castagnoli : value >>> 1;
  return value;
});

function crc32cChecksum(): RunningChecksum {
  let value = 0xffff_ffff;
  return {
    update: (bytes) => {
      for (const byte of bytes) value = (value >>> 8) ^ castagnoliTable[(value ^ byte) & 0xff];
    },
    base64: () => wordsBase64(~value),
  };
}

/** The polynomial of the NVMe specification, bits reversed, in two words. */
const nvmeHigh = 0x9a6c9329;
const nvmeLow = 0xac4bc9b5;
const nvmeTable = Array.from({ length: 256 }, (_, index) => nvmeEntry(index));
const nvmeHighs = Uint32Array.from(nvmeTable, ([high]) => high);
const nvmeLows = Uint32Array.from(nvmeTable, ([, low]) => low);

function nvmeEntry(index: number): readonly [high: number, low: number] {
  let [high, low] = [0, index];
  for (let bit = 0; bit < 8; bit += 1) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry) {
      high ^= nvmeHigh;
      low ^= nvmeLow;
    }
  }
  return [high >>> 0, low >>> 0];
}

function crc64Checksum(): RunningChecksum {
  let [high, low] = [0xffff_ffff, 0xffff_ffff];
  return {
    update: (bytes) => {
      for (const byte of bytes) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ nvmeLows[index];
        high = (high >>> 8) ^ nvmeHighs[index];
      }
    },
    base64: () => wordsBase64(~high, ~low),
  };
}

function wordsBase64(...words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [at, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, at * 4);
  return bytes.toString('base64');
}
