import { QueryError } from '../../fault/index.ts';
import type { Name, Range } from '../insights/tree.ts';

/** A regex whose groups are known by number: RE2 as DuckDB has it does not read `(?<name>…)`. */
export interface CaptureRegex {
  /** The regex without names. */
  readonly pattern: string;
  /** In the order of their groups, which are `groups[i]`, from 1. */
  readonly names: readonly string[];
  readonly groups: readonly number[];
}

const opening =
  /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\w+:\]|[^\]\\])*\]|\(\?P?<([A-Za-z_@][\w.@]*)>|\(\?|\(/g;

/**
 * The groups of a regex that are captured: those with names, or else as many as there are names for.
 * @throws QueryError when there are none, or fewer than names
 */
export function captureRegex(source: string, given: readonly Name[], range: Range): CaptureRegex {
  const named: { name: string; group: number }[] = [];
  let count = 0;
  const pattern = source.replace(opening, (found, name: string | undefined) => {
    if (found.startsWith('\\') || found.startsWith('[') || found === '(?') return found;
    count++;
    if (name !== undefined) named.push({ name, group: count });
    return '(';
  });
  if (given.length > count) {
    const sentence = `the regular expression has ${count} groups for ${given.length} names`;
    throw new QueryError(sentence, range, ['one group in parentheses for each name']);
  }
  if (given.length > 0) {
    return { pattern, names: given.map(({ name }) => name), groups: given.map((_, i) => i + 1) };
  }
  if (named.length === 0) {
    throw new QueryError('the regular expression names no group', range, ['(?<name>…)']);
  }
  const names = named.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new QueryError(`two groups are called ${twice}`, range);
  return { pattern, names, groups: named.map(({ group }) => group) };
}

/** The regex of a pattern with stars: what is between is itself, a star as little as possible, the last one the rest. */
export function globRegex(pieces: readonly string[]): string {
  const quoted = pieces.map((piece) => piece.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const stars = quoted.slice(1).map((piece, i, all) => {
    const last = i === all.length - 1 && piece === '';
    return `${last ? '(.*)' : '(.*?)'}${piece}`;
  });
  return `(?s)${quoted[0]}${stars.join('')}`;
}
