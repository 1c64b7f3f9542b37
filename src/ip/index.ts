/**
 * IP addresses and prefixes, as numbers and as text. Platform-neutral, imports nothing.
 * An address is four big-endian 32-bit words as signed integers (what a typed array and a small integer hold
 * without boxing); an IPv4 address is word 3, the other three are 0.
 */
export {
  formatAddress,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  parseAddress,
  type Words,
} from './address.ts';
export { formatPrefix, maskAddress, type Prefix, parsePrefix, prefixContains } from './prefix.ts';
export { PrefixMap } from './prefix-map.ts';
