import { call, hold } from '../sql/held.ts';
import { numberLiteral } from '../sql/literal.ts';
import { doubleOf, textOf } from '../sql/readings.ts';
import { parameter, type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import { type Arguments, type CompiledFunction, fn } from './function.ts';
import { ceilTime, floorTime } from './time-bin.ts';
import { parsePattern, printPattern } from './time-pattern.ts';
import { localTime, universalTime, zoneOf } from './time-zone.ts';

export const datetimeFunctions: readonly CompiledFunction[] = [
  fn('bin', 'datetime', 'p:period', 'The beginning of the period that holds `@timestamp`', (args, around) =>
    floorTime(timeOf(around.timestamp()), args.period(0), around.binOffsetMs),
  ),
  fn('datefloor date_floor', 'datetime', 't, p:period', 'The time rounded down to a period', (args) =>
    floorTime(timeOf(args.value(0)), args.period(1), 0),
  ),
  fn('dateceil date_ceil', 'datetime', 't, p:period', 'The time rounded up to a period', (args) =>
    ceilTime(timeOf(args.value(0)), args.period(1)),
  ),
  fn('fromMillis from_millis', 'datetime', 'n', 'The time of that many milliseconds since 1970', (args) =>
    scalar('timestamp', timeOf(args.value(0))),
  ),
  fn('toMillis to_millis', 'datetime', 't', 'The milliseconds from 1970 to the time', (args) =>
    scalar('integer', timeOf(args.value(0))),
  ),
  fn('now', 'datetime', '', 'The time when the query began, in epoch seconds', (_, around) =>
    numberLiteral(Math.floor(around.nowMs / 1000)),
  ),
  fn(
    'parseDate parse_date',
    'datetime',
    's, pattern:text, zone:text?',
    'The epoch milliseconds of a time written in that pattern of Java',
    parseDate,
  ),
  fn(
    'formatDate format_date strftime',
    'datetime',
    't, format:text, zone:text?',
    'The time written in that format of strftime',
    formatDate,
  ),
];

/** BIGINT, epoch milliseconds; NULL beyond the years 1 to 9999. */
function timeOf(value: Value): Sql {
  return value.kind === 'timestamp' ? value.sql : call('time_of', doubleOf(value));
}

function parseDate(args: Arguments): Value {
  const pattern = parsePattern(args.text(1), args.node(1).range);
  const parsed = sql`epoch_ms(try_strptime(${textOf(args.value(0))}, ${parameter(pattern.format)}))`;
  const zone = args.optional(2) ? zoneOf(args.text(2), args.node(2).range) : undefined;
  return scalar('integer', zone && !pattern.hasZone ? universalTime(parsed, zone) : parsed);
}

function formatDate(args: Arguments): Value {
  const format = args.text(1);
  const { range } = args.node(1);
  const zone = args.optional(2)
    ? zoneOf(args.text(2), args.node(2).range)
    : { offsetMinutes: 0, name: 'UTC' };
  const time = timeOf(args.value(0));
  return scalar(
    'text',
    hold([time], ([held]) => printPattern(format, range, localTime(held, zone), held, zone)),
  );
}
