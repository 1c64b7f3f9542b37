import { QueryError } from '../fault/index.ts';
import { alternativesOf } from './alternatives.ts';
import { callArguments } from './call-arguments.ts';
import type { CompiledFunction, Surroundings } from './functions/function.ts';
import { aggregateNamed, namesLike, scalarNamed } from './functions/table.ts';
import type { Binary, Call, Expression, InSubquery, Like, Range, Regex, Unary } from './insights/tree.ts';
import { arithmetic, negated } from './sql/arithmetic.ts';
import { compare, noneOf, oneOf } from './sql/comparison.ts';
import { numberLiteral } from './sql/literal.ts';
import { memberOf } from './sql/member.ts';
import { conditionOf, textOf } from './sql/readings.ts';
import { readRegex } from './sql/regex.ts';
import { join, parameter, type Sql, sql } from './sql/sql.ts';
import { booleanOf, missing, textLiteral, type Value } from './sql/value.ts';

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
  /** The aggregate calls of the `stats` in which one is compiled: several percentiles of a field are found together. */
  readonly siblings?: readonly Call[];
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
  switch (expression.kind) {
    case 'number':
      return numberLiteral(expression.value);
    case 'string':
      return textLiteral(expression.value);
    case 'field':
      return scope.field(expression.name, expression.path, expression.range) ?? missing;
    case 'period':
      throw new QueryError('a period stands only in functions of time', expression.range);
    case 'call':
      return compileCall(expression, scope);
    case 'unary':
      return compileUnary(expression, scope);
    case 'binary':
      return compileBinary(expression, scope);
    case 'like':
      return compileLike(expression, scope);
    case 'in': {
      const items = expression.list.map((item) => compileExpression(item, scope));
      const operand = compileExpression(expression.operand, scope);
      return expression.negated ? noneOf(operand, items) : oneOf(operand, items);
    }
    case 'inSubquery':
      return scope.inSubquery(expression, compileExpression(expression.operand, scope));
    case 'member':
      return memberOf(compileExpression(expression.operand, scope), expression.steps);
  }
}

/**
 * An aggregate call over the rows of a group: the SQL of the value is an aggregate expression for SELECT … GROUP BY.
 * @throws QueryError as `compileExpression`
 */
export function compileAggregate(call: Call, scope: Scope): Value {
  const found = aggregateNamed(call.name.name) ?? unknown(call);
  return apply(found, withoutStar(call), rowScope(scope));
}

/** The scope of the rows of a group, where no aggregate may stand. */
function rowScope(scope: Scope): Scope {
  return {
    field: (name, path, range) => scope.field(name, path, range),
    nowMs: scope.nowMs,
    startMs: scope.startMs,
    endMs: scope.endMs,
    inSubquery: (expression, operand) => scope.inSubquery(expression, operand),
    ...(scope.binOffsetMs !== undefined && { binOffsetMs: scope.binOffsetMs }),
    ...(scope.siblings && { siblings: scope.siblings }),
    ...(scope.eventOrder && { eventOrder: scope.eventOrder }),
  };
}

/** Whether the name, in any case, is a function over the rows of a group: `count`, `SUM`. */
export function isAggregate(name: string): boolean {
  return aggregateNamed(name) !== undefined;
}

function compileCall(call: Call, scope: Scope): Value {
  const found = scalarNamed(call.name.name);
  if (found) return apply(found, call, scope);
  const aggregate = aggregateNamed(call.name.name) ?? unknown(call);
  if (scope.aggregate) return scope.aggregate(call);
  throw new QueryError(`${aggregate.name} stands only in stats, and not in another aggregate`, call.range);
}

function unknown(call: Call): never {
  throw new QueryError(`unknown function ${call.name.name}`, call.name.range, namesLike(call.name.name));
}

/** `count(*)` is `count()`. */
function withoutStar(call: Call): Call {
  return /^count(_?over_?time)?$/i.test(call.name.name) ? { ...call, star: false } : call;
}

function apply(called: CompiledFunction, call: Call, scope: Scope): Value {
  const args = callArguments(called, call, (argument) => compileExpression(argument, scope));
  return called.compile(args, surroundings(called, call, scope));
}

function surroundings({ name }: CompiledFunction, { range }: Call, scope: Scope): Surroundings {
  const gone = (what: string) =>
    new QueryError(`${name} needs ${what}, which a stats before has dropped`, range);
  return {
    nowMs: scope.nowMs,
    startMs: scope.startMs,
    endMs: scope.endMs,
    binOffsetMs: scope.binOffsetMs ?? 0,
    siblings: scope.siblings ?? [],
    timestamp() {
      const found = scope.field('@timestamp', ['@timestamp'], range);
      if (!found) throw gone('@timestamp');
      return found;
    },
    eventOrder() {
      if (!scope.eventOrder) throw gone('the order of events');
      return scope.eventOrder();
    },
  };
}

function compileUnary({ operator, operand }: Unary, scope: Scope): Value {
  const value = compileExpression(operand, scope);
  if (operator === '-') return negated(value);
  return booleanOf(sql`(${conditionOf(value)} IS NOT TRUE)`);
}

function compileBinary(binary: Binary, scope: Scope): Value {
  const { operator, left, right } = binary;
  if (operator === 'or') return compileOr(binary, scope);
  const a = compileExpression(left, scope);
  const b = compileExpression(right, scope);
  switch (operator) {
    case 'and':
      return booleanOf(sql`(${conditionOf(a)} AND ${conditionOf(b)})`);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return arithmetic(operator, a, b);
    default:
      return compare(operator, a, b);
  }
}

/** All that are joined by `or` as one condition: hundreds of them in each other take DuckDB seconds. */
function compileOr(or: Binary, scope: Scope): Value {
  const { choices, others } = alternativesOf(or);
  const chosen = choices.map(({ field, items }) =>
    oneOf(
      compileExpression(field, scope),
      items.map((item) => compileExpression(item, scope)),
    ),
  );
  const values = [...chosen, ...others.map((other) => compileExpression(other, scope))];
  return booleanOf(sql`(${join(values.map(conditionOf), ' OR ')})`);
}

function compileLike({ operand, pattern, negated: not }: Like, scope: Scope): Value {
  const text = textOf(compileExpression(operand, scope));
  const found = patternIn(text, pattern, scope);
  return booleanOf(not ? sql`(NOT ${found})` : found);
}

/** BOOLEAN, NULL where the text is missing: so that neither `like` nor `not like` holds. */
function patternIn(text: Sql, pattern: Expression | Regex, scope: Scope): Sql {
  if (pattern.kind === 'regex') {
    const { text: regex } = readRegex(pattern.pattern, pattern.range);
    return sql`regexp_matches(${text}, ${parameter(regex)}::VARCHAR)`;
  }
  return sql`contains(${text}, ${textOf(compileExpression(pattern, scope))})`;
}
