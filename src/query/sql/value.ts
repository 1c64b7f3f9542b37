import type { Sql } from './sql.ts';

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
