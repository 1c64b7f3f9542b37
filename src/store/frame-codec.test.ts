import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Commit } from './commit.ts';
import { decodeCommit, encodeCommit } from './frame-codec.ts';
import { ipv4Code, missingCode, type RecordRows, type StoredColumn, type TextRows } from './row-batch.ts';

const whole = fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(), fc.maxSafeNat());
const times = fc.oneof(fc.integer({ min: -10, max: 10 }), fc.integer({ min: 1.7e12, max: 1.8e12 }));

function columns(length: number): fc.Arbitrary<StoredColumn> {
  const exactly = { minLength: length, maxLength: length };
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 40 });
  return fc.oneof(
    fc
      .array(fc.integer({ min: -1, max: 0x7fff_ffff }), exactly)
      .map((values) => ({ type: 'int32' as const, values: Int32Array.from(values) })),
    fc
      .array(fc.oneof(whole, fc.constant(Number.NaN)), exactly)
      .map((values) => ({ type: 'int64' as const, values: Float64Array.from(values) })),
    texts.chain((list) =>
      fc.array(fc.integer({ min: missingCode, max: list.length - 1 }), exactly).map((codes) => ({
        type: 'text' as const,
        codes: Int32Array.from(codes),
        texts: list,
      })),
    ),
    fc
      .tuple(
        texts,
        fc.array(fc.nat(0xffff_ffff), exactly),
        fc.array(fc.constantFrom(ipv4Code, missingCode, 0), exactly),
      )
      .map(([list, values, codes]) => ({
        type: 'address' as const,
        values: Uint32Array.from(values),
        codes: Int32Array.from(codes),
        texts: list,
      })),
  );
}

const shared = (length: number) =>
  fc.record({
    group: fc.nat(),
    stream: fc.nat(),
    ingestionMs: fc.maxSafeNat(),
    timestampsMs: fc
      .array(times, { minLength: length, maxLength: length })
      .map((values) => Float64Array.from(values)),
  });

const batches = fc.nat(60).chain((length) =>
  fc.oneof(
    fc
      .tuple(
        shared(length),
        fc.option(fc.array(fc.nat(), { minLength: length, maxLength: length })),
        fc.nat(65_535),
        fc.array(columns(length), { maxLength: 5 }),
      )
      .map(
        ([rows, streams, format, found]): RecordRows => ({
          kind: 'records',
          ...rows,
          ...(streams ? { stream: Int32Array.from(streams) } : {}),
          format,
          columns: found,
        }),
      ),
    fc
      .tuple(
        shared(length),
        fc.option(fc.nat(65_535)),
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: length, maxLength: length }),
      )
      .map(
        ([rows, format, messages]): TextRows => ({
          kind: 'text',
          ...rows,
          messages,
          ...(format === null ? {} : { format }),
        }),
      ),
  ),
);

const documents = fc.array(
  fc.oneof(
    fc.record({ put: fc.string(), key: fc.string(), value: fc.jsonValue() }),
    fc.record({ remove: fc.string(), key: fc.string() }),
  ),
);
const drops = fc.array(fc.record({ group: fc.nat(), beforeMs: fc.maxSafeNat() }));
const commits: fc.Arbitrary<Required<Commit>> = fc.record({
  documents,
  drop: drops,
  rows: fc.array(batches, { maxLength: 4 }),
});

/** What a column says, whatever numbers its texts have. */
function said(commit: Required<Commit>): unknown {
  const rows = commit.rows.map((batch) =>
    batch.kind === 'text' ? batch : { ...batch, columns: batch.columns.map(valuesOf) },
  );
  return JSON.parse(JSON.stringify({ ...commit, rows }));
}

function valuesOf(column: StoredColumn): unknown {
  if (column.type === 'int32' || column.type === 'int64') return Array.from(column.values);
  const texts = Array.from(column.codes, (code) => (code < 0 ? code : column.texts[code]));
  return column.type === 'text' ? texts : [texts, Array.from(column.values)];
}

describe('a commit as bytes', () => {
  it('is the commit again', () => {
    fc.assert(
      fc.property(commits, (commit) => {
        expect(said(decodeCommit(encodeCommit(commit)))).toEqual(said(commit));
      }),
    );
  });

  it('is read wherever it stands in a buffer', () => {
    fc.assert(
      fc.property(commits, fc.nat(9), (commit, at) => {
        const bytes = encodeCommit(commit);
        const moved = new Uint8Array(bytes.length + at);
        moved.set(bytes, at);
        expect(said(decodeCommit(moved.subarray(at)))).toEqual(said(commit));
      }),
      { numRuns: 30 },
    );
  });

  it('takes few of many texts, and small numbers in few bytes', () => {
    const length = 10_000;
    const timestampsMs = Float64Array.from({ length }, (_, i) => 1.7e12 + i);
    const texts = Array.from({ length: 100_000 }, (_, i) => `text ${i}`);
    const rows: RecordRows = {
      kind: 'records',
      group: 1,
      stream: 1,
      ingestionMs: 0,
      format: 1,
      timestampsMs,
      columns: [
        { type: 'int32', values: new Int32Array(length).fill(6) },
        { type: 'text', codes: new Int32Array(length).fill(99_999), texts },
      ],
    };
    expect(encodeCommit({ rows: [rows] }).length).toBeLessThan(length * 3);
  });

  const [int32, text] = [new Int32Array(2), new Int32Array(2).fill(5)];
  const times2 = new Float64Array(2);
  const rows = { group: 1, stream: 1, ingestionMs: 0, timestampsMs: times2 };
  const wrong: [name: string, commit: Commit][] = [
    ['fewer messages than timestamps', { rows: [{ kind: 'text', ...rows, messages: ['one'] }] }],
    [
      'a column of another length',
      {
        rows: [
          { kind: 'records', ...rows, format: 1, columns: [{ type: 'int32', values: new Int32Array(3) }] },
        ],
      },
    ],
    [
      'a code without a text',
      {
        rows: [
          { kind: 'records', ...rows, format: 1, columns: [{ type: 'text', codes: text, texts: ['a'] }] },
        ],
      },
    ],
    [
      'a number that is not whole',
      {
        rows: [
          {
            kind: 'records',
            ...rows,
            timestampsMs: new Float64Array(2).fill(0.5),
            format: 1,
            columns: [{ type: 'int32', values: int32 }],
          },
        ],
      },
    ],
    ['a document without a value', { documents: [{ put: 'a', key: 'b', value: undefined }] }],
  ];
  it.each(wrong)('is not made of %s', (_, commit) => {
    expect(() => encodeCommit(commit)).toThrow(/^bug: /);
  });
});
