import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { Field } from './fields.ts';
import type { LogFormat } from './log-format.ts';
import { columnPages } from './parquet-column.ts';
import { type Chunk, fileMetadata, pageHeader, type RowGroup } from './parquet-metadata.ts';
import type { RecordBatch } from './record-batch.ts';
import { recordColumns } from './record-columns.ts';
import type { StoredColumn } from './stored-column.ts';
import { pickRows, sliceRows } from './stored-lines.ts';

/** A row group. A column of one holds up all else for some milliseconds. */
export const rowGroupRows = 65_536;

const gzipOptions = { level: 3 } as const;
const magic = Buffer.from('PAR1');

/**
 * Records as a Parquet file like AWS's: one optional column per field in the format's order, named with underscores,
 * INT_32, INT_64 or UTF8, pages compressed with gzip. `-` is null in a number and the text `-` in a string: a
 * reader of AWS's files expects both.
 * @param rows which records, in which order; all when absent
 */
export function encodeParquet(batch: RecordBatch, rows?: Int32Array): Uint8Array {
  const encoder = new ParquetEncoder(batch.format);
  const all = recordColumns(batch);
  const columns = rows ? pickRows(all, rows) : all;
  const length = rows ? rows.length : batch.length;
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < length; from += rowGroupRows) {
    const to = Math.min(length, from + rowGroupRows);
    for (const work of encoder.rowGroup(sliceRows(columns, from, to), to - from))
      pieces.push(...work.finish(gzipSync(work.page, gzipOptions)));
  }
  pieces.push(encoder.end());
  return Buffer.concat(pieces);
}

const gzipInPool = promisify<Uint8Array, typeof gzipOptions, Buffer>(gzip);

/**
 * Row groups as they come as a Parquet file. Pages are compressed in the thread pool, and between two columns others
 * have their turn.
 */
export async function* encodeRowGroups(
  format: LogFormat,
  groups: AsyncIterable<{ readonly length: number; readonly columns: readonly StoredColumn[] }>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new ParquetEncoder(format);
  for await (const { columns, length } of groups) {
    for (const work of encoder.rowGroup(columns, length))
      yield* work.finish(await gzipInPool(work.page, gzipOptions));
  }
  yield encoder.end();
}

/** A page to be compressed. */
interface PageWork {
  readonly page: Uint8Array;
  /** What goes into the file for it. */
  finish(compressed: Uint8Array): Uint8Array[];
}

/** Keeps the place of each piece of a file. Pieces are taken in the order in which they are given. */
class ParquetEncoder {
  readonly #fields: readonly Field[];
  readonly #groups: RowGroup[] = [];
  #at = 0;

  constructor({ fields }: LogFormat) {
    this.#fields = fields;
  }

  *rowGroup(columns: readonly StoredColumn[], rows: number): Generator<PageWork, void, undefined> {
    const chunks: Chunk[] = [];
    for (const [i, field] of this.#fields.entries()) {
      const { dictionary, data, range, nulls } = columnPages(columns[i], rows);
      const at = Math.max(this.#at, magic.length);
      const hasDictionary = dictionary !== undefined;
      const chunk = {
        field,
        rows,
        pages: { range, nulls },
        hasDictionary,
        at,
        dataAt: at,
        bytes: 0,
        plainBytes: 0,
      };
      chunks.push(chunk);
      if (dictionary) yield this.#page(chunk, dictionary.bytes, { entries: dictionary.count });
      chunk.dataAt = Math.max(this.#at, magic.length);
      yield this.#page(chunk, data, { rows, hasDictionary });
    }
    this.#groups.push({ rows, chunks });
  }

  end(): Uint8Array {
    const footer = fileMetadata(this.#fields, this.#groups);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    return Buffer.concat([this.#begin(), footer, length, magic]);
  }

  #page(chunk: Chunk, page: Uint8Array, what: Parameters<typeof pageHeader>[0]): PageWork {
    const finish = (compressed: Uint8Array): Uint8Array[] => {
      const header = pageHeader(what, page.length, compressed.length);
      const begin = this.#begin();
      this.#at += header.length + compressed.length;
      chunk.bytes += header.length + compressed.length;
      chunk.plainBytes += header.length + page.length;
      return [begin, header, compressed];
    };
    return { page, finish };
  }

  /** What a file begins with, at its beginning. */
  #begin(): Uint8Array {
    if (this.#at > 0) return new Uint8Array();
    this.#at = magic.length;
    return magic;
  }
}
