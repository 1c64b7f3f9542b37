import { ConfigError } from '../fault/index.ts';
import type { Field } from './fields.ts';
import { type LogFormat, parseHeader } from './log-format.ts';
import type { Column, RecordBatch } from './record-batch.ts';

/** A record's values in the order of the format; NaN for `-` in an int field. */
export type RecordValues = readonly (string | number)[];

const int32Max = 0x7fffffff;

/**
 * Reads one record. Several spaces count as one: AWS's own documentation holds such a line.
 * @param lineNumber for the error, counted from 1
 * @throws ConfigError `RecordInvalid` naming line, field, what was found and what was expected
 */
export function parseLine(format: LogFormat, line: string, lineNumber = 1): RecordValues {
  const { fields } = format;
  let values = line.split(' ');
  if (values.length !== fields.length) values = line.split(/ +/);
  if (values.length !== fields.length) throw wrongCount(format, values.length, lineNumber);
  return fields.map((field, i) => readValue(field, values[i], lineNumber));
}

/**
 * Reads lines as `renderLines` writes them; empty lines are passed over.
 * @param format the format of the lines; when absent, the first line is the header that names it
 * @throws ConfigError `RecordInvalid` as `parseLine`, or `LogFormatInvalid` for the header
 */
export function parseLines(text: string, format?: LogFormat): RecordBatch {
  const lines = text.split('\n');
  const from = format ? 0 : 1;
  const known = format ?? parseHeader(lines[0]);
  const rows: RecordValues[] = [];
  for (let i = from; i < lines.length; i++) {
    if (lines[i] !== '') rows.push(parseLine(known, lines[i], i + 1));
  }
  return {
    format: known,
    length: rows.length,
    columns: known.fields.map((field, i) => toColumn(field, rows, i)),
  };
}

function toColumn(field: Field, rows: readonly RecordValues[], at: number): Column {
  if (field.type === 'string') return { texts: rows.map((row) => String(row[at])) };
  return { numbers: Float64Array.from(rows, (row) => Number(row[at])) };
}

function readValue(field: Field, text: string, lineNumber: number): string | number {
  if (text === '') throw invalid(field, text, 'a value, or -', lineNumber);
  if (field.type === 'string') return text;
  if (text === '-') return Number.NaN;
  const max = field.type === 'int32' ? int32Max : Number.MAX_SAFE_INTEGER;
  const number = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (number <= max) return number;
  throw invalid(field, text, `a whole number from 0 to ${max}, or -`, lineNumber);
}

function invalid(field: Field, text: string, expected: string, lineNumber: number): ConfigError {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return new ConfigError('RecordInvalid', `line ${lineNumber}: field ${field.token}: found ${shown}`, [
    `expected ${expected}`,
  ]);
}

function wrongCount(format: LogFormat, found: number, lineNumber: number): ConfigError {
  const { fields } = format;
  const what =
    found < fields.length
      ? `ends before field ${fields[found].token}`
      : `goes on after field ${fields.at(-1)?.token}`;
  return new ConfigError('RecordInvalid', `line ${lineNumber}: ${what}`, [
    `expected ${fields.length} values joined by one space, found ${found}`,
  ]);
}
