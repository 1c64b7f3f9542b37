import { identifier, join, type Sql, sql } from '../sql/sql.ts';
import { columnNode, type Relation } from './select.ts';

/** Two relations side by side. */
export class Joined implements Relation {
  readonly aliases: readonly string[];
  private readonly left: Relation;
  private readonly right: Relation;
  private readonly words: Sql;
  private readonly on: Sql;

  /** `words` are the program's own: `LEFT JOIN`. */
  constructor(left: Relation, words: Sql, right: Relation, on: Sql) {
    this.aliases = [...left.aliases, ...right.aliases];
    this.left = left;
    this.right = right;
    this.words = words;
    this.on = on;
  }

  write(around: readonly Sql[]): Sql {
    const all = [...around, this.on];
    return sql`${this.left.write(all)} ${this.words} ${this.right.write(all)} ON ${this.on}`;
  }
}

/** A SELECT that is written as it is, or in the end, when it is known which of its columns are read. */
export class Written implements Relation {
  readonly aliases: readonly string[];
  private readonly alias: string;
  private readonly statement: () => Sql;
  private readonly columns = new Map<string, Sql>();

  constructor(alias: string, statement: () => Sql) {
    this.aliases = [alias];
    this.alias = alias;
    this.statement = statement;
  }

  column(name: string): Sql {
    let node = this.columns.get(name);
    if (!node) {
      node = columnNode(this.alias, name);
      this.columns.set(name, node);
    }
    return node;
  }

  /** The names of the columns that were asked for so far. */
  get asked(): readonly string[] {
    return [...this.columns.keys()];
  }

  write(): Sql {
    return sql`(${this.statement()}) AS ${identifier(this.alias)}`;
  }
}

/** `name AS MATERIALIZED (…)`: read once, however often it is named in the SELECT behind it. */
export function withMaterialized(
  tables: readonly (readonly [name: string, statement: Sql])[],
  select: Sql,
): Sql {
  const written = tables.map(([name, statement]) => sql`${identifier(name)} AS MATERIALIZED (${statement})`);
  return sql`WITH ${join(written)} ${select}`;
}
