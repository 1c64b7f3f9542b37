import { invariant } from '../../fault/index.ts';
import type { SqlParameter } from '../scan.ts';

/**
 * SQL as a tree. What users write enters it in three ways only: `parameter(value)` becomes `$n`, `identifier(name)` and
 * `literal(text)` are quoted. The words of the template are the program's own. Trees share nodes; what walks them must
 * not take the time of the tree written out.
 */
export type Sql = SqlNode;

type SqlNode =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly holes: readonly Sql[] }
  | { readonly kind: 'parameter'; readonly value: SqlParameter }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'identifier'; readonly name: string };

export function sql(words: TemplateStringsArray, ...holes: readonly Sql[]): Sql {
  return { kind: 'words', words, holes };
}

export function parameter(value: SqlParameter): Sql {
  return { kind: 'parameter', value };
}

/** For where DuckDB takes only constants, such as the regex of `regexp_extract` with names; elsewhere `parameter`. */
export function literal(text: string): Sql {
  invariant(!text.includes('\0'), 'a NUL in a literal');
  return { kind: 'literal', text };
}

export function identifier(name: string): Sql {
  invariant(!name.includes('\0'), 'a NUL in an identifier');
  return { kind: 'identifier', name };
}

/** Items with `separator` between them; `separator` is the program's own text. */
export function join(items: readonly Sql[], separator = ', '): Sql {
  const words = ['', ...items.slice(1).map(() => separator), ''];
  return items.length === 0 ? sql`` : { kind: 'words', words, holes: items };
}

/** The tree with some nodes replaced; what they hold is not looked at again. */
export function substitute(tree: Sql, replacement: (node: Sql) => Sql | undefined): Sql {
  const done = new Map<Sql, Sql>();
  const walk = (node: Sql): Sql => {
    let changed = done.get(node) ?? replacement(node);
    if (!changed && node.kind === 'words') {
      const holes = node.holes.map(walk);
      changed = holes.some((hole, i) => hole !== node.holes[i]) ? { ...node, holes } : node;
    }
    done.set(node, changed ?? node);
    return changed ?? node;
  };
  return walk(tree);
}

/** How many nodes the tree has when it is written out. */
export function sizeOf(tree: Sql): number {
  const known = sizes.get(tree);
  if (known !== undefined) return known;
  let size = 1;
  if (tree.kind === 'words') for (const hole of tree.holes) size += sizeOf(hole);
  sizes.set(tree, size);
  return size;
}
const sizes = new WeakMap<Sql, number>();

/** The text, and the values of `$1`, `$2` …; a value that occurs twice is one parameter. */
export function printSql(tree: Sql): { readonly text: string; readonly parameters: readonly SqlParameter[] } {
  const { texts, parameters } = printStatements([tree]);
  return { text: texts[0], parameters };
}

/** Statements over one list of parameters: the first has `$1` to some `$k` without gaps, and so on. */
export function printStatements(trees: readonly Sql[]): {
  readonly texts: readonly string[];
  readonly parameters: readonly SqlParameter[];
} {
  const parameters: SqlParameter[] = [];
  const numbers = new Map<SqlParameter, number>();
  const numberOf = (value: SqlParameter): number => {
    const known = numbers.get(value);
    if (known !== undefined) return known;
    parameters.push(value);
    numbers.set(value, parameters.length);
    return parameters.length;
  };
  const texts = trees.map((tree) => {
    const pieces: string[] = [];
    const print = (node: Sql): void => {
      if (node.kind === 'identifier') pieces.push(`"${node.name.replaceAll('"', '""')}"`);
      else if (node.kind === 'literal') pieces.push(`'${node.text.replaceAll("'", "''")}'`);
      else if (node.kind === 'parameter') pieces.push(`$${numberOf(node.value)}`);
      else {
        for (let i = 0; i < node.words.length; i++) {
          pieces.push(node.words[i]);
          if (i < node.holes.length) print(node.holes[i]);
        }
      }
    };
    print(tree);
    return pieces.join('');
  });
  return { texts, parameters };
}
