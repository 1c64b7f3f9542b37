import type { Scan } from '../scan.ts';
import { identifier, type Sql } from '../sql/sql.ts';
import { columnNode, columnsRead, type Relation } from './select.ts';

/** Events of some log groups and a time range, as the store will offer them. */
export class ScanRelation implements Relation {
  readonly aliases: readonly string[];
  readonly groups: readonly number[];
  readonly startMs: number;
  readonly endMs: number;
  private readonly name: string;
  private readonly columns = new Map<string, Sql>();

  constructor(name: string, groups: readonly number[], startMs: number, endMs: number) {
    this.name = name;
    this.aliases = [name];
    this.groups = groups;
    this.startMs = startMs;
    this.endMs = endMs;
  }

  column(name: string): Sql {
    let node = this.columns.get(name);
    if (!node) {
      node = columnNode(this.name, name);
      this.columns.set(name, node);
    }
    return node;
  }

  write(): Sql {
    return identifier(this.name);
  }

  /** What the store is asked for, when these are the SQL. */
  asked(statements: readonly Sql[]): Scan {
    const { name, groups, startMs, endMs } = this;
    return { name, groups, startMs, endMs, columns: [...columnsRead(statements, name)] };
  }
}
