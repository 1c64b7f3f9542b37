import { invariant } from '../fault/index.ts';
import type { Names } from './plan/names.ts';
import { join, type Sql, sql } from './sql/sql.ts';

/** What `@ptr` says of an event: enough to find it again without a search. */
interface Pointer {
  readonly timestampMs: number;
  readonly id: number;
  /** `account-id:group-name`, as `@log`. */
  readonly logGroup: string;
}

/** Reads what `pointerSql` gave, base64 of `timestamp:id:log group`; undefined for anything else. */
export function decodePointer(text: string): Pointer | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(text) || text.length % 4 !== 0) return undefined;
  const parts = /^(-?\d{1,16}):(\d{1,16}):([\s\S]+)$/.exec(atob(text));
  return parts ? { timestampMs: Number(parts[1]), id: Number(parts[2]), logGroup: parts[3] } : undefined;
}

/** VARCHAR: the value of `@ptr` of an event, opaque to users. */
export function pointerSql(names: Pick<Names, 'event'>): Sql {
  const parts = (['timestamp', 'id', 'log_group'] as const).map((key) => {
    const value = names.event(key);
    invariant(value && value.kind !== 'address', 'a pointer to what is no event');
    return value.sql;
  });
  return sql`to_base64(encode(concat_ws(':', ${join(parts)})))`;
}
