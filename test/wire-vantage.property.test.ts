import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FlowRows, outcomeBits, rowWords, word } from '../src/flow/index.ts';
import { formatAddress } from '../src/ip/index.ts';
import { fragment, linkType, type PacketView } from '../src/packet/index.ts';
import { decoded } from './decoded.ts';
import { ethernet, udpPacket } from './frames.ts';
import { type HarnessResult, runFrames, type TimedFrame } from './meter-harness.ts';
import { mutatedFrame, validFrame } from './random-frames.ts';
import { runs } from './runs.ts';
import { testNetwork } from './test-network.ts';

/** Of the first three interfaces the inventory knows the MAC address; nobody has the last one. */
const macs = ['02:00:00:00:00:0a', '02:00:00:00:00:0b', '02:00:00:00:00:0c', '02:00:00:00:00:ff'];
const open = ['all all 0.0.0.0/0', 'all all ::/0'];
const network = testNetwork({
  subnets: { 'subnet-1': '10.0.0.0/24', 'subnet-2': '10.0.1.0/24' },
  interfaces: [
    { id: 'eni-a', addresses: ['10.0.0.10', 'fd00::10'], mac: macs[0] },
    { id: 'eni-b', addresses: ['10.0.0.11', 'fd00::11'], mac: macs[1] },
    { id: 'eni-c', addresses: ['10.0.1.12', 'fd00:1::12'], mac: macs[2], subnet: 'subnet-2' },
    { id: 'eni-d', addresses: ['203.0.113.9'] },
  ],
  groups: { 'sg-1': { ingress: open } },
});

const ownersByMac = new Map<string, string>();
const ownersByAddress = new Map<string, string>();
for (const { NetworkInterfaceId: id = '', MacAddress: mac, ...one } of network.networkInterfaces) {
  if (mac) ownersByMac.set(mac, id);
  for (const { PrivateIpAddress = '' } of one.PrivateIpAddresses ?? [])
    ownersByAddress.set(PrivateIpAddress, id);
  for (const { Ipv6Address = '' } of one.Ipv6Addresses ?? []) ownersByAddress.set(Ipv6Address, id);
}

interface WireFrame extends TimedFrame {
  /** Absent on a link without them. */
  readonly macs?: { readonly src: string; readonly dst: string };
}

const bytesOf = (mac: string) => mac.split(':').map((byte) => Number.parseInt(byte, 16));

/** An Ethernet frame under other MAC addresses, or, where it carries IP, its packet on a link without any. */
function readdressed(
  frame: Uint8Array,
  src: string,
  dst: string,
  hasLink: boolean,
  timeMs: number,
): WireFrame {
  const isIp = [0x0800, 0x86dd].includes((frame[12] << 8) | frame[13]);
  if (!hasLink && isIp) return { timeMs, bytes: frame.subarray(14), link: linkType.raw };
  const bytes = frame.slice();
  bytes.set(bytesOf(dst).concat(bytesOf(src)).slice(0, bytes.length));
  return { timeMs, bytes, macs: { src, dst } };
}

const frames = fc.record({
  frame: fc.oneof({ weight: 4, arbitrary: validFrame }, mutatedFrame),
  src: fc.constantFrom(...macs),
  dst: fc.constantFrom(...macs),
  hasLink: fc.boolean(),
});
/** How a frame comes again: as it was, from the other side of a router, or over a link without MAC addresses. */
const ways = fc.constantFrom('same', 'routed', 'linkless');

/** Mostly on, now and then back into a window that is over. */
const stepsMs = fc.oneof({ weight: 12, arbitrary: fc.nat(1500) }, fc.integer({ min: -30_000, max: 0 }));

/** Few frames that come again and again, within the 120 s in which TCP without a beginning is picked up. */
const streams: fc.Arbitrary<WireFrame[]> = fc
  .tuple(
    fc.array(frames, { minLength: 1, maxLength: 10 }),
    fc.array(fc.record({ pick: fc.nat(9), way: ways, stepMs: stepsMs }), { maxLength: 80 }),
  )
  .map(([pool, steps]) => {
    let timeMs = 1_700_000_000_000;
    return steps.map(({ pick, way, stepMs }) => {
      timeMs += stepMs;
      const { frame, src, dst, hasLink } = pool[pick % pool.length];
      if (way === 'routed') return readdressed(frame, dst, src, hasLink, timeMs);
      return readdressed(frame, src, dst, hasLink && way === 'same', timeMs);
    });
  })
  .map((stream) => stream.filter(isSimple));

/** Fragments and neighbour discovery have tests of their own. */
function isSimple({ bytes, link }: WireFrame): boolean {
  const { view } = decoded(bytes, { link: link ?? linkType.ethernet });
  return view.fragment === fragment.none && !(view.icmpType >= 133 && view.icmpType <= 137);
}

type Totals = Map<string, { packets: number; bytes: number }>;

function addTo(totals: Totals, key: string, packets: number, bytes: number): void {
  const total = totals.get(key) ?? { packets: 0, bytes: 0 };
  totals.set(key, { packets: total.packets + packets, bytes: total.bytes + bytes });
}

/** The reference: nothing is remembered from one packet to the next, and all of it is let through. */
function countSlowly(frames: readonly WireFrame[]): Totals {
  const totals: Totals = new Map();
  for (const { bytes, link, macs: onLink } of frames) {
    const { outcome, view } = decoded(bytes, { link: link ?? linkType.ethernet });
    if (outcome !== 'ip') continue;
    const { src, dst, tuple } = described(view);
    const source = ownersByMac.get(onLink?.src ?? '') ?? ownersByAddress.get(src);
    const destination = ownersByMac.get(onLink?.dst ?? '') ?? ownersByAddress.get(dst);
    if (source) addTo(totals, `${source} egress ${tuple}`, view.packets, view.bytes);
    if (destination && destination !== source) {
      addTo(totals, `${destination} ingress ${tuple}`, view.packets, view.bytes);
    }
  }
  return totals;
}

function described(view: PacketView) {
  const src = formatAddress(view.family, view.src0, view.src1, view.src2, view.src3);
  const dst = formatAddress(view.family, view.dst0, view.dst1, view.dst2, view.dst3);
  return { src, dst, tuple: `${src} ${dst} ${view.srcPort} ${view.dstPort} ${view.protocol}` };
}

const format =
  'interface-id flow-direction pkt-srcaddr pkt-dstaddr srcport dstport protocol packets bytes log-status action';

function recorded({ lines }: HarnessResult): Totals {
  const totals: Totals = new Map();
  for (const line of lines) {
    const fields = line.split(' ');
    if (fields[9] !== 'OK') continue;
    expect(fields[10]).toBe('ACCEPT');
    addTo(totals, fields.slice(0, 7).join(' '), Number(fields[7]), Number(fields[8]));
  }
  return totals;
}

/** Of one hand-over: a flow of the table has one row for each verdict. */
function expectDistinct({ count, words }: FlowRows): void {
  const flows = Array.from({ length: count }, (_, i) => {
    const row = words.subarray(i * rowWords, (i + 1) * rowWords);
    return `${row.subarray(0, 12)} ${row[word.cause]} ${row[word.outcome] & ~outcomeBits.flags}`;
  });
  expect(new Set(flows).size).toBe(count);
}

describe('wire vantage', () => {
  it('records each packet where its MAC addresses, else its IP addresses, say that it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        streams,
        fc.constantFrom(2, 4, 4096),
        fc.constantFrom(10, 60),
        async (stream, maxFlows, windowSeconds) => {
          const result = await runFrames(stream, {
            network,
            includesExcluded: true,
            maxFlows,
            windowSeconds,
            format,
          });
          expect(recorded(result)).toEqual(countSlowly(stream));
          for (const rows of result.rows) expectDistinct(rows);
        },
      ),
      { numRuns: runs(25, 400) },
    );
  });

  it('keeps one row of a flow, however often a full table makes room', async () => {
    const stream = Array.from({ length: 8000 }, (_, i) => ({
      timeMs: 1_700_000_000_000 + i * 5,
      bytes: ethernet({
        payload: udpPacket({ src: '10.0.0.10', dst: '203.0.113.9', srcPort: (i * 7919) % 3001, dstPort: 53 }),
      }),
    }));
    const result = await runFrames(stream, { network, maxFlows: 2048, format });
    for (const rows of result.rows) expectDistinct(rows);
    expect(recorded(result)).toEqual(countSlowly(stream));
    expect(result.stats.flows.closedEarly).toBeGreaterThan(8000);
  });
});
