import { describe, expect, it } from 'vitest';
import { decoded } from '../../test/decoded.ts';
import { concat, ethernet, fragmentIpv4, ipv4, tcp, udp, udpPacket } from '../../test/frames.ts';
import { linkType } from './frame-batch.ts';
import { fragment } from './packet-view.ts';

const ends = { src: '192.0.2.1', dst: '198.51.100.254' };
const datagram = udp({ srcPort: 5000, dstPort: 53, payload: new Uint8Array(100) });
const raw = { link: linkType.raw };

describe('IPv4', () => {
  it('gives signed words, ports and the length of the whole packet', () => {
    const { outcome, view } = decoded(ipv4({ ...ends, protocol: 17, payload: datagram }), raw);
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({
      family: 4,
      src0: 0,
      src1: 0,
      src2: 0,
      src3: 0xc0000201 | 0,
      dst3: 0xc63364fe | 0,
      protocol: 17,
      srcPort: 5000,
      dstPort: 53,
      bytes: 128,
      packets: 1,
      fragment: fragment.none,
    });
  });

  it('finds the ports behind options', () => {
    const options = new Uint8Array(40).fill(1);
    const { view } = decoded(ipv4({ ...ends, protocol: 17, options, payload: datagram }), raw);
    expect(view).toMatchObject({ srcPort: 5000, dstPort: 53, bytes: 168 });
  });

  it('counts what the header says, not the padding of the frame', () => {
    const short = ipv4({ ...ends, protocol: 17, payload: udp({ srcPort: 1, dstPort: 2 }) });
    const { view } = decoded(ethernet({ payload: concat(short, new Uint8Array(18)) }));
    expect(view.bytes).toBe(28);
  });

  it('takes the frame’s original length where offload left total length 0', () => {
    const packet = ipv4({
      ...ends,
      protocol: 6,
      totalLength: 0,
      payload: concat(tcp({ srcPort: 1, dstPort: 2 }), new Uint8Array(1000)),
    });
    const frame = ethernet({ payload: packet });
    expect(decoded(frame).view).toMatchObject({ bytes: 1040, packets: 1 });
    expect(decoded(frame, { captured: 96 }).view).toMatchObject({ bytes: 1040, srcPort: 1 });
  });

  const headers = [
    {
      name: 'less than a header',
      packet: new Uint8Array([0x45, ...new Uint8Array(18)]),
      outcome: 'ipv4-header-length',
    },
    {
      name: 'a header length of 4 words',
      packet: ipv4({ ...ends, protocol: 17, payload: datagram, headerLength: 16 }),
      outcome: 'ipv4-header-length',
    },
    {
      name: 'a header longer than the frame',
      packet: ipv4({ ...ends, protocol: 17, payload: new Uint8Array(8), headerLength: 60 }),
      outcome: 'ipv4-header-length',
    },
    {
      name: 'a total length shorter than the header',
      packet: ipv4({ ...ends, protocol: 17, payload: datagram, totalLength: 19 }),
      outcome: 'ipv4-total-length',
    },
    {
      name: 'a total length beyond the frame',
      packet: ipv4({ ...ends, protocol: 17, payload: datagram, totalLength: 129 }),
      outcome: 'ipv4-total-length',
    },
  ];
  it.each(headers)('$name is malformed: $outcome', ({ packet, outcome }) => {
    expect(decoded(packet, raw).outcome).toBe(outcome);
  });

  it('judges by the length on the wire, not by what was captured', () => {
    const packet = ipv4({ ...ends, protocol: 17, payload: datagram });
    expect(decoded(packet, { ...raw, captured: 28 })).toMatchObject({
      outcome: 'ip',
      view: { bytes: 128, dstPort: 53 },
    });
    expect(decoded(packet, { ...raw, captured: 28, original: 100 }).outcome).toBe('ipv4-total-length');
  });

  const snaps = [
    { name: 'inside the IP header', captured: 19, outcome: 'snapped', ports: undefined },
    { name: 'behind the IP header', captured: 20, outcome: 'ip', ports: [0, 0] },
    { name: 'between the ports', captured: 22, outcome: 'ip', ports: [0, 0] },
    { name: 'behind the ports', captured: 24, outcome: 'ip', ports: [5000, 53] },
  ];
  it.each(snaps)('a capture that was cut $name', ({ captured, outcome, ports }) => {
    const got = decoded(ipv4({ ...ends, protocol: 17, payload: datagram }), { ...raw, captured });
    expect(got.outcome).toBe(outcome);
    if (ports) expect([got.view.srcPort, got.view.dstPort, got.view.bytes]).toEqual([...ports, 128]);
  });

  it('a capture that was cut inside the options has no ports', () => {
    const packet = ipv4({ ...ends, protocol: 17, options: new Uint8Array(40).fill(1), payload: datagram });
    expect(decoded(packet, { ...raw, captured: 40 })).toMatchObject({
      outcome: 'ip',
      view: { srcPort: 0, bytes: 168 },
    });
  });
});

describe('IPv4 fragments', () => {
  const pieces = fragmentIpv4(
    udpPacket({ ...ends, srcPort: 5000, dstPort: 53, payload: new Uint8Array(60) }),
    24,
  );
  it.each([
    { name: 'the first has the ports', piece: 0, kind: fragment.first, ports: [5000, 53], bytes: 44 },
    { name: 'one in the middle has none', piece: 1, kind: fragment.later, ports: [0, 0], bytes: 44 },
    { name: 'the last has none', piece: 2, kind: fragment.later, ports: [0, 0], bytes: 40 },
  ])('$name', ({ piece, kind, ports, bytes }) => {
    const { outcome, view } = decoded(pieces[piece], raw);
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({
      fragment: kind,
      fragmentId: 1,
      srcPort: ports[0],
      dstPort: ports[1],
      bytes,
      protocol: 17,
    });
  });

  it('“do not fragment” makes no fragment', () => {
    const packet = ipv4({ ...ends, protocol: 17, payload: datagram, dontFragment: true });
    expect(decoded(packet, raw).view.fragment).toBe(fragment.none);
  });

  it('a first fragment may be shorter than its transport’s length says', () => {
    expect(decoded(pieces[0], raw).outcome).toBe('ip');
    const whole = ipv4({ ...ends, protocol: 17, payload: pieces[0].subarray(20) });
    expect(decoded(whole, raw).outcome).toBe('udp-length');
  });
});
