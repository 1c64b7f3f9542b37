import type { Arithmetic } from '../insights/tree.ts';
import { call, unless } from './held.ts';
import { literalNumber, numberLiteral } from './literal.ts';
import { doubleOf } from './readings.ts';
import { sql } from './sql.ts';
import { type Scalar, scalar, type Value } from './value.ts';

/**
 * In doubles, as if every field were text; missing where a side is no number or the result is none. Numbers that are
 * known beforehand are computed now, so that `bytes > 10*1024` compares a column with a number.
 */
export function arithmetic(operator: Arithmetic, left: Value, right: Value): Scalar {
  const [known, other] = [knownNumber(left), knownNumber(right)];
  if (known !== undefined && other !== undefined) {
    const result = computed[operator](known, other);
    if (Number.isFinite(result)) return numberLiteral(result);
  }
  const [a, b] = [doubleOf(left), doubleOf(right)];
  switch (operator) {
    case '+':
      return scalar('double', sql`(${a} + ${b})`);
    case '-':
      return scalar('double', sql`(${a} - ${b})`);
    case '*':
      return scalar('double', sql`(${a} * ${b})`);
    case '/':
      return scalar('double', sql`(${a} / ${unless(b, sql`0`)})`);
    case '%':
      return scalar('double', sql`(${a} % ${unless(b, sql`0`)})`);
    case '^':
      return scalar('double', call('finite_number', sql`pow(${a}, ${b})`));
  }
}

export function negated(value: Value): Scalar {
  const known = knownNumber(value);
  return known === undefined ? scalar('double', sql`(-${doubleOf(value)})`) : numberLiteral(-known);
}

const computed: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

function knownNumber(value: Value): number | undefined {
  return value.kind === 'address' ? undefined : literalNumber(value);
}
