import { describe, expect, it } from 'vitest';
import { decoded } from '../../test/decoded.ts';
import { concat, fragmentIpv4, icmpPacket, ip, ipv4, sctp, tcpPacket, udpPacket } from '../../test/frames.ts';
import { linkType } from './frame-batch.ts';

const host = { src: '10.0.0.1', dst: '203.0.113.5' };
const router = { src: '198.51.100.1', dst: '10.0.0.1' };
const host6 = { src: 'fd00::1', dst: '2001:db8::5' };
const router6 = { src: '2001:db8::ff', dst: 'fd00::1' };
const raw = { link: linkType.raw };
const sent = udpPacket({ ...host, srcPort: 5000, dstPort: 33434, payload: new Uint8Array(32) });

describe('the packet that an ICMP error quotes', () => {
  it.each([
    { name: 'destination unreachable', type: 3 },
    { name: 'source quench', type: 4 },
    { name: 'time exceeded', type: 11 },
    { name: 'parameter problem', type: 12 },
  ])('is read from $name', ({ type }) => {
    const { outcome, view } = decoded(icmpPacket({ ...router, type, payload: sent.subarray(0, 28) }), raw);
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({
      srcPort: 0,
      quotedFamily: 4,
      quotedSrc3: 0x0a000001,
      quotedDst3: 0xcb007105 | 0,
      quotedProtocol: 17,
      quotedSrcPort: 5000,
      quotedDstPort: 33434,
    });
  });

  it.each([
    { name: 'destination unreachable', type: 1 },
    { name: 'packet too big', type: 2 },
    { name: 'time exceeded', type: 3 },
    { name: 'parameter problem', type: 4 },
  ])('is read from ICMPv6 $name', ({ type }) => {
    const quote = tcpPacket({ ...host6, srcPort: 40000, dstPort: 443 });
    const { view } = decoded(icmpPacket({ ...router6, type, payload: quote }), raw);
    expect(view).toMatchObject({
      quotedFamily: 6,
      quotedSrc0: 0xfd000000 | 0,
      quotedSrc3: 1,
      quotedDst0: 0x20010db8,
      quotedDst3: 5,
      quotedProtocol: 6,
      quotedSrcPort: 40000,
      quotedDstPort: 443,
    });
  });

  const quotes = [
    {
      name: 'an echo request',
      quote: icmpPacket({ ...host, type: 8 }),
      view: { quotedProtocol: 1, quotedIcmpType: 8, quotedSrcPort: 0 },
    },
    {
      name: 'SCTP',
      quote: ip({ ...host, protocol: 132, payload: sctp({ srcPort: 7, dstPort: 9 }) }),
      view: { quotedProtocol: 132, quotedSrcPort: 7, quotedDstPort: 9 },
    },
    {
      name: 'a protocol without ports',
      quote: ip({ ...host, protocol: 47, payload: [1, 2, 3, 4] }),
      view: { quotedProtocol: 47, quotedSrcPort: 0, quotedDstPort: 0 },
    },
    {
      name: 'options before the ports',
      quote: ipv4({ ...host, protocol: 17, options: new Uint8Array(8), payload: sent.subarray(20) }),
      view: { quotedSrcPort: 5000 },
    },
    {
      name: 'a first fragment',
      quote: fragmentIpv4(sent, 16)[0],
      view: { quotedSrcPort: 5000, quotedDstPort: 33434 },
    },
  ];
  it.each(quotes)('may be $name', ({ quote, view }) => {
    expect(decoded(icmpPacket({ ...router, type: 11, payload: quote }), raw).view).toMatchObject({
      quotedFamily: 4,
      ...view,
    });
  });

  const useless = [
    { name: 'there is none', packet: icmpPacket({ ...router, type: 3 }) },
    {
      name: 'it ends before its ports',
      packet: icmpPacket({ ...router, type: 3, payload: sent.subarray(0, 23) }),
    },
    {
      name: 'its header length lies',
      packet: icmpPacket({ ...router, type: 3, payload: concat([0x41], sent.subarray(1)) }),
    },
    {
      name: 'it is a later fragment',
      packet: icmpPacket({ ...router, type: 3, payload: fragmentIpv4(sent, 16)[1] }),
    },
    {
      name: 'it is of an unknown version',
      packet: icmpPacket({ ...router, type: 3, payload: concat([0x75], sent.subarray(1)) }),
    },
    {
      name: 'it is IPv6 and ends before its ports',
      packet: icmpPacket({
        ...router6,
        type: 3,
        payload: tcpPacket({ ...host6, srcPort: 1, dstPort: 2 }).subarray(0, 43),
      }),
    },
    { name: 'the message is no error', packet: icmpPacket({ ...router, type: 5, payload: sent }) },
    { name: 'the ICMPv6 message is no error', packet: icmpPacket({ ...router6, type: 128, payload: sent }) },
  ];
  it.each(useless)('is left alone when $name', ({ packet }) => {
    expect(decoded(packet, raw)).toMatchObject({ outcome: 'ip', view: { quotedFamily: 0 } });
  });

  it('is left alone when the capture cut it', () => {
    const packet = icmpPacket({ ...router, type: 3, payload: sent });
    expect(decoded(packet, { ...raw, captured: 28 + 24 }).view.quotedFamily).toBe(4);
    expect(decoded(packet, { ...raw, captured: 28 + 23 }).view.quotedFamily).toBe(0);
  });
});
