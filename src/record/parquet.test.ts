import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { runs } from '../../test/runs.ts';
import { sampleLines } from '../../test/sample-lines.ts';
import { sharedData } from '../../test/shared-data.ts';
import { fields } from './fields.ts';
import { defaultLogFormat, logFormat, parseHeader } from './log-format.ts';
import { encodeParquet } from './parquet.ts';
import { parseLines } from './parse-lines.ts';
import type { RecordBatch } from './record-batch.ts';
import { renderLines } from './text.ts';

const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)) };

/** Parquet back to lines: null and `-` are both `-`. */
async function linesOf(bytes: Uint8Array, columns: readonly string[]): Promise<string> {
  const file = Uint8Array.from(bytes).buffer;
  const objects = await parquetReadObjects({ file, compressors });
  const cell = (value: unknown) => (value === null ? '-' : String(value));
  return objects.map((object) => `${columns.map((column) => cell(object[column])).join(' ')}\n`).join('');
}

/** Of all types, addresses of both families among them. */
const mixedFields = 'interface-id srcaddr dstaddr srcport bytes start';

/** A line of values of which so many differ, and of which so many of a hundred are missing. */
function mixedLine(row: number, distinct: number, missing: number, seed: number): string {
  const pick = (salt: number) => Math.imul(row + seed, 0x9e37_79b1 ^ salt) >>> 0;
  const value = (salt: number, text: (number: number) => string) =>
    pick(salt) % 100 < missing ? '-' : text(pick(salt + 7) % distinct);
  return [
    value(1, (number) => `eni-${number}é`),
    value(2, (number) =>
      number % 9 === 0
        ? `2001:db8::${(number % 65_536).toString(16)}`
        : `10.0.${(number >> 8) & 255}.${number & 255}`,
    ),
    value(3, () => '-'),
    value(4, (number) => String(number)),
    value(5, (number) => String(number * 100_000_000_003)),
    value(6, () => '1767571200'),
  ].join(' ');
}

function schemaOf(file: ArrayBuffer) {
  return parquetMetadata(file).schema.slice(1);
}

describe('encodeParquet', () => {
  it.each(sampleLines)('holds $name', async ({ fields: names, lines }) => {
    const batch = parseLines(lines.join('\n'), parseHeader(names));
    const columns = batch.format.fields.map(({ column }) => column);
    expect(await linesOf(encodeParquet(batch), columns)).toBe(renderLines(batch, { header: false }));
  });

  it('has AWS’s names and types, every column optional, in the order of the format', () => {
    const batch: RecordBatch = parseLines('', logFormat(fields));
    const schema = schemaOf(Uint8Array.from(encodeParquet(batch)).buffer);
    const types = { string: ['BYTE_ARRAY', 'UTF8'], int32: ['INT32', 'INT_32'], int64: ['INT64', 'INT_64'] };
    expect(
      schema.map(({ name, type, converted_type, repetition_type }) => [
        name,
        type,
        converted_type,
        repetition_type,
      ]),
    ).toEqual(fields.map(({ column, type }) => [column, ...types[type], 'OPTIONAL']));
  });

  it('writes null for - in a number and - in a text, in pages of gzip', async () => {
    const nodata = '2 1 eni-1 - - - - - - - 1431280876 1431280934 - NODATA';
    const bytes = encodeParquet(parseLines(nodata, defaultLogFormat));
    const file = Uint8Array.from(bytes).buffer;
    const [record] = await parquetReadObjects({ file, compressors });
    expect(record).toMatchObject({
      srcaddr: '-',
      srcport: null,
      packets: null,
      start: 1431280876n,
      action: '-',
    });
    const codecs = parquetMetadata(file).row_groups[0].columns.map(({ meta_data }) => meta_data?.codec);
    expect(new Set(codecs)).toEqual(new Set(['GZIP']));
  });

  it('writes the chosen records over several row groups', async () => {
    const length = 150_000;
    const numbers = Float64Array.from({ length }, (_, i) => (i % 7 === 0 ? Number.NaN : i));
    const batch: RecordBatch = {
      format: parseHeader('packets srcport'),
      length,
      columns: [{ numbers }, { numbers }],
    };
    const rows = Int32Array.from({ length: length - 1 }, (_, i) => length - 1 - i);
    const bytes = encodeParquet(batch, rows);
    const expected = Array.from(rows, (row) => {
      const text = row % 7 === 0 ? '-' : String(row);
      return `${text} ${text}\n`;
    });
    expect((await linesOf(bytes, ['packets', 'srcport'])) === expected.join('')).toBe(true);
  });

  it('gives back whatever records it is given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 1, max: 70_000 }),
        fc.integer({ min: 0, max: 40 }),
        fc.nat(),
        async (length, distinct, missing, seed) => {
          const lines = Array.from({ length }, (_, i) => mixedLine(i, distinct, missing, seed));
          const batch = parseLines(lines.join('\n'), parseHeader(mixedFields));
          const columns = batch.format.fields.map(({ column }) => column);
          const found = await linesOf(encodeParquet(batch), columns);
          expect(found).toBe(renderLines(batch, { header: false }));
        },
      ),
      { numRuns: runs(20, 500) },
    );
  });

  it('tells the least and the greatest number of a row group, and how many are null', () => {
    const batch = parseLines(
      '7 - 9007199254740991\n- - 0\n300 - 4294967296',
      parseHeader('srcport dstport bytes'),
    );
    const [{ columns }] = parquetMetadata(Uint8Array.from(encodeParquet(batch)).buffer).row_groups;
    const ranges = columns.map(({ meta_data }) => {
      const { min_value, max_value, null_count } = meta_data!.statistics!;
      return [min_value, max_value, null_count];
    });
    expect(ranges).toEqual([
      [7, 300, 1n],
      [undefined, undefined, 3n],
      [0n, 9007199254740991n, 0n],
    ]);
  });

  it.skipIf(!sharedData)(
    'names its columns as a published file does (skipped without the shared data)',
    () => {
      const content = readFileSync(path.join(sharedData ?? '', 'records/flows.parquet'));
      const published = schemaOf(Uint8Array.from(content).buffer);
      const batch = parseLines('', defaultLogFormat);
      const ours = schemaOf(Uint8Array.from(encodeParquet(batch)).buffer);
      const shape = (schema: typeof ours) =>
        schema.map(({ name, repetition_type }) => [name, repetition_type]);
      expect(shape(ours)).toEqual(shape(published));
    },
  );
});
