import { isAggregate } from '../expression.ts';
import type { Call, Expression, Field, Regex } from '../insights/tree.ts';

/**
 * After `stats count(*)` a later command may say `sort count(*)`: an expression whose text is that of a column without
 * alias is that column. White space outside of quotes and the case of function names make no difference.
 */
export class ColumnReferences {
  private readonly text: string;
  private readonly entered: (call: Call) => boolean;

  /** `entered` are the calls whose arguments are looked at. */
  constructor(text: string, entered: (call: Call) => boolean) {
    this.text = text;
    this.entered = entered;
  }

  /** The expression with the columns of `known`, by `referenceKey`, as fields. */
  resolve<E extends Expression | Regex>(expression: E, known: ReadonlyMap<string, string>): E | Field {
    if (known.size === 0) return expression;
    const { kind, range } = expression;
    if (kind === 'field' || kind === 'number' || kind === 'string' || kind === 'regex') return expression;
    const name = known.get(referenceKey(this.text.slice(range.start, range.end)));
    if (name !== undefined) return { kind: 'field', name, path: [name], range };
    if (expression.kind === 'call' && !this.entered(expression)) return expression;
    return mapOperands(expression, (operand) => this.resolve(operand, known)) as E;
  }
}

export function referenceKey(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|\s+/g, '$1')
    .replace(/[A-Za-z_]\w*(?=\()/g, (name) => name.toLowerCase());
}

/** The expression with its parts replaced. */
export function mapOperands(
  expression: Expression,
  change: <E extends Expression | Regex>(operand: E) => E | Field,
): Expression {
  switch (expression.kind) {
    case 'call':
      return { ...expression, args: expression.args.map((arg) => change(arg)) };
    case 'unary':
    case 'member':
    case 'inSubquery':
      return { ...expression, operand: change(expression.operand) };
    case 'binary':
      return { ...expression, left: change(expression.left), right: change(expression.right) };
    case 'like':
      return { ...expression, operand: change(expression.operand), pattern: change(expression.pattern) };
    case 'in':
      return {
        ...expression,
        operand: change(expression.operand),
        list: expression.list.map((item) => change(item)),
      };
    default:
      return expression;
  }
}

/** The aggregate calls in an expression, in order. */
export function aggregateCalls(expression: Expression | Regex): readonly Call[] {
  if (expression.kind === 'regex') return [];
  if (expression.kind === 'call' && isAggregate(expression.name.name)) return [expression];
  const found: Call[] = [];
  mapOperands(expression, (operand) => {
    found.push(...aggregateCalls(operand));
    return operand;
  });
  return found;
}
