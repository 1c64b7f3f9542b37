import { invariant } from '../fault/index.ts';
import type { Call, Expression, InSubquery, Range } from './insights/tree.ts';
import type { Sql } from './sql/sql.ts';
import type { Value } from './sql/value.ts';

/** What an expression may refer to where it stands. */
export interface Scope {
  /**
   * The value of a field; undefined when no row has it. `bin(5m)` asks for `@timestamp` at its own range.
   * @throws QueryError at `range` when the name may not be used here (a field that a `stats` before has dropped)
   */
  field(name: string, path: readonly string[], range: Range): Value | undefined;
  readonly nowMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** `stats … by bin(1h) offset 15m`: by how much bins begin later than they are aligned to. */
  readonly binOffsetMs?: number;
  /**
   * What orders events from the oldest to the newest, for `earliest` and `latest`: timestamp, ingestion time, id, all
   * BIGINT. A call, so that only who asks needs the columns. Absent when the rows are no events any more.
   */
  readonly eventOrder?: () => readonly [timestamp: Sql, ingestion: Sql, id: Sql];
  /** `operand in (SOURCE … )`: a boolean. */
  inSubquery(expression: InSubquery, operand: Value): Value;
  /** What an aggregate stands for in an expression of `stats`; absent where none may stand. */
  aggregate?(call: Call): Value;
}

/**
 * @throws QueryError at the node's range: unknown function, wrong number or kind of arguments, a regex or a pattern that
 *   cannot be, an aggregate where none may stand
 */
export function compileExpression(expression: Expression, scope: Scope): Value {
  return pending([expression, scope]);
}

/**
 * An aggregate call over the rows of a group: the SQL of the value is an aggregate expression for SELECT … GROUP BY.
 * @throws QueryError as `compileExpression`
 */
export function compileAggregate(call: Call, scope: Scope): Value {
  return pending([call, scope]);
}

/** Whether the name, in any case, is a function over the rows of a group: `count`, `SUM`. */
export function isAggregate(name: string): boolean {
  return pending(name);
}

function pending(what: unknown): never {
  invariant(what === undefined, 'expressions are not compiled yet');
  throw new TypeError();
}
