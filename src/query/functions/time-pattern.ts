import { QueryError } from '../../fault/index.ts';
import type { Range } from '../insights/tree.ts';
import { join, parameter, type Sql, sql } from '../sql/sql.ts';
import type { Zone } from './time-zone.ts';

/** Letters of Java's patterns and how many of them, as strptime has them. */
const javaLetters: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  uuuu: '%Y',
  y: '%Y',
  u: '%Y',
  yy: '%y',
  uu: '%y',
  M: '%m',
  MM: '%m',
  MMM: '%b',
  MMMM: '%B',
  L: '%m',
  LL: '%m',
  d: '%d',
  dd: '%d',
  D: '%j',
  DDD: '%j',
  E: '%a',
  EE: '%a',
  EEE: '%a',
  EEEE: '%A',
  H: '%H',
  HH: '%H',
  h: '%I',
  hh: '%I',
  m: '%M',
  mm: '%M',
  s: '%S',
  ss: '%S',
  SSS: '%g',
  SSSSSS: '%f',
  SSSSSSSSS: '%n',
  a: '%p',
  X: '%z',
  XX: '%z',
  XXX: '%z',
  x: '%z',
  xx: '%z',
  xxx: '%z',
  Z: '%z',
  ZZ: '%z',
  ZZZ: '%z',
  z: '%Z',
  zzz: '%Z',
  VV: '%Z',
};

export interface TimePattern {
  readonly format: string;
  /** Whether the text itself names its zone. */
  readonly hasZone: boolean;
}

/**
 * A pattern of Java's DateTimeFormatter: `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`.
 * @throws QueryError at `range` for letters that are unknown, and for no pattern at all
 */
export function parsePattern(pattern: string, range: Range): TimePattern {
  if (pattern === '')
    throw new QueryError('the pattern of the date is empty', range, ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX"]);
  let hasZone = false;
  const pieces = pattern.match(/'(?:[^']|'')*'?|([A-Za-z])\1*|[^A-Za-z']+/g) ?? [];
  const written = pieces.map((piece) => {
    if (piece.startsWith("'")) return quoted(piece, range);
    if (!/^[A-Za-z]/.test(piece)) return piece.replaceAll('%', '%%');
    const found = Object.hasOwn(javaLetters, piece) ? javaLetters[piece] : undefined;
    if (found === undefined) {
      throw new QueryError(`${piece} is no part of a date that can be read`, range, [
        "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
      ]);
    }
    hasZone ||= found === '%z' || found === '%Z';
    return found;
  });
  return { format: written.join(''), hasZone };
}

/** Text between apostrophes; two of them are one. */
function quoted(piece: string, range: Range): string {
  if (piece.length < 2 || !piece.endsWith("'"))
    throw new QueryError("' without its end in the pattern", range);
  const text = piece === "''" ? "'" : piece.slice(1, -1).replaceAll("''", "'");
  return text.replaceAll('%', '%%');
}

/** What strftime of C knows and DuckDB's does not, in what both know. */
const expanded: Readonly<Record<string, string>> = {
  '%F': '%Y-%m-%d',
  '%T': '%H:%M:%S',
  '%X': '%H:%M:%S',
  '%R': '%H:%M',
  '%D': '%m/%d/%y',
  '%x': '%m/%d/%y',
  '%r': '%I:%M:%S %p',
  '%c': '%a %b %d %H:%M:%S %Y',
  '%L': '%g',
  '%n': '\n',
  '%t': '\t',
  '%h': '%b',
};
const known = 'aAbBcdDfFgGHhIjLmMnprRsStTuUVwWxXyYzZ%';
const unpadded = 'dmHIMSjy';

/**
 * The time in a format of strftime. `%z` and `%Z` are the zone that was asked for, `%s` epoch seconds, `%L` and `%g`
 * milliseconds, `%f` microseconds.
 * @throws QueryError at `range` for letters that are unknown
 */
export function printPattern(format: string, range: Range, local: Sql, time: Sql, zone: Zone): Sql {
  const pieces = format.match(/%-?.|[^%]+|%$/gsu) ?? [];
  const parts: (Sql | string)[] = pieces.map((piece) => {
    if (!piece.startsWith('%')) return piece;
    if (piece === '%z') return offsetText(local, time);
    if (piece === '%Z') return zone.name.replaceAll('%', '%%');
    if (piece === '%s') return sql`(${time} // 1000)::VARCHAR`;
    const isKnown = piece[1] === '-' ? unpadded.includes(piece[2]) : known.includes(piece[1] ?? '?');
    if (!isKnown || piece.length < 2) {
      throw new QueryError(`${piece} is no part of a date that can be written`, range, ['%Y-%m-%d %H:%M:%S']);
    }
    return expanded[piece] ?? piece;
  });
  const texts = merged(parts).map((part) =>
    typeof part === 'string' ? sql`strftime(${local}, ${parameter(part)}::VARCHAR)` : part,
  );
  return texts.length === 0 ? sql`CASE WHEN ${time} IS NOT NULL THEN '' END` : sql`(${join(texts, ' || ')})`;
}

/** Formats that follow each other as one. */
function merged(parts: readonly (Sql | string)[]): readonly (Sql | string)[] {
  const all: (Sql | string)[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else all.push(part);
  }
  return all;
}

/** `+0530`. */
function offsetText(local: Sql, time: Sql): Sql {
  const minutes = sql`((epoch_ms(${local}) - ${time}) // 60000)`;
  const digits = sql`format('{:02d}{:02d}', abs(${minutes}) // 60, abs(${minutes}) % 60)`;
  return sql`(CASE WHEN ${minutes} < 0 THEN '-' ELSE '+' END || ${digits})`;
}
