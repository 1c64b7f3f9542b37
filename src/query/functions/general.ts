import { QueryError } from '../../fault/index.ts';
import { choose, firstPresent } from '../sql/choice.ts';
import { numberLiteral } from '../sql/literal.ts';
import { numberOf, textOf } from '../sql/readings.ts';
import { sql } from '../sql/sql.ts';
import { booleanOf, missing, presenceOf, scalar, type Value } from '../sql/value.ts';
import { type Arguments, type CompiledFunction, fn } from './function.ts';

export const generalFunctions: readonly CompiledFunction[] = [
  fn('ispresent', 'general', 'f', '1 when the event has the field', (args) =>
    booleanOf(presenceOf(args.value(0))),
  ),
  fn('coalesce', 'general', 'f…', 'The first of the values that is there', (args) =>
    firstPresent(args.values(0)),
  ),
  fn('if', 'general', 'c:condition, a, b', 'The one value when the condition holds, else the other', (args) =>
    choose([args.condition(0)], [args.value(1), args.value(2)]),
  ),
  fn(
    'case',
    'general',
    'c:condition, v, more…?',
    'The value after the first condition that holds, else the last one, which has no condition',
    firstCase,
  ),
  fn('isNumeric is_numeric', 'general', 'f', '1 when the value reads as a number', (args) =>
    booleanOf(sql`(${numberOf(args.value(0))} IS NOT NULL)`),
  ),
  fn('messageSize message_size', 'general', 'f', 'The length of the text in bytes of UTF-8', (args) =>
    scalar('integer', sql`strlen(${textOf(args.value(0))})`),
  ),
  fn(
    'queryStartTime query_start_time',
    'general',
    '',
    'The beginning of the time range in epoch milliseconds',
    (_, around) => numberLiteral(around.startMs),
  ),
  fn(
    'queryEndTime query_end_time',
    'general',
    '',
    'The end of the time range in epoch milliseconds',
    (_, around) => numberLiteral(around.endMs),
  ),
  fn(
    'queryTimeRange query_time_range',
    'general',
    '',
    'The length of the time range in milliseconds',
    (_, around) => numberLiteral(around.endMs - around.startMs),
  ),
];

/** AWS allows ten branches. */
const mostBranches = 10;

function firstCase(args: Arguments): Value {
  const branches = Math.floor(args.count / 2);
  if (branches > mostBranches) {
    const found = `case takes at most ${mostBranches} conditions, found ${branches}`;
    throw new QueryError(found, args.call.range);
  }
  const whole = Array.from({ length: branches }, (_, branch) => branch * 2);
  const conditions = whole.map((at) => args.condition(at));
  const values = whole.map((at) => args.value(at + 1));
  return choose(conditions, [...values, args.count % 2 === 1 ? args.value(args.count - 1) : missing]);
}
