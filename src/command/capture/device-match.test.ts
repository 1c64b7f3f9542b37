import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../test/network-folder.ts';
import { testNetwork } from '../../../test/test-network.ts';
import type { Device } from '../../capture/index.ts';
import { deviceNetwork, type Identity } from '../../vpc/index.ts';
import { matchDevice } from './device-match.ts';

const identity: Identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };
const eth0: Device = {
  name: 'eth0',
  index: 2,
  macAddress: '02:00:00:00:00:01',
  linkType: 1,
  addresses: [
    { address: '10.0.1.9', prefixLength: 24 },
    { address: 'fd00::9', prefixLength: 64 },
  ],
  vlanIds: [],
};
const network = testNetwork({
  interfaces: [
    { id: 'eni-a', addresses: ['10.0.1.9', '10.0.1.10'], mac: '02:00:00:00:00:0A' },
    { id: 'eni-b', addresses: ['10.0.1.11'], mac: '02:00:00:00:00:0B' },
    { id: 'eni-c', addresses: ['10.0.1.12', 'fd00::c'] },
  ],
});

const match = (device: Partial<Device>, interfaceId?: string, of = network): string => {
  const found = matchDevice({ ...eth0, ...device }, interfaceId, of, identity);
  return typeof found === 'string' ? found : (found.NetworkInterfaceId ?? '');
};
const on = (...addresses: string[]) => addresses.map((address) => ({ address, prefixLength: 24 }));

describe('matchDevice', () => {
  it.each([
    { name: 'the named one, whatever else fits', device: {}, id: 'eni-b', expected: 'eni-b' },
    { name: 'a name that is not there', device: {}, id: 'eni-f', expected: 'the network has no eni-f' },
    {
      name: 'the MAC address before the address',
      device: { macAddress: '02:00:00:00:00:0b' },
      expected: 'eni-b',
    },
    {
      name: 'the permanent MAC address',
      device: { permanentMac: '02:00:00:00:00:0b', addresses: [] },
      expected: 'eni-b',
    },
    { name: 'the primary address', device: {}, expected: 'eni-a' },
    { name: 'a secondary address', device: { addresses: on('192.168.0.1', '10.0.1.10') }, expected: 'eni-a' },
    { name: 'an IPv6 address', device: { addresses: on('fd00::c') }, expected: 'eni-c' },
    {
      name: 'nothing',
      device: { addresses: on('192.168.0.1') },
      expected:
        'no network interface has its MAC address or one of its addresses (interface:eth0=eni-… says which it is)',
    },
  ])('$name', ({ device, id, expected }) => {
    expect(match(device, id)).toBe(expected);
  });

  it('does not take a device without MAC address for an interface without one', () => {
    const { macAddress, ...bare } = eth0;
    expect(macAddress).toBeDefined();
    const found = matchDevice({ ...bare, addresses: [] }, undefined, network, identity);
    expect(found).toContain('no network interface has');
  });

  it('finds the interface that was made up for the device, also after a new DHCP lease', () => {
    const made = deviceNetwork([eth0], identity);
    const id = made.networkInterfaces[0].NetworkInterfaceId;
    expect(match({}, undefined, made)).toBe(id);
    const renewed = { ...eth0, addresses: on('192.168.7.7') };
    expect(match(renewed, undefined, deviceNetwork([renewed], identity))).toBe(id);
    expect(match({ name: 'eth1' }, undefined, made)).toBe('it has no address');
  });

  it('matches nothing in an empty network', () => {
    expect(match({}, undefined, networkOf({}))).toContain('no network interface has');
  });
});
