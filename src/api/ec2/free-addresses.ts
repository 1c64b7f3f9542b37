import { parsePrefix } from '../../ip/index.ts';
import type { Place, ResourceView } from '../../resource/index.ts';
import { type NetworkInterfaceResource, networkInterfaces, type SubnetResource } from '../../vpc/index.ts';
import { ipv4Size, reservedAddresses } from './cidr.ts';

/** By subnet, how many IPv4 addresses its interfaces have. */
export function usedIpv4Counts(view: ResourceView, place: Place): Map<string, number> {
  const counts = new Map<string, number>();
  for (const networkInterface of view.list(networkInterfaces, place)) {
    const subnetId = networkInterface.SubnetId ?? '';
    counts.set(subnetId, (counts.get(subnetId) ?? 0) + ipv4Count(networkInterface));
  }
  return counts;
}

/** Single addresses, and those of delegated prefixes. */
function ipv4Count(networkInterface: NetworkInterfaceResource): number {
  const { PrivateIpAddress, PrivateIpAddresses = [], Ipv4Prefixes = [] } = networkInterface;
  const texts = [PrivateIpAddress, ...PrivateIpAddresses.map((entry) => entry.PrivateIpAddress)];
  const delegated = Ipv4Prefixes.flatMap(({ Ipv4Prefix }) => parsePrefix(Ipv4Prefix ?? '') ?? []);
  const single = new Set(texts.filter((text) => text !== undefined)).size;
  return delegated.reduce((sum, prefix) => sum + ipv4Size(prefix), single);
}

/** How many addresses are free, without the five that AWS keeps; a subnet made for devices of this host keeps none. */
export function freeIpv4Count({ CidrBlock, madeUp }: SubnetResource, used: number): number {
  const block = parsePrefix(CidrBlock ?? '');
  if (!block) return 0;
  const reserved = madeUp ? 0 : reservedAddresses;
  return Math.max(0, ipv4Size(block) - reserved - used);
}
