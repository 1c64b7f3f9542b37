import { describe, expect, it } from 'vitest';
import { type DeviceDescription, deviceInterfaceId, deviceNetwork } from './device-network.ts';
import type { Identity, Network } from './network.ts';

const identity: Identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };

const ethernet: DeviceDescription = {
  name: 'eth0',
  macAddress: '52:54:00:12:34:56',
  permanentMac: '52:54:00:12:34:56',
  addresses: [
    { address: 'fe80::1', prefixLength: 64 },
    { address: '10.0.0.5', prefixLength: 24 },
    { address: '10.0.0.6', prefixLength: 24 },
    { address: '2001:db8::5', prefixLength: 64 },
  ],
};
const bridge: DeviceDescription = { name: 'br0', addresses: [{ address: '172.17.0.1', prefixLength: 16 }] };
const ipv6Only: DeviceDescription = {
  name: 'wg0',
  addresses: [
    { address: 'fe80::2', prefixLength: 64 },
    { address: 'fd00::1', prefixLength: 128 },
  ],
};
const linkOnly: DeviceDescription = { name: 'tap0', addresses: [{ address: 'fe80::3', prefixLength: 64 }] };

function subnetBlocks({ subnets }: Network): (string | undefined)[] {
  return subnets.map((subnet) => subnet.CidrBlock ?? subnet.Ipv6CidrBlockAssociationSet?.[0].Ipv6CidrBlock);
}

function blockOf(network: Network, index: number): string | undefined {
  const at = network.subnets.findIndex(
    ({ SubnetId }) => SubnetId === network.networkInterfaces[index].SubnetId,
  );
  return subnetBlocks(network)[at];
}

describe('deviceNetwork', () => {
  it('makes an interface for each device, in subnets made from the prefixes', () => {
    const network = deviceNetwork(
      [ethernet, bridge, ipv6Only, linkOnly, { name: 'bare0', addresses: [] }],
      identity,
    );
    expect(network.origin).toBe('made-up');
    expect(subnetBlocks(network)).toEqual([
      '10.0.0.0/24',
      '2001:db8::/64',
      '172.17.0.0/16',
      'fd00::1/128',
      'fe80::/64',
    ]);
    expect(network.vpcs[0].CidrBlockAssociationSet?.map(({ CidrBlock }) => CidrBlock)).toEqual([
      '10.0.0.0/24',
      '172.17.0.0/16',
    ]);
    expect(network.networkInterfaces.map(({ Description }) => Description)).toEqual([
      'eth0',
      'br0',
      'wg0',
      'tap0',
    ]);
    expect([0, 1, 2, 3].map((index) => blockOf(network, index))).toEqual([
      '10.0.0.0/24',
      '172.17.0.0/16',
      'fd00::1/128',
      'fe80::/64',
    ]);
    expect(network.networkInterfaces[0]).toMatchObject({
      MacAddress: '52:54:00:12:34:56',
      PrivateIpAddress: '10.0.0.5',
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.0.5', Primary: true },
        { PrivateIpAddress: '10.0.0.6', Primary: false },
      ],
      Ipv6Addresses: [{ Ipv6Address: 'fe80::1' }, { Ipv6Address: '2001:db8::5' }],
    });
  });

  it('allows everything', () => {
    const network = deviceNetwork([ethernet], identity);
    const [acl] = network.networkAcls;
    const entries = acl.Entries?.map(
      ({ Egress, RuleNumber, RuleAction, CidrBlock, Ipv6CidrBlock }) =>
        `${Egress ? 'egress' : 'ingress'} ${RuleNumber} ${RuleAction} ${CidrBlock ?? Ipv6CidrBlock}`,
    );
    expect(entries).toEqual([
      'egress 100 allow 0.0.0.0/0',
      'egress 101 allow ::/0',
      'egress 32767 deny 0.0.0.0/0',
      'egress 32768 deny ::/0',
      'ingress 100 allow 0.0.0.0/0',
      'ingress 101 allow ::/0',
      'ingress 32767 deny 0.0.0.0/0',
      'ingress 32768 deny ::/0',
    ]);
    expect(acl.Associations?.map(({ SubnetId }) => SubnetId)).toEqual(
      network.subnets.map(({ SubnetId }) => SubnetId),
    );
    const rules = network.securityGroupRules.map(({ IsEgress, CidrIpv4, CidrIpv6 }) => [
      IsEgress,
      CidrIpv4 ?? CidrIpv6,
    ]);
    expect(rules).toEqual([
      [false, '0.0.0.0/0'],
      [false, '::/0'],
      [true, '0.0.0.0/0'],
      [true, '::/0'],
    ]);
    expect(network.networkInterfaces[0].Groups?.[0].GroupId).toBe(network.securityGroups[0].GroupId);
  });

  const idsOf = (...devices: DeviceDescription[]) =>
    deviceNetwork(devices, identity).networkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId);

  it.each([
    {
      name: 'another lease',
      device: { ...ethernet, addresses: [{ address: '10.9.0.7', prefixLength: 16 }] },
    },
    { name: 'another name', device: { ...ethernet, name: 'enp1s0' } },
    { name: 'another MAC address given by hand', device: { ...ethernet, macAddress: '02:00:00:00:00:01' } },
    { name: 'the permanent MAC in capitals', device: { ...ethernet, permanentMac: '52-54-00-12-34-56' } },
  ])('keeps the id of hardware through $name', ({ device }) => {
    expect(idsOf(device)).toEqual(idsOf(ethernet));
  });

  it('names devices without hardware by their names', () => {
    expect(idsOf({ ...bridge, macAddress: '02:00:00:00:00:01' })).toEqual(idsOf(bridge));
    expect(idsOf({ ...bridge, permanentMac: '00:00:00:00:00:00' })).toEqual(idsOf(bridge));
    expect(idsOf({ ...bridge, name: 'br1' })).not.toEqual(idsOf(bridge));
    expect(idsOf(bridge)).toEqual([deviceInterfaceId(bridge, identity)]);
  });

  it('keeps the ids of the subnets that stay', () => {
    const before = deviceNetwork([ethernet, bridge], identity);
    const after = deviceNetwork([bridge], identity);
    expect(after.vpcs[0].VpcId).toBe(before.vpcs[0].VpcId);
    expect(before.subnets.map(({ SubnetId }) => SubnetId)).toContain(after.subnets[0].SubnetId);
  });

  it('gives an address that two devices have to the first', () => {
    const twin: DeviceDescription = {
      name: 'eth1',
      addresses: [...ethernet.addresses, { address: '10.1.0.1', prefixLength: 24 }],
    };
    const { networkInterfaces } = deviceNetwork([ethernet, twin], identity);
    expect(networkInterfaces[1]).toMatchObject({ PrivateIpAddress: '10.1.0.1', Ipv6Addresses: [] });
  });

  it('makes nothing of no devices but an empty VPC', () => {
    const network = deviceNetwork([], identity);
    expect([network.vpcs.length, network.subnets.length, network.networkInterfaces.length]).toEqual([
      1, 0, 0,
    ]);
  });
});
