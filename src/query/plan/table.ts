import type { Range } from '../insights/tree.ts';
import { textOf } from '../sql/readings.ts';
import { identifier, type Sql, sql } from '../sql/sql.ts';
import { columnsOf, isMissing, missing, rebind, type Scalar, scalar, type Value } from '../sql/value.ts';
import { CarriedNames, type Names } from './names.ts';
import type { Planner } from './planner.ts';
import type { Written } from './relations.ts';
import { type Rows, shownColumns, windowOrder } from './rows.ts';
import { isConstant, nameOf } from './select.ts';

/** What the rows show, as one column of a table: NULL is missing, a `-` is text. */
export interface TableColumn {
  /** What the user calls it. */
  readonly name: string;
  readonly kind: Scalar['kind'];
  /** The name in the table. */
  readonly column: string;
}

/** The rows and what they show, as a table that a SELECT may name more than once. */
export class Table {
  /** The name that `WITH` gives it. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** The name of a BIGINT column: the row's place in the order so far, from 1. */
  readonly place: string;
  private readonly rows: Rows;

  /** `more` are names that need not be shown. */
  constructor(rows: Rows, range: Range, planner: Planner, more: readonly string[] = []) {
    const { select } = rows;
    this.rows = rows;
    this.name = planner.alias();
    this.place = nameOf(select.output(sql`row_number() OVER (${windowOrder(rows)})`));
    this.columns = [...new Set([...shownColumns(rows), ...more])].map((name) => {
      const value = asColumn(rows.names.field(name, name.split('.'), range) ?? missing);
      return { name, kind: value.kind, column: nameOf(select.output(value.sql)) };
    });
  }

  /** Complete when all names have been asked for. */
  statement(): Sql {
    return this.rows.select.statement();
  }

  /**
   * What is not shown, under its names, by way of a relation that has rows of the table beside others: these have NULL
   * in the columns, the place among them, and none of the fields.
   */
  hidden(relation: Written): Names {
    const there = sql`(${relation.column(this.place)} IS NOT NULL)`;
    return new CarriedNames(this.rows.names, (value) => {
      if (isMissing(value)) return value;
      const plain = isConstant(value) ? scalar('text', textOf(value)) : value;
      const column = (computed: Sql) => relation.column(nameOf(this.rows.select.output(computed)));
      const carried = rebind(plain, columnsOf(plain).map(column));
      return plain.presence === 'dash' ? { ...carried, presence: { when: there } } : carried;
    });
  }

  /** The columns of the table that were asked for by way of `hidden`. */
  hiddenColumns(relation: Written): readonly Sql[] {
    const known = [...this.columns.map(({ column }) => column), this.place];
    return relation.asked.filter((name) => !known.includes(name)).map(identifier);
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
