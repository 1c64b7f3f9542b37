import { QueryError } from '../../fault/index.ts';
import type { Field, Join, Range } from '../insights/tree.ts';
import { textOf } from '../sql/readings.ts';
import { join, type Sql, sql } from '../sql/sql.ts';
import { columnsOf, rebind, type Value } from '../sql/value.ts';
import { planInner } from './inner-query.ts';
import { CarriedNames, type EventKey, type Names } from './names.ts';
import type { Planner } from './planner.ts';
import { Joined } from './relations.ts';
import { nest, type OrderKey, type Rows } from './rows.ts';
import type { Select } from './select.ts';

/** Rows of another query beside those whose fields equal theirs, as texts; `A.f` and `B.f` are the fields of either. */
export function planJoin(command: Join, rows: Rows, planner: Planner): Rows {
  if (planner.inside) throw new QueryError(`a ${planner.inside} cannot hold a join`, command.range);
  const right = planInner(command.source, 'join', planner);
  const outer = command.type === 'left';
  const equal = command.on.map(
    (pair) =>
      sql`${rows.select.output(text(pair.left, rows.names))} = ${right.select.output(text(pair.right, right.names))}`,
  );
  const words = outer ? sql`LEFT JOIN` : sql`INNER JOIN`;
  const nested = nest(
    rows,
    planner.alias(),
    'carry',
    (left) => new Joined(left, words, right.select, join(equal, ' AND ')),
  );
  const carry = (value: Value) => (outer ? carryOuter(value, right.select) : right.select.carry(value));
  const names = new JoinedNames(
    command.left.name,
    nested.names,
    command.right.name,
    new CarriedNames(right.names, carry),
  );
  const ties: readonly OrderKey[] = right.order.map((key) => ({
    ...key,
    value: carry(key.value),
  }));
  return {
    ...nested,
    names,
    order: [...nested.order, ...ties],
    ties: [...nested.ties, ...ties],
    events: rows.events,
    limited: false,
    arranged: false,
  };
}

function text(field: Field, names: Names): Sql {
  const value = names.field(field.name, field.path, field.range);
  return value ? textOf(value) : sql`NULL::VARCHAR`;
}

/** What NULL means in rows of the right side, it does not mean where there is no such row. */
function carryOuter(value: Value, right: Select): Value {
  const there = right.output(sql`true`);
  const carried = rebind(
    value,
    columnsOf(value).map((column) => right.output(column)),
  );
  return value.presence === 'dash' ? { ...carried, presence: { when: there } } : carried;
}

class JoinedNames implements Names {
  private readonly leftName: string;
  private readonly left: Names;
  private readonly rightName: string;
  private readonly right: Names;

  constructor(leftName: string, left: Names, rightName: string, right: Names) {
    this.leftName = leftName;
    this.left = left;
    this.rightName = rightName;
    this.right = right;
  }

  /** A name without `A.` or `B.` is the left side's, or else the right one's. */
  field(name: string, path: readonly string[], range: Range): Value | undefined {
    const [first, ...rest] = path;
    if (rest.length > 0 && first === this.leftName) return this.left.field(rest.join('.'), rest, range);
    if (rest.length > 0 && first === this.rightName) return this.right.field(rest.join('.'), rest, range);
    return this.left.field(name, path, range) ?? this.right.field(name, path, range);
  }

  event(key: EventKey): Value | undefined {
    return this.left.event(key);
  }
}
