import { formatIpv4 } from '../ip/index.ts';
import { ipv4Code, missingCode, missingInt32, type StoredColumn } from './stored-column.ts';

/** A record as its line. */
export function storedLine(columns: readonly StoredColumn[], row: number): string {
  let line = storedText(columns[0], row);
  for (let i = 1; i < columns.length; i++) line += ` ${storedText(columns[i], row)}`;
  return line;
}

function storedText(column: StoredColumn, row: number): string {
  switch (column.type) {
    case 'int32':
      return column.values[row] === missingInt32 ? '-' : String(column.values[row]);
    case 'int64':
      return Number.isNaN(column.values[row]) ? '-' : String(column.values[row]);
    case 'text':
      return column.codes[row] === missingCode ? '-' : column.texts[column.codes[row]];
    case 'address': {
      const code = column.codes[row];
      if (code === ipv4Code) return formatIpv4(column.values[row]);
      return code === missingCode ? '-' : column.texts[code];
    }
  }
}

/** Some of the rows, in this order; dictionaries are shared. */
export function pickRows(columns: readonly StoredColumn[], rows: Int32Array): StoredColumn[] {
  return columns.map((column) => pickFrom(column, rows));
}

function pickFrom(column: StoredColumn, rows: Int32Array): StoredColumn {
  switch (column.type) {
    case 'int32':
      return { type: 'int32', values: pickValues(column.values, rows, new Int32Array(rows.length)) };
    case 'int64':
      return { type: 'int64', values: pickValues(column.values, rows, new Float64Array(rows.length)) };
    case 'text':
      return { ...column, codes: pickValues(column.codes, rows, new Int32Array(rows.length)) };
    case 'address':
      return {
        ...column,
        values: pickValues(column.values, rows, new Uint32Array(rows.length)),
        codes: pickValues(column.codes, rows, new Int32Array(rows.length)),
      };
  }
}

/** @param picked takes them; as long as `rows` */
export function pickValues<Values extends Int32Array | Uint32Array | Float64Array>(
  values: Values,
  rows: Int32Array,
  picked: Values,
): Values {
  for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i]];
  return picked;
}

/** Rows from `from` up to `to`, which share their memory with the columns. */
export function sliceRows(columns: readonly StoredColumn[], from: number, to: number): StoredColumn[] {
  return columns.map((column) => {
    if (column.type === 'int32') return { type: 'int32', values: column.values.subarray(from, to) };
    if (column.type === 'int64') return { type: 'int64', values: column.values.subarray(from, to) };
    const codes = column.codes.subarray(from, to);
    if (column.type === 'text') return { ...column, codes };
    return { ...column, values: column.values.subarray(from, to), codes };
  });
}
