import { describe, expect, it } from 'vitest';
import { decoded } from '../../test/decoded.ts';
import { icmpPacket, tcpPacket, udpPacket } from '../../test/frames.ts';
import { networkOf } from '../../test/network-folder.ts';
import { linkType } from '../packet/index.ts';
import { direction } from '../policy/answer.ts';
import { InterfaceRegistry, type Network, VpcAddresses } from '../vpc/index.ts';
import { sumIndex } from './capture-sums.ts';
import { isNeighbourDiscovery, Unlogged } from './unlogged.ts';

const described = networkOf({
  vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
  subnets: [
    { SubnetId: 'subnet-1', VpcId: 'vpc-1', CidrBlock: '10.0.1.0/24' },
    { SubnetId: 'subnet-2', VpcId: 'vpc-1', CidrBlock: '10.0.2.128/25' },
  ],
  networkInterfaces: [
    {
      NetworkInterfaceId: 'eni-host',
      VpcId: 'vpc-1',
      SubnetId: 'subnet-1',
      PrivateIpAddress: '10.0.1.10',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.10', Primary: true }],
    },
    {
      NetworkInterfaceId: 'eni-endpoint',
      VpcId: 'vpc-1',
      SubnetId: 'subnet-1',
      InterfaceType: 'vpc_endpoint',
      PrivateIpAddress: '10.0.1.20',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.20', Primary: true }],
    },
    {
      NetworkInterfaceId: 'eni-balancer',
      VpcId: 'vpc-1',
      SubnetId: 'subnet-1',
      InterfaceType: 'network_load_balancer',
      PrivateIpAddress: '10.0.1.30',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.30', Primary: true }],
    },
  ],
});
const madeUp: Network = { ...described, origin: 'made-up' };

const reasonNames = new Map(
  Object.entries(sumIndex.excluded).map(([name, index]) => [index as number, name]),
);

/** Why a packet is not logged at the interface, or `logged`. */
function reasonFor(
  network: Network,
  packet: Uint8Array,
  interfaceId = 'eni-host',
  flowDirection: 0 | 1 = direction.egress,
): string {
  const registry = new InterfaceRegistry();
  const peers = new VpcAddresses(network, registry);
  const { view } = decoded(packet, { link: linkType.raw });
  const reason = new Unlogged(network, registry, peers).reason(
    view,
    registry.indexOf(interfaceId) ?? -1,
    flowDirection,
  );
  return reason < 0 ? 'logged' : (reasonNames.get(reason) ?? `unknown reason ${reason}`);
}

const host = '10.0.1.10';
const host6 = 'fd12::10';
const udpTo = (dst: string, srcPort: number, dstPort: number, src = dst.includes(':') ? host6 : host) =>
  udpPacket({ src, dst, srcPort, dstPort });
const udpFrom = (src: string, srcPort: number, dstPort: number) =>
  udpPacket({ src, dst: src.includes(':') ? host6 : host, srcPort, dstPort });
const tcpTo = (dst: string, dstPort: number) =>
  tcpPacket({ src: dst.includes(':') ? host6 : host, dst, srcPort: 40_000, dstPort });

describe('what AWS never logs', () => {
  const always = [
    {
      name: 'a DHCP request',
      packet: udpPacket({ src: '0.0.0.0', dst: '255.255.255.255', srcPort: 68, dstPort: 67 }),
      reason: 'dhcp',
    },
    { name: 'a DHCP answer', packet: udpFrom('10.0.1.99', 67, 68), reason: 'dhcp' },
    { name: 'a DHCP relay', packet: udpFrom('10.0.1.99', 67, 67), reason: 'dhcp' },
    { name: 'DHCPv6', packet: udpTo('ff02::1:2', 546, 547, 'fe80::1'), reason: 'dhcp' },
    { name: 'UDP to a port of DHCP only', packet: udpTo('10.0.1.99', 40_000, 67), reason: 'logged' },
    { name: 'DHCP’s ports over the other family', packet: udpTo('10.0.1.99', 546, 547), reason: 'logged' },
    {
      name: 'TCP on DHCP’s ports',
      packet: tcpPacket({ src: host, dst: '10.0.1.99', srcPort: 68, dstPort: 67 }),
      reason: 'logged',
    },
    {
      name: 'a question to the Amazon DNS server',
      packet: udpTo('169.254.169.253', 40_000, 53),
      reason: 'amazon-dns',
    },
    { name: 'its answer', packet: udpFrom('169.254.169.253', 53, 40_000), reason: 'amazon-dns' },
    {
      name: 'a question to its IPv6 address',
      packet: udpTo('fd00:ec2::253', 40_000, 53),
      reason: 'amazon-dns',
    },
    { name: 'a question to another DNS server', packet: udpTo('10.0.9.9', 40_000, 53), reason: 'logged' },
    { name: 'instance metadata', packet: tcpTo('169.254.169.254', 80), reason: 'instance-metadata' },
    {
      name: 'an answer of instance metadata',
      packet: tcpPacket({ src: '169.254.169.254', dst: host, srcPort: 80, dstPort: 40_000 }),
      reason: 'instance-metadata',
    },
    {
      name: 'a ping to instance metadata',
      packet: icmpPacket({ src: host, dst: '169.254.169.254', type: 8 }),
      reason: 'instance-metadata',
    },
    { name: 'instance metadata over IPv6', packet: tcpTo('fd00:ec2::254', 80), reason: 'instance-metadata' },
    { name: 'Amazon Time Sync', packet: udpTo('169.254.169.123', 123, 123), reason: 'amazon-time-sync' },
    {
      name: 'Amazon Time Sync over IPv6',
      packet: udpTo('fd00:ec2::123', 123, 123),
      reason: 'amazon-time-sync',
    },
    { name: 'another link-local address', packet: tcpTo('169.254.169.252', 80), reason: 'logged' },
    { name: 'another address beside the IPv6 services', packet: tcpTo('fd00:ec2::fd', 80), reason: 'logged' },
    {
      name: 'an address that ends like an IPv6 service',
      packet: tcpTo('fd00:ec3::254', 80),
      reason: 'logged',
    },
    { name: 'ordinary traffic', packet: tcpTo('203.0.113.5', 443), reason: 'logged' },
  ];
  it.each(always)('$name: $reason, in any network', ({ packet, reason }) => {
    expect(reasonFor(described, packet)).toBe(reason);
    expect(reasonFor(madeUp, packet)).toBe(reason);
  });

  const ofDescribed = [
    {
      name: 'a question to the address of the VPC + 2',
      packet: udpTo('10.0.0.2', 40_000, 53),
      reason: 'amazon-dns',
    },
    { name: 'its answer', packet: udpFrom('10.0.0.2', 53, 40_000), reason: 'amazon-dns' },
    { name: 'a question over TCP', packet: tcpTo('10.0.0.2', 53), reason: 'amazon-dns' },
    { name: 'something else at that address', packet: tcpTo('10.0.0.2', 443), reason: 'logged' },
    {
      name: 'the router of the subnet',
      packet: icmpPacket({ src: host, dst: '10.0.1.1', type: 8 }),
      reason: 'vpc-router',
    },
    {
      name: 'from the router of another subnet',
      packet: icmpPacket({ src: '10.0.2.129', dst: host, type: 0 }),
      reason: 'vpc-router',
    },
    {
      name: 'an address that is + 1 of no subnet',
      packet: icmpPacket({ src: host, dst: '10.0.2.1', type: 8 }),
      reason: 'logged',
    },
    { name: 'Windows activation', packet: tcpTo('169.254.169.250', 1688), reason: 'windows-activation' },
    {
      name: 'Windows activation at the other server',
      packet: tcpTo('169.254.169.251', 1688),
      reason: 'windows-activation',
    },
    {
      name: 'an answer of Windows activation',
      packet: tcpPacket({ src: '169.254.169.251', dst: host, srcPort: 1688, dstPort: 40_000 }),
      reason: 'windows-activation',
    },
    {
      name: 'another port of the activation server',
      packet: tcpTo('169.254.169.250', 443),
      reason: 'logged',
    },
    {
      name: 'UDP on the port of activation',
      packet: udpTo('169.254.169.250', 40_000, 1688),
      reason: 'logged',
    },
  ];
  it.each(ofDescribed)(
    '$name: $reason in a described network, logged in a made-up one',
    ({ packet, reason }) => {
      expect(reasonFor(described, packet)).toBe(reason);
      expect(reasonFor(madeUp, packet)).toBe('logged');
    },
  );

  const between = [
    {
      name: 'endpoint to load balancer, leaving',
      src: '10.0.1.20',
      dst: '10.0.1.30',
      at: 'eni-endpoint',
      way: direction.egress,
      reason: 'endpoint-to-load-balancer',
    },
    {
      name: 'endpoint to load balancer, arriving',
      src: '10.0.1.20',
      dst: '10.0.1.30',
      at: 'eni-balancer',
      way: direction.ingress,
      reason: 'endpoint-to-load-balancer',
    },
    {
      name: 'load balancer to endpoint',
      src: '10.0.1.30',
      dst: '10.0.1.20',
      at: 'eni-balancer',
      way: direction.egress,
      reason: 'endpoint-to-load-balancer',
    },
    {
      name: 'host to endpoint, arriving',
      src: '10.0.1.10',
      dst: '10.0.1.20',
      at: 'eni-endpoint',
      way: direction.ingress,
      reason: 'logged',
    },
    {
      name: 'load balancer to host',
      src: '10.0.1.30',
      dst: '10.0.1.10',
      at: 'eni-balancer',
      way: direction.egress,
      reason: 'logged',
    },
  ];
  it.each(between)('$name: $reason', ({ src, dst, at, way, reason }) => {
    const packet = tcpPacket({ src, dst, srcPort: 40_000, dstPort: 443 });
    expect(reasonFor(described, packet, at, way)).toBe(reason);
    expect(reasonFor(madeUp, packet, at, way)).toBe('logged');
  });
});

describe('neighbour discovery', () => {
  it.each([133, 134, 135, 136, 137])('is ICMPv6 type %i', (type) => {
    const { view } = decoded(icmpPacket({ src: 'fe80::1', dst: 'ff02::1', type }), { link: linkType.raw });
    expect(isNeighbourDiscovery(view)).toBe(true);
  });

  it.each([
    { name: 'an ICMPv6 echo', packet: icmpPacket({ src: 'fe80::1', dst: 'fe80::2', type: 128 }) },
    {
      name: 'a multicast listener report',
      packet: icmpPacket({ src: 'fe80::1', dst: 'ff02::16', type: 143 }),
    },
    { name: 'ICMP of IPv4', packet: icmpPacket({ src: host, dst: '10.0.1.20', type: 135 }) },
  ])('is not $name', ({ packet }) => {
    expect(isNeighbourDiscovery(decoded(packet, { link: linkType.raw }).view)).toBe(false);
  });
});
