import { call } from '../sql/held.ts';
import { numberLiteral } from '../sql/literal.ts';
import { doubleOf } from '../sql/readings.ts';
import { join, type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import { type Arguments, type CompiledFunction, fn } from './function.ts';

const double = (code: Sql): Value => scalar('double', code);
const argument = (args: Arguments, at = 0): Sql => doubleOf(args.value(at));
const arguments_ = (args: Arguments): Sql => join(args.values(0).map(doubleOf));

/** All are of doubles: missing where an argument is no number, or where the answer is none. */
export const numericFunctions: readonly CompiledFunction[] = [
  fn('abs', 'numeric', 'a', 'The absolute value', (args) => double(sql`abs(${argument(args)})`)),
  fn('ceil', 'numeric', 'a', 'The least whole number that is not below the value', (args) =>
    double(sql`ceil(${argument(args)})`),
  ),
  fn('floor', 'numeric', 'a', 'The greatest whole number that is not above the value', (args) =>
    double(sql`floor(${argument(args)})`),
  ),
  fn('greatest', 'numeric', 'a…', 'The greatest of the values that are numbers', (args) =>
    double(sql`greatest(${arguments_(args)})`),
  ),
  fn('least', 'numeric', 'a…', 'The least of the values that are numbers', (args) =>
    double(sql`least(${arguments_(args)})`),
  ),
  fn('log', 'numeric', 'a', 'The natural logarithm', (args) => double(call('real_log', argument(args)))),
  fn('sqrt', 'numeric', 'a', 'The square root', (args) => double(call('real_root', argument(args)))),
  fn(
    'round',
    'numeric',
    'a, digits:number?',
    'The value rounded to so many decimals, or to a whole number',
    (args) => double(sql`round(${argument(args)}, ${decimals(args)}::INTEGER)`),
  ),
  fn(
    'haversine',
    'numeric',
    'latitude1, longitude1, latitude2, longitude2',
    'The distance of two places on Earth in kilometres',
    (args) => double(call('great_circle', ...args.values(0).map(doubleOf))),
  ),
  fn('toNumber to_number', 'numeric', 's', 'The number that the text reads as', (args) =>
    double(argument(args)),
  ),
  fn('toDouble to_double', 'numeric', 's', 'The number that the text reads as', (args) =>
    double(argument(args)),
  ),
  fn('toInt to_int', 'numeric', 's', 'Its whole part, of 32 bits', (args) =>
    scalar('integer', sql`TRY_CAST(trunc(${argument(args)}) AS INTEGER)::BIGINT`),
  ),
  fn('toLong to_long', 'numeric', 's', 'Its whole part, of 64 bits', (args) =>
    scalar('integer', sql`TRY_CAST(trunc(${argument(args)}) AS BIGINT)`),
  ),
  fn(
    'histogram',
    'time series',
    'f, width:number',
    'The start of the range of that width that holds the number, for `stats … by`',
    (args) => {
      const width = numberLiteral(args.number(1)).sql;
      return double(sql`(floor(${argument(args)} / nullif(${width}, 0)) * ${width})`);
    },
  ),
];

/** More digits than a double has change nothing. */
function decimals(args: Arguments): Sql {
  const digits = args.optional(1) ? args.number(1) : 0;
  return numberLiteral(Math.max(-30, Math.min(30, Math.trunc(digits)))).sql;
}
