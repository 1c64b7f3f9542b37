import type { PatternScanner } from './pattern-scanner.ts';
import type { Regex } from './regex.ts';

export type Condition<Subject> = (subject: Subject) => boolean;

/**
 * Conditions joined by `&&`, which binds tighter, and `||`, with parentheses.
 * @param leaf reads one condition and the space after it
 */
export function parseConditions<Subject>(
  scanner: PatternScanner,
  leaf: () => Condition<Subject>,
): Condition<Subject> {
  let any = parseAll(scanner, leaf);
  while (scanner.accept('||')) {
    const [left, right] = [any, parseAll(scanner, leaf)];
    any = (subject) => left(subject) || right(subject);
  }
  return any;
}

function parseAll<Subject>(scanner: PatternScanner, leaf: () => Condition<Subject>): Condition<Subject> {
  let all = parseGroup(scanner, leaf);
  while (scanner.accept('&&')) {
    const [left, right] = [all, parseGroup(scanner, leaf)];
    all = (subject) => left(subject) && right(subject);
  }
  return all;
}

function parseGroup<Subject>(scanner: PatternScanner, leaf: () => Condition<Subject>): Condition<Subject> {
  if (!scanner.accept('(')) return leaf();
  const inside = parseConditions(scanner, leaf);
  scanner.expect(')');
  return inside;
}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

const operators: readonly Operator[] = ['!=', '<=', '>=', '=', '<', '>'];

/** The operator and the space after it, if one comes. */
export function acceptOperator(scanner: PatternScanner): Operator | undefined {
  return operators.find((operator) => scanner.accept(operator));
}

export const operatorsShown: readonly string[] = operators;

/** The right side of a comparison. */
export interface Operand {
  /** Whether a text is what the operand says: equal, like its `*`, or matched by its regex. */
  readonly equals: Condition<string>;
  /** What it is as a number, when it is one without quotes. */
  readonly number: number | undefined;
}

/** `"text"`, `text*`, `12`, or `%regex%`, and the space after it. The order of numbers is asked of numbers only. */
export function parseOperand(scanner: PatternScanner, operator: Operator): Operand {
  const start = scanner.at;
  const operand = readOperand(scanner);
  if (operator !== '=' && operator !== '!=' && operand.number === undefined) {
    scanner.fail(`${operator} takes a number`, start, scanner.at, ['number']);
  }
  scanner.skipSpace();
  return operand;
}

function readOperand(scanner: PatternScanner): Operand {
  if (scanner.sees('%')) return { equals: matcher(scanner.regex()), number: undefined };
  if (scanner.sees('"')) {
    const text = scanner.quoted('"');
    return { equals: wildcard(text), number: undefined };
  }
  const text = scanner.bare();
  if (text === undefined) return scanner.unexpected(['"text"', 'text*', 'number', '%regex%']);
  return { equals: wildcard(text), number: numberOf(text) };
}

function matcher(regex: Regex): Condition<string> {
  return (text) => regex.test(text);
}

/** The number that a text is, written in digits with a sign, a fraction or an exponent. */
export function numberOf(text: string): number | undefined {
  return /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Compares a number with the operand's; both are known to be numbers. */
export function compareNumbers(operator: Operator, left: number, right: number): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

/** A text in which each `*` stands for any characters, or none. */
function wildcard(pattern: string): Condition<string> {
  const pieces = pattern.split('*');
  if (pieces.length === 1) return (text) => text === pattern;
  const first = pieces[0];
  const last = pieces[pieces.length - 1];
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (text.length < first.length + last.length) return false;
    return (
      text.startsWith(first) &&
      text.endsWith(last) &&
      holds(text, middle, first.length, text.length - last.length)
    );
  };
}

/** Whether the pieces follow each other between two places. The leftmost place of each leaves most to the others. */
function holds(text: string, pieces: readonly string[], start: number, end: number): boolean {
  let at = start;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= end;
}
