import { formatAddress, type IpAddress, type Prefix, parsePrefix, prefixContains } from '../../ip/index.ts';
import { ec2Errors } from './errors.ts';

/** AWS keeps the first four addresses of a subnet and the last one for itself. */
export const reservedAddresses = 5;

/**
 * An IPv4 block, host bits cut as AWS does.
 * @throws ServiceError `InvalidParameterValue`
 */
export function ipv4Block(text: string, parameter: string): Prefix {
  return blockOf(text, 4, parameter, 'This is not a valid CIDR block.');
}

/** @throws ServiceError `InvalidParameterValue` */
export function ipv6Block(text: string, parameter: string): Prefix {
  return blockOf(text, 6, parameter, 'This is not a valid IPv6 CIDR block.');
}

function blockOf(text: string, family: 4 | 6, parameter: string, because: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix?.family !== family) throw ec2Errors.invalidParameterValue(text, parameter, because);
  return prefix;
}

export function contains(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && prefixContains(outer, inner.family, ...inner.words);
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return contains(a, b) || contains(b, a);
}

/** Those of the texts that are prefixes. */
export function prefixesOf(texts: Iterable<string | undefined>): Prefix[] {
  return [...texts].flatMap((text) => (text === undefined ? [] : (parsePrefix(text) ?? [])));
}

/** How many addresses an IPv4 block has. */
export function ipv4Size({ length }: Prefix): number {
  return 2 ** (32 - length);
}

/** The address at a place in a block, from 0; the block is of 2 ** 32 addresses or less, or of IPv6. */
export function addressAt({ family, words }: Prefix, offset: number): string {
  const [w0, w1, w2, w3] = words;
  const low = (w3 >>> 0) + offset;
  const carried = low >= 2 ** 32 && family === 6 ? 1 : 0;
  return formatAddress(family, w0, w1, (w2 + carried) | 0, low | 0);
}

/** The place of an address in an IPv4 block. */
export function offsetIn(block: Prefix, address: IpAddress): number {
  return (address.words[3] >>> 0) - (block.words[3] >>> 0);
}

/** Whether AWS keeps an address of a subnet's IPv4 block for itself. */
export function isReserved(block: Prefix, address: IpAddress): boolean {
  const offset = offsetIn(block, address);
  return offset < 4 || offset === ipv4Size(block) - 1;
}

/** The first four addresses of an IPv6 block and the last one, as in IPv4; `words` are in the block. */
export function isReservedIpv6({ length }: Prefix, words: IpAddress['words']): boolean {
  const hosts = words.map((word, i) => word & ~maskOf(length - 32 * i));
  const isFirst = hosts.slice(0, 3).every((word) => word === 0) && hosts[3] >= 0 && hosts[3] < 4;
  return isFirst || words.every((word, i) => (word | maskOf(length - 32 * i)) === -1);
}

/** The leading bits of a word of 32. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}
