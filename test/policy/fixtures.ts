/** What the tests of `policy` are written in: packets and networks as short literals, answers as text. */
import type { IpPermission, NetworkAclEntry, NetworkInterface, SecurityGroup } from '@aws-sdk/client-ec2';
import { type IpAddress, parseAddress } from '../../src/ip/index.ts';
import { PacketView } from '../../src/packet/packet-view.ts';
import { direction } from '../../src/policy/answer.ts';
import type { PeerFinder } from '../../src/policy/peer-finder.ts';
import { VerdictEngine } from '../../src/policy/verdict-engine.ts';
import { InterfaceRegistry } from '../../src/vpc/interface-registry.ts';
import type { Network } from '../../src/vpc/network.ts';

export type Way = 'ingress' | 'egress';
export type Starter = 'local' | 'peer' | '-';

export interface TestPacket {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly flags?: number;
  readonly type?: number;
  readonly code?: number;
  /** Of an ICMP error. */
  readonly quoted?: TestPacket;
}

export interface TestAnswer {
  readonly accepted: boolean;
  readonly cause: string;
  readonly initiator: Starter;
}

const startMs = 1_700_000_000_000;
const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

export function flagsOf(letters: string): number {
  return [...letters].reduce((bits, letter) => bits | flagBits[letter], 0);
}

export function emptyNetwork(): Network {
  return {
    origin: 'described',
    vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
    subnets: [
      { SubnetId: 'subnet-1', VpcId: 'vpc-1', CidrBlock: '10.0.1.0/24' },
      { SubnetId: 'subnet-2', VpcId: 'vpc-1', CidrBlock: '10.0.2.0/24' },
    ],
    networkInterfaces: [],
    securityGroups: [],
    networkAcls: [],
    routeTables: [],
    securityGroupRules: [],
    instances: [],
    prefixLists: new Map(),
  };
}

export function networkInterface(
  id: string,
  address: string,
  groups: readonly string[] = ['sg-1'],
  subnet = 'subnet-1',
): NetworkInterface {
  const addresses = address.includes(':')
    ? { Ipv6Addresses: [{ Ipv6Address: address }] }
    : { PrivateIpAddress: address, PrivateIpAddresses: [{ PrivateIpAddress: address, Primary: true }] };
  return {
    NetworkInterfaceId: id,
    SubnetId: subnet,
    VpcId: 'vpc-1',
    Groups: groups.map((GroupId) => ({ GroupId })),
    ...addresses,
  };
}

/** `tcp 22 10.0.0.0/8`, `udp 1000-2000 sg-2`, `icmp 8.0 pl-1`, `icmp 8 ::/0` (any code), `all all 0.0.0.0/0`. */
export function permission(text: string): IpPermission {
  const [protocol, ports, peer] = text.split(' ');
  const [low, high] = ports === 'all' ? [] : ports.split(protocol.startsWith('icmp') ? '.' : '-').map(Number);
  const anyCode = protocol.startsWith('icmp') ? -1 : low;
  return {
    IpProtocol: protocol === 'all' ? '-1' : protocol,
    ...(low === undefined ? {} : { FromPort: low, ToPort: high ?? anyCode }),
    ...peerList(peer),
  };
}

function peerList(peer: string): Partial<IpPermission> {
  if (peer.startsWith('sg-')) return { UserIdGroupPairs: [{ GroupId: peer }] };
  if (peer.startsWith('pl-')) return { PrefixListIds: [{ PrefixListId: peer }] };
  return peer.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: peer }] } : { IpRanges: [{ CidrIp: peer }] };
}

export function securityGroup(
  id: string,
  ingress: readonly string[],
  egress: readonly string[] = ['all all 0.0.0.0/0', 'all all ::/0'],
): SecurityGroup {
  return {
    GroupId: id,
    VpcId: 'vpc-1',
    IpPermissions: ingress.map(permission),
    IpPermissionsEgress: egress.map(permission),
  };
}

/** `100 allow tcp 22 10.0.0.0/8`: as `permission`, after number and action. */
export function aclEntry(way: Way, text: string): NetworkAclEntry {
  const [number, action, protocol, ports, peer] = text.split(' ');
  const numbers: Readonly<Record<string, string>> = {
    all: '-1',
    icmp: '1',
    tcp: '6',
    udp: '17',
    icmpv6: '58',
  };
  const [low, high] = ports === 'all' ? [] : ports.split(/[-.]/).map(Number);
  const detail = protocol.startsWith('icmp')
    ? { IcmpTypeCode: { Type: low ?? -1, Code: high ?? -1 } }
    : { PortRange: { From: low, To: high ?? low } };
  return {
    RuleNumber: Number(number),
    Egress: way === 'egress',
    RuleAction: action === 'allow' ? 'allow' : 'deny',
    Protocol: numbers[protocol] ?? protocol,
    ...(low === undefined ? {} : detail),
    ...(peer.includes(':') ? { Ipv6CidrBlock: peer } : { CidrBlock: peer }),
  };
}

/** Addresses of the registered interfaces by text: enough for tests of rules that name groups. */
export function peersOf(registry: InterfaceRegistry): PeerFinder {
  const owners: { address: IpAddress; index: number }[] = [];
  for (let index = 0; index < registry.size; index++) {
    const { PrivateIpAddress, Ipv6Addresses = [] } = registry.get(index);
    for (const text of [PrivateIpAddress, ...Ipv6Addresses.map((one) => one.Ipv6Address)]) {
      const address = parseAddress(text ?? '');
      if (address) owners.push({ address, index });
    }
  }
  return {
    findPeer: (_index, family, ...words) =>
      owners.find(
        ({ address }) =>
          address.family === family && address.words.every((word, place) => word === words[place]),
      )?.index ?? -1,
  };
}

export function packetView(packet: TestPacket, timeMs: number): PacketView {
  const view = new PacketView();
  const src = parseAddress(packet.src)!;
  view.timeMs = timeMs;
  view.family = src.family;
  [view.src0, view.src1, view.src2, view.src3] = src.words;
  [view.dst0, view.dst1, view.dst2, view.dst3] = parseAddress(packet.dst)!.words;
  view.protocol = packet.protocol;
  view.srcPort = packet.srcPort ?? 0;
  view.dstPort = packet.dstPort ?? 0;
  view.tcpFlags = packet.flags ?? 0;
  view.icmpType = packet.type ?? 0;
  view.icmpCode = packet.code ?? 0;
  if (packet.quoted) quote(view, packet.quoted);
  return view;
}

function quote(view: PacketView, quoted: TestPacket): void {
  const src = parseAddress(quoted.src)!;
  view.quotedFamily = src.family;
  [view.quotedSrc0, view.quotedSrc1, view.quotedSrc2, view.quotedSrc3] = src.words;
  [view.quotedDst0, view.quotedDst1, view.quotedDst2, view.quotedDst3] = parseAddress(quoted.dst)!.words;
  view.quotedProtocol = quoted.protocol;
  view.quotedSrcPort = quoted.srcPort ?? 0;
  view.quotedDstPort = quoted.dstPort ?? 0;
  view.quotedIcmpType = quoted.type ?? 0;
}

/** An engine over a network whose interfaces are registered in their order. */
export class TestGate {
  readonly engine: VerdictEngine;
  readonly registry = new InterfaceRegistry();

  constructor(network: Network, maxConnections = 1024) {
    this.engine = new VerdictEngine({ maxConnections });
    for (const one of network.networkInterfaces) this.registry.put(one);
    this.load(network);
  }

  load(network: Network): void {
    this.engine.load(network, this.registry, peersOf(this.registry));
  }

  /** Judges the packet at a time in seconds after an arbitrary start. */
  see(way: Way, packet: TestPacket, seconds = 0, index = 0): TestAnswer {
    this.engine.judge(packetView(packet, atMs(seconds)), index, direction[way]);
    return answerOf(this.engine);
  }
}

export function answerOf(engine: VerdictEngine): TestAnswer {
  const { accepted, cause, initiator } = engine;
  return { accepted, cause: engine.causes[cause], initiator: starters[initiator] };
}
const starters: readonly Starter[] = ['-', 'local', 'peer'];

export const atMs = (seconds: number): number => startMs + seconds * 1000;
