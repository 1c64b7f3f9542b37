import { gzipSync } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Field, FieldType } from './fields.ts';
import type { LogFormat } from './log-format.ts';
import type { Column, RecordBatch } from './record-batch.ts';

/** Rows that are boxed for the library at a time, which bounds memory; also the size of a row group. */
const rowGroupRows = 65_536;

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];
type ColumnSource = Parameters<ParquetWriter['write']>[0]['columnData'][number];

/**
 * Records as a Parquet file like AWS's: one optional column per field in the format's order, named with underscores,
 * INT_32, INT_64 or UTF8, pages compressed with gzip. `-` is null in a number and the text `-` in a string: a
 * reader of AWS's files expects both.
 * @param rows which records, in which order; all when absent
 */
export function encodeParquet(batch: RecordBatch, rows?: Int32Array): Uint8Array {
  const encoder = new ParquetEncoder(batch.format);
  encoder.add(batch, rows);
  encoder.end();
  return encoder.take();
}

/** The same, of batches that come one after the other; each makes row groups of its own. */
export class ParquetEncoder {
  readonly #format: LogFormat;
  readonly #writer = new ByteWriter();
  readonly #file: ParquetWriter;

  constructor(format: LogFormat) {
    const { fields } = format;
    this.#format = format;
    this.#file = new ParquetWriter({
      writer: this.#writer,
      schema: [{ name: 'schema', num_children: fields.length }, ...fields.map(schemaElement)],
      codec: 'GZIP',
      compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 3 }) },
      createdBy: 'headgate',
    });
  }

  add(batch: RecordBatch, rows?: Int32Array): void {
    const count = rows ? rows.length : batch.length;
    for (let from = 0; from < count; from += rowGroupRows) {
      const to = Math.min(count, from + rowGroupRows);
      const take = (i: number) => (rows ? rows[from + i] : from + i);
      this.#file.write({
        columnData: this.#format.fields.map((field, i) =>
          columnSource(field, batch.columns[i], to - from, take),
        ),
        rowGroupSize: rowGroupRows,
      });
    }
  }

  end(): void {
    this.#file.finish();
  }

  /** The bytes since the last call. */
  take(): Uint8Array {
    const bytes = this.#writer.getBytes().slice();
    this.#writer.index = 0;
    return bytes;
  }
}

const physicalTypes = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int32: { type: 'INT32', converted_type: 'INT_32' },
  int64: { type: 'INT64', converted_type: 'INT_64' },
} as const satisfies Record<FieldType, Partial<SchemaElement>>;

function schemaElement(field: Field): SchemaElement {
  return { name: field.column, repetition_type: 'OPTIONAL', ...physicalTypes[field.type] };
}

function columnSource(
  field: Field,
  column: Column,
  length: number,
  take: (i: number) => number,
): ColumnSource {
  const name = field.column;
  if ('texts' in column) {
    // Flows come in no order of addresses: least and greatest texts would cost time and exclude nothing.
    return { name, data: Array.from({ length }, (_, i) => column.texts[take(i)]), statistics: false };
  }
  const { numbers } = column;
  const box = field.type === 'int64' ? BigInt : Number;
  const data = Array.from({ length }, (_, i) => {
    const number = numbers[take(i)];
    return Number.isNaN(number) ? null : box(number);
  });
  return { name, data };
}
