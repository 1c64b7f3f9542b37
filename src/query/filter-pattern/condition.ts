import type { PatternScanner } from './pattern-scanner.ts';
import type { Regex } from './regex.ts';

export type Condition<Subject> = (subject: Subject) => boolean;

/** Conditions joined; those of a list are all of them, or any. */
export type ConditionTree<Leaf> =
  | { readonly kind: 'one'; readonly leaf: Leaf }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly ConditionTree<Leaf>[] };

/**
 * Conditions joined by `&&`, which binds tighter, and `||`, with parentheses.
 * @param leaf reads one condition and the space after it
 */
export function parseConditions<Leaf>(scanner: PatternScanner, leaf: () => Leaf): ConditionTree<Leaf> {
  return parseJoined(scanner, 'any', '||', () =>
    parseJoined(scanner, 'all', '&&', () => parseGroup(scanner, leaf)),
  );
}

function parseJoined<Leaf>(
  scanner: PatternScanner,
  kind: 'all' | 'any',
  symbol: string,
  part: () => ConditionTree<Leaf>,
): ConditionTree<Leaf> {
  const first = part();
  const parts = [first];
  while (scanner.accept(symbol)) parts.push(part());
  return parts.length === 1 ? first : { kind, parts };
}

function parseGroup<Leaf>(scanner: PatternScanner, leaf: () => Leaf): ConditionTree<Leaf> {
  if (!scanner.accept('(')) return { kind: 'one', leaf: leaf() };
  const inside = parseConditions(scanner, leaf);
  scanner.expect(')');
  return inside;
}

/** @param test what a leaf asks of the subject */
export function conditionOf<Leaf, Subject>(
  tree: ConditionTree<Leaf>,
  test: (leaf: Leaf) => Condition<Subject>,
): Condition<Subject> {
  if (tree.kind === 'one') return test(tree.leaf);
  const parts = tree.parts.map((part) => conditionOf(part, test));
  return tree.kind === 'all'
    ? (subject) => parts.every((part) => part(subject))
    : (subject) => parts.some((part) => part(subject));
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
  /** As written: a text with `*`, or a regex. */
  readonly written: { readonly text: string } | { readonly regex: string };
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
  if (scanner.sees('%')) {
    const regex = scanner.regex();
    return { equals: matcher(regex), number: undefined, written: { regex: regex.source } };
  }
  if (scanner.sees('"')) {
    const text = scanner.quoted('"');
    return { equals: wildcard(text), number: undefined, written: { text } };
  }
  const text = scanner.bare();
  if (text === undefined) return scanner.unexpected(['"text"', 'text*', 'number', '%regex%']);
  return { equals: wildcard(text), number: numberOf(text), written: { text } };
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
