import { describe, expect, it } from 'vitest';
import { attribute, netlinkBytes, text, uint16, uint32 } from '../../test/netlink-messages.ts';
import { type Device, listDevices, listsPermanentMacs, readDevices } from './devices.ts';
import { type NetlinkMessage, netlinkMessage } from './netlink.ts';

const up = 0x1;
const mac = Uint8Array.of(2, 0, 0x5e, 0x10, 0, 1);

interface LinkFixture {
  readonly name?: string;
  readonly index?: number;
  readonly hardware?: number;
  readonly flags?: number;
  readonly attributes?: readonly Uint8Array[];
}

function link({
  name = 'eth0',
  index = 2,
  hardware = 1,
  flags = up,
  attributes = [],
}: LinkFixture): NetlinkMessage {
  const header = netlinkBytes(Uint8Array.of(0, 0), uint16(hardware), uint32(index), uint32(flags), uint32(0));
  return { type: netlinkMessage.link, body: netlinkBytes(header, attribute(3, text(name)), ...attributes) };
}

function address(index: number, length: number, local: readonly number[], peer = local): NetlinkMessage {
  const family = local.length === 4 ? 2 : 10;
  const attributes = [attribute(1, Uint8Array.from(peer))];
  if (family === 2) attributes.push(attribute(2, Uint8Array.from(local)));
  const header = netlinkBytes(Uint8Array.of(family, length, 0, 0), uint32(index));
  return { type: netlinkMessage.address, body: netlinkBytes(header, ...attributes) };
}

const member = (kind: string): readonly Uint8Array[] => [
  attribute(10, uint32(9)),
  attribute(18, attribute(4, text(kind))),
];
const vlan = (parent: number, id: number): readonly Uint8Array[] => [
  attribute(5, uint32(parent)),
  attribute(18, netlinkBytes(attribute(1, text('vlan')), attribute(2, attribute(1, uint16(id))))),
];
const documentation = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

describe('readDevices', () => {
  it('reads a device with its addresses, IPv4 first', () => {
    const devices = readDevices([
      link({ attributes: [attribute(1, mac), attribute(54, Uint8Array.of(2, 0, 0x5e, 0x10, 0, 9))] }),
      address(2, 64, documentation),
      address(2, 24, [192, 0, 2, 7]),
      address(2, 24, [192, 0, 2, 8]),
      address(3, 24, [198, 51, 100, 1]),
    ]);
    expect(devices).toEqual<Device[]>([
      {
        name: 'eth0',
        index: 2,
        macAddress: '02:00:5e:10:00:01',
        permanentMac: '02:00:5e:10:00:09',
        linkType: 1,
        addresses: [
          { address: '192.0.2.7', prefixLength: 24 },
          { address: '192.0.2.8', prefixLength: 24 },
          { address: '2001:db8::1', prefixLength: 64 },
        ],
        vlanIds: [],
      },
    ]);
  });

  it('takes its own address of a link with a peer', () => {
    const [device] = readDevices([
      link({ name: 'ppp0', hardware: 512 }),
      address(2, 32, [192, 0, 2, 1], [192, 0, 2, 2]),
    ]);
    expect(device.addresses).toEqual([{ address: '192.0.2.1', prefixLength: 32 }]);
    expect(device.linkType).toBe(101);
  });

  it('lists devices by number and VLAN ids at the parent', () => {
    const devices = readDevices([
      link({ name: 'eth0.30', index: 8, attributes: vlan(2, 30) }),
      link({ name: 'eth0', index: 2 }),
      link({ name: 'eth0.5', index: 7, attributes: vlan(2, 5) }),
      link({ name: 'eth0.5.9', index: 9, attributes: vlan(7, 9) }),
    ]);
    expect(devices.map(({ name, vlanIds }) => [name, vlanIds])).toEqual([
      ['eth0', [5, 30]],
      ['eth0.5', [9]],
      ['eth0.30', []],
      ['eth0.5.9', []],
    ]);
  });

  it.each<LinkFixture & { name: string; expected: Device['notCaptured'] }>([
    { name: 'an ordinary device', expected: undefined },
    { name: 'loopback', hardware: 772, flags: up | 0x8, expected: 'loopback' },
    { name: 'a bridge port', attributes: member('bridge'), expected: 'bridge port or bond slave' },
    { name: 'a bond slave', attributes: member('bond'), expected: 'bridge port or bond slave' },
    {
      name: 'a member of an unknown kind',
      attributes: [attribute(10, uint32(9))],
      expected: 'bridge port or bond slave',
    },
    { name: 'a member of a VRF', attributes: member('vrf'), expected: undefined },
    { name: 'a device that is down', flags: 0, expected: 'down' },
    { name: 'a TUN or WireGuard device', hardware: 65534, expected: undefined },
    { name: 'a GRE tunnel to one peer', hardware: 778, flags: up | 0x10, expected: undefined },
    { name: 'a GRE tunnel without a peer', hardware: 778, expected: 'unsupported link' },
    { name: 'InfiniBand', hardware: 32, expected: 'unsupported link' },
  ])('says why a device is not captured: $name', ({ name: _, expected, ...fixture }) => {
    const [device] = readDevices([link(fixture), address(2, 24, [192, 0, 2, 7])]);
    expect(device.notCaptured).toBe(expected);
  });

  it('says that a device has no address', () => {
    expect(readDevices([link({})])[0].notCaptured).toBe('no address');
  });

  it('takes no MAC address from a link that has none', () => {
    const [tunnel] = readDevices([
      link({ hardware: 768, attributes: [attribute(1, Uint8Array.of(192, 0, 2, 1))] }),
    ]);
    expect(tunnel.macAddress).toBeUndefined();
    const [blank] = readDevices([link({ attributes: [attribute(1, new Uint8Array(6))] })]);
    expect(blank.macAddress).toBeUndefined();
  });
});

describe('listsPermanentMacs', () => {
  it.each([
    { name: '4.18.0-553.el8.x86_64', expected: false },
    { name: '5.4.0-200-generic', expected: false },
    { name: '5.6.0', expected: true },
    { name: '5.15.0', expected: true },
    { name: '6.1.0-rc1', expected: true },
  ])('$name', ({ name, expected }) => {
    expect(listsPermanentMacs(name)).toBe(expected);
  });
});

describe.skipIf(process.platform !== 'linux')('listDevices', () => {
  it('lists the devices of this host without privilege', () => {
    const loopback = listDevices().find(({ name }) => name === 'lo');
    expect(loopback).toMatchObject({ notCaptured: 'loopback', linkType: 1 });
  });
});
