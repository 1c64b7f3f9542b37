import { type FlowRecords, lineChunks } from '../../record/index.ts';
import { formatCount, type OutputStream } from '../../report/index.ts';

const maxLines = 20;
/** More than this waiting to be read: the window's lines are left out rather than kept. */
const maxPendingBytes = 64 * 1024;

/** Prints the most telling records of a window: REJECT first, then by bytes; at most 20 lines. */
export class RecordPreview {
  readonly #out: OutputStream;

  constructor(out: OutputStream) {
    this.#out = out;
  }

  /** `where` ends the line that says how many more there are. */
  print(records: FlowRecords, where: string): void {
    if (this.#out.pendingBytes > maxPendingBytes) return;
    for (const chunk of lineChunks(records, mostTelling(records))) void this.#out.write(chunk);
    const more = records.length - maxLines;
    if (more > 0) void this.#out.write(`… ${formatCount(more)} more ${where}\n`);
  }
}

/** Numbers of at most 20 records, the most telling first. */
export function mostTelling(records: FlowRecords): Int32Array {
  const isRejected = rejected(records);
  const isBefore = (a: number, b: number): boolean => {
    if (isRejected(a) !== isRejected(b)) return isRejected(a);
    return records.bytes[a] > records.bytes[b];
  };
  const best: number[] = [];
  for (let i = 0; i < records.length; i++) {
    if (best.length === maxLines && !isBefore(i, best[maxLines - 1])) continue;
    let at = best.length;
    while (at > 0 && isBefore(i, best[at - 1])) at--;
    best.splice(at, 0, i);
    if (best.length > maxLines) best.pop();
  }
  return Int32Array.from(best);
}

function rejected({ format, columns }: FlowRecords): (record: number) => boolean {
  const column = columns[format.fields.findIndex(({ token }) => token === 'action')];
  return column && 'texts' in column ? (record) => column.texts[record] === 'REJECT' : () => false;
}
