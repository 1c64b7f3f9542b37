import { formatIpv4, formatIpv6 } from '../src/ip/index.ts';
import type { Random } from './random.ts';

export interface FlowInterface {
  readonly id: string;
  /** Numbers of addresses. */
  readonly ipv4: number;
  readonly ipv6: number;
  /** Has no traffic in most windows. */
  readonly isQuiet: boolean;
}

/** Who talks in the mix. */
export interface FlowPlaces {
  readonly accountId: string;
  readonly interfaces: readonly FlowInterface[];
  readonly interfaceShares: Popularity;
  /** Texts by number. */
  readonly addresses: readonly string[];
  readonly peers: AddressGroup;
  readonly otherPeers: AddressGroup;
  readonly scanners: AddressGroup;
  readonly otherScanners: AddressGroup;
}

/** Picks numbers from 0 with given weights. */
export class Popularity {
  readonly #sums: Float64Array;

  constructor(weights: readonly number[]) {
    let sum = 0;
    this.#sums = Float64Array.from(weights, (weight) => {
      sum += weight;
      return sum;
    });
  }

  pick(random: Random): number {
    const wanted = random.unit() * this.#sums[this.#sums.length - 1];
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle] <= wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Addresses of which few are talked to often and most seldom (Zipf). */
export class AddressGroup {
  readonly #numbers: readonly number[];
  readonly #popularity: Popularity;

  constructor(numbers: readonly number[], exponent: number) {
    this.#numbers = numbers;
    this.#popularity = new Popularity(numbers.map((_, i) => 1 / (i + 1) ** exponent));
  }

  pick(random: Random): number {
    return this.#numbers[this.#popularity.pick(random)];
  }
}

const interfaceCount = 50;
const quietInterfaces = 3;

export function flowPlaces(random: Random): FlowPlaces {
  const addresses = new AddressList();
  const interfaces = Array.from({ length: interfaceCount }, (_, i): FlowInterface => {
    return {
      id: `eni-0${hex(random)}${hex(random)}`,
      ipv4: addresses.add(() => ipv4(random, 10, 0, i % 6)),
      ipv6: addresses.add(() => ipv6(random, 0x26001f14)),
      isQuiet: i >= interfaceCount - quietInterfaces,
    };
  });
  const inside = addresses.many(2500, () => ipv4(random, 10, random.between(0, 3)));
  const outside = addresses.many(5500, () => ipv4(random, publicByte(random)));
  return {
    accountId: '123456789010',
    interfaces,
    interfaceShares: new Popularity(interfaces.map((_, i) => 1 / (i + 3))),
    addresses: addresses.texts,
    peers: new AddressGroup(interleave(inside, outside), 1.05),
    otherPeers: new AddressGroup(
      addresses.many(400, () => ipv6(random, 0x26001f14 + random.between(0, 40))),
      1,
    ),
    scanners: new AddressGroup(
      addresses.many(4000, () => ipv4(random, publicByte(random))),
      0.9,
    ),
    otherScanners: new AddressGroup(
      addresses.many(100, () => ipv6(random, 0x2a000000 + random.between(0, 99))),
      0.9,
    ),
  };
}

/** Distinct addresses by number. */
class AddressList {
  readonly texts: string[] = [];
  readonly #known = new Set<string>();

  /** Asks again while the address is known. */
  add(make: () => string): number {
    for (;;) {
      const text = make();
      if (this.#known.has(text)) continue;
      this.#known.add(text);
      return this.texts.push(text) - 1;
    }
  }

  many(count: number, make: () => string): number[] {
    return Array.from({ length: count }, () => this.add(make));
  }
}

function hex(random: Random): string {
  return (random.int32() >>> 0).toString(16).padStart(8, '0');
}

function publicByte(random: Random): number {
  return random.pick([3, 13, 18, 34, 35, 44, 52, 54, 64, 91, 104, 142, 151, 185, 193, 203]);
}

/** An address that begins with these bytes. */
function ipv4(random: Random, ...first: readonly number[]): string {
  let word = random.int32();
  for (const [i, byte] of first.entries()) {
    const shift = 24 - 8 * i;
    word = (word & ~(255 << shift)) | (byte << shift);
  }
  return formatIpv4(word);
}

function ipv6(random: Random, first: number): string {
  return formatIpv6(first | 0, random.int32(), random.int32(), random.int32());
}

/** In turn from both, until both are used up. */
function interleave(a: readonly number[], b: readonly number[]): number[] {
  const mixed: number[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    mixed.push(...a.slice(i, i + 1), ...b.slice(i, i + 1));
  }
  return mixed;
}
