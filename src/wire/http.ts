/** A request as it came, before anything was made of it. */
export interface WireRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  /** Names as they were sent, in order, repeated where they were. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As it was sent: perhaps compressed. */
  readonly body: Uint8Array;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** In the place of the body: bytes as they come, as many as `content-length` says. */
  readonly stream?: AsyncIterable<Uint8Array>;
}
