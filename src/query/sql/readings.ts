import { invariant } from '../../fault/index.ts';
import type { Sql } from './sql.ts';
import type { Value } from './value.ts';

/** VARCHAR as functions see it (a time is its milliseconds); NULL is missing, and what is a map or a list. */
export function textOf(value: Value): Sql {
  return pending(value);
}

/** BIGINT, HUGEINT or DOUBLE; NULL when it is missing or no number. */
export function numberOf(value: Value): Sql {
  return pending(value);
}

/** BOOLEAN, never NULL. */
export function truthOf(value: Value): Sql {
  return pending(value);
}

/** The same for a WHERE: BOOLEAN where NULL counts as false, plain over raw columns so that Parquet is asked less. */
export function conditionOf(value: Value): Sql {
  return pending(value);
}

/** The text of a result cell; NULL leaves the cell out. Times as `YYYY-MM-DD HH:MM:SS.mmm`, booleans as 1 and 0. */
export function renderOf(value: Value): Sql {
  return pending(value);
}

/** Items of an ORDER BY, directions included, in the natural order of Insights; missing before all when ascending. */
export function sortKeysOf(value: Value, descending: boolean): readonly Sql[] {
  return pending([value, descending]);
}

function pending(what: unknown): never {
  invariant(what === undefined, 'values are not read yet');
  throw new TypeError();
}
