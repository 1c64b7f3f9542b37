import { QueryError } from '../../fault/index.ts';
import type { CompileContext } from '../compile-context.ts';
import { compileExpression, isAggregate, type Scope } from '../expression.ts';
import type { Expression, Field, InSubquery, Query, Range, Regex } from '../insights/tree.ts';
import type { LookupRelation } from '../scan.ts';
import { memberOf } from '../sql/member.ts';
import { sizeOf } from '../sql/sql.ts';
import { columnsOf, type Value } from '../sql/value.ts';
import { ColumnReferences } from './column-references.ts';
import type { Rows } from './rows.ts';
import type { ScanRelation } from './scan-relation.ts';

/** Nodes of SQL in one value: what no query of 10,000 characters needs unless it doubles itself over and over. */
const maxSize = 100_000;

/** The events that a query, or a query in it, reads; times are inclusive. */
export interface Reading {
  readonly groups: readonly number[];
  readonly startMs: number;
  readonly endMs: number;
}

export type Inside = 'subquery' | 'join' | 'appendcols';

/** What all queries of one text share while it is planned. */
export interface Workshop {
  readonly text: string;
  readonly context: CompileContext;
  readonly scans: ScanRelation[];
  readonly lookups: LookupRelation[];
  aliases: number;
  planQuery(planner: Planner, query: Query): Rows;
  inSubquery(planner: Planner, expression: InSubquery, operand: Value): Value;
}

/** What the commands of one query are planned with. */
export class Planner {
  readonly workshop: Workshop;
  readonly reading: Reading;
  /** What the query stands in; undefined for the outermost. */
  readonly inside: Inside | undefined;

  constructor(workshop: Workshop, reading: Reading, inside?: Inside) {
    this.workshop = workshop;
    this.reading = reading;
    this.inside = inside;
  }

  /** A name that no other relation has. */
  alias(): string {
    return `s${this.workshop.aliases++}`;
  }

  /**
   * The value of an expression over rows.
   * @throws QueryError as `compileExpression`, and when the SQL would be too large
   */
  expression(expression: Expression, rows: Rows, scope: Partial<Scope> = {}): Value {
    const whole = { ...this.scope(rows), ...scope };
    const inAggregates = scope.aggregate === undefined;
    return bounded(compileExpression(this.resolve(expression, rows, inAggregates), whole), expression.range);
  }

  /** The expression with what has the text of a column as that column; arguments of aggregates may be left alone. */
  resolve<E extends Expression | Regex>(expression: E, rows: Rows, inAggregates = true): E | Field {
    const references = new ColumnReferences(
      this.workshop.text,
      (call) => inAggregates || !isAggregate(call.name.name),
    );
    return references.resolve(expression, rows.texts);
  }

  scope(rows: Rows): Scope {
    const { names } = rows;
    const { startMs, endMs } = this.reading;
    const order = () => {
      const columns = (['timestamp', 'ingestion_time', 'id'] as const).flatMap((key) => {
        const value = names.event(key);
        return value ? columnsOf(value) : [];
      });
      return [columns[0], columns[1], columns[2]] as const;
    };
    return {
      field: (name, path, range) => names.field(name, path, range),
      nowMs: this.workshop.context.nowMs,
      startMs,
      endMs,
      ...(rows.raw && { eventOrder: order }),
      inSubquery: (expression, operand) => this.workshop.inSubquery(this, expression, operand),
    };
  }

  /** What is at `steps` inside a map or a list; in text there is nothing. */
  readonly step = (container: Value, steps: readonly string[]): Value => memberOf(container, steps);
}

export function bounded(value: Value, range: Range): Value {
  if (columnsOf(value).some((column) => sizeOf(column) > maxSize)) {
    throw new QueryError('the query is too large once its names are written out', range);
  }
  return value;
}
