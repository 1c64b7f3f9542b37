import { LineWriter } from './line-writer.ts';
import type { LogFormat } from './log-format.ts';
import type { RecordBatch } from './record-batch.ts';

/** The first line of AWS's files: the field names, joined by one space; without line feed. */
export function headerLine(format: LogFormat): string {
  return format.fields.map(({ token }) => token).join(' ');
}

/** Some whole lines, each ended by a line feed, as UTF-8. */
export interface LinePiece {
  readonly bytes: Uint8Array;
  readonly records: number;
}

/**
 * Records as lines in pieces of about 1 MiB.
 * @param rows which records, in which order; all when absent
 */
export function* linePieces(batch: RecordBatch, rows?: Int32Array): Generator<LinePiece, void, undefined> {
  const count = rows ? rows.length : batch.length;
  const writer = new LineWriter(batch, count);
  let taken = 0;
  for (let i = 0; i < count; i++) {
    const full = writer.write(rows ? rows[i] : i);
    if (!full) continue;
    yield { bytes: full, records: i - taken };
    taken = i;
  }
  if (count > taken) yield { bytes: writer.take(), records: count - taken };
}

/** As `linePieces`, for those who need not know how many records a piece holds. */
export function* lineChunks(batch: RecordBatch, rows?: Int32Array): Generator<Uint8Array, void, undefined> {
  for (const { bytes } of linePieces(batch, rows)) yield bytes;
}

/** Records as one text; for what is small enough to be one. */
export function renderLines(batch: RecordBatch, options: { readonly header: boolean }): string {
  const decoder = new TextDecoder();
  let text = options.header ? `${headerLine(batch.format)}\n` : '';
  for (const chunk of lineChunks(batch)) text += decoder.decode(chunk);
  return text;
}
