import { call } from '../sql/held.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { presenceOf, type Value } from '../sql/value.ts';
import { isAddressText } from './select.ts';

/**
 * Items of an ORDER BY that tells any two values apart: missing, `-`, numbers, addresses, other texts; the newest time
 * first. It costs columns next to nothing, where the natural order would cut every address of millions of groups into
 * runs of digits; and text that holds what a column could hold has the same order.
 */
export function tieItemsOf(value: Value): readonly Sql[] {
  if (value.kind === 'timestamp') return [sql`${value.sql} DESC NULLS LAST`];
  const presence = typeof value.presence === 'object' ? [presenceOf(value)] : [];
  return [...presence, ...tieTerms(value)].map((term) => sql`${term} ASC NULLS FIRST`);
}

function tieTerms(value: Value): readonly Sql[] {
  if (value.kind === 'address') return value.other ? [value.other, value.ipv4] : [value.ipv4];
  if (value.kind !== 'text') return [value.sql];
  const there = value.presence === 'nullable' ? [sql`(${value.sql} IS NOT NULL)`] : [];
  return [...there, ...(isAddressText(value.sql) ? addressTerms(value.sql) : textTerms(value.sql))];
}

function textTerms(text: Sql): readonly Sql[] {
  return [call('text_number', text), sql`nullif(${text}, '-')`];
}

function addressTerms(text: Sql): readonly Sql[] {
  const ipv4 = call('text_ipv4', text);
  return [sql`CASE WHEN ${ipv4} IS NULL THEN nullif(${text}, '-') END`, ipv4];
}
