import { fitText, printable, textWidth } from './text-width.ts';

const gap = '  ';
/** A column is not made narrower than this to fit a terminal. */
const leastWidth = 8;
const shortWidth = 32;
const number = /^-?[0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?: ?[kMGT]?i?B)?$/;

export interface Table {
  readonly columns: readonly string[];
  /** null is a field that the row does not have; it is left empty. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/**
 * The table as aligned text with a header line, each line ended by a line feed; columns of numbers are aligned right.
 * @param maxWidth cells of the terminal that it is for; nothing is cut when absent
 */
export function* tableLines(table: Table, maxWidth?: number): Generator<string> {
  const texts = table.rows.map((row) => row.map((value) => printable(value ?? '')));
  const isNumeric = table.columns.map((_, i) => isNumberColumn(table.rows, i));
  const natural = table.columns.map((name, i) =>
    texts.reduce((width, row) => Math.max(width, textWidth(row[i])), textWidth(printable(name))),
  );
  const widths = maxWidth === undefined ? natural : fitWidths(natural, maxWidth);
  const line = (row: readonly string[]): string => {
    const cells = row.map((text, i) => padded(fitText(text, widths[i]), widths[i], isNumeric[i]));
    return `${cells.join(gap).trimEnd()}\n`;
  };
  yield line(table.columns.map(printable));
  for (const row of texts) yield line(row);
}

function isNumberColumn(rows: Table['rows'], column: number): boolean {
  let some = false;
  for (const row of rows) {
    const value = row[column];
    if (value === null || value === '-' || value === '') continue;
    if (!number.test(value)) return false;
    some = true;
  }
  return some;
}

/** Short columns (times, addresses, numbers) stay whole while the others can have the least width; these share the rest. */
function fitWidths(natural: readonly number[], maxWidth: number): number[] {
  const columns = natural.map((_, i) => i).sort((a, b) => natural[a] - natural[b]);
  const isShort = (column: number): boolean => natural[column] <= shortWidth;
  const needed = columns.reduce((sum, each) => sum + (isShort(each) ? natural[each] : leastWidth), 0);
  let left = maxWidth - gap.length * (natural.length - 1);
  const shortFit = needed <= left;
  const widths = [...natural];
  for (const [at, column] of columns.entries()) {
    const share = Math.max(leastWidth, Math.floor(left / (columns.length - at)));
    if (!(shortFit && isShort(column))) widths[column] = Math.min(natural[column], share);
    left -= widths[column];
  }
  return widths;
}

function padded(text: string, width: number, right: boolean): string {
  const spaces = ' '.repeat(Math.max(0, width - textWidth(text)));
  return right ? spaces + text : text + spaces;
}
