import { describe, expect, it } from 'vitest';
import { decoded } from '../../test/decoded.ts';
import {
  arp,
  bsdLoopback,
  concat,
  ethernet,
  ipv4,
  linuxCooked,
  linuxCooked2,
  tcpPacket,
  udpPacket,
} from '../../test/frames.ts';
import { linkType } from './frame-batch.ts';

const packet = tcpPacket({ src: '10.0.0.1', dst: '10.0.0.2', srcPort: 40000, dstPort: 443 });
const packet6 = udpPacket({ src: 'fd00::1', dst: 'fd00::2', srcPort: 546, dstPort: 547 });
const unknownVersion = concat([0x50], packet.subarray(1));

describe('decodeFrame', () => {
  const readable = [
    { name: 'Ethernet', link: linkType.ethernet, frame: (ip: Uint8Array) => ethernet({ payload: ip }) },
    {
      name: 'Ethernet with padding',
      link: linkType.ethernet,
      frame: (ip: Uint8Array) => ethernet({ payload: concat(ip, new Uint8Array(20)) }),
    },
    {
      name: 'Linux cooked v1',
      link: linkType.linuxCooked,
      frame: (ip: Uint8Array) => linuxCooked({ payload: ip }),
    },
    {
      name: 'Linux cooked v2',
      link: linkType.linuxCooked2,
      frame: (ip: Uint8Array) => linuxCooked2({ payload: ip }),
    },
    {
      name: 'BSD loopback of a little-endian host',
      link: linkType.null,
      frame: (ip: Uint8Array) => bsdLoopback({ payload: ip }),
    },
    {
      name: 'BSD loopback of a big-endian host',
      link: linkType.null,
      frame: (ip: Uint8Array) => bsdLoopback({ payload: ip, bigEndian: true }),
    },
    {
      name: 'OpenBSD loopback',
      link: linkType.loop,
      frame: (ip: Uint8Array) => bsdLoopback({ payload: ip, bigEndian: true }),
    },
    { name: 'raw IP', link: linkType.raw, frame: (ip: Uint8Array) => ip },
    { name: 'raw IP as BSD numbers it', link: 12, frame: (ip: Uint8Array) => ip },
    { name: 'raw IP as OpenBSD numbers it', link: 14, frame: (ip: Uint8Array) => ip },
  ];
  it.each(readable)('reads IPv4 and IPv6 in $name', ({ link, frame }) => {
    const four = decoded(frame(packet), { link });
    expect(four.outcome).toBe('ip');
    expect(four.view).toMatchObject({
      family: 4,
      src3: 0x0a000001,
      dst3: 0x0a000002,
      srcPort: 40000,
      dstPort: 443,
      bytes: 40,
    });
    const six = decoded(frame(packet6), { link });
    expect(six.outcome).toBe('ip');
    expect(six.view).toMatchObject({ family: 6, src3: 1, dst3: 2, srcPort: 546, dstPort: 547, bytes: 48 });
  });

  it.each([
    { name: 'IPv4 only', link: linkType.ipv4, ip: packet, other: packet6 },
    { name: 'IPv6 only', link: linkType.ipv6, ip: packet6, other: packet },
  ])('keeps a link that is $name to its word', ({ link, ip, other }) => {
    expect(decoded(ip, { link }).outcome).toBe('ip');
    expect(decoded(other, { link }).outcome).toBe('ip-version');
  });

  const refused = [
    {
      name: 'an ARP request',
      frame: ethernet({ etherType: 0x0806, payload: arp({ senderIp: '10.0.0.1', targetIp: '10.0.0.2' }) }),
      outcome: 'arp',
    },
    {
      name: 'reverse ARP',
      frame: ethernet({ etherType: 0x8035, payload: new Uint8Array(28) }),
      outcome: 'arp',
    },
    {
      name: 'an 802.3 length',
      frame: ethernet({ etherType: 0x0026, payload: new Uint8Array(38) }),
      outcome: 'other-protocol',
    },
    {
      name: 'LLDP',
      frame: ethernet({ etherType: 0x88cc, payload: new Uint8Array(46) }),
      outcome: 'other-protocol',
    },
    { name: 'a frame shorter than its header', frame: new Uint8Array(13), outcome: 'link-header' },
    { name: 'an empty frame', frame: new Uint8Array(0), outcome: 'link-header' },
    {
      name: 'IPv4 that says it is IPv6',
      frame: ethernet({ etherType: 0x86dd, payload: concat(packet, packet) }),
      outcome: 'ip-version',
    },
    {
      name: 'a cooked frame shorter than its header',
      link: linkType.linuxCooked,
      frame: new Uint8Array(15),
      outcome: 'link-header',
    },
    {
      name: 'a cooked v2 frame shorter than its header',
      link: linkType.linuxCooked2,
      frame: new Uint8Array(19),
      outcome: 'link-header',
    },
    {
      name: 'a loopback frame shorter than its header',
      link: linkType.null,
      frame: new Uint8Array(3),
      outcome: 'link-header',
    },
    {
      name: 'AppleTalk on the loopback',
      link: linkType.null,
      frame: bsdLoopback({ family: 16, payload: packet }),
      outcome: 'other-protocol',
    },
    { name: 'raw IP of version 5', link: linkType.raw, frame: unknownVersion, outcome: 'ip-version' },
    { name: 'an empty raw frame', link: linkType.raw, frame: new Uint8Array(0), outcome: 'link-header' },
    { name: 'a link type nobody knows', link: 147, frame: packet, outcome: 'unknown-link-type' },
  ];
  it.each(refused)('counts $name as $outcome', ({ frame, outcome, link }) => {
    expect(decoded(frame, link === undefined ? {} : { link }).outcome).toBe(outcome);
  });

  const cut = [
    { name: 'Ethernet', link: linkType.ethernet, frame: ethernet({ payload: packet }), captured: 13 },
    {
      name: 'a VLAN tag',
      link: linkType.ethernet,
      frame: ethernet({ vlans: [7], payload: packet }),
      captured: 16,
    },
    {
      name: 'Linux cooked v1',
      link: linkType.linuxCooked,
      frame: linuxCooked({ payload: packet }),
      captured: 15,
    },
    {
      name: 'Linux cooked v2',
      link: linkType.linuxCooked2,
      frame: linuxCooked2({ payload: packet }),
      captured: 19,
    },
    { name: 'BSD loopback', link: linkType.null, frame: bsdLoopback({ payload: packet }), captured: 3 },
    { name: 'raw IP', link: linkType.raw, frame: packet, captured: 0 },
  ];
  it.each(cut)(
    'calls $name that was not captured whole snapped, not malformed',
    ({ link, frame, captured }) => {
      expect(decoded(frame, { link, captured }).outcome).toBe('snapped');
    },
  );
});

describe('VLAN tags', () => {
  it.each([
    { name: 'no tag', vlans: [], vlan: -1 },
    { name: '802.1Q', vlans: [42], vlan: 42 },
    { name: 'priority bits are no part of the number', vlans: [{ id: 42, priority: 7 }], vlan: 42 },
    { name: 'a priority tag', vlans: [0], vlan: 0 },
    { name: 'Q-in-Q shows the outer', vlans: [100, 200], vlan: 100 },
    {
      name: 'two tags of the older numbers',
      vlans: [
        { id: 1, etherType: 0x9100 },
        { id: 2, etherType: 0x9200 },
      ],
      vlan: 1,
    },
    { name: 'four tags', vlans: [1, 2, 3, 4], vlan: 1 },
  ])('$name', ({ vlans, vlan }) => {
    const { outcome, view } = decoded(ethernet({ vlans, payload: packet }));
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({ vlan, bytes: 40, dstPort: 443 });
  });

  it('are also read in a Linux cooked capture', () => {
    const frame = linuxCooked({ etherType: 0x8100, payload: concat([0, 9, 0x08, 0x00], packet) });
    const { outcome, view } = decoded(frame, { link: linkType.linuxCooked });
    expect(outcome).toBe('ip');
    expect(view.vlan).toBe(9);
  });

  it('beyond four are another protocol', () => {
    expect(decoded(ethernet({ vlans: [1, 2, 3, 4, 5], payload: packet })).outcome).toBe('other-protocol');
  });

  it('that the frame ends in are malformed', () => {
    expect(decoded(ethernet({ etherType: 0x8100, payload: [0, 7] })).outcome).toBe('vlan-header');
  });
});

describe('MAC addresses', () => {
  const macs = { src: '02:00:00:00:00:0a', dst: 'ff:ff:ff:ff:ff:ff' };
  it('are those of the Ethernet frame', () => {
    expect(decoded(ethernet({ ...macs, payload: packet })).view).toMatchObject({
      hasMac: 1,
      srcMacHigh: 0x0200,
      srcMacLow: 0x0000000a,
      dstMacHigh: 0xffff,
      dstMacLow: -1,
    });
  });

  it.each([
    { name: 'v1', link: linkType.linuxCooked, frame: linuxCooked({ src: macs.src, payload: packet }) },
    { name: 'v2', link: linkType.linuxCooked2, frame: linuxCooked2({ src: macs.src, payload: packet }) },
  ])('a cooked capture ($name) knows the sender’s only', ({ link, frame }) => {
    expect(decoded(frame, { link }).view).toMatchObject({
      hasMac: 1,
      srcMacHigh: 0x0200,
      srcMacLow: 10,
      dstMacHigh: 0,
      dstMacLow: 0,
    });
  });

  it('raw IP has none', () => {
    expect(
      decoded(ipv4({ src: '10.0.0.1', dst: '10.0.0.2', protocol: 47, payload: [] }), { link: linkType.raw })
        .view.hasMac,
    ).toBe(0);
  });
});
