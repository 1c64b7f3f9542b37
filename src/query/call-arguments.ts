import { QueryError } from '../fault/index.ts';
import {
  type Arguments,
  checkCount,
  type InsightsFunction,
  type Parameter,
  parameterAt,
  signatureOf,
} from './functions/function.ts';
import type { Call, Expression, Regex } from './insights/tree.ts';
import { literalNumber } from './sql/literal.ts';
import { conditionOf } from './sql/readings.ts';
import { readRegex } from './sql/regex.ts';
import type { Scalar, Value } from './sql/value.ts';

/**
 * The arguments of a call, each compiled once.
 * @throws QueryError when their number or the kind of one is not what the function takes
 */
export function callArguments(
  called: InsightsFunction,
  call: Call,
  compile: (argument: Expression) => Value,
): Arguments {
  checkCount(called, call);
  const refuse = (at: number, wanted: string): never => {
    throw new QueryError(`${called.name} takes ${wanted} here`, call.args[at].range, [signatureOf(called)]);
  };
  const values = call.args.map((argument, at) => {
    const { kind } = parameterAt(called, at);
    if (mismatch(argument, kind)) return refuse(at, wanted[kind]);
    return argument.kind === 'regex' || argument.kind === 'period' ? undefined : compile(argument);
  });
  const valueAt = (at: number): Value => values[at] ?? refuse(at, 'a value');
  const literalAt = (at: number): Scalar['literal'] => {
    const value = valueAt(at);
    return value.kind === 'address' ? undefined : value.literal;
  };
  return {
    call,
    count: call.args.length,
    value: valueAt,
    values: (from) => call.args.slice(from).map((_, i) => valueAt(from + i)),
    optional: (at) => (at < call.args.length ? valueAt(at) : undefined),
    condition: (at) => conditionOf(valueAt(at)),
    text: (at) => String(literalAt(at) ?? refuse(at, wanted.text)),
    number: (at) => literalNumber({ literal: literalAt(at) as string | number }) ?? refuse(at, wanted.number),
    period(at) {
      const argument = call.args[at];
      return argument.kind === 'period' ? argument : refuse(at, wanted.period);
    },
    regex(at) {
      const argument = call.args[at];
      return readRegex(argument.kind === 'regex' ? argument.pattern : this.text(at), argument.range);
    },
    node: (at) => call.args[at],
  };
}

const wanted: Readonly<Record<Parameter['kind'], string>> = {
  value: 'a value',
  condition: 'a condition',
  text: 'a text in quotation marks',
  number: 'a number',
  period: 'a period such as 5m',
  regex: 'a regular expression such as /a+/',
};

/** What can be told without compiling the argument. */
function mismatch(argument: Expression | Regex, kind: Parameter['kind']): boolean {
  if (argument.kind === 'regex') return kind !== 'regex';
  return (argument.kind === 'period') !== (kind === 'period');
}
