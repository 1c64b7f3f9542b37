/**
 * The input of an action once it has been checked against the model: what the model requires is there, at every
 * depth. The SDK's types say of each required member that it may be undefined.
 */
export type Checked<T> = T extends Date | Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Checked<Item>[]
    : T extends object
      ? {
          readonly [Member in keyof T]: Record<never, never> extends Pick<T, Member>
            ? Checked<T[Member]>
            : Checked<Exclude<T[Member], undefined>>;
        }
      : T;
