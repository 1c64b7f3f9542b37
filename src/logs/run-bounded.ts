import type { CompiledQuery } from '../query/scan.ts';
import type { QueryAnswer, QueryRow } from '../store/index.ts';
import type { Engine } from './engine.ts';
import { errors } from './errors.ts';

/** Of one result, as `unitsOf` counts. */
export const maxResultUnits = 64 * 1024 * 1024;
/** What a value costs besides its text. */
const valueUnits = 24;

export interface BoundedOptions {
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: readonly QueryRow[]) => void;
  readonly maxUnits: number;
}

/**
 * Runs a query whose result has to stay within a bound of memory.
 * @param compile is asked when the query begins, since what a query is compiled to depends on what there is
 * @throws ServiceError `LimitExceededException` when it does not; the signal's reason when it was aborted
 */
export async function runBounded(
  engine: Engine,
  compile: () => CompiledQuery,
  { signal, onRows, maxUnits }: BoundedOptions,
): Promise<QueryAnswer> {
  const bound = new AbortController();
  let units = 0;
  const answer = await engine.store.run(() => withLookupFiles(engine, compile()), {
    signal: AbortSignal.any(signal ? [signal, bound.signal] : [bound.signal]),
    onRows: (rows) => {
      units += unitsOf(rows);
      if (units > maxUnits) bound.abort(errors.resultTooLarge());
      else onRows?.(rows);
    },
  });
  // The last rows may have been too many.
  bound.signal.throwIfAborted();
  return answer;
}

/** UTF-16 units of the texts, and what values cost besides. */
export function unitsOf(rows: readonly QueryRow[]): number {
  let units = 0;
  for (const row of rows) for (const value of row) units += valueUnits + (value?.length ?? 0);
  return units;
}

/** Each version of a lookup table is a file of its own, which the store knows by another name than the query does. */
function withLookupFiles({ lookupTables }: Engine, compiled: CompiledQuery): CompiledQuery {
  const lookups = compiled.lookups.map((lookup) => ({
    ...lookup,
    table: lookupTables.get(lookup.table)?.file ?? lookup.table,
  }));
  return { ...compiled, lookups };
}
