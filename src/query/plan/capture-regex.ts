import { QueryError } from '../../fault/index.ts';
import type { Name, Range } from '../insights/tree.ts';
import { readRegex } from '../sql/regex.ts';

/** A regex and the groups of it that are captured, by number. */
export interface CaptureRegex {
  readonly pattern: string;
  readonly names: readonly string[];
  /** In the order of the names, from 1. */
  readonly groups: readonly number[];
}

/**
 * The groups of a regex that are captured: the first ones where names are given, else those with names of their own.
 * @throws QueryError when there are none, or fewer than names, and as `readRegex`
 */
export function captureRegex(source: string, given: readonly Name[], range: Range): CaptureRegex {
  if (source.includes('\0')) throw new QueryError('a regular expression holds no NUL', range);
  const { text, groups } = readRegex(source, range);
  if (given.length > groups.length) {
    const sentence = `the regular expression has ${groups.length} groups for ${given.length} names`;
    throw new QueryError(sentence, range, ['one group in parentheses for each name']);
  }
  const names = given.length > 0 ? given.map(({ name }) => name) : groups;
  const captured = names.flatMap((name, i) => (name === undefined ? [] : [{ name, group: i + 1 }]));
  if (captured.length === 0) {
    throw new QueryError('the regular expression names no group', range, ['(?<name>…)']);
  }
  return {
    pattern: text,
    names: captured.map(({ name }) => name),
    groups: captured.map(({ group }) => group),
  };
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
