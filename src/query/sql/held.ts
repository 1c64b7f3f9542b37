import { identifier, join, type Sql, sizeOf, sql } from './sql.ts';

/**
 * A call of one of the macros. DuckDB writes a macro's argument wherever its parameter stands, so that macros inside
 * macros would grow without bounds; what is more than a column or a parameter is therefore computed once, as the only
 * element of a list that a lambda looks at (13 ns a row more than writing a short argument twice).
 */
export function call(macro: string, ...args: readonly Sql[]): Sql {
  return hold(args, (held) => word(`${macro}(`, join(held), ')'));
}

/** What `body` makes of the arguments, each of which it may then write as often as it likes. */
export function hold(args: readonly Sql[], body: (held: readonly Sql[]) => Sql): Sql {
  const heavy = args.filter((argument) => !isLight(argument));
  if (heavy.length === 0) return body(args);
  // The largest outermost, for DuckDB's time doubles with each lambda that a lambda's body holds.
  const at = args.indexOf(
    heavy.reduce((most, argument) => (sizeOf(argument) > sizeOf(most) ? argument : most)),
  );
  // Lambdas inside the argument may use the same name: nobody looks through one at another's.
  const variable = identifier(`held ${at}`);
  const inner = hold(
    args.map((argument, i) => (i === at ? variable : argument)),
    body,
  );
  return sql`list_transform([${args[at]}], lambda ${variable}: ${inner})[1]`;
}

/**
 * What `body` makes of the trees, each of which it writes several times: as they are while they are small, since DuckDB
 * sees itself that they are the same; else held, so that what stands in itself many times does not double each time.
 */
export function holdLarge(trees: readonly Sql[], body: (held: readonly Sql[]) => Sql): Sql {
  return trees.some((tree) => sizeOf(tree) > mostWrittenTwice) ? hold(trees, body) : body(trees);
}
const mostWrittenTwice = 60;

/** NULL where the two are equal. DuckDB's `nullif` writes its first argument twice. */
export function unless(value: Sql, unwanted: Sql): Sql {
  return holdLarge([value], ([held]) => sql`nullif(${held}, ${unwanted})`);
}

/** A column or a parameter, cast or qualified. */
function isLight(tree: Sql): boolean {
  return (
    tree.kind !== 'words' ||
    (tree.words.every((text) => /^[.:A-Z]*$/.test(text)) && tree.holes.every(isLight))
  );
}

function word(before: string, hole: Sql, after: string): Sql {
  return { kind: 'words', words: [before, after], holes: [hole] };
}
