/**
 * A query that cannot be answered as written: `MalformedQueryException` at AWS.
 * `start` and `end` are UTF-16 offsets into the query's text; the message is one sentence without the full stop.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly start: number;
  readonly end: number;
  /** What would have been accepted there, as the user would type it; may be empty. */
  readonly expected: readonly string[];

  constructor(
    message: string,
    range: { readonly start: number; readonly end: number },
    expected: readonly string[] = [],
  ) {
    super(message);
    this.start = range.start;
    this.end = range.end;
    this.expected = expected;
  }
}
