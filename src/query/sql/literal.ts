import { parameter, type Sql, sql } from './sql.ts';
import type { Scalar } from './value.ts';

export function numberLiteral(number: number): Scalar {
  return Number.isSafeInteger(number)
    ? { kind: 'integer', sql: bigint(number), presence: 'nullable', literal: number }
    : { kind: 'double', sql: double(number), presence: 'nullable', literal: number };
}

/** The number that a literal is or reads as, as a field of that text would. */
export function literalNumber({ literal }: Pick<Scalar, 'literal'>): number | undefined {
  if (typeof literal !== 'string') return literal;
  if (!/^-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$/.test(literal)) return undefined;
  const number = Number(literal);
  return Number.isFinite(number) ? number : undefined;
}

/** A number for where a column of BIGINT stands; a whole number of at most 2^63. */
export function bigint(number: number): Sql {
  return sql`${parameter(BigInt(number))}::BIGINT`;
}

/** Whole numbers that a BIGINT may not hold go as text, which DuckDB reads once. */
export function double(number: number): Sql {
  return sql`${parameter(Math.abs(number) < 2 ** 53 ? number : String(number))}::DOUBLE`;
}
