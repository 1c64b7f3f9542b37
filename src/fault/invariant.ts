/** Fails loudly when the program itself is wrong; never used for what comes from outside. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`);
}
