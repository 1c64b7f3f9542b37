import { invariant } from '../../fault/index.ts';
import type { SqlParameter } from '../scan.ts';

/**
 * SQL as a tree. What users write enters it in two ways only: `parameter(value)` becomes `$n`, `identifier(name)` is
 * quoted. The words of the template are the program's own.
 */
export type Sql = SqlNode;

type SqlNode =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly holes: readonly Sql[] }
  | { readonly kind: 'parameter'; readonly value: SqlParameter }
  | { readonly kind: 'identifier'; readonly name: string };

export function sql(words: TemplateStringsArray, ...holes: readonly Sql[]): Sql {
  return { kind: 'words', words, holes };
}

export function parameter(value: SqlParameter): Sql {
  return { kind: 'parameter', value };
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

/** The text, and the values of `$1`, `$2` …; a value that occurs twice is one parameter. */
export function printSql(tree: Sql): { readonly text: string; readonly parameters: readonly SqlParameter[] } {
  const parameters: SqlParameter[] = [];
  const numbers = new Map<SqlParameter, number>();
  const pieces: string[] = [];
  const print = (node: Sql): void => {
    if (node.kind === 'identifier') pieces.push(`"${node.name.replaceAll('"', '""')}"`);
    else if (node.kind === 'parameter') pieces.push(`$${numberOf(node.value)}`);
    else {
      for (let i = 0; i < node.words.length; i++) {
        pieces.push(node.words[i]);
        if (i < node.holes.length) print(node.holes[i]);
      }
    }
  };
  const numberOf = (value: SqlParameter): number => {
    const known = numbers.get(value);
    if (known !== undefined) return known;
    parameters.push(value);
    numbers.set(value, parameters.length);
    return parameters.length;
  };
  print(tree);
  return { text: pieces.join(''), parameters };
}
