/** A kind of resource; `T` is what the store keeps of one. Names are part of the stored format: they never change. */
export interface Kind<T> {
  readonly name: string;
  /** Never there: it ties the kind to its type. */
  readonly resource?: T;
}

export function kind<T>(name: string): Kind<T> {
  return { name };
}
