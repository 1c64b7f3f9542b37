import { linePieces, type RecordBatch } from '../record/index.ts';

const lineFeed = 0x0a;

/** What of a piece of lines is a record of a delivery stream: `{"message":"<line>"}`, without a line feed. */
function messageRecord(line: string): Buffer {
  return Buffer.from(JSON.stringify({ message: line }));
}

/** Records of delivery streams, in lists that are about 1.2 MiB together; the same for the same batch. */
export function* messageRecords(batch: RecordBatch): Generator<Buffer[], void, undefined> {
  for (const { bytes } of linePieces(batch)) yield recordLines(bytes).map(messageRecord);
}

/** The lines of a piece, without their line feeds. */
export function recordLines(bytes: Uint8Array): string[] {
  const end = bytes.at(-1) === lineFeed ? bytes.length - 1 : bytes.length;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8').split('\n');
}
