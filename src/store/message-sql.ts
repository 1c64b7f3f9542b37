import type { Field } from '../record/fields.ts';
import type { LogFormat } from '../record/log-format.ts';
import { kindOf, otherColumn } from './field-columns.ts';
import type { ScanSource } from './scan-source.ts';

/** What a source gives a column by; undefined where it is NULL in every row. */
type Expression = (column: string) => string | undefined;

/** SQL for the message of each row of a source: the text that is kept, or the line, byte for byte. */
export function messageSql(source: ScanSource, format: (number: number) => LogFormat): string {
  const expression: Expression = (column) => source.expression(column);
  const lines = source.columnFormats.map((number) => ({ number, line: lineSql(format(number), expression) }));
  const kept = source.hasText ? expression('kept') : undefined;
  if (lines.length === 0) return kept ?? "''";
  const cases = lines.map(({ number, line }) => `WHEN ${number} THEN ${line}`).join(' ');
  const line = lines.length === 1 ? lines[0].line : `CASE ${expression('format')} ${cases} END`;
  // Not coalesce: the line of a row that is kept as text need not be made.
  return kept === undefined ? line : `CASE WHEN ${kept} IS NULL THEN ${line} ELSE ${kept} END`;
}

/** Columns that `messageSql` refers to. */
export function messageColumns(formats: readonly LogFormat[]): readonly string[] {
  const columns = formats.flatMap(({ fields }) =>
    fields.flatMap((field) =>
      kindOf(field) === 'address' ? [field.column, otherColumn(field.column)] : [field.column],
    ),
  );
  return ['format', 'kept', ...columns];
}

function lineSql({ fields }: LogFormat, expression: Expression): string {
  return `concat_ws(' ', ${fields.map((field) => valueSql(field, expression)).join(', ')})`;
}

function valueSql(field: Field, expression: Expression): string {
  const texts = kindOf(field) === 'address' ? addressTexts(field, expression) : [expression(field.column)];
  const present = texts.filter((text) => text !== undefined);
  if (present.length === 0) return "'-'";
  return `coalesce(${present.map((text) => `(${text})::VARCHAR`).join(', ')}, '-')`;
}

function addressTexts(field: Field, expression: Expression): (string | undefined)[] {
  const ipv4 = expression(field.column);
  return [ipv4 && ipv4Text(ipv4), expression(otherColumn(field.column))];
}

function ipv4Text(number: string): string {
  const octets = [24, 16, 8, 0].map((bits) => `((${number}) >> ${bits}) & 255`);
  return `CASE WHEN ${number} IS NOT NULL THEN concat_ws('.', ${octets.join(', ')}) END`;
}
