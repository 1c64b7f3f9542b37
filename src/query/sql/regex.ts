import { RE2JS } from 're2js';
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
 * @throws QueryError at `range` for what RE2 cannot do (look-around, back-references, possessive and atomic groups), for
 *   what is no regular expression, and for what becomes too large when it is compiled
 */
export function readRegex(pattern: string, range: Range): RegexReading {
  const state: State = {
    pattern,
    range,
    at: 0,
    text: '',
    groups: [],
    open: [],
    atom: undefined,
    most: 1,
    size: 0,
    atomSize: 0,
  };
  while (state.at < pattern.length) step(state);
  if (state.open.length > 0) fail(state, '( without )');
  checkSize(state);
  return { text: state.text, groups: state.groups };
}

interface State {
  readonly pattern: string;
  readonly range: Range;
  readonly groups: (string | undefined)[];
  /** How often anything is repeated before each group that is still open, and the size of that. */
  readonly open: { readonly most: number; readonly size: number }[];
  at: number;
  text: string;
  /** How often the last thing repeats what is in it; undefined where there is nothing to repeat. */
  atom: number | undefined;
  most: number;
  /** Instructions of RE2, at most: of the innermost open group so far, and of the last thing in it. */
  size: number;
  atomSize: number;
}

/** The most that RE2 repeats, also when repetitions stand in each other. */
const mostRepeats = 1000;

/** RE2 gives up beyond 8 MiB; this is a fifth less of its instructions. */
const mostInstructions = 400_000;
/** Of a class of Unicode, whose ranges are spelled in UTF-8. */
const unicodeSize = 1200;
/** Of `.`, of a class that is negated, and of a range beyond ASCII. */
const rangeSize = 12;
/** Of a character, with its other cases. */
const characterSize = 4;

function checkSize({ size, range }: State): void {
  if (size > mostInstructions) throw new QueryError('the regular expression repeats too much', range);
}

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
  state.atomSize = sizeOf(state.pattern.slice(state.at, state.at + length));
  state.size += state.atomSize;
  take(state, length);
  state.atom = 1;
}

/** Of a character, an escape or a class. */
function sizeOf(item: string): number {
  const classes = item.match(/\\[pP]/g)?.length ?? 0;
  const ranges = item.match(/^\[\^|^\.$|\\[DSWxC]|[^\p{ASCII}]/gu)?.length ?? 0;
  return classes * unicodeSize + ranges * rangeSize + item.length * characterSize;
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
  state.open.push({ most: state.most, size: state.size });
  state.most = 1;
  state.size = characterSize;
  state.atom = undefined;
}

function openNamed(state: State, rest: string): void {
  if (/^\(\?<?[=!]/.test(rest)) fail(state, 'look-around, which RE2 does not know');
  const name = /^\(\?P?<(\w+)>/.exec(rest);
  const other = /^\(\?P?<([^>]*)>/.exec(rest);
  if (!name && other) {
    throw fail(state, `a group named ${JSON.stringify(other[1])}; names are letters of ASCII, digits and _`);
  }
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
  state.most = Math.max(before.most, state.most);
  state.atomSize = state.size;
  state.size += before.size;
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
  state.size += characterSize + state.atomSize * (Math.max(least, most) - 1);
  checkSize(state);
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
  if (long) {
    checkCharacter(state, long[0]);
    return long[0].length;
  }
  const letters = inClass ? 'afnrtvdDsSwW' : 'afnrtvdDsSwWbBAzC';
  if (/[1-9]/.test(escaped)) fail(state, `the back-reference \\${escaped}, which RE2 does not know`);
  if (/[^\p{ASCII}]|[a-zA-Z0-9]/u.test(escaped) && !letters.includes(escaped)) {
    fail(state, `\\${escaped}, which RE2 does not know`);
  }
  return 2;
}

/** @throws QueryError for code points and classes that Unicode does not have */
function checkCharacter(state: State, written: string): void {
  if ((codeOf(written) ?? 0) > 0x10ffff) fail(state, `${written}, which is no character`);
  const name = /^\\[pP]\{?\^?(\w+)/.exec(written)?.[1];
  if (name !== undefined && !isUnicodeClass(name)) fail(state, `the unknown class ${written}`);
}

const categories = /^(?:Any|C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;

/** A general category by its letters, or a script by its whole name. */
function isUnicodeClass(name: string): boolean {
  if (name.length <= 3) return categories.test(name) || (isScript(name) && name.length > 2);
  return isScript(name);
}

function isScript(name: string): boolean {
  try {
    return (
      new RegExp(`\\p{Script=${name}}`, 'u') !== undefined && RE2JS.compile(`\\p{${name}}`).programSize() > 0
    );
  } catch {
    return false;
  }
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The code point that an item of a class stands for; undefined for a set of them. */
function codeOf(item: string): number | undefined {
  if (!item.startsWith('\\')) return item.startsWith('[:') ? undefined : item.codePointAt(0);
  const hexadecimal = /^\\x\{?([0-9a-fA-F]+)/.exec(item);
  if (hexadecimal) return Number.parseInt(hexadecimal[1], 16);
  if (item[1] === '0') return Number.parseInt(item.slice(1), 8);
  return controls[item[1]] ?? (/[A-Za-z]/.test(item[1]) ? undefined : item.codePointAt(1));
}

/** How long the class `[…]` at this place is. */
function classLength(state: State): number {
  const { pattern } = state;
  let at = state.at + (pattern[state.at + 1] === '^' ? 2 : 1);
  const first = at;
  let low: string | undefined;
  while (pattern[at] !== ']' || at === first) {
    if (at >= pattern.length) fail(state, '[ without ]');
    const item = pattern.slice(at, at + classItemLength(state, at));
    if (low !== undefined) checkRange(state, low, item);
    at += item.length;
    const opensRange = codeOf(item) !== undefined && pattern[at] === '-' && pattern[at + 1] !== ']';
    low = opensRange && low === undefined ? item : undefined;
    if (low !== undefined) at++;
  }
  return at + 1 - state.at;
}

function checkRange(state: State, low: string, high: string): void {
  const [first, last] = [codeOf(low), codeOf(high)];
  if (last === undefined) fail(state, `the range ${low}-${high}, which ends in a class`);
  if (first !== undefined && last < first) fail(state, `the backwards range ${low}-${high}`);
}

const classNames =
  /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/;

function classItemLength(state: State, at: number): number {
  const { pattern } = state;
  if (pattern[at] === '\\') return escapeLength(state, at, true);
  if (!pattern.startsWith('[:', at)) return (pattern.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  const named = classNames.exec(pattern.slice(at, at + 12));
  if (named) return named[0].length;
  return /^\[:[^\]]*:\]/.test(pattern.slice(at)) ? fail(state, 'an unknown class [:…:]') : 1;
}
