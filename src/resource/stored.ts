/** An AWS shape as it is kept: times are ISO 8601 texts in UTC, as the AWS CLI prints them. */
export type Stored<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Stored<Item>[]
    : T extends object
      ? { [Member in keyof T]: Stored<T[Member]> }
      : T;
