/** What the store keeps beside events: small documents by table and key, whose meaning is their owner's. */
export interface Documents {
  /** Live: what was committed is in it. Never changed by who reads it. */
  table<T>(name: string): ReadonlyMap<string, T>;
}

export type Change =
  | { readonly put: string; readonly key: string; readonly value: unknown }
  | { readonly remove: string; readonly key: string };
