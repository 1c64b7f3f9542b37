import { parseAddress, parsePrefix } from '../ip/index.ts';
import { ipProtocol, type PacketView } from '../packet/packet-view.ts';
import { type Direction, direction } from '../policy/answer.ts';
import type { PeerFinder } from '../policy/peer-finder.ts';
import { interfaceAddresses } from '../vpc/interface-addresses.ts';
import type { InterfaceRegistry } from '../vpc/interface-registry.ts';
import type { Network } from '../vpc/network.ts';
import { isMadeUp } from '../vpc/network-of-resources.ts';
import { sumIndex } from './capture-sums.ts';

const linkLocal = 0xa9fea900 | 0; // 169.254.169.0
const fd00ec2 = 0xfd000ec2 | 0;
const domain = 53;
const windowsActivation = 1688;

const counterpart: Readonly<Record<string, string>> = {
  vpc_endpoint: 'network_load_balancer',
  network_load_balancer: 'vpc_endpoint',
};

/**
 * What AWS never logs (VPC User Guide, "Flow log limitations"). Asked once per flow, and for each packet of an
 * excluded one. Addresses that follow from a subnet's prefix are reserved only in a network that somebody configured.
 */
export class Unlogged {
  readonly #registry: InterfaceRegistry;
  readonly #peers: PeerFinder;
  readonly #routers = new Set<number>();
  readonly #resolvers = new Set<number>();
  readonly #isDescribed: boolean;

  constructor(network: Network, registry: InterfaceRegistry, peers: PeerFinder) {
    this.#registry = registry;
    this.#peers = peers;
    this.#isDescribed = network.origin === 'described';
    if (!this.#isDescribed) return;
    const configured = <T extends object>(parts: readonly T[]) => parts.filter((part) => !isMadeUp(part));
    for (const subnet of configured(network.subnets)) addReserved(this.#routers, subnet.CidrBlock, 1);
    for (const vpc of configured(network.vpcs)) addReserved(this.#resolvers, vpc.CidrBlock, 2);
    // A host that routes for its own network has the first address itself; then it is not the VPC's.
    for (const { words } of network.networkInterfaces.flatMap(interfaceAddresses)) {
      this.#routers.delete(words[3]);
      this.#resolvers.delete(words[3]);
    }
  }

  /** The counter of the reason, or -1 when the packet is logged. */
  reason(packet: PacketView, index: number, flowDirection: Direction): number {
    const { protocol, srcPort, dstPort } = packet;
    if (protocol === ipProtocol.udp && isDhcp(packet.family, srcPort) && isDhcp(packet.family, dstPort)) {
      return sumIndex.excluded.dhcp;
    }
    const isIpv4 = packet.family === 4;
    const service = isIpv4
      ? (amazonServiceIpv4(packet.src3) ?? amazonServiceIpv4(packet.dst3))
      : (amazonServiceIpv6(packet.src0, packet.src1, packet.src2, packet.src3) ??
        amazonServiceIpv6(packet.dst0, packet.dst1, packet.dst2, packet.dst3));
    if (service !== undefined) return service;
    if (!this.#isDescribed) return -1;
    if (this.#isEndpointToLoadBalancer(packet, index, flowDirection)) {
      return sumIndex.excluded['endpoint-to-load-balancer'];
    }
    return isIpv4 ? this.#reservedReason(packet) : -1;
  }

  /** Traffic between the interface of a VPC endpoint and that of a Network Load Balancer. */
  #isEndpointToLoadBalancer(packet: PacketView, index: number, flowDirection: Direction): boolean {
    const wanted = counterpart[this.#registry.get(index).InterfaceType ?? ''];
    if (wanted === undefined) return false;
    const { family } = packet;
    const peer =
      flowDirection === direction.egress
        ? this.#peers.findPeer(index, family, packet.dst0, packet.dst1, packet.dst2, packet.dst3)
        : this.#peers.findPeer(index, family, packet.src0, packet.src1, packet.src2, packet.src3);
    return peer >= 0 && this.#registry.get(peer).InterfaceType === wanted;
  }

  #reservedReason({ protocol, src3, dst3, srcPort, dstPort }: PacketView): number {
    if (
      protocol === ipProtocol.tcp &&
      ((isWindowsActivation(src3) && srcPort === windowsActivation) ||
        (isWindowsActivation(dst3) && dstPort === windowsActivation))
    ) {
      return sumIndex.excluded['windows-activation'];
    }
    if (
      (srcPort === domain && this.#resolvers.has(src3)) ||
      (dstPort === domain && this.#resolvers.has(dst3))
    ) {
      return sumIndex.excluded['amazon-dns'];
    }
    return this.#routers.has(src3) || this.#routers.has(dst3) ? sumIndex.excluded['vpc-router'] : -1;
  }
}

/** Router and neighbour solicitations and advertisements, and redirects (RFC 4861): IPv6's ARP, never judged. */
export function isNeighbourDiscovery(packet: PacketView): boolean {
  return packet.protocol === ipProtocol.icmpv6 && packet.icmpType >= 133 && packet.icmpType <= 137;
}

function isDhcp(family: number, port: number): boolean {
  return family === 4 ? port === 67 || port === 68 : port === 546 || port === 547;
}

function amazonServiceIpv4(address: number): number | undefined {
  return (address & -256) === linkLocal ? amazonService(address & 255) : undefined;
}

function amazonServiceIpv6(w0: number, w1: number, w2: number, w3: number): number | undefined {
  // fd00:ec2::253 and its like: the last group reads as decimal but is hexadecimal.
  if (w0 !== fd00ec2 || w1 !== 0 || w2 !== 0 || w3 >>> 0 > 0xfff) return undefined;
  return amazonService(Number(w3.toString(16)));
}

function amazonService(host: number): number | undefined {
  if (host === 253) return sumIndex.excluded['amazon-dns'];
  if (host === 254) return sumIndex.excluded['instance-metadata'];
  if (host === 123) return sumIndex.excluded['amazon-time-sync'];
  return undefined;
}

/** 169.254.169.250 and .251: Amazon's key management servers for Windows. */
function isWindowsActivation(address: number): boolean {
  return (address & -2) === (linkLocal | 250);
}

function addReserved(set: Set<number>, cidr: string | undefined, host: number): void {
  const prefix = cidr === undefined ? undefined : (parsePrefix(cidr) ?? parseAddress(cidr));
  if (prefix?.family === 4) set.add((prefix.words[3] + host) | 0);
}
