import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type PcapngInterface,
  pcapngBlock,
  type WrittenFrame,
  writePcap,
  writePcapng,
} from '../../test/capture-file-writer.ts';
import { concat } from '../../test/frames.ts';
import { ConfigError } from '../fault/index.ts';
import { FrameBatch } from '../packet/frame-batch.ts';
import { CaptureFile } from './capture-file.ts';
import { StreamBytes } from './stream-bytes.ts';

interface ReadFrame {
  bytes: string;
  originalLength: number;
  timeMs: number;
  linkType: number;
}

/** A source that gets the capture in these pieces. */
function sourceOf(pieces: readonly Uint8Array[], chunkBytes?: number): CaptureFile {
  return new CaptureFile('test.pcap', new StreamBytes(Readable.from(pieces)), chunkBytes);
}

/** Copies every frame out of the batches; the error, if any, comes last. */
async function readAll(source: CaptureFile, capacity?: number): Promise<(ReadFrame | ConfigError)[]> {
  const batch = new FrameBatch(capacity);
  const frames: (ReadFrame | ConfigError)[] = [];
  try {
    while (await source.next(batch)) {
      for (let i = 0; i < batch.count; i++) frames.push(frameAt(batch, i));
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    frames.push(error);
  }
  return frames;
}

function frameAt(batch: FrameBatch, i: number): ReadFrame {
  const bytes = batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.capturedLength[i]);
  return {
    bytes: Buffer.from(bytes).toString('hex'),
    originalLength: batch.originalLength[i],
    timeMs: batch.timeMs[i],
    linkType: batch.linkType[i],
  };
}

async function failure(bytes: Uint8Array): Promise<ConfigError> {
  const last = (await readAll(sourceOf([bytes]))).at(-1);
  if (!(last instanceof ConfigError)) throw new Error('no error');
  return last;
}

const timeMs = 1_700_000_000_123.456;
const frames: WrittenFrame[] = [
  { bytes: Uint8Array.of(1, 2, 3, 4, 5), timeMs },
  { bytes: Uint8Array.of(), timeMs: timeMs + 0.001, originalLength: 60 },
  { bytes: Uint8Array.of(6, 7, 8), timeMs: timeMs - 5000, originalLength: 1 },
  { bytes: Uint8Array.of(9), timeMs: 4_294_967_295_999.999 },
];
const expected = [
  { bytes: '0102030405', originalLength: 5, timeMs, linkType: 1 },
  { bytes: '', originalLength: 60, timeMs: timeMs + 0.001, linkType: 1 },
  { bytes: '060708', originalLength: 3, timeMs: timeMs - 5000, linkType: 1 },
  { bytes: '09', originalLength: 1, timeMs: 4_294_967_295_999.999, linkType: 1 },
];

/** Equal but for times, which are the same microsecond. */
function expectFrames(actual: readonly (ReadFrame | ConfigError)[], wanted: readonly ReadFrame[]): void {
  const rounded = (frame: ReadFrame | ConfigError) =>
    frame instanceof ConfigError ? frame : { ...frame, timeMs: Math.round(frame.timeMs * 1000) };
  expect(actual.map(rounded)).toEqual(wanted.map(rounded));
}

describe('pcap', () => {
  const variants = [
    { name: 'little-endian, microseconds', options: {} },
    { name: 'big-endian, microseconds', options: { bigEndian: true } },
    { name: 'little-endian, nanoseconds', options: { nanoseconds: true } },
    { name: 'big-endian, nanoseconds', options: { bigEndian: true, nanoseconds: true } },
    { name: 'a snap length that lies', options: { snapLength: 1 } },
  ];
  it.each(variants)('reads $name', async ({ options }) => {
    const source = sourceOf([writePcap(frames, options)]);
    expectFrames(await readAll(source), expected);
    expect(source.counts).toEqual({
      frames: 4,
      cutOff: 0,
      unknownBlocks: 0,
      unknownInterface: 0,
      withoutTime: 0,
    });
  });

  it('masks the bits above the link type, and takes off the frame check sequence that they tell of', async () => {
    const withFcs = [{ bytes: new Uint8Array(64) }, { bytes: new Uint8Array(60), originalLength: 64 }];
    const read = await readAll(sourceOf([writePcap(withFcs, { linkTypeWord: 0x2400_0071 })]));
    expect(read).toMatchObject([
      { bytes: '00'.repeat(60), originalLength: 60, linkType: 113 },
      { bytes: '00'.repeat(60), originalLength: 60, linkType: 113 },
    ]);
    const without = await readAll(sourceOf([writePcap(withFcs, { linkTypeWord: 0x2000_0001 })]));
    expect(without).toMatchObject([{ originalLength: 64, linkType: 1 }, {}]);
  });

  it('clamps an original length beyond 2^31', async () => {
    const read = await readAll(
      sourceOf([writePcap([{ bytes: new Uint8Array(1), originalLength: 0xffffffff }])]),
    );
    expect(read).toMatchObject([{ originalLength: 0x7fffffff }]);
  });

  it('reads a frame of the greatest length, over many small chunks', async () => {
    const long = new Uint8Array(262_144).fill(7);
    const file = writePcap([{ bytes: long }, { bytes: long }]);
    const read = await readAll(sourceOf(cut(file, [1000]), 4096));
    expect(read).toHaveLength(2);
    expect(read).toMatchObject([{ originalLength: 262_144 }, { originalLength: 262_144 }]);
  });
});

describe('pcapng', () => {
  const interfaces: { name: string; one: PcapngInterface }[] = [
    { name: 'microseconds', one: {} },
    { name: 'nanoseconds', one: { resolution: 9 } },
    { name: 'a power of two', one: { resolution: 0x80 | 30 } },
    { name: 'microseconds, stated', one: { resolution: 6 } },
    { name: 'a time offset', one: { resolution: 9, offsetSeconds: 1_500_000_000n } },
    { name: 'a negative time offset', one: { resolution: 6, offsetSeconds: -1_000_000_000n } },
  ];
  it.each(interfaces)('reads times in $name', async ({ one }) => {
    for (const bigEndian of [false, true]) {
      const file = writePcapng(frames.slice(0, 3), { bigEndian, interfaces: [one] });
      expectFrames(await readAll(sourceOf([file])), expected.slice(0, 3));
    }
  });

  it('reads coarse and fine clocks', async () => {
    const read = async (resolution: number) => {
      const file = writePcapng([{ bytes: new Uint8Array(1), timeMs: 1_700_001_000 }], {
        interfaces: [{ resolution }],
      });
      return (await readAll(sourceOf([file])))[0];
    };
    expect(await read(0)).toMatchObject({ timeMs: 1_700_001_000 });
    expect(await read(2)).toMatchObject({ timeMs: 1_700_001_000 });
    expect(await read(12)).toMatchObject({ timeMs: 1_700_001_000 });
    expect(await read(0x80)).toMatchObject({ timeMs: 1_700_001_000 });
    expect(await read(0xff)).toMatchObject({ timeMs: 0 });
  });

  it('reads all three packet blocks', async () => {
    const file = writePcapng(
      [
        { bytes: Uint8Array.of(1), timeMs: 5000 },
        { bytes: Uint8Array.of(2, 3), originalLength: 9, block: 'simple' },
        { bytes: Uint8Array.of(4), timeMs: 7000, block: 'obsolete', interfaceId: 1 },
      ],
      { interfaces: [{ snapLength: 2 }, { linkType: 101 }] },
    );
    const source = sourceOf([file]);
    expectFrames(await readAll(source), [
      { bytes: '01', originalLength: 1, timeMs: 5000, linkType: 1 },
      { bytes: '0203', originalLength: 9, timeMs: 5000, linkType: 1 },
      { bytes: '04', originalLength: 1, timeMs: 7000, linkType: 101 },
    ]);
    expect(source.counts).toMatchObject({ frames: 3, withoutTime: 1 });
  });

  it('reads sections, each in its byte order and with its interfaces', async () => {
    const one = [{ bytes: Uint8Array.of(1), timeMs: 1000 }];
    const file = concat(
      writePcapng(one, { interfaces: [{ linkType: 101 }], sectionLength: 999_999n }),
      writePcapng(one, { bigEndian: true, interfaces: [{ linkType: 113, resolution: 9 }] }),
      writePcapng([{ ...one[0], interfaceId: 1 }, ...one], { interfaces: [{ linkType: 228 }] }),
    );
    const source = sourceOf([file]);
    expect(await readAll(source)).toMatchObject([
      { linkType: 101, timeMs: 1000 },
      { linkType: 113, timeMs: 1000 },
      { linkType: 228, timeMs: 1000 },
    ]);
    expect(source.counts).toMatchObject({ frames: 3, unknownInterface: 1 });
  });

  it('skips other blocks, and counts those it does not know', async () => {
    const between = concat(
      pcapngBlock(5, new Uint8Array(20)),
      pcapngBlock(0x7777, new Uint8Array(300_000)),
      pcapngBlock(0x8000_0001, new Uint8Array(0)),
    );
    const source = sourceOf([writePcapng(frames.slice(0, 2), { between })], 1000);
    expectFrames(await readAll(source), expected.slice(0, 2));
    expect(source.counts).toMatchObject({ frames: 2, unknownBlocks: 4 });
  });

  it('counts a simple packet without an interface', async () => {
    const source = sourceOf([
      writePcapng([{ bytes: Uint8Array.of(1), block: 'simple' }], { interfaces: [] }),
    ]);
    expect(await readAll(source)).toEqual([]);
    expect(source.counts).toMatchObject({ frames: 0, unknownInterface: 1, withoutTime: 0 });
  });

  it('takes off the frame check sequence, in bytes or in bits', async () => {
    for (const fcsLength of [4, 32]) {
      const file = writePcapng([{ bytes: new Uint8Array(64) }], { interfaces: [{ fcsLength }] });
      expect(await readAll(sourceOf([file]))).toMatchObject([{ bytes: '00'.repeat(60), originalLength: 60 }]);
    }
  });
});

describe('gzip', () => {
  const file = writePcap(frames);

  it('reads one member', async () => {
    expectFrames(await readAll(sourceOf([gzipSync(file)])), expected);
  });

  it('reads several members, split inside a record', async () => {
    const members = concat(gzipSync(file.subarray(0, 50)), gzipSync(file.subarray(50)));
    expectFrames(await readAll(sourceOf(cut(members, [7]))), expected);
  });

  it('delivers what is there of a stream that is cut off', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({
      bytes: Buffer.from(String(i * 7919)),
      timeMs: i,
    }));
    const compressed = gzipSync(writePcap(many));
    const source = sourceOf([compressed.subarray(0, compressed.length - 9000)]);
    const read = await readAll(source);
    expect(read.length).toBeGreaterThan(1000);
    expect(read.every((frame) => !(frame instanceof ConfigError))).toBe(true);
    expect(source.counts).toMatchObject({ frames: read.length, cutOff: 1 });
    const withoutTrailer = sourceOf([compressed.subarray(0, compressed.length - 4)]);
    expect(await readAll(withoutTrailer)).toHaveLength(5000);
    expect(withoutTrailer.counts.cutOff).toBe(1);
  });

  it('keeps memory bounded where little decompresses to much', async () => {
    const bomb = gzipSync(concat(file, new Uint8Array(64 << 20)), { level: 9 });
    const source = sourceOf([bomb]);
    const batch = new FrameBatch();
    let frameCount = 0;
    while (await source.next(batch)) {
      frameCount += batch.count;
      expect(batch.bytes.length).toBeLessThan(4 << 20);
    }
    expect(frameCount).toBe(4 + (64 << 20) / 16);
  });

  it('names damage', async () => {
    const compressed = gzipSync(file);
    compressed[20] ^= 0xff;
    compressed[30] ^= 0xff;
    const error = await failure(compressed);
    expect(error).toMatchObject({ code: 'CaptureFileUnreadable' });
    expect(error.message).toMatch(/^test\.pcap: damaged gzip data after byte \d+: /);
  });
});

describe('what is not a whole capture', () => {
  const pcap = writePcap(frames);
  const pcapng = writePcapng(frames.slice(0, 2));
  const cutOffs = [
    { name: 'pcap, inside a frame', bytes: pcap.subarray(0, pcap.length - 1), count: 3 },
    { name: 'pcap, inside a record header', bytes: pcap.subarray(0, 24 + 3), count: 0 },
    { name: 'pcapng, inside a frame', bytes: pcapng.subarray(0, 28 + 36 + 29), count: 0 },
    { name: 'pcapng, behind a frame', bytes: pcapng.subarray(0, pcapng.length - 1), count: 2 },
    { name: 'pcapng, inside a block header', bytes: concat(pcapng, Uint8Array.of(6, 0, 0)), count: 2 },
  ];
  it.each(cutOffs)('counts an end in the last record: $name', async ({ bytes, count }) => {
    const source = sourceOf([bytes]);
    expect(await readAll(source)).toHaveLength(count);
    expect(source.counts).toMatchObject({ frames: count, cutOff: 1 });
    expect(await source.next(new FrameBatch())).toBe(false);
  });

  it('reads a header without frames', async () => {
    for (const empty of [writePcap([]), writePcapng([])]) {
      const source = sourceOf([empty]);
      expect(await readAll(source)).toEqual([]);
      expect(source.counts).toMatchObject({ frames: 0, cutOff: 0 });
    }
  });

  const absurdRecord = writePcap([{ bytes: new Uint8Array(3) }, { bytes: new Uint8Array(4) }]);
  absurdRecord.set([0xff, 0xff, 0xff, 0x7f], 24 + 16 + 3 + 8);
  const oldVersion = writePcap([]).fill(1, 6, 7);
  const enhanced = (body: Uint8Array) => concat(writePcapng([]), pcapngBlock(6, body));
  const errors = [
    { name: 'nothing', bytes: new Uint8Array(0), message: 'not a capture: begins with nothing at all' },
    { name: 'text', bytes: Buffer.from('hello'), message: 'not a capture: begins with 68 65 6c 6c' },
    { name: 'two bytes', bytes: Buffer.from('hi'), message: 'not a capture: begins with 68 69' },
    {
      name: 'a Zstandard archive',
      bytes: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0),
      message: 'not a capture: begins with 28 b5 2f fd (a Zstandard archive)',
    },
    {
      name: 'a patched pcap',
      bytes: Uint8Array.of(0x34, 0xcd, 0xb2, 0xa1, 0),
      message: 'not a capture: begins with 34 cd b2 a1 (a pcap file of a patched libpcap)',
    },
    {
      name: 'compressed text',
      bytes: gzipSync('hello'),
      message: 'not a capture: the decompressed data begin with 68 65 6c 6c',
    },
    {
      name: 'half a header',
      bytes: pcap.subarray(0, 10),
      message: 'damaged pcap at byte 0: found 10 bytes in all',
    },
    { name: 'an old version', bytes: oldVersion, message: 'damaged pcap at byte 0: found pcap version 2.1' },
    {
      name: 'an absurd length',
      bytes: absurdRecord,
      message: 'damaged pcap at byte 43: found a record of 2147483647 captured bytes',
    },
    {
      name: 'an absurd length, compressed',
      bytes: gzipSync(absurdRecord),
      message:
        'damaged pcap at byte 43 of the decompressed data: found a record of 2147483647 captured bytes',
    },
    {
      name: 'pcapng without byte order',
      bytes: concat(writePcapng([]).subarray(0, 8), new Uint8Array(20)),
      message: 'damaged pcapng at byte 0: found no byte-order magic in a section header',
    },
    {
      name: 'a pcapng packet without room for its bytes',
      bytes: enhanced(concat(new Uint8Array(12), Uint8Array.of(9, 0, 0, 0), new Uint8Array(12))),
      message: 'damaged pcapng at byte 64: found 9 captured bytes in a block of 40',
    },
    {
      name: 'a pcapng packet block that is too short',
      bytes: enhanced(new Uint8Array(12)),
      message: 'damaged pcapng at byte 64: found a block of 24 bytes',
    },
    {
      name: 'an absurd pcapng block',
      bytes: concat(writePcapng([]), Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0)),
      message: 'damaged pcapng at byte 64: found a block of 1073741824 bytes',
    },
  ];
  it.each(errors)('names $name', async ({ bytes, message }) => {
    const error = await failure(bytes);
    expect(error).toMatchObject({ code: 'CaptureFileInvalid', message: `test.pcap: ${message}` });
    expect(error.details[0]).toMatch(/^expected /);
  });

  it('fails each time on half a header', async () => {
    const source = sourceOf([pcap.subarray(0, 10)]);
    await expect(source.next(new FrameBatch())).rejects.toThrow('10 bytes in all');
    await expect(source.next(new FrameBatch())).rejects.toThrow('10 bytes in all');
  });

  it('delivers the frames before the damage, then fails each time', async () => {
    const source = sourceOf([absurdRecord]);
    const batch = new FrameBatch();
    expect(await source.next(batch)).toBe(true);
    expect(batch.count).toBe(1);
    await expect(source.next(batch)).rejects.toThrow(ConfigError);
    await expect(source.next(batch)).rejects.toThrow(ConfigError);
  });
});

describe('any input', () => {
  const frame = fc.record({
    bytes: fc.uint8Array({ maxLength: 80 }),
    timeMs: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
    interfaceId: fc.nat(2),
    block: fc.constantFrom('enhanced' as const, 'simple' as const, 'obsolete' as const),
  });
  const pcapFile = fc
    .tuple(fc.array(frame), fc.record({ bigEndian: fc.boolean(), nanoseconds: fc.boolean() }))
    .map(([some, options]) => writePcap(some, options));
  const pcapngFile = fc
    .tuple(fc.array(frame, { maxLength: 8 }), fc.boolean(), fc.nat(40))
    .map(([some, bigEndian, length]) => {
      const between = pcapngBlock(0x99, new Uint8Array(length), bigEndian);
      return writePcapng(some, { bigEndian, interfaces: [{}, { linkType: 101 }], between });
    });
  const sections = fc.array(pcapngFile, { minLength: 1, maxLength: 3 }).map((parts) => concat(...parts));
  const capture = fc.oneof(pcapFile, sections);
  const mutation = fc.tuple(fc.nat(2000), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 4, 12));
  const damaged = fc
    .tuple(capture, fc.array(mutation, { maxLength: 6 }), fc.nat(40))
    .map(([bytes, mutations, short]) => {
      const copy = bytes.slice(0, Math.max(bytes.length - short, 0));
      for (const [at, value] of mutations) if (at < copy.length) copy[at] = value;
      return copy;
    });

  it('gives the same frames, counts and error however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        damaged,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 9 }),
        async (bytes, sizes, chunkBytes, capacity) => {
          const whole = sourceOf([bytes]);
          const pieces = sourceOf(cut(bytes, sizes), chunkBytes);
          expect(await readAll(pieces, capacity)).toEqual(await readAll(whole));
          expect(pieces.counts).toEqual(whole.counts);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never fails but with a ConfigError, and ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, damaged.map(gzip), fc.uint8Array()), async (bytes) => {
        const source = sourceOf([bytes]);
        const read = await readAll(source);
        expect(source.counts.frames).toBe(read.filter((one) => !(one instanceof ConfigError)).length);
      }),
      { numRuns: 500 },
    );
  });
});

function gzip(bytes: Uint8Array): Uint8Array {
  const compressed = gzipSync(bytes);
  if (bytes.length > 0) compressed[bytes[0] % compressed.length] ^= bytes.at(-1)!;
  return compressed;
}

/** Pieces of these sizes, over and over. */
function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieces.at(-1)!.length) {
    pieces.push(bytes.slice(at, at + sizes[pieces.length % sizes.length]));
  }
  return pieces;
}
