import {
  acceptOperator,
  type Condition,
  compareNumbers,
  conditionOf,
  operatorsShown,
  parseConditions,
  parseOperand,
} from './condition.ts';
import type { FilterPattern } from './filter-pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `any` is the wildcard. */
type Step = { readonly key: string } | { readonly index: number } | 'any';

interface Selector {
  /** As written, which is what an extracted value is called. */
  readonly text: string;
  readonly start: number;
  readonly steps: readonly Step[];
}

/** Wildcards in a whole pattern; one selector takes one. */
const maxWildcards = 3;

/**
 * `{ $.a = 1 && … }`. The message must be JSON as a whole. A selector that leads nowhere, or to an object or an array,
 * compares with nothing: also `!=` is false then.
 */
export function parseJsonPattern(scanner: PatternScanner): FilterPattern {
  const selectors: Selector[] = [];
  scanner.expect('{');
  const tree = parseConditions(scanner, () => parseComparison(scanner, selectors));
  const condition = conditionOf(tree, (comparison) => comparison);
  scanner.expect('}');
  if (!scanner.isAtEnd) scanner.unexpected();
  const matching = (message: string): Json | undefined => {
    const document = parseDocument(message);
    return document !== undefined && condition(document) ? document : undefined;
  };
  return {
    shape: { kind: 'json' },
    matches: (message) => matching(message) !== undefined,
    extract: (message) => {
      const document = matching(message);
      return document === undefined ? undefined : extractAll(document, selectors);
    },
  };
}

/** The object or the array that a message is. */
function parseDocument(message: string): Json | undefined {
  if (!/^\s*[{[]/.test(message)) return undefined;
  try {
    return JSON.parse(message) as Json;
  } catch {
    // A message that is no JSON is none that the pattern is about.
    return undefined;
  }
}

function extractAll(document: Json, selectors: readonly Selector[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { text, steps } of selectors) {
    const value = select(document, steps).find(isScalar);
    if (value !== undefined) found[text] = String(value);
  }
  return found;
}

function parseComparison(scanner: PatternScanner, selectors: Selector[]): Condition<Json> {
  const selector = parseSelector(scanner);
  selectors.push(selector);
  checkWildcards(scanner, selectors);
  const { steps } = selector;
  if (takeWord(scanner, 'NOT')) {
    if (!takeWord(scanner, 'EXISTS')) scanner.unexpected(['EXISTS']);
    return (document) => select(document, steps).length === 0;
  }
  if (takeWord(scanner, 'IS')) {
    const constant = parseConstant(scanner);
    return (document) => select(document, steps).includes(constant);
  }
  const compares = parseValueTest(scanner);
  return (document) => select(document, steps).some((value) => isScalar(value) && compares(value));
}

/** Of all selectors so far, and of the last. */
function checkWildcards(scanner: PatternScanner, selectors: readonly Selector[]): void {
  const wildcards = selectors.map(({ steps }) => steps.filter((step) => step === 'any').length);
  const { start, text } = selectors[selectors.length - 1];
  const end = start + text.length;
  if (wildcards[wildcards.length - 1] > 1) scanner.fail('a selector takes one *', start, end);
  const total = wildcards.reduce((sum, count) => sum + count, 0);
  if (total > maxWildcards) scanner.fail(`a pattern takes ${maxWildcards} selectors with *`, start, end);
}

function takeWord(scanner: PatternScanner, word: string): boolean {
  const found = scanner.match(new RegExp(`${word}(?!\\w)\\s*`, 'iy'));
  return found !== undefined;
}

function parseConstant(scanner: PatternScanner): Json {
  if (takeWord(scanner, 'NULL')) return null;
  if (takeWord(scanner, 'TRUE')) return true;
  if (takeWord(scanner, 'FALSE')) return false;
  return scanner.unexpected(['NULL', 'TRUE', 'FALSE']);
}

type Scalar = string | number | boolean;

function isScalar(value: Json): value is Scalar {
  return value !== null && typeof value !== 'object';
}

/** Numbers compare as numbers with a number, and else, as all other values do, by their text. */
function parseValueTest(scanner: PatternScanner): Condition<Scalar> {
  const operator = acceptOperator(scanner);
  if (operator === undefined) return scanner.unexpected([...operatorsShown, 'IS', 'NOT EXISTS']);
  const { equals, number } = parseOperand(scanner, operator);
  const ordered = operator !== '=' && operator !== '!=';
  const negated = operator === '!=';
  return (value) => {
    if (typeof value === 'number' && number !== undefined) return compareNumbers(operator, value, number);
    return !ordered && equals(String(value)) !== negated;
  };
}

const plainKey = /[\p{L}\p{N}_@:/-]+/uy;

function parseSelector(scanner: PatternScanner): Selector {
  const start = scanner.at;
  if (scanner.match(/\$/y) === undefined) scanner.unexpected(['$.', '(']);
  const steps: Step[] = [];
  for (;;) {
    if (scanner.match(/\./y) !== undefined && !scanner.sees('[')) steps.push(parseKey(scanner));
    else if (scanner.match(/\[/y) !== undefined) steps.push(parseBracket(scanner));
    else break;
  }
  if (steps.length === 0) scanner.unexpected(['.', '[']);
  const text = scanner.text.slice(start, scanner.at);
  scanner.skipSpace();
  return { text, start, steps };
}

function parseKey(scanner: PatternScanner): Step {
  if (scanner.match(/\*/y) !== undefined) return 'any';
  const key = scanner.match(plainKey);
  return key === undefined ? scanner.unexpected(['name', '*', "['name']"]) : { key };
}

/** After `[`: a number, `*`, or a key in quotes. */
function parseBracket(scanner: PatternScanner): Step {
  const step = parseInBracket(scanner);
  if (scanner.match(/\]/y) === undefined) scanner.unexpected([']']);
  return step;
}

function parseInBracket(scanner: PatternScanner): Step {
  if (scanner.match(/\*/y) !== undefined) return 'any';
  if (scanner.sees("'")) return { key: scanner.quoted("'") };
  if (scanner.sees('"')) return { key: scanner.quoted('"') };
  const digits = scanner.match(/\d+/y);
  return digits === undefined ? scanner.unexpected(['number', '*', "'name'"]) : { index: Number(digits) };
}

/** The values that the steps lead to; a wildcard leads to all members. */
function select(document: Json, steps: readonly Step[]): readonly Json[] {
  let found: readonly Json[] = [document];
  for (const step of steps) found = found.flatMap((value) => follow(value, step));
  return found;
}

function follow(value: Json, step: Step): readonly Json[] {
  if (value === null || typeof value !== 'object') return [];
  if (step === 'any') return Object.values(value);
  if ('index' in step) return isList(value) && step.index < value.length ? [value[step.index]] : [];
  return !isList(value) && Object.hasOwn(value, step.key) ? [value[step.key]] : [];
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
