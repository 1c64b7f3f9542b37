import { ConfigError } from '../fault/index.ts';

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** The last moment that a `Date` can tell. */
const lastMs = 8.64e15;
/** 2001 in milliseconds, 33658 in seconds: numbers of 12 digits and more are milliseconds. */
const leastMilliseconds = 1e11;

/** `30m`, `-1h`, `2d`, `1w`: how long before now, in milliseconds; undefined for another text. */
export function parseDuration(text: string): number | undefined {
  const match = /^-?([0-9]{1,7})\s*([smhdw])$/.exec(text);
  return match ? Number(match[1]) * unitMs[match[2]] : undefined;
}

/**
 * Epoch milliseconds of `now`, `30m` or `-30m` (ago), ISO 8601 (UTC where it tells no zone) or a Unix time in seconds or
 * milliseconds.
 * @param bound which end of a range it is: a date alone, and a whole second, last to their end
 */
export function parseTime(option: string, text: string, nowMs: number, bound: 'start' | 'end'): number {
  if (text === 'now') return nowMs;
  const ago = parseDuration(text);
  const timeMs = ago === undefined ? absoluteMs(text, bound) : nowMs - ago;
  if (timeMs !== undefined && Math.abs(timeMs) <= lastMs) return timeMs;
  throw new ConfigError(
    'InvalidOption',
    `${option}: found ${JSON.stringify(text)}, expected 30m, 1h or 2d (ago), now, 2026-01-31, 2026-01-31T12:00:00Z or a Unix time`,
  );
}

function absoluteMs(text: string, bound: 'start' | 'end'): number | undefined {
  if (/^[0-9]{1,16}$/.test(text)) {
    const number = Number(text);
    return number >= leastMilliseconds ? number : number * 1000 + (bound === 'end' ? 999 : 0);
  }
  const match =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, date, minute, second, zone] = match;
  if (!isDate(date)) return undefined;
  const timeMs = Date.parse(`${date}T${minute ?? '00:00'}${second ?? ':00'}${zone ?? 'Z'}`);
  if (Number.isNaN(timeMs)) return undefined;
  return bound === 'start' ? timeMs : timeMs + restMs(minute, second);
}

/** `Date` takes 31 February for 3 March. */
function isDate(date: string): boolean {
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnightMs) && new Date(midnightMs).toISOString().startsWith(date);
}

/** How long the moment lasts that the text names, less a millisecond. */
function restMs(minute: string | undefined, second: string | undefined): number {
  if (minute === undefined) return unitMs.d - 1;
  return second === undefined || !second.includes('.') ? 999 : 0;
}
