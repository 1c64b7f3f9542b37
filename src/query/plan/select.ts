import { invariant } from '../../fault/index.ts';
import { identifier, join, type Sql, sql, substitute } from '../sql/sql.ts';
import { columnsOf, isMissing, rebind, type Value } from '../sql/value.ts';

/** Which relation a column node is of, so that an expression can be moved out of the SELECT it was written in. */
const owners = new WeakMap<Sql, string>();

/** Texts that are addresses, so that they can be ordered as columns of addresses are. */
const addresses = new WeakSet<Sql>();

export function markAddress(text: Sql): Sql {
  addresses.add(text);
  return text;
}

export function isAddressText(text: Sql): boolean {
  return addresses.has(text);
}

/** `"relation"."column"`. Nodes are compared by identity: make each once. */
export function columnNode(relation: string, name: string): Sql {
  const node = sql`${identifier(relation)}.${identifier(name)}`;
  owners.set(node, relation);
  return node;
}

/** The names of the columns of a relation that trees read. */
export function columnsRead(trees: readonly Sql[], relation: string): ReadonlySet<string> {
  const seen = new Set<Sql>();
  const names = new Set<string>();
  const walk = (node: Sql): void => {
    if (node.kind !== 'words' || seen.has(node)) return;
    seen.add(node);
    const column = node.holes[1];
    if (owners.get(node) === relation && column.kind === 'identifier') names.add(column.name);
    for (const hole of node.holes) walk(hole);
  };
  trees.forEach(walk);
  return names;
}

/** What stands behind FROM: written at the very end, when all its columns have been asked for. */
export interface Relation {
  /** The aliases under which its columns are known. */
  readonly aliases: readonly string[];
  /** As an item of FROM, with the columns that the trees around it read. */
  write(around: readonly Sql[]): Sql;
}

/**
 * One SELECT in the making, itself a relation for the one around it. Its columns are those that are asked for, in any
 * order and at any time until it is written; nothing that nobody uses is read.
 */
export class Select implements Relation {
  readonly aliases: readonly string[];
  /** All must hold; plain over raw columns where possible, so that they reach the storage. */
  readonly conditions: Sql[] = [];
  groupBy: readonly Sql[] | undefined;
  having: Sql | undefined;
  qualify: Sql | undefined;
  orderBy: readonly Sql[] = [];
  limit: number | undefined;
  readonly from: Relation;
  private readonly alias: string;
  private readonly outputs = new Map<Sql, Sql>();

  constructor(alias: string, from: Relation) {
    this.alias = alias;
    this.aliases = [alias];
    this.from = from;
  }

  /** The column that carries what is computed here. */
  output(computed: Sql): Sql {
    let column = this.outputs.get(computed);
    if (!column) {
      column = columnNode(this.alias, `c${this.outputs.size}`);
      this.outputs.set(computed, column);
      if (addresses.has(computed)) addresses.add(column);
    }
    return column;
  }

  /** The value outside, computed here. */
  carry(value: Value): Value {
    return isConstant(value)
      ? value
      : rebind(
          value,
          columnsOf(value).map((column) => this.output(column)),
        );
  }

  /** The value outside, computed there: only the columns it is made of are carried. */
  defer(value: Value): Value {
    if (isConstant(value)) return value;
    const outside = (tree: Sql): Sql =>
      substitute(tree, (node) => {
        const owner = owners.get(node);
        return owner !== undefined && this.from.aliases.includes(owner) ? this.output(node) : undefined;
      });
    const moved = rebind(value, columnsOf(value).map(outside));
    return value.kind !== 'address' && value.condition && moved.kind !== 'address'
      ? { ...moved, condition: outside(value.condition) }
      : moved;
  }

  /** SELECT … without parentheses: these columns, or all that were asked for, by their names. */
  statement(cells?: readonly Sql[]): Sql {
    return this.listing(cells ?? this.named(() => true));
  }

  write(around: readonly Sql[]): Sql {
    const read = columnsRead(around, this.alias);
    return sql`(${this.listing(this.named((name) => read.has(name)))}) AS ${identifier(this.alias)}`;
  }

  private named(wanted: (name: string) => boolean): readonly Sql[] {
    const columns = [...this.outputs].filter(([, column]) => wanted(nameOf(column)));
    return columns.map(([computed, column]) => sql`${computed} AS ${identifier(nameOf(column))}`);
  }

  private listing(columns: readonly Sql[]): Sql {
    const list = columns.length > 0 ? join(columns) : this.anyColumn();
    const clauses = [
      ...(this.conditions.length > 0 ? [sql`WHERE ${conjunction(this.conditions)}`] : []),
      ...(this.groupBy && this.groupBy.length > 0 ? [sql`GROUP BY ${join(this.groupBy)}`] : []),
      ...(this.having ? [sql`HAVING ${this.having}`] : []),
      ...(this.qualify ? [sql`QUALIFY ${this.qualify}`] : []),
      ...(this.orderBy.length > 0 ? [sql`ORDER BY ${join(this.orderBy)}`] : []),
      ...(this.limit !== undefined ? [sql`LIMIT ${wholeNumber(this.limit)}`] : []),
    ];
    return join([sql`SELECT ${list} FROM ${this.from.write([list, ...clauses])}`, ...clauses], ' ');
  }

  /** A SELECT needs a column; one over all rows as a group needs an aggregate. */
  private anyColumn(): Sql {
    return this.groupBy?.length === 0 ? sql`count(*)` : sql`1`;
  }
}

/** Whether fewer rows come out of it than are in what it is made from. */
export function filters({ from, conditions }: Select): boolean {
  return conditions.length > 0 || (from instanceof Select && filters(from));
}

/** `a AND b`, each in parentheses. */
export function conjunction(conditions: readonly Sql[]): Sql {
  return conditions.length === 1
    ? conditions[0]
    : join(
        conditions.map((condition) => sql`(${condition})`),
        ' AND ',
      );
}

/** A number of the program or one that the parser has checked, as it is. */
export function wholeNumber(value: number | bigint): Sql {
  return { kind: 'words', words: [String(BigInt(value))], holes: [] };
}

/** What is the same in all rows needs no column. */
export function isConstant(value: Value): boolean {
  return isMissing(value) || (value.kind !== 'address' && value.literal !== undefined);
}

/** Of a node that `columnNode` made: the name without the relation. */
export function nameOf(node: Sql): string {
  const name = node.kind === 'words' ? node.holes[1] : node;
  invariant(name?.kind === 'identifier', 'a column without a name');
  return name.name;
}
