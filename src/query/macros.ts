/** `CREATE MACRO` statements of what the SQL of queries calls; the store runs them once, when it opens. */
export const queryMacros: readonly string[] = [];
