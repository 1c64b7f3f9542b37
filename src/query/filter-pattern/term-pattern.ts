import type { FilterPattern } from './filter-pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';
import type { Term } from './pattern-shape.ts';

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
  const terms: Term[] = [];
  const optional: Term[] = [];
  while (!scanner.isAtEnd) {
    if (takeSign(scanner, '?')) optional.push(parseTerm(scanner, false));
    else if (takeSign(scanner, '-')) terms.push(parseTerm(scanner, true));
    else terms.push(parseTerm(scanner, false));
  }
  const kind = terms.length > 0 || optional.length === 0 ? 'all' : 'any';
  const counting = kind === 'all' ? terms : optional;
  const matches = (message: string) =>
    kind === 'all'
      ? counting.every((term) => holds(term, message))
      : counting.some((term) => holds(term, message));
  return {
    shape: { kind: 'terms', join: kind, terms: counting },
    matches,
    extract: (message) => (matches(message) ? {} : undefined),
  };
}

function holds({ test, isNegated }: Term, message: string): boolean {
  return test(message) !== isNegated;
}

const signs = { '?': /\?/y, '-': /-/y } as const;

/** The sign, with no space after it. */
function takeSign(scanner: PatternScanner, sign: keyof typeof signs): boolean {
  return scanner.match(signs[sign]) !== undefined;
}

function parseTerm(scanner: PatternScanner, isNegated: boolean): Term {
  const start = scanner.at;
  const term = readTerm(scanner);
  const end = scanner.at;
  scanner.skipSpace();
  if (end === scanner.at && !scanner.isAtEnd) {
    scanner.fail('a term with other characters than letters and digits takes double quotes', start, end + 1, [
      '"term"',
    ]);
  }
  return { ...term, isNegated };
}

function readTerm(scanner: PatternScanner): Pick<Term, 'test' | 'written'> {
  if (scanner.sees('%')) {
    const regex = scanner.regex();
    return { test: (message) => regex.test(message), written: { regex: regex.source } };
  }
  if (scanner.sees('"')) {
    const phrase = scanner.quoted('"');
    // `" "` matches every event, by AWS's documentation.
    return textTerm(phrase.trim() === '' ? '' : phrase);
  }
  const start = scanner.at;
  const word = scanner.match(bareTerm);
  if (word === undefined) return scanner.unexpected(['term', '"phrase"', '%regex%', '[', '{']);
  if (word.includes('*')) scanner.fail('a term has no wildcards', start, scanner.at, ['%regex%', '"term"']);
  return textTerm(word);
}

function textTerm(text: string): Pick<Term, 'test' | 'written'> {
  return { test: (message) => message.includes(text), written: { text } };
}
