import { type Field, fields } from '../../record/fields.ts';
import type { LogFormat } from '../../record/log-format.ts';
import { pointerSql } from '../pointer.ts';
import type { ScanShape } from '../scan.ts';
import { textOf } from '../sql/readings.ts';
import { join, parameter, type Sql, sql } from '../sql/sql.ts';
import { type Presence, scalar, type Value } from '../sql/value.ts';
import { lambdaField } from './lambda-fields.ts';
import type { EventKey, Names } from './names.ts';
import type { ScanRelation } from './scan-relation.ts';
import { markAddress, wholeNumber } from './select.ts';

/** Every spelling of a flow log field: `srcAddr`, `srcaddr`, `account-id`, `accountId`, `start`, `startTime`. */
const bySpelling: ReadonlyMap<string, Field> = new Map(
  fields.flatMap((field) =>
    [field.token, field.property, field.insights].map((name) => [name, field] as const),
  ),
);

const addressTokens: ReadonlySet<string> = new Set(['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr']);

/**
 * The fields of log events as a scan gives them: the system's, those of the flow log formats, and what is discovered in
 * JSON. Only the cases that the scan's shape allows are in the SQL, so that columns stay columns where all rows have them.
 */
export class EventNames implements Names {
  private readonly scan: ScanRelation;
  private readonly shape: ScanShape;
  private readonly format: (id: number) => LogFormat;
  private readonly known = new Map<string, Value | undefined>();

  constructor(scan: ScanRelation, shape: ScanShape, format: (id: number) => LogFormat) {
    this.scan = scan;
    this.shape = shape;
    this.format = format;
  }

  field(name: string, path: readonly string[]): Value | undefined {
    const key = JSON.stringify([name, ...path]);
    if (!this.known.has(key)) this.known.set(key, this.systemField(name) ?? this.discovered(name, path));
    return this.known.get(key);
  }

  event(key: EventKey): Value {
    return scalar(key === 'log_group' ? 'text' : 'integer', this.scan.column(key));
  }

  private systemField(name: string): Value | undefined {
    switch (name) {
      case '@timestamp':
        return scalar('timestamp', this.scan.column('timestamp'));
      case '@ingestionTime':
        return scalar('timestamp', this.scan.column('ingestion_time'));
      case '@message':
        return scalar('text', this.scan.column('message'));
      case '@logStream':
        return scalar('text', this.scan.column('log_stream'));
      case '@log':
        return scalar('text', this.scan.column('log_group'));
      case '@ptr':
        return scalar('text', pointerSql(this));
      default:
        return undefined;
    }
  }

  private discovered(name: string, path: readonly string[]): Value | undefined {
    const field = bySpelling.get(name);
    const kept = this.keptCases(field, name, path);
    const stored = field && this.storedField(field);
    if (kept.length === 0) return stored;
    const mark = field && addressTokens.has(field.token) ? markAddress : (text: Sql) => text;
    if (this.shape.columnFormats.length === 0) return scalar('text', mark(oneOf(kept)));
    const inColumns = {
      when: sql`${this.scan.column('kept')} IS NULL`,
      value: stored ? textOf(stored) : undefined,
    };
    return scalar('text', mark(oneOf([inColumns, ...kept])));
  }

  /** The field where records are kept as columns. */
  private storedField(field: Field): Value | undefined {
    const having = this.shape.columnFormats.filter((id) => this.format(id).fields.includes(field));
    if (having.length === 0) return undefined;
    const everywhere = having.length === this.shape.columnFormats.length && this.neverKept();
    const presence: Presence = everywhere ? 'dash' : { when: this.hasFormat(having) };
    if (addressTokens.has(field.token)) return this.address(field, presence);
    const kind = field.type === 'string' ? 'text' : 'integer';
    return scalar(kind, this.scan.column(field.column), presence);
  }

  private address(field: Field, presence: Presence): Value {
    const ipv4 = this.scan.column(field.column);
    const other = this.shape.otherAddresses && { other: this.scan.column(`${field.column}_text`) };
    return { kind: 'address', ipv4, ...other, presence };
  }

  private neverKept(): boolean {
    return this.shape.textFormats.length === 0 && !this.shape.plain;
  }

  private hasFormat(ids: readonly number[]): Sql {
    return sql`${this.scan.column('format')} IN (${join(ids.map(wholeNumber))})`;
  }

  /** The field where events are kept as text: a word of a record, a leaf of JSON, a part of what Lambda reports. */
  private keptCases(field: Field | undefined, name: string, path: readonly string[]): Case[] {
    const cases: Case[] = [];
    const format = this.scan.column('format');
    const kept = this.scan.column('kept');
    if (field) {
      for (const id of this.shape.textFormats) {
        const word = this.format(id).fields.indexOf(field);
        if (word >= 0) cases.push({ when: sql`${format} = ${wholeNumber(id)}`, value: wordOf(kept, word) });
      }
    }
    const plain = this.shape.plain ? (lambdaField(name, kept) ?? jsonLeaf(kept, name, path)) : undefined;
    if (plain) cases.push({ when: sql`${format} IS NULL`, value: plain });
    const all = this.shape.textFormats.length + (this.shape.plain ? 1 : 0);
    return all === 1 && cases.length === 1 ? [{ value: cases[0].value }] : cases;
  }
}

/** Without `when`, the case of all rows that no earlier one took. */
interface Case {
  readonly when?: Sql;
  readonly value: Sql | undefined;
}

function oneOf(cases: readonly Case[]): Sql {
  const first = cases[0];
  if (!first.when && first.value) return first.value;
  const branches = cases.map(({ when, value }) =>
    when ? sql`WHEN ${when} THEN ${value ?? sql`NULL`}` : sql`ELSE ${value ?? sql`NULL`}`,
  );
  return sql`CASE ${join(branches, ' ')} END`;
}

/** The nth word of a line; NULL when it has fewer. */
function wordOf(line: Sql, index: number): Sql {
  const regex = parameter(`^ *(?:[^ ]+ +){${index}}([^ ]+)`);
  return sql`nullif(regexp_extract(${line}, ${regex}, 1), '')`;
}

/**
 * A field of a JSON text: names joined by dots, elements of a list by their numbers. What a field named `@x` is in JSON
 * is `@@x` in a query; a text inside of JSON is a leaf, a map or a list is its JSON.
 */
function jsonLeaf(text: Sql, name: string, path: readonly string[]): Sql | undefined {
  if (name.startsWith('@') && !name.startsWith('@@')) return undefined;
  const paths = name.startsWith('@') ? [[name.slice(1)], [path[0].slice(1), ...path.slice(1)]] : [path];
  const found = paths
    .filter((keys, i) => i === 0 || keys.length > 1)
    .map((keys) => sql`json_extract_string(${text}, ${parameter(pointerTo(keys))})`);
  return sql`CASE WHEN json_valid(${text}) THEN ${found.length === 1 ? found[0] : sql`coalesce(${join(found)})`} END`;
}

/** RFC 6901: a number is a place in a list, and a key of a map. */
function pointerTo(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
