import { formatAddress, type IpAddress, parseAddress, type Words } from './address.ts';

/** An address with the bits after `length` zero; `length` counts from the family's first bit (IPv4: 0 to 32). */
export interface Prefix extends IpAddress {
  readonly length: number;
}

/** Reads CIDR text such as `10.0.0.0/8`; host bits are cleared, as AWS does. `undefined` when it is no prefix. */
export function parsePrefix(text: string): Prefix | undefined {
  const match = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = match ? parseAddress(match[1]) : undefined;
  if (!match || !address) return undefined;
  const length = Number(match[2]);
  if (length > (address.family === 4 ? 32 : 128)) return undefined;
  return { family: address.family, words: maskAddress(address, length), length };
}

export function formatPrefix({ family, words, length }: Prefix): string {
  return `${formatAddress(family, ...words)}/${length}`;
}

/** The first `length` bits of the address, the others 0. */
export function maskAddress({ family, words }: IpAddress, length: number): Words {
  if (family === 4) return [0, 0, 0, words[3] & wordMask(length)];
  return [
    words[0] & wordMask(length),
    words[1] & wordMask(length - 32),
    words[2] & wordMask(length - 64),
    words[3] & wordMask(length - 96),
  ];
}

function wordMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}

export function prefixContains(
  prefix: Prefix,
  family: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  if (family !== prefix.family) return false;
  const { words, length } = prefix;
  if (family === 4) return ((w3 ^ words[3]) & wordMask(length)) === 0;
  return (
    ((w0 ^ words[0]) & wordMask(length)) === 0 &&
    ((w1 ^ words[1]) & wordMask(length - 32)) === 0 &&
    ((w2 ^ words[2]) & wordMask(length - 64)) === 0 &&
    ((w3 ^ words[3]) & wordMask(length - 96)) === 0
  );
}
