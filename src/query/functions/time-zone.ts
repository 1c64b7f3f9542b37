import { QueryError } from '../../fault/index.ts';
import type { Range } from '../insights/tree.ts';
import { bigint } from '../sql/literal.ts';
import { parameter, type Sql, sql } from '../sql/sql.ts';

/** A zone of the tz database by its name, or a fixed distance from UTC. */
export type Zone = { readonly name: string; readonly offsetMinutes?: number };

/**
 * `UTC`, `Europe/Berlin`, `+09:00`, `-0530`.
 * @throws QueryError at `range` when there is no such zone
 */
export function zoneOf(text: string, range: Range): Zone {
  const fixed = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(text);
  if (fixed && Number(fixed[2]) <= 18 && Number(fixed[3] ?? 0) < 60) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? 0);
    return { name: text, offsetMinutes: fixed[1] === '-' ? -minutes : minutes };
  }
  if (/^(?:UTC|GMT|Z)$/i.test(text)) return { name: 'UTC', offsetMinutes: 0 };
  if (!isKnown(text)) {
    throw new QueryError(`${JSON.stringify(text)} is no time zone`, range, [
      '"UTC"',
      '"Europe/Berlin"',
      '"+09:00"',
    ]);
  }
  return { name: text };
}

function isKnown(name: string): boolean {
  if (!/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** TIMESTAMP as clocks in the zone show it. */
export function localTime(time: Sql, zone: Zone): Sql {
  if (zone.offsetMinutes === undefined) {
    return sql`timezone(${parameter(zone.name)}::VARCHAR, timezone('UTC', make_timestamp(${time} * 1000)))`;
  }
  return sql`make_timestamp((${time} + ${bigint(zone.offsetMinutes * 60_000)}) * 1000)`;
}

/** Epoch milliseconds of what clocks in the zone show as these. */
export function universalTime(time: Sql, zone: Zone): Sql {
  if (zone.offsetMinutes === undefined) {
    return sql`epoch_ms(timezone(${parameter(zone.name)}::VARCHAR, make_timestamp(${time} * 1000)))`;
  }
  return sql`(${time} - ${bigint(zone.offsetMinutes * 60_000)})`;
}
