import { QueryError } from '../../fault/index.ts';
import type { Call, Expression, Period, Regex } from '../insights/tree.ts';
import type { RegexReading } from '../sql/regex.ts';
import type { Sql } from '../sql/sql.ts';
import type { Value } from '../sql/value.ts';

export type FunctionFamily =
  | 'numeric'
  | 'general'
  | 'string'
  | 'datetime'
  | 'ip'
  | 'json'
  | 'hash'
  | 'aggregate'
  | 'time series';

/**
 * What an argument may be:
 * - `value`: any expression; `condition`: one that is asked for its truth
 * - `text`, `number`: an expression whose value is known beforehand
 * - `period`: `5m`; `regex`: `/…/` or a text that is known beforehand
 */
export type ParameterKind = 'value' | 'condition' | 'text' | 'number' | 'period' | 'regex';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly optional?: boolean;
  /** The last one may be given any number of times. */
  readonly repeated?: boolean;
}

/** One function of Insights: what the documentation, the editor and the compiler know of it. */
export interface InsightsFunction {
  readonly name: string;
  /** Other names of the same function; all are found in any case. */
  readonly spellings: readonly string[];
  readonly family: FunctionFamily;
  readonly parameters: readonly Parameter[];
  /** One sentence without the full stop. */
  readonly meaning: string;
}

/** What surrounds a call when it is compiled. */
export interface Surroundings {
  readonly nowMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly binOffsetMs: number;
  /** The aggregates of the same `stats`, for what is cheaper together; perhaps none though there are some. */
  readonly siblings: readonly Call[];
  /** The time of the event. @throws QueryError where there is none any more */
  timestamp(): Value;
  /** From the oldest to the newest event. @throws QueryError where rows are no events any more */
  eventOrder(): readonly [timestamp: Sql, ingestion: Sql, id: Sql];
}

export interface CompiledFunction extends InsightsFunction {
  compile(args: Arguments, around: Surroundings): Value;
}

/** The arguments of one call, already of the kinds and the number that the function takes. */
export interface Arguments {
  readonly call: Call;
  readonly count: number;
  value(at: number): Value;
  values(from: number): readonly Value[];
  optional(at: number): Value | undefined;
  /** BOOLEAN where NULL counts as false. */
  condition(at: number): Sql;
  text(at: number): string;
  number(at: number): number;
  period(at: number): Period;
  regex(at: number): RegexReading;
  node(at: number): Expression | Regex;
}

/** `name(a, b?, c…)`: a row of the table. `parameters` are written as `a`, `size:number?`, `items…` or `more…?`. */
export function fn(
  names: string,
  family: FunctionFamily,
  parameters: string,
  meaning: string,
  compile: CompiledFunction['compile'],
): CompiledFunction {
  const [name, ...spellings] = names.split(' ');
  return { name, spellings, family, parameters: parametersOf(parameters), meaning, compile };
}

function parametersOf(text: string): readonly Parameter[] {
  if (text === '') return [];
  return text.split(', ').map((item) => {
    const [, name, kind = 'value', repeated, optional] = /^(\w+)(?::(\w+))?(…?)(\??)$/.exec(item) ?? [];
    return {
      name,
      kind: kind as ParameterKind,
      ...(optional && { optional: true as const }),
      ...(repeated && { repeated: true as const }),
    };
  });
}

/** `substr(s, start[, length])`, as documentation and errors write it. */
export function signatureOf({ name, parameters }: InsightsFunction): string {
  const written = parameters.map((parameter, i) => {
    const comma = i === 0 ? '' : ', ';
    const label = `${comma}${parameter.name}${parameter.repeated ? ', …' : ''}`;
    return parameter.optional ? `[${label}]` : label;
  });
  return `${name}(${written.join('')})`;
}

/** @throws QueryError at the call */
export function checkCount(called: InsightsFunction, call: Call): void {
  const { parameters } = called;
  const least = parameters.filter(({ optional }) => !optional).length;
  const most = parameters.at(-1)?.repeated ? Number.POSITIVE_INFINITY : parameters.length;
  const count = call.args.length;
  if (count >= least && count <= most && !call.star) return;
  const takes =
    least === most
      ? `${least}`
      : most === Number.POSITIVE_INFINITY
        ? `at least ${least}`
        : `${least} to ${most}`;
  const found = call.star ? '*' : `${count}`;
  throw new QueryError(
    `${called.name} takes ${takes === '0' ? 'no' : takes} ${takes === '1' || takes === 'at least 1' ? 'argument' : 'arguments'}, found ${found}`,
    call.range,
    [signatureOf(called)],
  );
}

/** The parameter that stands for an argument, which the last one does for all that follow when it is repeated. */
export function parameterAt({ parameters }: InsightsFunction, at: number): Parameter {
  return parameters[Math.min(at, parameters.length - 1)];
}
