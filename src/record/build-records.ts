import { invariant } from '../fault/index.ts';
import type { FlowRows } from '../flow/flow-row.ts';
import type { Field } from './fields.ts';
import type { LogFormat } from './log-format.ts';
import { type MergedRows, mergeRows } from './merge-rows.ts';
import type { Column, FlowRecords, NumberColumn, TextColumn } from './record-batch.ts';
import type { RecordContext, RecordOptions } from './record-context.ts';
import { RowReader } from './row-reader.ts';
import { type Part, part, shownBy } from './shown-by.ts';

/**
 * Renders flows in a format. Flows that are equal in every field of it but counters and times (packets and bytes are
 * added, start is the least and end the greatest, TCP flags are joined) become one record, never across windows.
 * Records stand in the order in which their first flow does.
 */
export function buildRecords(
  rows: FlowRows,
  context: RecordContext,
  format: LogFormat,
  options: RecordOptions = {},
): FlowRecords {
  const reader = new RowReader(rows, context, format, options.tagKeys ?? {});
  const merged = mergeRows(rows, reader, options.trafficType ?? 'ALL');
  const { length, endSeconds, packets, bytes } = merged;
  const columns = format.fields.map((field) => buildColumn(field, format, reader, merged));
  const interfaceIds = idsOf(merged, context);
  return { format, length, columns, interfaceIds, endSeconds, packets, bytes };
}

function idsOf({ length, interfaces }: MergedRows, context: RecordContext): string[] {
  const known: string[] = [];
  const ids = new Array<string>(length);
  for (let i = 0; i < length; i++) {
    const at = interfaces[i];
    known[at] ??= context.facts(at).interfaceId;
    ids[i] = known[at];
  }
  return ids;
}

function buildColumn(field: Field, format: LogFormat, reader: RowReader, merged: MergedRows): Column {
  const { length } = merged;
  const by = shownBy[field.token];
  switch (by.from) {
    case 'constant':
      return field.token === 'version' ? repeatNumber(format.version, length) : repeatText('OK', length);
    case 'never':
      return missing(field, length);
    case 'counter':
      return { numbers: counterOf(field, merged) };
    case 'number':
      return partNumbers(reader, merged, by.part, (value) => value);
    case 'word':
      return partTexts(reader, merged, by.part, (value) => by.words[value]);
    case 'address':
      return partTexts(reader, merged, by.part, (value) => reader.addresses.text(value));
    case 'dictionary': {
      const dictionary = by.part === part.cause ? reader.causes : reader.services;
      return partTexts(reader, merged, by.part, (value) => dictionary.texts(value)[0]);
    }
    case 'interface': {
      const at = placeAmong(format, field, 'interface');
      return partTexts(reader, merged, part.interface, (value) => reader.interfaces.texts(value)[at]);
    }
    case 'path': {
      const at = placeAmong(format, field, 'path');
      const text = (value: number) => reader.paths.texts(value)[at];
      if (field.type === 'string') return partTexts(reader, merged, part.path, text);
      return partNumbers(reader, merged, part.path, (value) => Number(text(value)));
    }
  }
}

/** Which of the format's fields from this source the field is: the reader lists their texts in that order. */
function placeAmong(format: LogFormat, field: Field, from: 'interface' | 'path'): number {
  return format.fields.filter(({ token }) => shownBy[token].from === from).indexOf(field);
}

function counterOf(field: Field, merged: MergedRows): Float64Array {
  switch (field.token) {
    case 'packets':
      return merged.packets;
    case 'bytes':
      return merged.bytes;
    case 'start':
      return merged.startSeconds;
    case 'end':
      return merged.endSeconds;
    default:
      invariant(field.token === 'tcp-flags', `${field.token} is no counter`);
      return merged.tcpFlags;
  }
}

function partTexts(
  reader: RowReader,
  merged: MergedRows,
  which: Part,
  text: (value: number) => string,
): TextColumn {
  const { length, tuples } = merged;
  const width = reader.parts.length;
  const texts = new Array<string>(length);
  for (let i = 0, at = reader.parts.indexOf(which); i < length; i++, at += width) texts[i] = text(tuples[at]);
  return { texts };
}

function partNumbers(
  reader: RowReader,
  merged: MergedRows,
  which: Part,
  number: (value: number) => number,
): NumberColumn {
  const { length, tuples } = merged;
  const width = reader.parts.length;
  const numbers = new Float64Array(length);
  for (let i = 0, at = reader.parts.indexOf(which); i < length; i++, at += width)
    numbers[i] = number(tuples[at]);
  return { numbers };
}

/** `-` in every record. */
export function missing(field: Field, length: number): Column {
  return field.type === 'string' ? repeatText('-', length) : repeatNumber(Number.NaN, length);
}

export function repeatText(text: string, length: number): TextColumn {
  return { texts: new Array<string>(length).fill(text) };
}

export function repeatNumber(number: number, length: number): NumberColumn {
  return { numbers: new Float64Array(length).fill(number) };
}
