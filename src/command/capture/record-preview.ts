import { type FlowRecords, lineChunks } from '../../record/index.ts';
import { formatCount } from '../../report/index.ts';

const maxLines = 20;

interface Candidate {
  readonly isRejected: boolean;
  readonly bytes: number;
  readonly line: string;
}

/** The most telling records of a window: REJECT first, then by bytes; at most 20, however many batches they come in. */
export class RecordPreview {
  #best: Candidate[] = [];
  #records = 0;

  add(records: FlowRecords): void {
    this.#records += records.length;
    const chosen = mostTelling(records);
    const lines = linesOf(records, chosen);
    const isRejected = rejected(records);
    const candidates = Array.from(chosen, (record, i) => ({
      isRejected: isRejected(record),
      bytes: records.bytes[record],
      line: lines[i],
    }));
    // Sorting is stable: of equals the earlier stays first.
    this.#best = [...this.#best, ...candidates].sort(compare).slice(0, maxLines);
  }

  /** The text, without the last line feed; `where` tells where the others are. Undefined when there was no record. */
  take(where: string): string | undefined {
    if (this.#records === 0) return undefined;
    const lines = this.#best.map(({ line }) => line);
    const more = this.#records - lines.length;
    if (more > 0) lines.push(`… ${formatCount(more)} more ${where}`);
    this.#best = [];
    this.#records = 0;
    return lines.join('\n');
  }
}

function compare(a: Candidate, b: Candidate): number {
  return Number(b.isRejected) - Number(a.isRejected) || b.bytes - a.bytes;
}

function linesOf(records: FlowRecords, chosen: Int32Array): string[] {
  const decoder = new TextDecoder();
  const text = [...lineChunks(records, chosen)].map((chunk) => decoder.decode(chunk)).join('');
  return text.split('\n').slice(0, -1);
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
