import { describe, expect, it } from 'vitest';
import { emptyDraft } from '../../test/resource-draft.ts';
import type { DraftView } from '../resource/draft-view.ts';
import { type DeviceDescription, deviceNetwork } from './device-network.ts';
import { followDevices } from './follow-devices.ts';
import * as kinds from './kinds.ts';
import { putNetwork } from './network-difference.ts';

const identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };
const place = { accountId: '123456789012', region: 'us-east-1' };

function device(name: string, ...addresses: string[]): DeviceDescription {
  return {
    name,
    addresses: addresses.map((text) => {
      const [address, length] = text.split('/');
      return { address, prefixLength: Number(length) };
    }),
  };
}

const eth0 = device('eth0', '10.0.0.5/24', '2001:db8::5/64');
const br0 = device('br0', '172.17.0.1/16');

function host(...devices: DeviceDescription[]): DraftView {
  const draft = emptyDraft();
  putNetwork(draft, place, deviceNetwork(devices, identity));
  return draft;
}

function shown(draft: DraftView) {
  return {
    interfaces: Array.from(draft.list(kinds.networkInterfaces, place), (one) => ({
      device: one.device,
      addresses: [...(one.PrivateIpAddresses ?? []), ...(one.Ipv6Addresses ?? [])].map(
        (entry) =>
          ('PrivateIpAddress' in entry ? entry.PrivateIpAddress : undefined) ?? Object.values(entry)[0],
      ),
    })),
    subnets: Array.from(
      draft.list(kinds.subnets, place),
      ({ CidrBlock, Ipv6CidrBlockAssociationSet }) =>
        CidrBlock ?? Ipv6CidrBlockAssociationSet?.[0].Ipv6CidrBlock,
    ),
  };
}

describe('followDevices', () => {
  it('changes nothing while the devices are the same', () => {
    const draft = host(eth0, br0);
    const before = JSON.stringify(draft.changes());
    followDevices(draft, place, identity, [eth0, br0]);
    expect(JSON.stringify(draft.changes())).toBe(before);
  });

  it.each([
    { name: 'a device comes', from: [eth0], to: [eth0, br0] },
    { name: 'a device goes', from: [eth0, br0], to: [br0] },
    { name: 'all go', from: [eth0, br0], to: [] },
    {
      name: 'an address comes',
      from: [eth0],
      to: [device('eth0', '10.0.0.5/24', '10.0.0.6/24', '2001:db8::5/64')],
    },
    { name: 'an address goes', from: [eth0], to: [device('eth0', '2001:db8::5/64')] },
    { name: 'a device moves to another prefix', from: [br0], to: [device('br0', '172.18.0.1/16')] },
  ])('$name', ({ from, to }) => {
    const draft = host(...from);
    followDevices(draft, place, identity, to);
    const { interfaces, subnets } = shown(draft);
    const expected = shown(host(...to));
    expect(interfaces).toEqual(expected.interfaces);
    expect(new Set(subnets)).toEqual(new Set(expected.subnets));
    const [acl] = draft.list(kinds.networkAcls, place);
    expect(new Set(acl.Associations?.map(({ SubnetId }) => SubnetId))).toEqual(
      new Set(Array.from(draft.list(kinds.subnets, place), ({ SubnetId }) => SubnetId)),
    );
  });

  it('gives the VPC a block and a local route for each new subnet', () => {
    const draft = host(eth0);
    followDevices(draft, place, identity, [eth0, br0]);
    const [vpc] = draft.list(kinds.vpcs, place);
    expect(vpc.CidrBlockAssociationSet?.map(({ CidrBlock }) => CidrBlock)).toEqual([
      '10.0.0.0/24',
      '172.17.0.0/16',
    ]);
    const [table] = draft.list(kinds.routeTables, place);
    expect(table.Routes?.map(({ DestinationCidrBlock }) => DestinationCidrBlock)).toContain('172.17.0.0/16');
    followDevices(draft, place, identity, [eth0]);
    expect([...draft.list(kinds.vpcs, place)][0].CidrBlockAssociationSet).toHaveLength(1);
  });

  it('keeps groups, description and tags that the user has changed', () => {
    const draft = host(eth0);
    const [[id, one]] = draft.entries(kinds.networkInterfaces, place);
    const changed = {
      ...one,
      Groups: [{ GroupId: 'sg-own', GroupName: 'own' }],
      Description: 'uplink',
      TagSet: [],
    };
    draft.put(kinds.networkInterfaces, place, id, changed);
    followDevices(draft, place, identity, [device('eth0', '10.0.0.9/24')]);
    expect(draft.get(kinds.networkInterfaces, place, id)).toMatchObject({
      Groups: changed.Groups,
      Description: 'uplink',
      TagSet: [{ Key: 'headgate:device', Value: 'eth0' }],
      PrivateIpAddress: '10.0.0.9',
    });
  });

  it('leads to a block once, where the user has led a local route or made one', () => {
    const draft = host(eth0);
    const [[id, table]] = draft.entries(kinds.routeTables, place);
    const led = {
      DestinationCidrBlock: '10.0.0.0/24',
      NetworkInterfaceId: 'eni-own',
      Origin: 'CreateRouteTable',
      State: 'blackhole',
    } as const;
    const made = {
      DestinationCidrBlock: '172.17.0.0/16',
      GatewayId: 'igw-own',
      Origin: 'CreateRoute',
    } as const;
    const others = (table.Routes ?? []).filter((route) => route.DestinationCidrBlock !== '10.0.0.0/24');
    draft.put(kinds.routeTables, place, id, { ...table, Routes: [led, ...others, made] });
    followDevices(draft, place, identity, [eth0, br0]);
    const routes = draft.get(kinds.routeTables, place, id)?.Routes ?? [];
    expect(routes.filter((route) => route.DestinationCidrBlock === '10.0.0.0/24')).toEqual([led]);
    expect(routes.filter((route) => route.DestinationCidrBlock === '172.17.0.0/16')).toMatchObject([
      { GatewayId: 'local', Origin: 'CreateRouteTable' },
    ]);
  });

  it('leads routes to a device again when it is back', () => {
    const draft = host(eth0, br0);
    const [[id, table]] = draft.entries(kinds.routeTables, place);
    const bridge = [...draft.list(kinds.networkInterfaces, place)].find((one) => one.device === 'br0')!;
    const route = {
      DestinationCidrBlock: '192.168.0.0/24',
      NetworkInterfaceId: bridge.NetworkInterfaceId!,
      Origin: 'CreateRoute',
    } as const;
    draft.put(kinds.routeTables, place, id, { ...table, Routes: [...(table.Routes ?? []), route] });
    const state = () => draft.get(kinds.routeTables, place, id)?.Routes?.at(-1)?.State;
    followDevices(draft, place, identity, [eth0]);
    expect(state()).toBe('blackhole');
    followDevices(draft, place, identity, [eth0, br0]);
    expect(state()).toBe('active');
  });

  it('frees the elastic address of an address that has gone', () => {
    const draft = host(eth0);
    const [[id, one]] = draft.entries(kinds.networkInterfaces, place);
    const Association = { AllocationId: 'eipalloc-1', AssociationId: 'eipassoc-1', PublicIp: '203.0.113.1' };
    const [primary, ...rest] = one.PrivateIpAddresses ?? [];
    const PrivateIpAddresses = [{ ...primary, Association }, ...rest];
    draft.put(kinds.networkInterfaces, place, id, { ...one, Association, PrivateIpAddresses });
    const free = { AllocationId: 'eipalloc-1', PublicIp: '203.0.113.1' };
    const associated = {
      ...free,
      AssociationId: 'eipassoc-1',
      NetworkInterfaceId: id,
      PrivateIpAddress: '10.0.0.5',
    };
    draft.put(kinds.addresses, place, 'eipalloc-1', associated);
    followDevices(draft, place, identity, [device('eth0', '10.0.0.5/24')]);
    expect(draft.get(kinds.addresses, place, 'eipalloc-1')).toEqual(associated);
    expect(draft.get(kinds.networkInterfaces, place, id)).toMatchObject({ Association });
    followDevices(draft, place, identity, [device('eth0', '10.0.0.9/24')]);
    expect(draft.get(kinds.addresses, place, 'eipalloc-1')).toEqual(free);
    expect(draft.get(kinds.networkInterfaces, place, id)).not.toHaveProperty('Association');
  });

  it('never touches what the user made, nor the subnet that it is in', () => {
    const draft = host(eth0, br0);
    const subnet = [...draft.list(kinds.subnets, place)].find(
      ({ CidrBlock }) => CidrBlock === '172.17.0.0/16',
    )!;
    const own = { NetworkInterfaceId: 'eni-own', SubnetId: subnet.SubnetId!, PrivateIpAddress: '172.17.0.9' };
    draft.put(kinds.networkInterfaces, place, 'eni-own', own);
    followDevices(draft, place, identity, [eth0]);
    expect(draft.get(kinds.networkInterfaces, place, 'eni-own')).toEqual(own);
    expect(draft.get(kinds.subnets, place, subnet.SubnetId!)).toEqual(subnet);
  });

  it('does nothing where the host is no VPC', () => {
    const draft = emptyDraft();
    followDevices(draft, place, identity, [eth0]);
    expect(draft.changes()).toEqual([]);
  });
});
