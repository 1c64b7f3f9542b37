import { QueryError } from '../../fault/index.ts';
import type { Range } from '../insights/tree.ts';

export interface RegexReading {
  /** The regular expression as DuckDB's RE2 takes it: named groups as `(?P<name>…)`. */
  readonly text: string;
  /** Names of the groups that capture, in order; undefined for those without. */
  readonly groups: readonly (string | undefined)[];
}

/**
 * Reads what stands between the slashes.
 * @throws QueryError at `range` for what RE2 cannot do (look-around, back-references, possessive and atomic groups) and
 *   for what is no regular expression. What only RE2 itself refuses: unknown Unicode classes (`\p{Foo}`) and patterns
 *   that become too large when they are compiled
 */
export function readRegex(pattern: string, range: Range): RegexReading {
  const state: State = { pattern, range, at: 0, text: '', groups: [], open: [], atom: undefined, most: 1 };
  while (state.at < pattern.length) step(state);
  if (state.open.length > 0) fail(state, '( without )');
  return { text: state.text, groups: state.groups };
}

interface State {
  readonly pattern: string;
  readonly range: Range;
  readonly groups: (string | undefined)[];
  /** How often anything is repeated in each group that is still open. */
  readonly open: number[];
  at: number;
  text: string;
  /** How often the last thing repeats what is in it; undefined where there is nothing to repeat. */
  atom: number | undefined;
  most: number;
}

/** The most that RE2 repeats, also when repetitions stand in each other. */
const mostRepeats = 1000;

function fail(state: State, message: string): never {
  throw new QueryError(`the regular expression has ${message}`, state.range);
}

function take(state: State, length: number): void {
  state.text += state.pattern.slice(state.at, state.at + length);
  state.at += length;
}

function step(state: State): void {
  const next = state.pattern[state.at];
  if (next === '(') openGroup(state);
  else if (next === ')') closeGroup(state);
  else if (next === '|') separate(state);
  else if (next === '[') atom(state, classLength(state));
  else if (next === '\\') atom(state, escapeLength(state, state.at));
  else if (quantifierAt(state)) quantify(state);
  else atom(state, 1);
}

function atom(state: State, length: number): void {
  take(state, length);
  state.atom = 1;
}

function separate(state: State): void {
  take(state, 1);
  state.atom = undefined;
}

function openGroup(state: State): void {
  const rest = state.pattern.slice(state.at);
  const flags = /^\(\?[imsU]*(?:-[imsU]+)?([:)])/.exec(rest);
  if (flags && flags[0] !== '(?)') {
    take(state, flags[0].length);
    if (flags[1] === ')') return;
  } else if (rest.startsWith('(?')) openNamed(state, rest);
  else {
    take(state, 1);
    state.groups.push(undefined);
  }
  state.open.push(state.most);
  state.most = 1;
  state.atom = undefined;
}

function openNamed(state: State, rest: string): void {
  if (/^\(\?<?[=!]/.test(rest)) fail(state, 'look-around, which RE2 does not know');
  const name = /^\(\?P?<(\w+)>/.exec(rest);
  if (!name) throw fail(state, `${rest.slice(0, 3)}, which RE2 does not know`);
  if (state.groups.includes(name[1])) fail(state, `two groups named ${name[1]}`);
  state.text += `(?P<${name[1]}>`;
  state.at += name[0].length;
  state.groups.push(name[1]);
}

function closeGroup(state: State): void {
  const before = state.open.pop();
  if (before === undefined) fail(state, ') without (');
  take(state, 1);
  state.atom = state.most;
  state.most = Math.max(before, state.most);
}

/** `*`, `+`, `?` or `{2,5}`, with the `?` that makes it lazy. */
function quantifierAt({ pattern, at }: State): RegExpExecArray | null {
  return /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(pattern.slice(at, at + 24));
}

function quantify(state: State): void {
  const found = quantifierAt(state);
  if (!found) return;
  if (state.atom === undefined) fail(state, `nothing that ${found[0]} could repeat`);
  const least = Number(found[1] ?? 1);
  const most = found[3] ? Number(found[3]) : least;
  const repeats = state.atom * Math.max(1, most);
  if (most < least || repeats > mostRepeats)
    fail(state, `${found[0]}, more than ${mostRepeats} repetitions or backwards`);
  take(state, found[0].length);
  state.most = Math.max(state.most, repeats);
  state.atom = undefined;
  if (quantifierAt(state)) fail(state, 'a repetition of a repetition, which RE2 does not know');
}

/** How long the escape at this place is. */
function escapeLength(state: State, at: number, inClass = false): number {
  const rest = state.pattern.slice(at, at + 40);
  const escaped = rest[1];
  if (escaped === undefined) return fail(state, '\\ at its end');
  if (escaped === 'Q' && !inClass) {
    const end = state.pattern.indexOf('\\E', at);
    return (end < 0 ? state.pattern.length : end + 2) - at;
  }
  const long = /^\\(?:x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]{1,6}\}|[pP](?:[A-Z]|\{\^?\w+\})|0[0-7]{0,2})/.exec(rest);
  if (long) return long[0].length;
  const letters = inClass ? 'afnrtvdDsSwW' : 'afnrtvdDsSwWbBAzC';
  if (/[1-9]/.test(escaped)) fail(state, `the back-reference \\${escaped}, which RE2 does not know`);
  if (/[^\p{ASCII}]|[a-zA-Z0-9]/u.test(escaped) && !letters.includes(escaped)) {
    fail(state, `\\${escaped}, which RE2 does not know`);
  }
  return 2;
}

/** How long the class `[…]` at this place is. */
function classLength(state: State): number {
  const { pattern } = state;
  let at = state.at + (pattern[state.at + 1] === '^' ? 2 : 1);
  const first = at;
  let low: string | undefined;
  while (pattern[at] !== ']' || at === first) {
    if (at >= pattern.length) fail(state, '[ without ]');
    const size = classItemLength(state, at);
    const item = size === 1 ? pattern[at] : undefined;
    if (low !== undefined && item !== undefined && item < low)
      fail(state, `the backwards range ${low}-${item}`);
    at += size;
    const opensRange = item !== undefined && pattern[at] === '-' && pattern[at + 1] !== ']';
    low = opensRange && low === undefined ? item : undefined;
    if (low !== undefined) at++;
  }
  return at + 1 - state.at;
}

const classNames =
  /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/;

function classItemLength(state: State, at: number): number {
  const { pattern } = state;
  if (pattern[at] === '\\') return escapeLength(state, at, true);
  if (!pattern.startsWith('[:', at)) return 1;
  const named = classNames.exec(pattern.slice(at, at + 12));
  if (named) return named[0].length;
  return /^\[:[^\]]*:\]/.test(pattern.slice(at)) ? fail(state, 'an unknown class [:…:]') : 1;
}
