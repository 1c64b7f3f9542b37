import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CaptureFile } from '../src/capture/capture-file.ts';
import { openCaptureFile } from '../src/capture/open-capture-file.ts';
import { StreamBytes } from '../src/capture/stream-bytes.ts';
import { ConfigError } from '../src/fault/index.ts';
import { FrameBatch } from '../src/packet/index.ts';
import { writePcap, writePcapng } from './capture-file-writer.ts';
import {
  type HarnessOptions,
  type HarnessResult,
  MeterHarness,
  runFiles,
  runFrames,
  type TimedFrame,
} from './meter-harness.ts';
import { mutatedFrame, validFrame } from './random-frames.ts';
import { runs } from './runs.ts';
import { sharedData } from './shared-data.ts';
import { testNetwork } from './test-network.ts';

const startMs = 1_700_000_000_000;

/** Two hosts of the random frames' addresses, under rules that let some of it through. */
const network = testNetwork({
  cidr: '10.0.0.0/16',
  subnets: { 'subnet-1': '10.0.0.0/24', 'subnet-2': '10.0.1.0/24' },
  interfaces: [
    { id: 'eni-1', addresses: ['10.0.0.10', '10.0.0.11', 'fd00::10'] },
    { id: 'eni-2', addresses: ['10.0.1.12', 'fd00:1::12'], subnet: 'subnet-2', groups: ['sg-2'] },
  ],
  groups: {
    'sg-1': { ingress: ['tcp 22 0.0.0.0/0', 'icmp all 0.0.0.0/0', 'udp all sg-2', 'all all ::/0'] },
    'sg-2': { ingress: ['all all 0.0.0.0/0'], egress: ['tcp 443 0.0.0.0/0', 'udp 53 ::/0'] },
  },
  acls: {
    'acl-1': {
      ingress: ['90 deny udp 67 0.0.0.0/0', '100 allow all all 0.0.0.0/0'],
      egress: ['100 allow all all 0.0.0.0/0'],
    },
  },
});
const bareNetwork = testNetwork({
  subnets: { 'subnet-1': '10.0.0.0/24' },
  interfaces: [{ id: 'eni-1', addresses: ['10.0.0.10'] }],
  groups: { 'sg-1': { ingress: [], egress: [] } },
});

/** How far a packet's time is from the one before it: mostly on, sometimes back, far ahead, or out of this world. */
const timeSteps = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 20_000, max: 200_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: -70_000, max: 0 }) },
);
const absurdTimes = fc.constantFrom(0, 1, 4_294_967_295_000, 1e22, -1e22);
const times = fc.record({
  step: timeSteps,
  absurd: fc.oneof({ weight: 30, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: absurdTimes }),
});
const snaps = fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.nat(80));

/** A stream of frames as a hostile, late and forgetful capture point shows it. */
const streams: fc.Arbitrary<TimedFrame[]> = fc
  .array(
    fc.record({
      frame: fc.oneof({ weight: 5, arbitrary: validFrame }, { weight: 2, arbitrary: mutatedFrame }),
      time: times,
      snap: snaps,
      packetType: fc.nat(4),
      segmentBytes: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 60 })),
      strippedVlan: fc.constantFrom(-1, 7),
      link: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.constantFrom(0, 101, 113, 147)),
    }),
    { maxLength: 80 },
  )
  .map((steps) => {
    let clock = startMs;
    return steps.map(({ frame, time, snap, ...rest }) => {
      clock += time.step;
      return {
        ...rest,
        timeMs: time.absurd ?? clock,
        bytes: frame.subarray(0, snap),
        originalLength: frame.length,
      };
    });
  });

const settings: fc.Arbitrary<HarnessOptions> = fc
  .record({
    network: fc.constantFrom(network, undefined),
    maxFlows: fc.constantFrom(1, 4, 16, 4096),
    windowSeconds: fc.constantFrom(1, 10, 60),
    interval: fc.constantFrom<60 | 600>(60, 600),
    includesExcluded: fc.boolean(),
    trafficType: fc.constantFrom('ALL', 'ACCEPT', 'REJECT'),
    batchFrames: fc.constantFrom(1, 7, 1000),
  })
  .map(({ network: given, ...rest }) => (given ? { ...rest, network: given } : rest));

const number = '[0-9]{1,15}';
const line = new RegExp(
  `^(?:2 \\S+ eni-\\S+ \\S+ \\S+ ${number} ${number} ${number} ${number} ${number} ${number} ${number} (?:ACCEPT|REJECT) OK|2 \\S+ eni-\\S+ (?:- ){7}${number} ${number} - NODATA)$`,
);

function expectSums({ stats, batches, lines }: HarnessResult, frames: number): void {
  expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  expect(stats.frames.captured).toBe(frames);
  const recorded = batches.flatMap((batch) => [...batch.packets]).reduce((sum, packets) => sum + packets, 0);
  const { ingress, egress, accepted, rejected, skipped } = stats.packets;
  expect(recorded + stats.records.filteredPackets + skipped).toBe(ingress + egress);
  expect(accepted + rejected).toBe(ingress + egress);
  for (const text of lines) expect(text).toMatch(line);
}

describe('both sums hold for any stream of frames', () => {
  it('on the wire, also when the rules change in between', async () => {
    await fc.assert(
      fc.asyncProperty(streams, streams, settings, async (before, after, options) => {
        const harness = new MeterHarness(options).wire(...before);
        if (options.network) harness.load(bareNetwork);
        expectSums(await harness.wire(...after).finish(), before.length + after.length);
      }),
      { numRuns: runs(20, 120) },
    );
  });

  it('on devices of this host', async () => {
    await fc.assert(
      fc.asyncProperty(streams, streams, settings, async (first, second, options) => {
        const harness = new MeterHarness({ ...options, network });
        harness.load(network);
        harness.host('eni-1', ...first).host('eni-2', ...second);
        expectSums(await harness.finish(), first.length + second.length);
      }),
      { numRuns: runs(15, 80) },
    );
  });

  it('when nobody takes the records', async () => {
    await fc.assert(
      fc.asyncProperty(streams, settings, async (frames, { interval: _, ...options }) => {
        const harness = new MeterHarness({ ...options, network, isBehind: true }).wire(...frames);
        const { stats } = await harness.finish();
        expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
        expect(stats.packets.skipped).toBe(stats.packets.ingress + stats.packets.egress);
      }),
      { numRuns: runs(8, 50) },
    );
  });
});

const sumsAndLines = ({ stats: { seconds: _, ...stats }, lines }: HarnessResult) => ({ stats, lines });

/** As `streams`, in a form that a capture file can hold. */
const files = streams.map((frames) =>
  frames.map(({ timeMs, bytes, originalLength }) => ({
    bytes,
    originalLength: originalLength ?? bytes.length,
    timeMs: Math.min(Math.max(0, timeMs), 4_294_967_295_000),
  })),
);

describe('the result does not depend on how the stream is cut', () => {
  it('into batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        streams,
        settings,
        fc.integer({ min: 1, max: 20 }),
        async (frames, options, batchFrames) => {
          const whole = await runFrames(frames, { ...options, batchFrames: 1000 });
          expect(sumsAndLines(await runFrames(frames, { ...options, batchFrames }))).toEqual(
            sumsAndLines(whole),
          );
        },
      ),
      { numRuns: runs(8, 50) },
    );
  });

  it('into chunks of the file, pieces of the pipe, or a compressed stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        files,
        settings,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 4096 }),
        fc.boolean(),
        async (frames, options, pieceBytes, chunkBytes, isCompressed) => {
          const bytes = writePcap(frames);
          const sent = isCompressed ? gzipSync(bytes) : bytes;
          const pieces: Uint8Array[] = [];
          for (let at = 0; at < sent.length; at += pieceBytes)
            pieces.push(sent.subarray(at, at + pieceBytes));
          const source = new CaptureFile('cut', new StreamBytes(Readable.from(pieces)), chunkBytes);
          const cut = await (await new MeterHarness(options).sources(source)).finish();
          expect(sumsAndLines(cut)).toEqual(sumsAndLines(await runFrames(frames, options)));
        },
      ),
      { numRuns: runs(8, 50) },
    );
  });
});

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-properties-'));
afterAll(() => rmSync(folder, { recursive: true }));
let written = 0;

function fileOf(bytes: Uint8Array): string {
  const file = path.join(folder, `${written++}.pcap`);
  writeFileSync(file, bytes);
  return file;
}

/** NODATA is what a source says of itself, so that two say less than one. */
function withoutNoData({ lines, stats }: HarnessResult) {
  const { noData, records, ...others } = stats.records;
  return {
    lines: lines.filter((line) => !line.endsWith('NODATA')),
    stats: { ...stats, records: { ...others, records: records - noData } },
  };
}

describe('several captures', () => {
  /** In order, at a time of its own each, to be dealt to two files. */
  const dealt = fc.array(
    fc.record({ frame: validFrame, step: fc.integer({ min: 1, max: 30_000 }), isFirst: fc.boolean() }),
    { maxLength: 60 },
  );

  it('merged give the same as one', async () => {
    await fc.assert(
      fc.asyncProperty(dealt, settings, async (steps, options) => {
        let timeMs = startMs;
        const frames = steps.map(({ frame, step, isFirst }) => {
          timeMs += step;
          return { bytes: frame, timeMs, isFirst };
        });
        const one = fileOf(writePcap(frames));
        const two = [
          fileOf(writePcap(frames.filter(({ isFirst }) => isFirst))),
          fileOf(writePcapng(frames.filter(({ isFirst }) => !isFirst))),
        ];
        expect(withoutNoData(await runFiles(two, options))).toEqual(
          withoutNoData(await runFiles([one], options)),
        );
      }),
      { numRuns: runs(5, 30) },
    );
  });
});

/** Real captures that are small, where they are at hand, beside two of our own. */
const originals: readonly Uint8Array[] = [
  ...fc.sample(files, { numRuns: 3, seed: 7 }).flatMap((frames) => [writePcap(frames), writePcapng(frames)]),
  ...(sharedData ? ['ipfixprobe', 'zeek'] : []).flatMap((origin) => {
    const from = path.join(sharedData!, 'pcap', origin);
    const small = readdirSync(from).filter(
      (file) => /\.pcap/.test(file) && statSync(path.join(from, file)).size < 10_000,
    );
    return small.map((file) => new Uint8Array(readFileSync(path.join(from, file))));
  }),
];

const damage = fc.record({
  original: fc.nat(1000),
  changes: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(255) }), {
    maxLength: 12,
  }),
  cutAt: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  headerChange: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.record({ at: fc.nat(40), value: fc.nat(255) }),
  ),
  isCompressed: fc.boolean(),
  isDamagedBehindCompression: fc.boolean(),
});

function damaged(
  bytes: Uint8Array,
  {
    changes,
    cutAt,
    headerChange,
  }: {
    changes: readonly { at: number; value: number }[];
    cutAt: number;
    headerChange: { at: number; value: number } | undefined;
  },
): Uint8Array {
  const copy = bytes.slice(0, Math.ceil(bytes.length * cutAt));
  if (copy.length === 0) return copy;
  for (const { at, value } of changes) copy[Math.min(copy.length - 1, Math.floor(at * copy.length))] = value;
  if (headerChange && headerChange.at < copy.length) copy[headerChange.at] = headerChange.value;
  return copy;
}

/** Up to the damage, if that cannot be passed. */
async function framesIn(file: string): Promise<number> {
  const source = await openCaptureFile(file);
  const batch = new FrameBatch();
  let frames = 0;
  try {
    while (await source.next(batch)) frames += batch.count;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
  } finally {
    await source.close();
  }
  return frames;
}

describe('a damaged capture', () => {
  it('throws nothing but ConfigError, and loses no frame from the sums', async () => {
    await fc.assert(
      fc.asyncProperty(
        damage,
        settings,
        async ({ original, isCompressed, isDamagedBehindCompression, ...how }, options) => {
          const bytes = originals[original % originals.length];
          const plain = isDamagedBehindCompression ? bytes : damaged(bytes, how);
          const packed = isCompressed ? gzipSync(plain) : plain;
          const file = fileOf(isDamagedBehindCompression ? damaged(packed, how) : packed);
          const harness = new MeterHarness(options);
          try {
            await harness.files(file);
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
          }
          const result = await harness.finish();
          // A file may be refused before its first frame is metered: it is looked through for local addresses first.
          const { captured } = result.stats.frames;
          expectSums(result, captured === 0 ? 0 : await framesIn(file));
          rmSync(file);
        },
      ),
      { numRuns: runs(20, 120) },
    );
  });
});
