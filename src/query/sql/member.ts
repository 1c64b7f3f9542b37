import { unless } from './held.ts';
import { parameter, sql } from './sql.ts';
import { missing, scalar, type Value } from './value.ts';

/** What stands at the steps inside a map or a list; missing in what is neither, and where it is `null`. */
export function memberOf(value: Value, steps: readonly (string | number)[]): Value {
  if (value.kind !== 'structure') return missing;
  const pointer = steps
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
  return scalar(
    'structure',
    unless(sql`json_extract(${value.sql}, ${parameter(pointer)}::VARCHAR)`, sql`'null'::JSON`),
  );
}
