import { LineWriter } from './line-writer.ts';
import type { LogFormat } from './log-format.ts';
import type { RecordBatch } from './record-batch.ts';

/** The first line of AWS's files: the field names, joined by one space; without line feed. */
export function headerLine(format: LogFormat): string {
  return format.fields.map(({ token }) => token).join(' ');
}

/**
 * Records as lines of UTF-8, each ended by a line feed, in pieces of about 1 MiB that hold whole lines.
 * @param rows which records, in which order; all when absent
 */
export function* lineChunks(batch: RecordBatch, rows?: Int32Array): Generator<Uint8Array, void, undefined> {
  const writer = new LineWriter(batch);
  const count = rows ? rows.length : batch.length;
  for (let i = 0; i < count; i++) {
    const full = writer.write(rows ? rows[i] : i);
    if (full) yield full;
  }
  const rest = writer.take();
  if (rest.length > 0) yield rest;
}

/** Records as one text; for what is small enough to be one. */
export function renderLines(batch: RecordBatch, options: { readonly header: boolean }): string {
  const decoder = new TextDecoder();
  let text = options.header ? `${headerLine(batch.format)}\n` : '';
  for (const chunk of lineChunks(batch)) text += decoder.decode(chunk);
  return text;
}
