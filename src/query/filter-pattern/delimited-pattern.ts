import {
  acceptOperator,
  type Condition,
  compareNumbers,
  conditionOf,
  numberOf,
  type Operand,
  type Operator,
  operatorsShown,
  parseConditions,
  parseOperand,
} from './condition.ts';
import { EventTokens } from './event-tokens.ts';
import type { FilterPattern } from './filter-pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';
import type { Entry, Layout, TokenTest } from './pattern-shape.ts';

/** `[ip, user, ..., status = 4*, bytes > 1000]` over an event cut at spaces. */
export function parseDelimitedPattern(scanner: PatternScanner): FilterPattern {
  const layout = parseLayout(scanner);
  const tokens = new EventTokens();
  const matches = (message: string) => matchesTokens(layout, tokens, message);
  return {
    shape: { kind: 'delimited', ...layout },
    matches,
    extract: (message) => (matches(message) ? extractTokens(layout, tokens) : undefined),
  };
}

function parseLayout(scanner: PatternScanner): Layout {
  const before: Entry[] = [];
  let after: Entry[] | undefined;
  scanner.expect('[');
  if (scanner.accept(']')) return finish(scanner, { before, after: [] });
  do {
    const start = scanner.at;
    if (!scanner.accept('...')) (after ?? before).push(parseEntry(scanner));
    else if (after) scanner.fail('a pattern takes one ...', start, start + 3);
    else after = [];
  } while (scanner.accept(','));
  scanner.expect(']');
  return finish(scanner, { before, after });
}

function finish(scanner: PatternScanner, layout: Layout): Layout {
  if (!scanner.isAtEnd) scanner.unexpected();
  return layout;
}

const fieldName = /[\p{L}\p{N}_-]+/uy;

/** A name, conditions on one name, or nothing. */
function parseEntry(scanner: PatternScanner): Entry {
  const start = scanner.at;
  const name = scanner.match(fieldName) ?? '';
  scanner.skipSpace();
  if (scanner.sees(',') || scanner.sees(']')) return { name, tree: undefined, condition: undefined };
  scanner.rewind(start);
  return parseConditioned(scanner);
}

function parseConditioned(scanner: PatternScanner): Entry {
  let known: string | undefined;
  const tree = parseConditions(scanner, () => {
    const start = scanner.at;
    const name = scanner.match(fieldName);
    if (name === undefined) return scanner.unexpected(['name', '...', ']']);
    if (known !== undefined && name !== known) {
      scanner.fail(`the conditions of one field are all on ${known}`, start, scanner.at, [known]);
    }
    known = name;
    scanner.skipSpace();
    return parseTokenTest(scanner);
  });
  return { name: known ?? '', tree, condition: conditionOf(tree, ({ test }) => test) };
}

function parseTokenTest(scanner: PatternScanner): TokenTest {
  const operator = acceptOperator(scanner);
  if (operator === undefined) return scanner.unexpected([...operatorsShown, ',', ']']);
  const operand = parseOperand(scanner, operator);
  return { operator, operand, test: testOf(operator, operand) };
}

function testOf(operator: Operator, { equals, number }: Operand): Condition<string> {
  if (operator !== '=' && operator !== '!=') {
    return (token) => {
      const value = numberOf(token);
      return value !== undefined && number !== undefined && compareNumbers(operator, value, number);
    };
  }
  const negated = operator === '!=';
  return (token) => (equals(token) || (number !== undefined && numberOf(token) === number)) !== negated;
}

function matchesTokens({ before, after }: Layout, tokens: EventTokens, message: string): boolean {
  const least = before.length + (after?.length ?? 0);
  const count = tokens.cut(message, after ? Number.POSITIVE_INFINITY : before.length);
  if (count < least) return false;
  return (
    before.every(({ condition }, i) => condition === undefined || condition(tokens.text(i))) &&
    (after ?? []).every(({ condition }, i) => {
      return condition === undefined || condition(tokens.text(count - (after?.length ?? 0) + i));
    })
  );
}

/** Values by `$name`; those of tokens without a name by their place, from `$1`. */
function extractTokens({ before, after }: Layout, tokens: EventTokens): Record<string, string> {
  const found: Record<string, string> = {};
  const afterStart = tokens.count - (after?.length ?? 0);
  for (let i = 0; i < tokens.count; i++) {
    const entry = i < before.length ? before[i] : after?.[i - afterStart];
    found[`$${entry?.name || i + 1}`] = tokens.text(i);
  }
  return found;
}
