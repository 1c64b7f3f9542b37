import { ConfigError } from '../../fault/index.ts';
import type { OutputStream } from '../../report/index.ts';
import { csvLines } from './csv.ts';
import { type Table, tableLines } from './table.ts';

const outputFormats = ['table', 'json', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** What is written at a time. */
const pieceLength = 64 * 1024;

export function parseOutputFormat<const T extends OutputFormat>(
  text: string | undefined,
  allowed: readonly T[] = outputFormats as unknown as readonly T[],
): T {
  const found = allowed.find((format) => format === (text ?? 'table'));
  if (found !== undefined) return found;
  throw new ConfigError(
    'InvalidOption',
    `--output: found ${JSON.stringify(text)}, expected ${allowed.slice(0, -1).join(', ')} or ${allowed[allowed.length - 1]}`,
  );
}

/** Prints the rows; on a terminal a table is cut to fit its width. */
export async function printTable(output: OutputStream, table: Table, format: OutputFormat): Promise<void> {
  let piece = '';
  for (const line of linesOf(table, format)) {
    piece += line;
    if (piece.length < pieceLength) continue;
    if (output.isClosed) return;
    await output.write(piece);
    piece = '';
  }
  await output.write(piece);
}

function linesOf(table: Table, format: OutputFormat): Iterable<string> {
  if (format === 'json') return jsonLines(table);
  if (format === 'csv') return csvLines(table);
  return tableLines(table, process.stdout.isTTY ? process.stdout.columns : undefined);
}

/** An array with an object on each line; a field that a row does not have is left out of its object. */
function* jsonLines({ columns, rows }: Table): Generator<string> {
  if (rows.length === 0) yield '[]\n';
  for (const [at, row] of rows.entries()) {
    const members = columns.flatMap((name, i) => {
      const value = row[i];
      return value === null ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`];
    });
    yield `${at === 0 ? '[' : ''}{${members.join(',')}}${at === rows.length - 1 ? ']' : ','}\n`;
  }
}
