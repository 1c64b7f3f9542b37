type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];
type Defined<T> = Omit<T, Optional<T>> & { [K in Optional<T>]?: Exclude<T[K], undefined> };

/** The object without the members that are `undefined`, for types that tell absent from `undefined`. */
export function definedMembers<T extends object>(object: T): Defined<T> {
  const defined: Partial<T> = {};
  for (const key in object) if (object[key] !== undefined) defined[key] = object[key];
  return defined as Defined<T>;
}
