import { ipProtocol } from './packet-view.ts';

/**
 * Hot: whether an ICMP or ICMPv6 message of this type is an error, which quotes the packet that caused it (RFC 792,
 * RFC 4443). A redirect tells of a better router and is none.
 */
export function isIcmpError(protocol: number, type: number): boolean {
  if (protocol === ipProtocol.icmp) return type === 3 || type === 4 || type === 11 || type === 12;
  return type >= 1 && type <= 4;
}
