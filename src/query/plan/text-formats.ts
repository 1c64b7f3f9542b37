import { QueryError } from '../../fault/index.ts';
import type { Range } from '../insights/tree.ts';
import { hold } from '../sql/held.ts';
import { literal, parameter, type Sql, sql } from '../sql/sql.ts';

/** `k=v k2="v 2" flag`: a map, as JSON; NULL where there is no `=`. A word alone is true; of a key twice, the first counts. */
export function logfmtMap(text: Sql): Sql {
  const regex = literal('([^\\s="]+)(=?)("(?:[^"\\\\]|\\\\.)*"|[^\\s]*)');
  const pairs = sql`regexp_extract_all(${text}, ${regex}, ['k', 'e', 'v'])`;
  const value = sql`CASE WHEN pair.e = '' THEN 'true' WHEN pair.v[1] = '"'
    THEN to_json(replace(replace(pair.v[2:-2], '\\"', '"'), '\\\\', '\\'))::VARCHAR ELSE to_json(pair.v)::VARCHAR END`;
  return hold(
    [pairs],
    ([
      found,
    ]) => sql`CASE WHEN len(list_filter(${found}, lambda pair: pair.e <> '')) > 0 THEN ('{' || array_to_string(
      list_transform(${found}, lambda pair: to_json(pair.k)::VARCHAR || ':' || ${value}), ',') || '}')::JSON END`,
  );
}

/** The cells of one line of CSV: a list of VARCHAR, quotes taken off. */
export function csvCells(text: Sql): Sql {
  const cells = sql`regexp_extract_all(',' || ${text}, ${parameter(',("(?:[^"]|"")*"|[^,]*)')}, 1)`;
  return sql`list_transform(${cells}, lambda cell: CASE WHEN cell[1] = '"' THEN replace(cell[2:-2], '""', '"') ELSE cell END)`;
}

const xmlToken = '<!--(?s:.*?)-->|<!\\[CDATA\\[(?s:.*?)\\]\\]>|<\\?(?s:.*?)\\?>|<[^>]*>|[^<]+';
const xmlName = '[A-Za-z_][\\w.:-]*';

/**
 * The text of the first element at a path of names (`/a/b`, `/a/b/text()`), or its attribute (`/a/b/@c`).
 * @throws QueryError for any other XPath
 */
export function xmlText(text: Sql, path: string, range: Range): Sql {
  const parts = new RegExp(`^((?:/${xmlName})+)(?:/(?:@(${xmlName})|text\\(\\)))?$`).exec(path);
  if (!parts) {
    const expected = ['/name/name', '/name/@attribute', '/name/text()'];
    throw new QueryError(`the path ${path} is not supported: names from the root only`, range, expected);
  }
  const [, element, attribute] = parts;
  const at = sql`${parameter(element)}::VARCHAR`;
  const tokens = sql`list_transform(regexp_extract_all(${text}, ${parameter(xmlToken)}),
    lambda token: {'token': token, 'path': '', 'found': NULL::VARCHAR, 'done': false})`;
  const start = sql`[{'token': '', 'path': '', 'found': NULL::VARCHAR, 'done': false}]`;
  const found = attribute === undefined ? elementText(at) : attributeText(at, attribute);
  const opens = sql`(regexp_matches(step.token, '^<[A-Za-z_]') AND step.token[-2] <> '/')`;
  const closes = sql`starts_with(step.token, '</')`;
  const moved = sql`CASE WHEN ${opens} THEN state.path || '/' || ${nameOfToken()} WHEN ${closes}
    THEN regexp_replace(state.path, '/[^/]*$', '') ELSE state.path END`;
  const done = sql`(state.done OR (${closes} AND state.path = ${at} AND state.found IS NOT NULL))`;
  const reduced = sql`list_reduce(list_concat(${start}, ${tokens}), lambda state, step: {'token': '', 'path': ${moved},
    'found': ${found}, 'done': ${done}})`;
  return entitiesUndone(sql`struct_extract(${reduced}, 'found')`);
}

function nameOfToken(): Sql {
  return sql`regexp_extract(step.token, '^</?([^\\s/>]+)', 1)`;
}

function elementText(at: Sql): Sql {
  const inside = sql`(NOT state.done AND (state.path = ${at} OR starts_with(state.path, ${at} || '/')))`;
  const characters = sql`CASE WHEN starts_with(step.token, '<![CDATA[') THEN step.token[10:-4]
    WHEN starts_with(step.token, '<') THEN '' ELSE step.token END`;
  return sql`CASE WHEN ${inside} THEN coalesce(state.found, '') || ${characters} ELSE state.found END`;
}

function attributeText(at: Sql, name: string): Sql {
  const regex = literal(`\\s${name.replace(/[.]/g, '\\.')}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`);
  const here = sql`(state.found IS NULL AND starts_with(step.token, '<') AND state.path || '/' || ${nameOfToken()} = ${at}
    AND regexp_matches(step.token, ${regex}))`;
  return sql`CASE WHEN ${here} THEN regexp_extract(step.token, ${regex}, 1) || regexp_extract(step.token, ${regex}, 2)
    ELSE state.found END`;
}

function entitiesUndone(text: Sql): Sql {
  const entities = [
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&apos;', "'"],
    ['&amp;', '&'],
  ] as const;
  return entities.reduce(
    (done, [entity, sign]) => sql`replace(${done}, ${literal(entity)}, ${literal(sign)})`,
    text,
  );
}
