import { describe, expect, it } from 'vitest';
import { decoded } from '../../test/decoded.ts';
import {
  authentication,
  concat,
  destinationOptions,
  ethernet,
  fragmentHeader,
  fragmentIpv6,
  hopByHop,
  type Ipv6Extension,
  ipv6,
  routing,
  tcp,
  udp,
  udpPacket,
} from '../../test/frames.ts';
import { linkType } from './frame-batch.ts';
import { fragment } from './packet-view.ts';

const ends = { src: '2001:db8::1', dst: 'fe80::ffff:ffff' };
const datagram = udp({ srcPort: 5000, dstPort: 53, payload: new Uint8Array(24) });
const raw = { link: linkType.raw };
const packetWith = (extensions: readonly Ipv6Extension[]) =>
  ipv6({ ...ends, protocol: 17, payload: datagram, extensions });

describe('IPv6', () => {
  it('gives signed words, ports and the length of the whole packet', () => {
    const { outcome, view } = decoded(packetWith([]), raw);
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({
      family: 6,
      src0: 0x20010db8,
      src1: 0,
      src2: 0,
      src3: 1,
      dst0: 0xfe800000 | 0,
      dst3: -1,
      protocol: 17,
      srcPort: 5000,
      dstPort: 53,
      bytes: 72,
    });
  });

  const chains = [
    { name: 'hop-by-hop options', extensions: [hopByHop()] },
    { name: 'long hop-by-hop options', extensions: [hopByHop(264)] },
    { name: 'a routing header', extensions: [routing({ addresses: ['2001:db8::2', '2001:db8::3'] })] },
    { name: 'destination options', extensions: [destinationOptions(16)] },
    { name: 'an authentication header', extensions: [authentication()] },
    { name: 'an atomic fragment', extensions: [fragmentHeader({ id: 7 })] },
    {
      name: 'one after the other',
      extensions: [
        hopByHop(),
        destinationOptions(),
        routing(),
        fragmentHeader(),
        authentication(),
        destinationOptions(),
      ],
    },
    { name: 'thirty-two of them', extensions: Array.from({ length: 32 }, () => destinationOptions()) },
  ];
  it.each(chains)('finds the ports behind $name', ({ extensions }) => {
    const { outcome, view } = decoded(packetWith(extensions), raw);
    const headers = extensions.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({
      protocol: 17,
      srcPort: 5000,
      dstPort: 53,
      bytes: 72 + headers,
      fragment: fragment.none,
    });
  });

  it('stops at what is no extension header', () => {
    const packet = ipv6({ ...ends, protocol: 59, payload: [], extensions: [hopByHop()] });
    expect(decoded(packet, raw)).toMatchObject({ outcome: 'ip', view: { protocol: 59, bytes: 48 } });
    expect(decoded(ipv6({ ...ends, protocol: 50, payload: datagram }), raw)).toMatchObject({
      outcome: 'ip',
      view: { protocol: 50, srcPort: 0 },
    });
  });

  it('takes the frame’s original length where offload left payload length 0', () => {
    const packet = ipv6({
      ...ends,
      protocol: 6,
      payloadLength: 0,
      payload: concat(tcp({ srcPort: 1, dstPort: 2 }), new Uint8Array(1000)),
    });
    expect(decoded(ethernet({ payload: packet })).view).toMatchObject({ bytes: 1060, packets: 1 });
  });

  const lyingHopByHop = hopByHop();
  lyingHopByHop.bytes[1] = 255;
  const lyingAuthentication = authentication();
  lyingAuthentication.bytes[1] = 255;
  const malformed = [
    {
      name: 'less than a header',
      packet: concat([0x60], new Uint8Array(38)),
      outcome: 'ipv6-payload-length',
    },
    {
      name: 'a payload length beyond the frame',
      packet: ipv6({ ...ends, protocol: 17, payload: datagram, payloadLength: 33 }),
      outcome: 'ipv6-payload-length',
    },
    {
      name: 'an extension header beyond the packet',
      packet: packetWith([lyingHopByHop]),
      outcome: 'ipv6-extension-header',
    },
    {
      name: 'an authentication header beyond the packet',
      packet: packetWith([lyingAuthentication]),
      outcome: 'ipv6-extension-header',
    },
    {
      name: 'a packet that ends before its extension header',
      packet: ipv6({ ...ends, protocol: 0, payload: [] }),
      outcome: 'ipv6-extension-header',
      original: 44,
    },
    {
      name: 'thirty-three extension headers',
      packet: packetWith(Array.from({ length: 33 }, () => destinationOptions())),
      outcome: 'ipv6-extension-header',
    },
  ];
  it.each(malformed)('$name is malformed: $outcome', ({ packet, outcome, original }) => {
    const padded = concat(packet, new Uint8Array((original ?? packet.length) - packet.length));
    expect(decoded(padded, raw).outcome).toBe(outcome);
  });

  const snaps = [
    { name: 'inside the IP header', captured: 39, outcome: 'snapped' },
    { name: 'inside an extension header', captured: 47, outcome: 'snapped' },
    { name: 'behind the extension header', captured: 48, outcome: 'ip' },
  ];
  it.each(snaps)('a capture that was cut $name', ({ captured, outcome }) => {
    const got = decoded(packetWith([hopByHop()]), { ...raw, captured });
    expect(got.outcome).toBe(outcome);
    if (outcome === 'ip') expect(got.view).toMatchObject({ protocol: 17, srcPort: 0, bytes: 80 });
  });
});

describe('IPv6 fragments', () => {
  const pieces = fragmentIpv6(
    udpPacket({ ...ends, srcPort: 5000, dstPort: 53, payload: new Uint8Array(60) }),
    24,
    0xfedcba98,
  );
  it.each([
    { name: 'the first has the ports', piece: 0, kind: fragment.first, ports: [5000, 53], bytes: 72 },
    { name: 'one in the middle has none', piece: 1, kind: fragment.later, ports: [0, 0], bytes: 72 },
    { name: 'the last has none', piece: 2, kind: fragment.later, ports: [0, 0], bytes: 68 },
  ])('$name', ({ piece, kind, ports, bytes }) => {
    const { outcome, view } = decoded(pieces[piece], raw);
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({
      fragment: kind,
      fragmentId: 0xfedcba98 | 0,
      srcPort: ports[0],
      dstPort: ports[1],
      bytes,
      protocol: 17,
    });
  });
});
