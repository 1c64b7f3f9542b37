import type { Field } from '../record/fields.ts';
import { isAddress } from '../record/line-columns.ts';
import type { LaneColumn } from './table-appender.ts';

/** How a record's field is kept: which columns a scan gives for it, and how tables in memory hold it. */
export type FieldKind = 'int32' | 'int64' | 'text' | 'address';

export function kindOf(field: Field): FieldKind {
  if (field.type !== 'string') return field.type;
  return isAddress(field) ? 'address' : 'text';
}

/** The column of what is no IPv4 address. */
export function otherColumn(column: string): string {
  return `${column}_text`;
}

/** The column of numbers that stand for texts, in memory. */
export function numberColumn(column: string): string {
  return `${column}_number`;
}

export type ColumnType = 'BIGINT' | 'INTEGER' | 'UINTEGER' | 'USMALLINT' | 'VARCHAR';

/** Columns as scans and segments have them. */
export function scanColumns(field: Field): readonly (readonly [name: string, type: ColumnType])[] {
  const { column } = field;
  switch (kindOf(field)) {
    case 'int32':
      return [[column, 'INTEGER']];
    case 'int64':
      return [[column, 'BIGINT']];
    case 'text':
      return [[column, 'VARCHAR']];
    case 'address':
      return [
        [column, 'UINTEGER'],
        [otherColumn(column), 'VARCHAR'],
      ];
  }
}

/** Columns as tables in memory have them. @param isIpv4 whether all addresses are IPv4 addresses */
export function laneColumns(field: Field, isIpv4: boolean): readonly LaneColumn[] {
  const { column } = field;
  const number = { name: numberColumn(column), type: 'INTEGER' } as const;
  switch (kindOf(field)) {
    case 'int32':
      return [{ name: column, type: 'INTEGER' }];
    case 'int64':
      return [{ name: column, type: 'BIGINT' }];
    case 'text':
      return [number];
    case 'address':
      return [{ name: column, type: 'UINTEGER' }, ...(isIpv4 ? [] : [number])];
  }
}
