/**
 * The records of a CSV text as RFC 4180 has it, with line feeds alone taken as well; undefined when a quotation does
 * not end or is followed by something.
 */
export function parseCsv(text: string): string[][] | undefined {
  const records: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const record: string[] = [];
    for (let more = true; more; ) {
      const cell = readCell(text, at);
      if (!cell) return undefined;
      record.push(cell.text);
      more = text[cell.end] === ',';
      at = cell.end + 1;
      if (text[cell.end] === '\r') at++;
    }
    records.push(record);
  }
  return records;
}

/** `end` is at a comma, the end of a line, or that of the text. */
function readCell(text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  if (text[at] !== '"') {
    const end = endOfCell(text, at);
    return { text: text.slice(at, end), end };
  }
  let cell = '';
  for (let from = at + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    cell += text.slice(from, quote);
    if (text[quote + 1] !== '"') {
      const end = quote + 1;
      return end === endOfCell(text, end) ? { text: cell, end } : undefined;
    }
    cell += '"';
    from = quote + 2;
  }
}

function endOfCell(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const character = text[i];
    if (character === ',' || character === '\n' || (character === '\r' && text[i + 1] === '\n')) return i;
  }
  return text.length;
}

/** Every cell quoted, so that all readers agree. */
export function formatCsv(records: readonly (readonly string[])[]): string {
  return records
    .map((record) => `${record.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');
}
