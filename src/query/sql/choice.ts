import { doubleOf, textOf } from './readings.ts';
import { join, type Sql, sql } from './sql.ts';
import { isMissing, missing, type Scalar, scalar, type Value } from './value.ts';

/** The first of the values that is there. */
export function firstPresent(values: readonly Value[]): Value {
  const known = values.filter((value) => !isMissing(value));
  const always = known.findIndex(({ presence }) => presence === 'dash');
  const asked = always < 0 ? known : known.slice(0, always + 1);
  if (asked.length <= 1) return asked[0] ?? missing;
  const { kind, columns } = alike(asked);
  return scalar(kind, sql`coalesce(${join(columns)})`);
}

/** The value of the first condition that holds, else the last value. */
export function choose(conditions: readonly Sql[], values: readonly Value[]): Value {
  if (values.every(isMissing)) return missing;
  const { kind, columns } = alike(values);
  const branches = conditions.map((condition, i) => sql`WHEN ${condition} THEN ${columns[i]}`);
  return scalar(kind, sql`CASE ${join(branches, ' ')} ELSE ${columns[columns.length - 1]} END`);
}

/**
 * The values in one type: numbers stay numbers, times stay times, anything else is text. A field whose `-` is NULL is
 * text too, since NULL will be missing.
 */
function alike(values: readonly Value[]): {
  readonly kind: Scalar['kind'];
  readonly columns: readonly Sql[];
} {
  const kinds = new Set(values.filter((value) => !isMissing(value)).map(kindAlone));
  const [only] = kinds;
  if (kinds.size === 1 && only !== 'text') {
    return {
      kind: only,
      columns: values.map((value) => (isMissing(value) ? sql`NULL` : (value as Scalar).sql)),
    };
  }
  const numbers = [...kinds].every((kind) => kind === 'integer' || kind === 'double');
  if (numbers) return { kind: 'double', columns: values.map(doubleOf) };
  return { kind: 'text', columns: values.map(textOf) };
}

function kindAlone(value: Value): Scalar['kind'] {
  return value.kind === 'address' || value.presence !== 'nullable' ? 'text' : value.kind;
}
