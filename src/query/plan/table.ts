import type { Range } from '../insights/tree.ts';
import { textOf } from '../sql/readings.ts';
import { identifier, type Sql, sql } from '../sql/sql.ts';
import { missing, type Scalar, scalar, type Value } from '../sql/value.ts';
import type { Planner } from './planner.ts';
import { type Rows, shownColumns, windowOrder } from './rows.ts';
import { isConstant, nameOf } from './select.ts';

/** A column that the rows show, as one column of a table: NULL is missing, a `-` is text. */
export interface TableColumn {
  /** What the user calls it. */
  readonly name: string;
  readonly kind: Scalar['kind'];
  /** The name in the table. */
  readonly column: string;
}

/** The rows and what they show, as a table that a SELECT may name more than once; nothing else of them is left. */
export class Table {
  /** The name that `WITH` gives it. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** The name of a BIGINT column: the row's place in the order so far, from 1. */
  readonly place: string;
  readonly statement: Sql;

  constructor(rows: Rows, range: Range, planner: Planner) {
    const { select } = rows;
    this.name = planner.alias();
    this.place = nameOf(select.output(sql`row_number() OVER (${windowOrder(rows)})`));
    this.columns = shownColumns(rows).map((name) => {
      const value = asColumn(rows.names.field(name, [name], range) ?? missing);
      return { name, kind: value.kind, column: nameOf(select.output(value.sql)) };
    });
    this.statement = select.statement();
  }
}

/** The value of a column of a table, or of what is made of it, by the alias that it has there. */
export function tableValue({ kind, column }: Pick<TableColumn, 'kind' | 'column'>, alias: string): Scalar {
  return scalar(kind, sql`${identifier(alias)}.${identifier(column)}`);
}

function asColumn(value: Value): Scalar {
  if (isConstant(value) || value.kind === 'address' || value.presence !== 'nullable') {
    return scalar('text', textOf(value));
  }
  return value;
}
