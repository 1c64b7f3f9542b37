import { QueryError } from '../../fault/index.ts';
import { parseDelimitedPattern } from './delimited-pattern.ts';
import { parseJsonPattern } from './json-pattern.ts';
import { PatternScanner } from './pattern-scanner.ts';
import type { PatternShape } from './pattern-shape.ts';
import { parseTermPattern } from './term-pattern.ts';

/** A compiled filter pattern. Matching is linear in the message's length and never fails. */
export interface FilterPattern {
  readonly shape: PatternShape;
  matches(message: string): boolean;
  /**
   * What TestMetricFilter calls `extractedValues`: `$name` and `$1` of a space-delimited pattern, the selectors of a JSON
   * pattern, nothing of terms; undefined when the message does not match.
   */
  extract(message: string): Record<string, string> | undefined;
}

const maxLength = 1024;

/**
 * Reads the filter pattern of metric filters, subscription filters, FilterLogEvents and Live Tail: `[…]` for events cut at
 * spaces, `{…}` for JSON, else terms. The empty pattern matches everything.
 * @throws QueryError at what no pattern may hold
 */
export function parseFilterPattern(text: string): FilterPattern {
  if (text.length > maxLength) {
    const sentence = `the pattern has ${text.length} characters, more than ${maxLength}`;
    throw new QueryError(sentence, { start: maxLength, end: text.length });
  }
  const scanner = new PatternScanner(text);
  if (scanner.sees('[')) return parseDelimitedPattern(scanner);
  return scanner.sees('{') ? parseJsonPattern(scanner) : parseTermPattern(scanner);
}
