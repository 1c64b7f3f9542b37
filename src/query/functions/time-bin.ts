import type { Period, PeriodUnit } from '../insights/tree.ts';
import { call } from '../sql/held.ts';
import { bigint } from '../sql/literal.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';

const widths: Readonly<Partial<Record<PeriodUnit, number>>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
const months: Readonly<Partial<Record<PeriodUnit, number>>> = { mo: 1, q: 3, y: 12 };
/** AWS takes more of a unit for the most it allows: `bin(300s)` is a minute. */
const caps: Readonly<Partial<Record<PeriodUnit, number>>> = { ms: 1000, s: 60, m: 60, h: 24 };
/** Weeks begin on Mondays (ISO 8601), and 1970 did on a Thursday. */
const firstMondayMs = 4 * 86_400_000;
/** From year 1 to 1970. */
const yearOneMs = 62_135_596_800_000;
/** Periods longer than the calendar would have no beginning in it. */
const mostMonths = 12 * 1000;
const mostMs = 1000 * 366 * 86_400_000;

/** Bins are aligned to 1970 in UTC, and begin later by the offset. */
export function floorTime(time: Sql, period: Period, asked: number): Value {
  const offsetMs = Math.max(-mostMs, Math.min(mostMs, asked));
  const calendar = monthsOf(period);
  if (!calendar) return scalar('timestamp', flooredTo(time, widthOf(period), offsetMs + originMs(period)));
  if (offsetMs === 0) return scalar('timestamp', call('month_floor', time, calendar));
  const offset = bigint(offsetMs);
  return scalar('timestamp', sql`(${call('month_floor', sql`(${time} - ${offset})`, calendar)} + ${offset})`);
}

/** The end of the bin, or the time itself where it is the beginning of one. */
export function ceilTime(time: Sql, period: Period): Value {
  const calendar = monthsOf(period);
  if (calendar) return scalar('timestamp', call('month_ceil', time, calendar));
  const width = widthOf(period);
  const floored = flooredTo(sql`(${time} - 1)`, width, originMs(period));
  return scalar('timestamp', sql`(${floored} + ${bigint(width)})`);
}

/** A period in milliseconds, months as 30 days and years as 365. */
export function periodMs({ count, unit }: Period): number {
  const width = widths[unit];
  return width === undefined
    ? count * (unit === 'y' ? 365 : 30 * (months[unit] ?? 1)) * 86_400_000
    : count * width;
}

function originMs({ unit }: Period): number {
  return unit === 'w' ? firstMondayMs : 0;
}

/** One division for each time: what is added is a multiple of the width that makes every year from 1 positive. */
function flooredTo(time: Sql, width: number, originMs: number): Sql {
  const lift = width * Math.ceil((yearOneMs + Math.abs(originMs)) / width) - originMs;
  return call('time_floor', time, bigint(lift), bigint(width));
}

/** At least one and at most the cap of the unit. */
function countOf({ count, unit }: Period): number {
  return Math.max(1, Math.min(count, caps[unit] ?? Number.POSITIVE_INFINITY));
}

/** Milliseconds of a bin whose unit is no part of the calendar. */
export function widthOf(period: Period): number {
  return Math.min(mostMs, Math.floor(countOf(period) * (widths[period.unit] ?? 1)));
}

function monthsOf(period: Period): Sql | undefined {
  const each = months[period.unit];
  return each === undefined ? undefined : bigint(Math.min(mostMonths, Math.floor(countOf(period) * each)));
}
