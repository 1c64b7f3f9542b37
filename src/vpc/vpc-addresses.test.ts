import type { NetworkInterface, RouteTable } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../test/network-folder.ts';
import { parseAddress } from '../ip/index.ts';
import type { AddressTable } from './address-table.ts';
import { InterfaceRegistry } from './interface-registry.ts';
import { parseMac } from './mac-table.ts';
import type { Network } from './network.ts';
import { VpcAddresses } from './vpc-addresses.ts';

function eni(
  id: string,
  vpcId: string,
  address: string,
  more: Partial<NetworkInterface> = {},
): NetworkInterface {
  return { NetworkInterfaceId: id, VpcId: vpcId, PrivateIpAddress: address, ...more };
}

function network(networkInterfaces: NetworkInterface[], routeTables: RouteTable[] = []): Network {
  const vpcIds = ['vpc-1', 'vpc-2', 'vpc-3', 'vpc-4'];
  return networkOf({ vpcs: vpcIds.map((VpcId) => ({ VpcId })), networkInterfaces, routeTables });
}

function routeTable(vpcId: string, ...routes: NonNullable<RouteTable['Routes']>): RouteTable {
  return { RouteTableId: `rtb-${vpcId}`, VpcId: vpcId, Routes: routes };
}

function find(table: AddressTable, text: string): number {
  const { family, words } = parseAddress(text)!;
  return family === 4 ? table.find4(words[3]) : table.find6(...words);
}

function findPeer(addresses: VpcAddresses, index: number, text: string): number {
  const { family, words } = parseAddress(text)!;
  return addresses.findPeer(index, family, ...words);
}

describe('VpcAddresses', () => {
  it('knows every address of an interface', () => {
    const one = eni('eni-1', 'vpc-1', '10.0.0.1', {
      MacAddress: '02:00:00:00:00:01',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.1', Primary: true }, { PrivateIpAddress: '10.0.0.2' }],
      Ipv6Addresses: [{ Ipv6Address: '2001:db8::1' }],
      Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.16/28' }],
      Ipv6Prefixes: [{ Ipv6Prefix: '2001:db8:0:0:5::/80' }],
    });
    const addresses = new VpcAddresses(
      network([eni('eni-0', 'vpc-1', '10.0.0.9'), one]),
      new InterfaceRegistry(),
    );
    const texts = [
      '10.0.0.1',
      '10.0.0.2',
      '2001:db8::1',
      '10.0.1.31',
      '2001:db8::5:1:2:3',
      '10.0.1.32',
      '2001:db8::2',
    ];
    expect(texts.map((text) => find(addresses.captured, text))).toEqual([1, 1, 1, 1, 1, -1, -1]);
    const mac = parseMac('02:00:00:00:00:01')!;
    expect(addresses.macs.find(mac.high, mac.low)).toBe(1);
  });

  const overlapping = [
    eni('eni-1', 'vpc-1', '10.0.0.1', { MacAddress: '02:00:00:00:00:01' }),
    eni('eni-2', 'vpc-2', '10.0.0.1', { MacAddress: '02:00:00:00:00:02' }),
  ];

  it('captures the VPC that was named', () => {
    const addresses = new VpcAddresses(network(overlapping), new InterfaceRegistry(), { vpcId: 'vpc-2' });
    expect(find(addresses.captured, '10.0.0.1')).toBe(1);
    expect([addresses.captured.size, addresses.macs.size]).toEqual([1, 1]);
  });

  it.each([
    {
      name: 'an address in two VPCs',
      network: network(overlapping),
      vpcId: undefined,
      code: 'AmbiguousVpc',
      message: '10.0.0.1 is in vpc-1 (eni-1) and in vpc-2 (eni-2): say which VPC was captured with --vpc-id',
    },
    {
      name: "an address in another VPC's delegated prefix",
      network: network([
        eni('eni-1', 'vpc-1', '10.0.0.17'),
        eni('eni-2', 'vpc-2', '10.1.0.1', { Ipv4Prefixes: [{ Ipv4Prefix: '10.0.0.16/28' }] }),
      ]),
      vpcId: undefined,
      code: 'AmbiguousVpc',
      message: '10.0.0.17 is in vpc-2 (eni-2) and in vpc-1 (eni-1): say which VPC was captured with --vpc-id',
    },
    {
      name: 'an unknown VPC',
      network: network(overlapping),
      vpcId: 'vpc-9',
      code: 'UnknownVpc',
      message: '--vpc-id vpc-9: no such VPC; expected one of vpc-1, vpc-2, vpc-3, vpc-4',
    },
  ])('refuses $name', ({ network: given, vpcId, code, message }) => {
    expect(() => new VpcAddresses(given, new InterfaceRegistry(), { vpcId })).toThrow(
      expect.objectContaining({ name: 'ConfigError', code, message }),
    );
  });

  it('finds a peer in the own VPC first, then in peered ones', () => {
    const given = network(
      [
        eni('eni-1', 'vpc-1', '10.1.0.1'),
        eni('eni-2', 'vpc-2', '10.2.0.1'),
        eni('eni-3', 'vpc-3', '10.3.0.1'),
        eni('eni-4', 'vpc-4', '10.4.0.1'),
        eni('eni-5', 'vpc-1', '10.9.0.1'),
        eni('eni-6', 'vpc-2', '10.9.0.1'),
      ],
      [
        routeTable('vpc-1', { VpcPeeringConnectionId: 'pcx-1' }, { TransitGatewayId: 'tgw-1' }),
        routeTable('vpc-2', { VpcPeeringConnectionId: 'pcx-1' }),
        routeTable('vpc-3', { GatewayId: 'tgw-1' }),
        routeTable('vpc-4', { VpcPeeringConnectionId: 'pcx-2' }),
        routeTable('vpc-9', { VpcPeeringConnectionId: 'pcx-2' }),
      ],
    );
    const addresses = new VpcAddresses(given, new InterfaceRegistry(), { vpcId: 'vpc-1' });
    const seen = (index: number) =>
      ['10.1.0.1', '10.2.0.1', '10.3.0.1', '10.4.0.1', '10.9.0.1'].map((text) =>
        findPeer(addresses, index, text),
      );
    expect(seen(0)).toEqual([0, 1, 2, -1, 4]);
    expect(seen(1)).toEqual([0, 1, -1, -1, 5]);
    expect(seen(2)).toEqual([0, -1, 2, -1, 4]);
    expect(seen(3)).toEqual([-1, -1, -1, 3, -1]);
    expect(findPeer(addresses, 77, '10.1.0.1')).toBe(-1);
  });

  it.each(['addresses', 'prefixes'] as const)(
    'leaves shared %s to the earlier interface when asked to',
    (what) => {
      const more = what === 'prefixes' ? { Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.16/28' }] } : {};
      const registry = new InterfaceRegistry();
      const addresses = new VpcAddresses(
        network([
          eni('eni-1', 'vpc-1', '10.0.0.1', more),
          eni('eni-2', 'vpc-2', '10.0.0.1', more),
          eni('eni-3', 'vpc-2', '10.0.0.2'),
        ]),
        registry,
        { sharedAddresses: 'first' },
      );
      const shared = what === 'prefixes' ? '10.0.1.17' : '10.0.0.1';
      expect(find(addresses.captured, shared)).toBe(0);
      expect(find(addresses.captured, '10.0.0.2')).toBe(2);
      expect(findPeer(addresses, 2, shared)).toBe(1);
      addresses.join(registry.put(eni('eni-4', 'vpc-1', '10.0.0.1')));
      expect(find(addresses.captured, '10.0.0.1')).toBe(3);
    },
  );

  it('takes in an interface that comes later', () => {
    const registry = new InterfaceRegistry();
    const addresses = new VpcAddresses(network([]), registry, { vpcId: 'vpc-1' });
    const joinsBefore = addresses.joins;
    addresses.join(registry.put(eni('eni-1', 'vpc-1', '10.0.0.1')));
    addresses.join(registry.put(eni('eni-2', 'vpc-2', '10.0.0.2')));
    addresses.join(registry.put(eni('eni-3', 'vpc-new', '10.0.0.3')));
    expect(find(addresses.captured, '10.0.0.1')).toBe(0);
    expect(find(addresses.captured, '10.0.0.2')).toBe(-1);
    expect(findPeer(addresses, 2, '10.0.0.3')).toBe(2);
    expect(addresses.joins - joinsBefore).toBe(3);
  });

  it('keeps the numbers of a registry when the network is read again', () => {
    const registry = new InterfaceRegistry();
    registry.put(eni('eni-2', 'vpc-1', '10.0.0.1'));
    const addresses = new VpcAddresses(
      network([eni('eni-1', 'vpc-1', '10.0.0.1'), eni('eni-2', 'vpc-1', '10.0.0.2')]),
      registry,
    );
    expect([find(addresses.captured, '10.0.0.1'), find(addresses.captured, '10.0.0.2')]).toEqual([1, 0]);
    expect(registry.get(0).PrivateIpAddress).toBe('10.0.0.2');
  });
});
