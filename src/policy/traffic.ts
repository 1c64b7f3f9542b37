import { ipProtocol } from '../packet/packet-view.ts';
import { protocolNumber } from '../vpc/protocol-number.ts';
import type { Traffic } from './rule.ts';
import { coversAllPorts } from './rule-table.ts';

const nameOf: ReadonlyMap<number, string> = new Map([
  [-1, 'all'],
  [ipProtocol.icmp, 'icmp'],
  [ipProtocol.tcp, 'tcp'],
  [ipProtocol.udp, 'udp'],
  [ipProtocol.icmpv6, 'icmpv6'],
]);

/**
 * The protocol and ports of a security group rule or network ACL entry, as EC2's API means them: a name (`tcp`, `udp`,
 * `icmp`, `icmpv6`) or number, -1 for all; missing ports, or a first one of -1, for all; for ICMP type and code.
 * What is wrong is added to `problems` after `where`.
 */
export function readTraffic(
  protocolText: string | undefined,
  low: number | undefined,
  high: number | undefined,
  where: string,
  problems: string[],
): Traffic | undefined {
  const protocol = protocolText === undefined ? undefined : protocolNumber(protocolText);
  if (protocol === undefined) {
    problems.push(`${where}: protocol "${protocolText}" is neither tcp, udp, icmp, icmpv6, -1 nor 0 to 255`);
    return undefined;
  }
  const traffic = withPorts(protocol, low, high);
  if (traffic) return traffic;
  const expected = isIcmp(protocol)
    ? 'an ICMP type and code, -1 to 255'
    : 'ports from 0 to 65535, the lower first';
  problems.push(`${where}: ${low} to ${high} are not ${expected}`);
  return undefined;
}

/** Without spaces, such as `tcp:22`, `udp:1000-2000`, `icmp:8.0`, `icmp:8` (any code), `all:all`. */
export function trafficName(traffic: Traffic): string {
  const { protocol, low, high } = traffic;
  return `${nameOf.get(protocol) ?? protocol}:${coversAllPorts(traffic) ? 'all' : portsName(protocol, low, high)}`;
}

function portsName(protocol: number, low: number, high: number): string {
  if (!isIcmp(protocol)) return low === high ? `${low}` : `${low}-${high}`;
  const type = low === -1 ? 'all' : `${low}`;
  return high === -1 ? type : `${type}.${high}`;
}

function withPorts(protocol: number, low = -1, high = -1): Traffic | undefined {
  if (isIcmp(protocol))
    return isWithin(low, -1, 255) && isWithin(high, -1, 255) ? { protocol, low, high } : undefined;
  if (protocol !== ipProtocol.tcp && protocol !== ipProtocol.udp) return { protocol, low: -1, high: -1 };
  if (low === -1) return high === -1 || high === 65_535 ? { protocol, low: 0, high: 65_535 } : undefined;
  const last = high === -1 ? low : high;
  return isWithin(low, 0, 65_535) && isWithin(last, low, 65_535) ? { protocol, low, high: last } : undefined;
}

function isIcmp(protocol: number): boolean {
  return protocol === ipProtocol.icmp || protocol === ipProtocol.icmpv6;
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
