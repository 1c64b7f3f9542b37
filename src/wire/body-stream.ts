/**
 * A body that is read as it comes. Its bytes count for nothing until the iteration has ended: then its length, hash,
 * chunks' signatures and trailing checksums were found good; else it throws a ServiceError.
 */
export interface BodyStream extends AsyncIterable<Uint8Array> {
  /** Without any framing; undefined where the client has not said it. */
  readonly length: number | undefined;
  /** By names in lower case; complete when the iteration has ended. */
  readonly trailers: ReadonlyMap<string, string>;
}
