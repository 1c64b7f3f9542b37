import { invariant } from '../fault/index.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Commit, Drop } from './commit.ts';
import type { Change } from './documents.ts';
import {
  readFloat64,
  readInt32,
  readOptionalNumbers,
  readUint32,
  writeNumbers,
  writeOptionalNumbers,
} from './number-codec.ts';
import type { RecordRows, RowBatch, StoredColumn, TextRows } from './row-batch.ts';
import { usedTexts } from './used-texts.ts';

/**
 * A commit as bytes, for the journal and for who sends commits to another process. Columns stay columns: nothing here
 * runs once per value except the loops of `number-codec`.
 */
/** Records of several streams are a kind of their own. */
const kinds = { records: 1, text: 2, mixedRecords: 3 } as const;
const columnTypes = ['int32', 'int64', 'text', 'address'] as const;

export function encodeCommit({ documents = [], drop = [], rows = [] }: Commit): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(1024 + roughBytes(rows));
  const hasValues = documents.every((change) => !('put' in change) || change.value !== undefined);
  invariant(hasValues, 'a document without a value');
  writer.text(documents.length + drop.length === 0 ? '' : JSON.stringify({ documents, drop }));
  writer.uint32(rows.length);
  for (const batch of rows) writeBatch(writer, batch);
  return writer.finish();
}

/** What `encodeCommit` was given; arrays are new. */
export function decodeCommit(bytes: Uint8Array): Required<Commit> {
  const reader = new ByteReader(bytes);
  const small = reader.text();
  const { documents, drop } =
    small === ''
      ? { documents: [], drop: [] }
      : (JSON.parse(small) as { documents: readonly Change[]; drop: readonly Drop[] });
  const rows = Array.from({ length: reader.uint32() }, () => readBatch(reader));
  invariant(reader.isAtEnd, 'bytes behind a commit');
  return { documents, drop, rows };
}

function roughBytes(rows: readonly RowBatch[]): number {
  return rows.reduce((sum, { timestampsMs }) => sum + 512 + timestampsMs.length * 48, 0);
}

function writeBatch(writer: ByteWriter, batch: RowBatch): void {
  const { stream } = batch;
  writer.uint8(typeof stream === 'number' ? kinds[batch.kind] : kinds.mixedRecords);
  writer.uint32(batch.group);
  writer.uint32(typeof stream === 'number' ? stream : 0);
  writer.float64(batch.ingestionMs);
  writer.float64(batch.format ?? -1);
  writer.uint32(batch.timestampsMs.length);
  writeNumbers(writer, batch.timestampsMs);
  if (batch.kind === 'text') {
    invariant(batch.messages.length === batch.timestampsMs.length, 'a message without a timestamp');
    for (const message of batch.messages) writer.text(message);
    return;
  }
  writer.uint32(batch.columns.length);
  if (typeof stream !== 'number') {
    invariant(stream.length === batch.timestampsMs.length, 'a record without a stream');
    writeNumbers(writer, stream);
  }
  for (const column of batch.columns) writeColumn(writer, column, batch.timestampsMs.length);
}

function readBatch(reader: ByteReader): RowBatch {
  const kind = reader.uint8();
  const group = reader.uint32();
  const stream = reader.uint32();
  const ingestionMs = reader.float64();
  const format = reader.float64();
  const length = reader.uint32();
  const timestampsMs = readFloat64(reader, length);
  const shared = { group, ingestionMs, timestampsMs };
  if (kind === kinds.text) {
    const messages = Array.from({ length }, () => reader.text());
    return {
      kind: 'text',
      ...shared,
      stream,
      messages,
      ...(format < 0 ? {} : { format }),
    } satisfies TextRows;
  }
  invariant(kind === kinds.records || kind === kinds.mixedRecords, 'rows of an unknown kind');
  const count = reader.uint32();
  const streams = kind === kinds.records ? stream : readInt32(reader, length);
  const columns = Array.from({ length: count }, () => readColumn(reader, length));
  return { kind: 'records', ...shared, stream: streams, format, columns } satisfies RecordRows;
}

function writeColumn(writer: ByteWriter, column: StoredColumn, length: number): void {
  writer.uint8(columnTypes.indexOf(column.type));
  const values = column.type === 'text' ? column.codes : column.values;
  invariant(values.length === length, 'a column of another length than its batch');
  if (column.type === 'int32') writeNumbers(writer, column.values);
  else if (column.type === 'int64') writeOptionalNumbers(writer, column.values);
  else {
    if (column.type === 'address') writeNumbers(writer, column.values);
    const { codes, texts } = usedTexts(column.codes, column.texts);
    const most = writeNumbers(writer, codes);
    invariant(most < texts.length, 'a code without a text');
    writer.uint32(texts.length);
    for (const text of texts) writer.text(text);
  }
}

function readColumn(reader: ByteReader, length: number): StoredColumn {
  const type = columnTypes[reader.uint8()];
  if (type === 'int32') return { type, values: readInt32(reader, length) };
  if (type === 'int64') return { type, values: readOptionalNumbers(reader, length) };
  if (type === 'text') return { type, ...readCodes(reader, length) };
  invariant(type === 'address', 'a column of an unknown type');
  return { type, values: readUint32(reader, length), ...readCodes(reader, length) };
}

function readCodes(reader: ByteReader, length: number): { codes: Int32Array; texts: readonly string[] } {
  const codes = readInt32(reader, length);
  return { codes, texts: Array.from({ length: reader.uint32() }, () => reader.text()) };
}
