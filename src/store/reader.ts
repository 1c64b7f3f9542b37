import { invariant } from '../fault/index.ts';
import type { CompiledQuery, Scan } from '../query/scan.ts';
import type { Catalog } from './catalog.ts';
import type { Engine } from './engine.ts';
import type { EventRange, StoredEvent } from './events.ts';
import { lookupSql } from './lookup.ts';
import type { QueryAnswer, QueryRow, QuerySource, QueryStatistics, RunOptions } from './query-answer.ts';
import type { QueryGuard } from './query-guard.ts';
import type { Revival } from './revival.ts';
import { planScan, type ScanPlan } from './scan-plan.ts';
import { isScanColumn, type ScanNames, scanSql } from './scan-sql.ts';
import { quoteName } from './sql-text.ts';
import type { StoreFolder } from './store-folder.ts';
import type { StreamNames } from './stream-names.ts';
import { windowsOf } from './time-windows.ts';

export interface ReaderOptions {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly folder: StoreFolder;
  readonly names: ScanNames;
  readonly streamNames: StreamNames;
  readonly revival: Revival;
  readonly guard: QueryGuard;
  /** Rows from this id on are not durable yet. */
  readonly belowId: () => number;
}

/** What is no more than this may be read without asking how long each message is. */
const fewBytes = 2 ** 24;

/** Queries and pages of events, each over the rows as they are when it begins. */
export class Reader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Rows that were given on cannot be taken back: then a query that another one ended is not begun again. */
  async run(query: QuerySource, options: RunOptions): Promise<QueryAnswer> {
    const { guard, revival } = this.#options;
    return guard.run(options.signal, async (signal) => {
      const work = () => this.#run(query, { ...options, signal });
      if (!options.onRows) return revival.retried(work);
      await revival.ready();
      return work();
    });
  }

  /** In the order asked for; hours are read one after the other until there are enough. */
  readEvents(range: EventRange): Promise<readonly StoredEvent[]> {
    return this.#options.revival.retried(() => this.#readEvents(range));
  }

  async #run(source: QuerySource, options: RunOptions): Promise<QueryAnswer> {
    const release = this.#begin();
    try {
      const query = typeof source === 'function' ? source() : source;
      const plans = query.scans.map((scan) => this.#plan(scan));
      const lookups = await lookupSql(this.#options.folder.lookups, query.lookups);
      const scans = query.scans.map((scan, i) => this.#relation(scan, plans[i]));
      const relations = [...scans, ...lookups];
      const { rows, matches } = await this.#rows(query, withRelations(relations, query.sql), options);
      const scanned = await this.#scannedTogether(plans, options);
      const recordsMatched =
        matches ?? (await this.#matched(query, relations, options)) ?? scanned.recordsScanned;
      return { rows, statistics: this.#statistics(query, scanned, recordsMatched) };
    } finally {
      release();
    }
  }

  async #readEvents(range: EventRange): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    const { limit, maxBytes = Number.POSITIVE_INFINITY } = range;
    let bytes = 0;
    const release = this.#begin();
    const belowId = this.#options.belowId();
    try {
      for (const window of windowsOf(this.#options.catalog, range)) {
        if (events.length >= limit || bytes >= maxBytes) break;
        const part = { ...range, ...window, limit: limit - events.length, maxBytes: maxBytes - bytes };
        for (const event of await this.#readWindow(part, belowId)) {
          events.push(event);
          if (range.maxBytes === undefined) continue;
          bytes += Buffer.byteLength(event.message);
          if (bytes >= maxBytes) break;
        }
      }
    } finally {
      release();
    }
    return events;
  }

  /** Nothing that is there now goes until what this gives is called. */
  #begin(): () => void {
    const { catalog, revival } = this.#options;
    revival.touch(() => {
      for (const { tables } of catalog.generations) tables.flush();
    });
    return catalog.pins.pin();
  }

  #plan({ groups, startMs, endMs, columns, afterId }: Scan): ScanPlan {
    const { catalog, folder, belowId, streamNames, revival } = this.#options;
    if (columns.includes('log_stream')) revival.touch(() => streamNames.update());
    return planScan(catalog, folder.segments, {
      groups,
      startMs,
      endMs,
      belowId: belowId(),
      ...(afterId === undefined ? {} : { afterId }),
    });
  }

  #relation({ name, columns, groups }: Scan, plan: ScanPlan): string {
    for (const column of columns) invariant(isScanColumn(column), `a scan has no column ${column}`);
    return relationSql(name, scanSql(plan.sources, columns, groups, this.#options.names));
  }

  /** The rows, and the number of matches where they tell it. */
  async #rows(
    query: CompiledQuery,
    sql: string,
    options: RunOptions,
  ): Promise<{ readonly rows: readonly QueryRow[]; readonly matches?: number }> {
    const rows: QueryRow[] = [];
    let matches: string | null | undefined;
    const limit = options.limitRows ?? Number.POSITIVE_INFINITY;
    const take = (more: QueryRow[]): boolean => {
      if (query.countsMatches) matches ??= more[0]?.at(-1);
      const fitting = more.slice(0, Math.max(0, limit - rows.length));
      const shown = query.countsMatches ? fitting.map((row) => row.slice(0, -1)) : fitting;
      rows.push(...shown);
      if (shown.length > 0) options.onRows?.(shown);
      return rows.length < limit;
    };
    await this.#options.engine.stream(sql, query.parameters, take, options.signal);
    return typeof matches === 'string' ? { rows, matches: Number(matches) } : { rows };
  }

  /** Where the rows did not tell; undefined when every event matches. */
  async #matched(
    query: CompiledQuery,
    relations: readonly string[],
    { signal }: RunOptions,
  ): Promise<number | undefined> {
    if (!query.matchedSql) return query.countsMatches ? 0 : undefined;
    const parameters = query.parameters.slice(0, query.matchedParameters);
    return this.#number(withRelations(relations, query.matchedSql), parameters, signal);
  }

  async #scannedTogether(
    plans: readonly ScanPlan[],
    { signal }: RunOptions,
  ): Promise<Pick<QueryStatistics, 'recordsScanned' | 'bytesScanned'>> {
    let recordsScanned = 0;
    let bytesScanned = 0;
    for (const plan of plans) {
      const { rows, bytes } = await this.#scanned(plan, signal);
      recordsScanned += rows;
      bytesScanned += bytes;
    }
    return { recordsScanned, bytesScanned };
  }

  #statistics(
    query: CompiledQuery,
    scanned: Pick<QueryStatistics, 'recordsScanned' | 'bytesScanned'>,
    recordsMatched: number,
  ): QueryStatistics {
    return {
      recordsMatched,
      ...scanned,
      logGroupsScanned: new Set(query.scans.flatMap(({ groups }) => groups)).size,
      estimatedRecordsSkipped: 0,
      estimatedBytesSkipped: 0,
    };
  }

  async #scanned(plan: ScanPlan, signal: AbortSignal | undefined): Promise<{ rows: number; bytes: number }> {
    if (plan.partial.length === 0) return plan;
    const relation = scanSql(plan.partial, ['id'], [], this.#options.names);
    const rows = await this.#number(`SELECT count(*) FROM (${relation})`, [], signal);
    const share = plan.partialRows === 0 ? 0 : rows / plan.partialRows;
    return { rows: plan.rows + rows, bytes: plan.bytes + Math.round(plan.partialBytes * share) };
  }

  /** Of a statement that gives one. */
  async #number(
    sql: string,
    parameters: CompiledQuery['parameters'],
    signal: AbortSignal | undefined,
  ): Promise<number> {
    let number = 0;
    const take = (rows: QueryRow[]): boolean => {
      number = Number(rows[0][0]);
      return true;
    };
    await this.#options.engine.stream(sql, parameters, take, signal);
    return number;
  }

  async #readWindow(
    range: EventRange & { readonly maxBytes: number },
    belowId: number,
  ): Promise<StoredEvent[]> {
    const { catalog, folder, names, engine } = this.#options;
    const groups = [range.group];
    const bounds = { groups, startMs: range.startMs, endMs: range.endMs, belowId };
    const plan = planScan(catalog, folder.segments, {
      ...bounds,
      ...(range.streams ? { streams: range.streams } : {}),
    });
    if (plan.sources.length === 0) return [];
    const columns = ['timestamp', 'ingestion_time', 'id', 'stream'];
    const order = orderOf(range);
    const where = range.after ? ` WHERE ${behind(range)}` : '';
    // Which rows first, from four columns; then those of the page are read whole.
    const page = `SELECT * FROM (${scanSql(plan.sources, columns, groups, names)})${where} ${order} LIMIT ${range.limit}`;
    const rows = (await engine.rows(page)).map((row) => row.map(Number));
    if (rows.length === 0) return [];
    const ids = await this.#withinBytes(plan, range, rows);
    const messages = await this.#messages(plan, range.group, ids);
    return ids.map(([timestampMs, ingestionMs, id, stream]) => ({
      timestampMs,
      ingestionMs,
      id,
      stream,
      message: messages.get(id) ?? '',
    }));
  }

  /** Those of a page whose messages are wanted: they may be long, and many. */
  async #withinBytes(
    plan: ScanPlan,
    { group, maxBytes }: EventRange & { readonly maxBytes: number },
    rows: readonly number[][],
  ): Promise<readonly number[][]> {
    if (plan.bytes + plan.partialBytes <= Math.max(fewBytes, maxBytes)) return rows;
    const { engine } = this.#options;
    const messages = this.#messagesSql(plan, group, rows);
    const found = await engine.rows(`SELECT id, strlen(message) FROM (${messages})`);
    const lengths = new Map(found.map(([id, length]) => [Number(id), Number(length)]));
    let bytes = 0;
    const over = rows.findIndex(([, , id]) => {
      bytes += lengths.get(id) ?? 0;
      return bytes >= maxBytes;
    });
    return over < 0 ? rows : rows.slice(0, over + 1);
  }

  async #messages(plan: ScanPlan, group: number, rows: readonly number[][]): Promise<Map<number, string>> {
    const found = await this.#options.engine.rows(this.#messagesSql(plan, group, rows));
    return new Map(found.map(([id, message]) => [Number(id), String(message)]));
  }

  #messagesSql(plan: ScanPlan, group: number, rows: readonly number[][]): string {
    const times = rows.map(([timestampMs]) => timestampMs);
    const ids = rows.map(([, , id]) => id);
    const within = [
      `r.timestamp BETWEEN ${Math.min(...times)} AND ${Math.max(...times)}`,
      `r.id IN (${ids.join(', ')})`,
    ];
    const sources = plan.sources.map((source) => ({
      ...source,
      conditions: [...source.conditions, ...within],
    }));
    return scanSql(sources, ['id', 'message'], [group], this.#options.names);
  }
}

function relationSql(name: string, sql: string): string {
  return `${quoteName(name)} AS NOT MATERIALIZED (${sql})`;
}

/** Relations in front of a statement, which may have some of its own. */
function withRelations(relations: readonly string[], statement: string): string {
  if (relations.length === 0) return statement;
  const own = /^\s*WITH\s+(RECURSIVE\s+)?/i.exec(statement);
  if (!own) return `WITH ${relations.join(', ')} ${statement}`;
  return `WITH ${own[1] ?? ''}${relations.join(', ')}, ${statement.slice(own[0].length)}`;
}

function orderOf({ descending }: EventRange): string {
  const direction = descending ? ' DESC' : '';
  return `ORDER BY timestamp${direction}, ingestion_time${direction}, id${direction}`;
}

function behind({ after, descending }: EventRange): string {
  invariant(after, 'no cursor to be behind of');
  const { timestampMs, ingestionMs, id } = after;
  const sign = descending ? '<' : '>';
  return (
    `(timestamp ${sign} ${timestampMs} OR (timestamp = ${timestampMs} AND (ingestion_time ${sign} ${ingestionMs}` +
    ` OR (ingestion_time = ${ingestionMs} AND id ${sign} ${id}))))`
  );
}
