import { join, parameter, type Sql, sql } from './sql.ts';

/**
 * What an expression of Insights QL is in SQL. Insights has no static types: a field is a text that may read as a
 * number. Here each value keeps the cheapest form that it came in (a number stays a column of integers, an address 32
 * bits) until somebody asks for its text, its number or its truth.
 */
export type Value = Scalar | Address;

export interface Scalar {
  /**
   * - `integer` (INTEGER or BIGINT), `double` (DOUBLE or HUGEINT)
   * - `text` (VARCHAR; may read as a number)
   * - `boolean` (BOOLEAN; prints as 1 and 0)
   * - `timestamp` (BIGINT, epoch milliseconds; prints as a time)
   * - `structure` (JSON: a map or a list)
   */
  readonly kind: 'integer' | 'double' | 'text' | 'boolean' | 'timestamp' | 'structure';
  readonly sql: Sql;
  readonly presence: Presence;
  /** What the user wrote, so that a comparison can turn it into the type of its other side when it is compiled. */
  readonly literal?: string | number;
  /** Of a boolean: the same truth where NULL counts as false (WHERE), in the form that reaches the storage. */
  readonly condition?: Sql;
}

/** The columns of an address as a scan gives them; `other` is absent when the scan holds IPv4 only. */
export interface Address {
  readonly kind: 'address';
  readonly ipv4: Sql;
  readonly other?: Sql;
  readonly presence: Presence;
}

/**
 * What NULL stands for:
 * - `nullable`: the field is missing
 * - `dash`: the field is there and its text is `-`
 * - a condition: `-` where it holds, missing where it does not (a scan of several formats, of which some have the field)
 */
export type Presence = 'nullable' | 'dash' | { readonly when: Sql };

/** A value of one column or computation; NULL is missing unless `presence` says otherwise. */
export function scalar(kind: Scalar['kind'], code: Sql, presence: Presence = 'nullable'): Scalar {
  return { kind, sql: code, presence };
}

/** A truth that NULL stands for `false` in. */
export function booleanOf(condition: Sql): Scalar {
  return { kind: 'boolean', sql: sql`coalesce(${condition}, false)`, presence: 'nullable', condition };
}

export function textLiteral(text: string): Scalar {
  return { kind: 'text', sql: sql`${parameter(text)}::VARCHAR`, presence: 'nullable', literal: text };
}

/** A field that no row has. */
export const missing: Scalar = scalar('text', sql`NULL::VARCHAR`);

export function isMissing(value: Value): boolean {
  return value === missing;
}

/** The columns that carry a value through a subquery, or that GROUP BY takes: as they are, nothing rendered. */
export function columnsOf(value: Value): readonly Sql[] {
  const columns =
    value.kind !== 'address' ? [value.sql] : value.other ? [value.ipv4, value.other] : [value.ipv4];
  return typeof value.presence === 'object' ? [...columns, value.presence.when] : columns;
}

/** The same value over columns that carry what `columnsOf` gave, in that order. */
export function rebind(value: Value, columns: readonly Sql[]): Value {
  const last = columns[columns.length - 1];
  const presence: Presence = typeof value.presence === 'object' ? { when: last } : value.presence;
  if (value.kind !== 'address') return scalar(value.kind, columns[0], presence);
  return { kind: 'address', ipv4: columns[0], presence, ...(value.other && { other: columns[1] }) };
}

/** Whether the field is there: BOOLEAN, never NULL. */
export function presenceOf(value: Value): Sql {
  const { presence } = value;
  if (presence === 'dash') return sql`true`;
  if (presence !== 'nullable') return sql`coalesce(${presence.when}, false)`;
  const columns = columnsOf(value).map((column) => sql`${column} IS NOT NULL`);
  return columns.length === 1 ? columns[0] : sql`(${join(columns, ' OR ')})`;
}
