import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksumOf } from './content-digests.ts';
import { CombinedCrc, isCombinable } from './crc-combine.ts';

const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME'] as const;

const crcOf = (algorithm: (typeof algorithms)[number], bytes: Uint8Array) => {
  const checksum = checksumOf(algorithm);
  checksum.update(bytes);
  return checksum.base64();
};

describe('CombinedCrc', () => {
  // The check values of the catalogue of CRCs, of the text 123456789.
  it.each([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
  ] as const)('%s of two parts is the known one of the whole', (algorithm, hex) => {
    const combined = new CombinedCrc(algorithm);
    for (const text of ['1234', '56789']) combined.add(crcOf(algorithm, Buffer.from(text)), text.length);
    expect(Buffer.from(combined.base64(), 'base64').toString('hex')).toBe(hex);
  });

  it('is the CRC of the parts one after the other', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...algorithms),
        fc.array(fc.uint8Array({ maxLength: 300 })),
        (algorithm, parts) => {
          const combined = new CombinedCrc(algorithm);
          for (const part of parts) combined.add(crcOf(algorithm, part), part.length);
          expect(combined.base64()).toBe(crcOf(algorithm, Buffer.concat(parts)));
        },
      ),
    );
  });

  it('moves over lengths beyond 32 bits', () => {
    const [once, twice] = [new CombinedCrc('CRC32'), new CombinedCrc('CRC32')];
    const zeros = 'AAAAAA==';
    for (const combined of [once, twice]) combined.add('y/Q5Jg==', 9);
    once.add(zeros, 3 * 2 ** 33);
    for (let round = 0; round < 3; round += 1) twice.add(zeros, 2 ** 33);
    expect(once.base64()).toBe(twice.base64());
  });

  it('hashes are of the whole only', () => {
    expect((['SHA1', 'SHA256'] as const).map(isCombinable)).toEqual([false, false]);
  });
});
