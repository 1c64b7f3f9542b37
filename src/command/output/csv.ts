import type { Table } from './table.ts';

/** RFC 4180: a header line, lines ended by CR LF; what holds a comma, a quote or a line break is quoted. */
export function* csvLines({ columns, rows }: Table): Generator<string> {
  yield record(columns);
  for (const row of rows) yield record(row);
}

function record(values: readonly (string | null)[]): string {
  const line = values.map((value) => csvValue(value ?? '')).join(',');
  // A line with nothing in it would be no record to many readers.
  return `${line === '' ? '""' : line}\r\n`;
}

function csvValue(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
