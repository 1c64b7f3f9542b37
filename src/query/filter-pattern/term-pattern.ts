import type { Condition } from './condition.ts';
import type { FilterPattern } from './filter-pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';

/**
 * A term without quotes. AWS asks for quotes around all but letters and digits; what else is taken here could mean
 * nothing else: `10.0.0.1`, `eni-0a1b`.
 */
const bareTerm = /[\p{L}\p{N}_.*:/@#+'~;=,-]+/uy;

/**
 * Terms with spaces between them: all must be in the message, none of those after `-`, one of those after `?`. As at
 * AWS, `?` terms do not count when there are others. A term may be part of a longer word.
 */
export function parseTermPattern(scanner: PatternScanner): FilterPattern {
  const terms: Condition<string>[] = [];
  const optional: Condition<string>[] = [];
  while (!scanner.isAtEnd) {
    if (takeSign(scanner, '?')) optional.push(parseTerm(scanner));
    else if (takeSign(scanner, '-')) terms.push(negated(parseTerm(scanner)));
    else terms.push(parseTerm(scanner));
  }
  const matches = (message: string) =>
    terms.length > 0 || optional.length === 0
      ? terms.every((term) => term(message))
      : optional.some((term) => term(message));
  return { matches, extract: (message) => (matches(message) ? {} : undefined) };
}

const signs = { '?': /\?/y, '-': /-/y } as const;

/** The sign, with no space after it. */
function takeSign(scanner: PatternScanner, sign: keyof typeof signs): boolean {
  return scanner.match(signs[sign]) !== undefined;
}

function negated(term: Condition<string>): Condition<string> {
  return (message) => !term(message);
}

function parseTerm(scanner: PatternScanner): Condition<string> {
  const start = scanner.at;
  const term = readTerm(scanner);
  const end = scanner.at;
  scanner.skipSpace();
  if (end === scanner.at && !scanner.isAtEnd) {
    scanner.fail('a term with other characters than letters and digits takes double quotes', start, end + 1, [
      '"term"',
    ]);
  }
  return term;
}

function readTerm(scanner: PatternScanner): Condition<string> {
  if (scanner.sees('%')) {
    const regex = scanner.regex();
    return (message) => regex.test(message);
  }
  if (scanner.sees('"')) {
    const phrase = scanner.quoted('"');
    // `" "` matches every event, by AWS's documentation.
    return phrase.trim() === '' ? () => true : (message) => message.includes(phrase);
  }
  const start = scanner.at;
  const word = scanner.match(bareTerm);
  if (word === undefined) return scanner.unexpected(['term', '"phrase"', '%regex%', '[', '{']);
  if (word.includes('*')) scanner.fail('a term has no wildcards', start, scanner.at, ['%regex%', '"term"']);
  return (message) => message.includes(word);
}
