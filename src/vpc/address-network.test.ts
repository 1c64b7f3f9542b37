import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, parsePrefix } from '../ip/index.ts';
import { AddressNetwork, defaultLocalPrefixes, everyUnicastPrefixes } from './address-network.ts';
import type { Identity } from './network.ts';

const identity: Identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };

function isLocal(network: AddressNetwork, text: string): boolean {
  const { family, words } = parseAddress(text)!;
  return network.isLocal(family, ...words);
}

describe('AddressNetwork', () => {
  const byDefault = new AddressNetwork(defaultLocalPrefixes, identity);
  const everywhere = new AddressNetwork(everyUnicastPrefixes, identity);

  it.each([
    { name: '10/8', address: '10.255.0.1', local: true, unicast: true },
    { name: '172.16/12', address: '172.31.255.1', local: true, unicast: true },
    { name: 'beyond 172.16/12', address: '172.32.0.1', local: false, unicast: true },
    { name: '192.168/16', address: '192.168.0.1', local: true, unicast: true },
    { name: 'shared', address: '100.64.0.1', local: true, unicast: true },
    { name: 'link-local', address: '169.254.0.1', local: true, unicast: true },
    { name: 'loopback', address: '127.0.0.1', local: true, unicast: true },
    { name: 'public', address: '8.8.8.8', local: false, unicast: true },
    { name: 'multicast', address: '224.0.0.251', local: false, unicast: false },
    { name: 'last multicast', address: '239.255.255.255', local: false, unicast: false },
    { name: 'reserved', address: '240.0.0.1', local: false, unicast: true },
    { name: 'broadcast', address: '255.255.255.255', local: false, unicast: false },
    { name: 'unspecified', address: '0.0.0.0', local: false, unicast: false },
    { name: 'unique local', address: 'fd00::1', local: true, unicast: true },
    { name: 'IPv6 link-local', address: 'febf::1', local: true, unicast: true },
    { name: 'IPv6 loopback', address: '::1', local: true, unicast: true },
    { name: 'global', address: '2001:db8::1', local: false, unicast: true },
    { name: 'IPv6 multicast', address: 'ff02::1', local: false, unicast: false },
    { name: 'IPv6 unspecified', address: '::', local: false, unicast: false },
  ])('tells what is local: $name', ({ address, local, unicast }) => {
    expect([isLocal(byDefault, address), isLocal(everywhere, address)]).toEqual([local, unicast]);
  });

  it('takes every unicast address as local when told to', () => {
    fc.assert(
      fc.property(fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer()), ([w0, w1, w2, w3]) => {
        const isMulticast4 = w3 >>> 28 === 14;
        const isUnicast4 = !isMulticast4 && w3 !== 0 && w3 !== -1;
        expect(everywhere.isLocal(4, 0, 0, 0, w3)).toBe(isUnicast4);
        const isZero = w0 === 0 && w1 === 0 && w2 === 0 && w3 === 0;
        expect(everywhere.isLocal(6, w0, w1, w2, w3)).toBe(w0 >>> 24 !== 255 && !isZero);
      }),
    );
  });

  it('never takes multicast as local, whatever is asked for', () => {
    const all = new AddressNetwork([parsePrefix('0.0.0.0/0')!, parsePrefix('::/0')!], identity);
    const texts = ['224.0.0.1', '255.255.255.255', '0.0.0.0', 'ff02::1', '::', '1.1.1.1', '2001:db8::1'];
    expect(texts.map((text) => isLocal(all, text))).toEqual([false, false, false, false, false, true, true]);
  });

  it('makes an interface when its address is first asked for', () => {
    const address = parseAddress('10.1.2.3')!;
    const made = byDefault.interfaceFor(address);
    expect(made).toMatchObject({
      VpcId: byDefault.network.vpcs[0].VpcId,
      SubnetId: byDefault.network.subnets[0].SubnetId,
      Groups: [{ GroupId: byDefault.network.securityGroups[0].GroupId }],
      PrivateIpAddress: '10.1.2.3',
    });
    expect(byDefault.interfaceFor(address)).toBe(made);
    const again = new AddressNetwork(defaultLocalPrefixes, identity).interfaceFor(address);
    expect(again?.NetworkInterfaceId).toBe(made?.NetworkInterfaceId);
    expect(byDefault.interfaceFor(parseAddress('fd00::1')!)).toMatchObject({
      Ipv6Addresses: [{ Ipv6Address: 'fd00::1' }],
      PrivateIpAddresses: [],
    });
    expect(byDefault.interfaceFor(parseAddress('8.8.8.8')!)).toBeUndefined();
    expect(byDefault.network.networkInterfaces).toEqual([]);
  });

  it('puts an interface into the subnet of the longest prefix', () => {
    const network = new AddressNetwork([parsePrefix('10.0.0.0/8')!, parsePrefix('10.1.0.0/16')!], identity);
    const subnetIds = network.network.subnets.map(({ SubnetId }) => SubnetId);
    const made = ['10.2.0.1', '10.1.0.1'].map((text) => network.interfaceFor(parseAddress(text)!)?.SubnetId);
    expect(made).toEqual(subnetIds);
  });

  it('makes no more than the limit', () => {
    const network = new AddressNetwork(defaultLocalPrefixes, identity, 2);
    const made = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.1'].map((text) =>
      network.interfaceFor(parseAddress(text)!),
    );
    expect(made.map((one) => one !== undefined)).toEqual([true, true, false, true]);
  });
});
