import { ServiceError } from '../fault/index.ts';

/** A moment as a clock on a wall of the time zone shows it. */
interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly offsetMinutes: number;
  readonly timeZone: string;
}

type Piece = { readonly text: string } | { readonly letter: string; readonly count: number };

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const dayMs = 86_400_000;

/**
 * A pattern of Java's DateTimeFormatter (locale en_US), as Firehose's `!{timestamp:…}` takes it: letters stand for
 * parts of the time, what is in single quotes and what is no letter for itself.
 */
export class TimestampFormat {
  readonly #pieces: readonly Piece[];

  /** @throws ServiceError `InvalidArgumentException` for letters that stand for nothing */
  constructor(pattern: string) {
    this.#pieces = piecesOf(pattern);
    for (const piece of this.#pieces) {
      if ('letter' in piece && !isKnown(piece)) throw badPattern(pattern);
    }
  }

  at(timeMs: number, timeZone: string): string {
    const wall = wallTime(timeMs, timeZone);
    return this.#pieces
      .map((piece) => ('text' in piece ? piece.text : parts[piece.letter](wall, piece.count)))
      .join('');
  }
}

/** Whether it is a time zone that the calendar knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function badPattern(pattern: string): ServiceError {
  return new ServiceError(
    'InvalidArgumentException',
    `The supplied prefix(es) do not satisfy the following constraint: ${JSON.stringify(pattern)} is not a valid timestamp pattern`,
  );
}

function piecesOf(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [token, quoted] of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z]/g)) {
    if (token === "'") throw badPattern(pattern);
    if (quoted !== undefined) pieces.push({ text: quoted === '' ? "'" : quoted.replaceAll("''", "'") });
    else if (/[A-Za-z]/.test(token)) pieces.push({ letter: token[0], count: token.length });
    else pieces.push({ text: token });
  }
  return pieces;
}

const mostOf: Readonly<Record<string, number>> = {
  a: 1,
  D: 3,
  S: 9,
  y: 9,
  u: 9,
  Y: 9,
  E: 4,
  M: 4,
  L: 4,
  Q: 2,
  q: 2,
};

function isKnown({ letter, count }: { readonly letter: string; readonly count: number }): boolean {
  if (!Object.hasOwn(parts, letter)) return false;
  if (letter === 'V') return count === 2;
  if (letter === 'X' || letter === 'x' || letter === 'Z') return count <= 3;
  return count <= (mostOf[letter] ?? 2);
}

type Part = (wall: WallTime, count: number) => string;

const padded = (value: number, count: number) => String(value).padStart(count, '0');
const yearText = (year: number, count: number) => (count === 2 ? padded(year % 100, 2) : padded(year, count));
const named = (names: readonly string[], index: number, count: number) =>
  count === 4 ? names[index] : names[index].slice(0, 3);
const monthText: Part = ({ month }, count) =>
  count > 2 ? named(months, month - 1, count) : padded(month, count);

const parts: Readonly<Record<string, Part>> = {
  y: ({ year }, count) => yearText(year, count),
  u: ({ year }, count) => yearText(year, count),
  Y: (wall, count) => yearText(weekOf(wall).year, count),
  M: monthText,
  L: monthText,
  d: ({ day }, count) => padded(day, count),
  D: (wall, count) => padded(dayOfYear(wall), count),
  E: ({ weekday }, count) => named(weekdays, weekday, count),
  w: (wall, count) => padded(weekOf(wall).week, count),
  Q: ({ month }, count) => padded(Math.ceil(month / 3), count),
  q: ({ month }, count) => padded(Math.ceil(month / 3), count),
  a: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  H: ({ hour }, count) => padded(hour, count),
  k: ({ hour }, count) => padded(hour === 0 ? 24 : hour, count),
  K: ({ hour }, count) => padded(hour % 12, count),
  h: ({ hour }, count) => padded(hour % 12 === 0 ? 12 : hour % 12, count),
  m: ({ minute }, count) => padded(minute, count),
  s: ({ second }, count) => padded(second, count),
  S: ({ millisecond }, count) => padded(millisecond, 3).padEnd(9, '0').slice(0, count),
  V: ({ timeZone }) => timeZone,
  X: ({ offsetMinutes }, count) => (offsetMinutes === 0 ? 'Z' : offsetText(offsetMinutes, count)),
  x: ({ offsetMinutes }, count) => offsetText(offsetMinutes, count),
  Z: ({ offsetMinutes }) => offsetText(offsetMinutes, 2),
};

function offsetText(offsetMinutes: number, count: number): string {
  const size = Math.abs(offsetMinutes);
  const hours = `${offsetMinutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60), 2)}`;
  if (count === 1 && size % 60 === 0) return hours;
  return `${hours}${count === 3 ? ':' : ''}${padded(size % 60, 2)}`;
}

function dayOfYear({ year, month, day }: WallTime): number {
  return Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / dayMs) + 1;
}

/** As en_US counts weeks: from Sunday on, the first is the one that has January 1. */
function weekOf(wall: WallTime): { readonly year: number; readonly week: number } {
  const { year, month, day, weekday } = wall;
  const saturday = new Date(Date.UTC(year, month - 1, day + 6 - weekday));
  const weekYear = saturday.getUTCFullYear();
  const days = Math.round((saturday.getTime() - Date.UTC(weekYear, 0, 1)) / dayMs);
  return { year: weekYear, week: Math.floor(days / 7) + 1 };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function wallTime(timeMs: number, timeZone: string): WallTime {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(timeZone, clock);
  }
  const shown: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(timeMs)) shown[type] = Number(value);
  const { year, month, day, hour, minute, second } = shown;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const wholeSecondMs = Math.floor(timeMs / 1000) * 1000;
  return {
    year,
    month,
    day,
    hour,
    minute,
    second,
    millisecond: Math.floor(timeMs - wholeSecondMs),
    weekday: new Date(localMs).getUTCDay(),
    offsetMinutes: Math.round((localMs - wholeSecondMs) / 60_000),
    timeZone,
  };
}
