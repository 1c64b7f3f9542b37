import type { NetworkInterface, Route } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../test/network-folder.ts';
import { parseAddress } from '../ip/index.ts';
import { AddressNetwork, defaultLocalPrefixes } from './address-network.ts';
import { InterfaceRegistry } from './interface-registry.ts';
import type { Network } from './network.ts';
import { type Path, PathFinder } from './path-finder.ts';
import { VpcAddresses } from './vpc-addresses.ts';

const arn = (region: string) => `arn:aws:ec2:${region}:111111111111:subnet/x`;
const subnets = [
  { SubnetId: 'subnet-a', VpcId: 'vpc-1', AvailabilityZoneId: 'use1-az1', SubnetArn: arn('us-east-1') },
  { SubnetId: 'subnet-b', VpcId: 'vpc-1', AvailabilityZoneId: 'use1-az2', SubnetArn: arn('us-east-1') },
  { SubnetId: 'subnet-p', VpcId: 'vpc-2', AvailabilityZoneId: 'use1-az3', SubnetArn: arn('us-east-1') },
  { SubnetId: 'subnet-f', VpcId: 'vpc-3', AvailabilityZoneId: 'euw1-az1', SubnetArn: arn('eu-west-1') },
  { SubnetId: 'subnet-t', VpcId: 'vpc-4', AvailabilityZoneId: 'use1-az4', SubnetArn: arn('us-east-1') },
];

function eni(
  id: string,
  vpcId: string,
  subnetId: string,
  address: string,
  more: object = {},
): NetworkInterface {
  const owner = {
    OwnerId: '111111111111',
    NetworkInterfaceId: `eni-${id}`,
    VpcId: vpcId,
    SubnetId: `subnet-${subnetId}`,
  };
  return { ...owner, PrivateIpAddress: address, ...more };
}

const networkInterfaces = [
  eni('web', 'vpc-1', 'a', '10.1.0.5'),
  eni('near', 'vpc-1', 'a', '10.1.0.6', { Ipv6Addresses: [{ Ipv6Address: 'fe80::6' }] }),
  eni('far', 'vpc-1', 'b', '10.1.1.5'),
  eni('nat', 'vpc-1', 'b', '10.1.1.9', {
    InterfaceType: 'nat_gateway',
    RequesterManaged: true,
    Description: 'Interface for NAT Gateway nat-1',
  }),
  eni('fw', 'vpc-1', 'b', '10.1.1.10', { Attachment: { InstanceId: 'i-fw', DeviceIndex: 1 } }),
  eni('fw0', 'vpc-1', 'b', '10.1.1.11', { Attachment: { InstanceId: 'i-fw', DeviceIndex: 0 } }),
  eni('gwlbe', 'vpc-1', 'b', '10.1.1.12', {
    InterfaceType: 'gateway_load_balancer_endpoint',
    Description: 'VPC Endpoint Interface vpce-2',
  }),
  eni('tgw', 'vpc-1', 'a', '10.1.0.20', { InterfaceType: 'transit_gateway' }),
  eni('tgw-b', 'vpc-1', 'b', '10.1.1.20', { InterfaceType: 'transit_gateway' }),
  eni('theirs', 'vpc-1', 'b', '10.1.1.30', { OwnerId: '222222222222' }),
  eni('nlb', 'vpc-1', 'b', '10.1.1.40', { InterfaceType: 'network_load_balancer' }),
  eni('peer', 'vpc-2', 'p', '10.2.0.5'),
  eni('abroad', 'vpc-3', 'f', '10.3.0.5'),
  eni('beyond', 'vpc-4', 't', '10.4.0.5'),
];

const routes: Route[] = [
  { DestinationCidrBlock: '10.1.0.0/16', GatewayId: 'local' },
  { DestinationCidrBlock: '10.1.1.128/25', NetworkInterfaceId: 'eni-fw' },
  { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1' },
  { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' },
  { DestinationCidrBlock: '10.2.0.0/16', VpcPeeringConnectionId: 'pcx-1' },
  { DestinationCidrBlock: '10.3.0.0/16', VpcPeeringConnectionId: 'pcx-2' },
  { DestinationCidrBlock: '10.9.0.0/16', VpcPeeringConnectionId: 'pcx-9' },
  { DestinationCidrBlock: '10.4.0.0/16', TransitGatewayId: 'tgw-1' },
  { DestinationCidrBlock: '192.0.2.0/24', NatGatewayId: 'nat-1' },
  { DestinationCidrBlock: '192.0.3.0/24', NatGatewayId: 'nat-unknown' },
  { DestinationCidrBlock: '172.16.0.0/12', GatewayId: 'vgw-1', Origin: 'EnableVgwRoutePropagation' },
  { DestinationCidrBlock: '198.51.100.0/24', InstanceId: 'i-fw' },
  { DestinationCidrBlock: '198.51.101.0/24', GatewayId: 'vpce-2' },
  { DestinationPrefixListId: 'pl-s3', GatewayId: 'vpce-1' },
  { DestinationPrefixListId: 'pl-unknown', GatewayId: 'vpce-1' },
  { DestinationCidrBlock: '203.0.113.0/24', NatGatewayId: 'nat-1', State: 'blackhole' },
  { DestinationCidrBlock: '192.168.0.0/24', LocalGatewayId: 'lgw-1' },
  { DestinationCidrBlock: '192.168.1.0/24', CarrierGatewayId: 'cagw-1' },
  { DestinationCidrBlock: '192.168.2.0/24', GatewayId: 'vgw-1', Origin: 'EnableVgwRoutePropagation' },
  { DestinationCidrBlock: '192.168.2.0/24', GatewayId: 'igw-1', Origin: 'CreateRoute' },
];

const network: Network = networkOf({
  vpcs: [
    { VpcId: 'vpc-1', CidrBlock: '10.1.0.0/16' },
    { VpcId: 'vpc-2', CidrBlock: '10.2.0.0/16' },
    { VpcId: 'vpc-3', CidrBlock: '10.3.0.0/16' },
    { VpcId: 'vpc-4', CidrBlock: '10.4.0.0/16' },
  ],
  subnets,
  networkInterfaces,
  routeTables: [
    { RouteTableId: 'rtb-a', VpcId: 'vpc-1', Associations: [{ SubnetId: 'subnet-a' }], Routes: routes },
    {
      RouteTableId: 'rtb-main',
      VpcId: 'vpc-1',
      Associations: [{ Main: true }],
      Routes: [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' }],
    },
    { RouteTableId: 'rtb-2', VpcId: 'vpc-2', Routes: [{ VpcPeeringConnectionId: 'pcx-1' }] },
    { RouteTableId: 'rtb-3', VpcId: 'vpc-3', Routes: [{ VpcPeeringConnectionId: 'pcx-2' }] },
    { RouteTableId: 'rtb-4', VpcId: 'vpc-4', Routes: [{ TransitGatewayId: 'tgw-1' }] },
  ],
  prefixLists: new Map([['pl-s3', ['52.95.128.0/21']]]),
});

function finder() {
  const registry = new InterfaceRegistry();
  const addresses = new VpcAddresses(network, registry);
  const paths = new PathFinder(network, addresses, registry, 'us-east-1');
  return (id: string, direction: 0 | 1, peer: string): Path =>
    paths.pathTo(registry.indexOf(id)!, direction, parseAddress(peer)!);
}

function hop(id: string, subnetId: string, azId: string, more: object = {}) {
  const vpcId = id === 'peer' ? 'vpc-2' : 'vpc-1';
  return { interfaceId: `eni-${id}`, subnetId: `subnet-${subnetId}`, azId, vpcId, ...more };
}

const natGateway = hop('nat', 'b', 'use1-az2', { interfaceType: 'nat_gateway' });

describe('PathFinder', () => {
  const pathTo = finder();

  it.each<{ name: string; from?: string; peer: string; expected: Path }>([
    {
      name: 'the same subnet',
      peer: '10.1.0.6',
      expected: { trafficPath: 1, nextHop: hop('near', 'a', 'use1-az1') },
    },
    {
      name: 'the same link',
      peer: 'fe80::6',
      expected: { trafficPath: 1, nextHop: hop('near', 'a', 'use1-az1') },
    },
    {
      name: 'another subnet',
      peer: '10.1.1.5',
      expected: { trafficPath: 1, nextHop: hop('far', 'b', 'use1-az2') },
    },
    { name: 'an unknown address of the VPC', peer: '10.1.7.7', expected: { trafficPath: 1 } },
    {
      name: "another owner's interface",
      peer: '10.1.1.30',
      expected: { trafficPath: 1, nextHop: { azId: 'use1-az2' } },
    },
    {
      name: 'a middlebox',
      peer: '10.1.1.200',
      expected: { trafficPath: 1, nextHop: hop('fw', 'b', 'use1-az2') },
    },
    {
      name: 'an instance',
      peer: '198.51.100.1',
      expected: { trafficPath: 1, nextHop: hop('fw0', 'b', 'use1-az2') },
    },
    {
      name: 'a Gateway Load Balancer endpoint',
      peer: '198.51.101.1',
      expected: { trafficPath: 1, nextHop: hop('gwlbe', 'b', 'use1-az2', { interfaceType: 'vpc_endpoint' }) },
    },
    { name: 'a NAT gateway', peer: '192.0.2.1', expected: { trafficPath: 1, nextHop: natGateway } },
    { name: 'a NAT gateway that is not shown', peer: '192.0.3.1', expected: { trafficPath: 1 } },
    {
      name: 'a transit gateway',
      peer: '10.4.0.5',
      expected: {
        trafficPath: 1,
        nextHop: hop('tgw', 'a', 'use1-az1', { interfaceType: 'transit_gateway' }),
      },
    },
    { name: 'an internet gateway', peer: '8.8.8.8', expected: { trafficPath: 8 } },
    { name: 'an egress-only internet gateway', peer: '2001:db8::1', expected: { trafficPath: 8 } },
    { name: 'a gateway endpoint', peer: '52.95.128.179', expected: { trafficPath: 7 } },
    { name: 'a virtual private gateway', peer: '172.16.9.9', expected: { trafficPath: 3 } },
    { name: 'a static route before a propagated one', peer: '192.168.2.1', expected: { trafficPath: 8 } },
    {
      name: 'peering in the Region',
      peer: '10.2.0.5',
      expected: { trafficPath: 4, nextHop: hop('peer', 'p', 'use1-az3') },
    },
    { name: 'an unknown address of a peered VPC', peer: '10.2.0.9', expected: { trafficPath: 4 } },
    { name: 'peering between Regions', peer: '10.3.0.5', expected: { trafficPath: 5 } },
    { name: 'peering with an unknown VPC', peer: '10.9.0.1', expected: {} },
    { name: 'a local gateway', peer: '192.168.0.1', expected: { trafficPath: 1 } },
    { name: 'a carrier gateway', peer: '192.168.1.1', expected: { trafficPath: 6 } },
    { name: 'a blackhole', peer: '203.0.113.1', expected: {} },
    { name: 'multicast', peer: '224.0.0.251', expected: {} },
    { name: 'broadcast', peer: '255.255.255.255', expected: {} },
    { name: 'link-local', peer: '169.254.169.254', expected: {} },
    {
      name: 'the main route table',
      from: 'eni-far',
      peer: '8.8.8.8',
      expected: { trafficPath: 1, nextHop: natGateway },
    },
    {
      name: 'the local route that no table has',
      from: 'eni-far',
      peer: '10.1.0.5',
      expected: { trafficPath: 1, nextHop: hop('web', 'a', 'use1-az1') },
    },
    { name: 'no route', from: 'eni-peer', peer: '8.8.8.8', expected: {} },
  ])('egress to $name', ({ from, peer, expected }) => {
    expect(pathTo(from ?? 'eni-web', 1, peer)).toEqual(expected);
  });

  it.each<{ name: string; peer: string; expected: Path }>([
    { name: 'the same VPC', peer: '10.1.1.5', expected: { nextHop: hop('far', 'b', 'use1-az2') } },
    { name: 'a peered VPC', peer: '10.2.0.5', expected: { nextHop: hop('peer', 'p', 'use1-az3') } },
    { name: 'another Region', peer: '10.3.0.5', expected: {} },
    { name: 'behind a transit gateway', peer: '10.4.0.5', expected: {} },
    { name: 'a transit gateway', peer: '10.1.0.20', expected: {} },
    { name: 'a load balancer', peer: '10.1.1.40', expected: {} },
    { name: 'a NAT gateway', peer: '10.1.1.9', expected: { nextHop: natGateway } },
    { name: 'behind a NAT gateway', peer: '192.0.2.1', expected: { nextHop: natGateway } },
    { name: 'the internet', peer: '8.8.8.8', expected: {} },
    { name: 'another owner', peer: '10.1.1.30', expected: { nextHop: { azId: 'use1-az2' } } },
  ])('ingress from $name', ({ peer, expected }) => {
    expect(pathTo('eni-web', 0, peer)).toEqual(expected);
  });

  it('answers anew when an interface has joined', () => {
    const made = new AddressNetwork(defaultLocalPrefixes, {
      accountId: '1',
      region: 'us-east-1',
      azId: 'use1-az1',
    });
    const registry = new InterfaceRegistry();
    const addresses = new VpcAddresses(made.network, registry);
    const paths = new PathFinder(made.network, addresses, registry, 'us-east-1');
    const peer = parseAddress('10.0.0.2')!;
    addresses.join(registry.put(made.interfaceFor(parseAddress('10.0.0.1')!)!));
    expect(paths.pathTo(0, 1, peer)).toEqual({ trafficPath: 1 });
    const joined = registry.put(made.interfaceFor(peer)!);
    addresses.join(joined);
    expect(paths.pathTo(0, 1, peer).nextHop?.interfaceId).toBe(registry.get(joined).NetworkInterfaceId);
  });

  it('gives the same answers when it has forgotten', () => {
    const first = pathTo('eni-web', 1, '8.8.8.8');
    for (let i = 0; i < 70_000; i++) pathTo('eni-web', 1, `9.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`);
    expect(pathTo('eni-web', 1, '8.8.8.8')).toEqual(first);
  });
});
