import type { Scope } from '../expression.ts';
import type { Call, Field } from '../insights/tree.ts';
import { textOf } from '../sql/readings.ts';
import { sizeOf } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import { referenceKey } from './column-references.ts';
import type { Planner } from './planner.ts';
import { define, nest, type Rows } from './rows.ts';

/** Nodes from which on an argument is made in a SELECT of its own. */
const lightSize = 25;
/** These compare texts, and write them down more than once. */
const comparing = /^(?:min|max|sortsfirst|sortslast)$/i;

/** Rows in which costly arguments of aggregates are columns, and the calls that take these columns. */
export interface HeldArguments {
  readonly rows: Rows;
  call(call: Call): Call;
}

/**
 * The SQL of an aggregate writes its argument several times, and DuckDB would compute it as often: a field that is cut
 * out of text, or an address as text, is computed once for a row instead, before the rows are grouped.
 */
export function holdArguments(
  calls: readonly Call[],
  rows: Rows,
  scope: Scope,
  planner: Planner,
): HeldArguments {
  const held = new Map<string, Value>();
  for (const call of calls) {
    const [argument] = call.args;
    if (!argument || argument.kind === 'regex' || argument.kind === 'period') continue;
    const value = planner.expression(argument, rows, scope);
    if (isCostly(call, value))
      held.set(keyOf(call, planner), scalar('text', rows.select.output(textOf(value))));
  }
  if (held.size === 0) return { rows, call: (call) => call };
  const nested = nest(rows, planner.alias());
  const names = new Map([...held].map(([key, value]) => [nameOf(key), value]));
  const events = rows.events === rows.select ? nested.select : rows.events;
  return {
    rows: { ...define(nested, names, planner.step), events },
    call: (call) => {
      const key = keyOf(call, planner);
      if (!held.has(key)) return call;
      const [argument, ...others] = call.args;
      const name = nameOf(key);
      const field: Field = { kind: 'field', name, path: [name], range: argument.range };
      return { ...call, args: [field, ...others] };
    },
  };
}

function isCostly(call: Call, value: Value): boolean {
  if (value.kind === 'address') return comparing.test(call.name.name);
  return value.kind === 'text' && value.literal === undefined && sizeOf(value.sql) > lightSize;
}

function keyOf({ args: [argument], name }: Call, { workshop }: Planner): string {
  const kind = comparing.test(name.name) ? 'compared' : 'held';
  return argument
    ? `${kind} ${referenceKey(workshop.text.slice(argument.range.start, argument.range.end))}`
    : '';
}

/** No field of a query: names cannot hold a NUL. */
function nameOf(key: string): string {
  return `\0${key}`;
}
