import type { ChecksumAlgorithm } from './shapes.ts';

/** Polynomials with their bits reversed, and how many bits they have. */
const polynomials: Readonly<
  Partial<Record<ChecksumAlgorithm, { readonly bits: bigint; readonly poly: bigint }>>
> = {
  CRC32: { bits: 32n, poly: 0xedb88320n },
  CRC32C: { bits: 32n, poly: 0x82f63b78n },
  CRC64NVME: { bits: 64n, poly: 0x9a6c9329ac4bc9b5n },
};

/** Whether the checksum of a whole can be made of those of its parts. */
export function isCombinable(algorithm: ChecksumAlgorithm): boolean {
  return polynomials[algorithm] !== undefined;
}

/**
 * The CRC of parts one after the other, of theirs: that of what is before, moved over a part's length, which is a
 * multiplication by a power of x, and the part's own.
 */
export class CombinedCrc {
  readonly #bits: bigint;
  readonly #poly: bigint;
  /** x to the power of 8 · 2^n: over 2^n bytes. */
  readonly #powers: bigint[];
  #value = 0n;

  constructor(algorithm: ChecksumAlgorithm) {
    const found = polynomials[algorithm];
    if (!found) throw new Error(`bug: ${algorithm} is no CRC`);
    this.#bits = found.bits;
    this.#poly = found.poly;
    // The highest bit stands for 1, the next one for x.
    this.#powers = [1n << (this.#bits - 9n)];
  }

  add(base64: string, bytes: number): void {
    const own = BigInt(`0x${Buffer.from(base64, 'base64').toString('hex')}`);
    let moved = this.#value;
    for (let left = bytes, power = 0; left > 0; left = Math.floor(left / 2), power += 1) {
      if (left % 2 === 1) moved = this.#multiply(moved, this.#power(power));
    }
    this.#value = moved ^ own;
  }

  base64(): string {
    const digits = this.#value.toString(16).padStart(Number(this.#bits) / 4, '0');
    return Buffer.from(digits, 'hex').toString('base64');
  }

  #power(index: number): bigint {
    for (let have = this.#powers.length; have <= index; have += 1) {
      this.#powers.push(this.#multiply(this.#powers[have - 1], this.#powers[have - 1]));
    }
    return this.#powers[index];
  }

  /** Of polynomials, modulo the algorithm's. */
  #multiply(one: bigint, other: bigint): bigint {
    let product = 0n;
    let shifted = other;
    for (let bit = this.#bits - 1n; bit >= 0n; bit -= 1n) {
      if ((one >> bit) & 1n) product ^= shifted;
      shifted = shifted & 1n ? (shifted >> 1n) ^ this.#poly : shifted >> 1n;
    }
    return product;
  }
}
