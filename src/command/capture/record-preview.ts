import { type FlowRecords, lineChunks } from '../../record/index.ts';
import { formatCount } from '../../report/index.ts';

const maxLines = 20;

/** The most telling records of a window as text: REJECT first, then by bytes; at most 20 lines, and how many more there are. */
export function previewText(records: FlowRecords, where: string): string {
  const decoder = new TextDecoder();
  const lines = [...lineChunks(records, mostTelling(records))].map((chunk) => decoder.decode(chunk)).join('');
  const more = records.length - maxLines;
  return more > 0 ? `${lines}… ${formatCount(more)} more ${where}` : lines.trimEnd();
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
