import { randomUUID } from 'node:crypto';
import { QueryError, ServiceError } from '../fault/index.ts';
import type { QueryRow } from '../store/index.ts';
import type { LogGroup } from './catalog.ts';
import type { Engine } from './engine.ts';
import { errors } from './errors.ts';
import { decodeToken, encodeToken } from './pages.ts';
import type {
  DescribeQueriesRequest,
  DescribeQueriesResponse,
  GetQueryResultsRequest,
  GetQueryResultsResponse,
  InsightsStatistics,
  QueryInfo,
  QueryStatus,
  ResultField,
  StartQueryRequest,
} from './query-shapes.ts';
import { dayMs } from './retention.ts';
import { maxResultUnits, runBounded, unitsOf } from './run-bounded.ts';
import { defaultLimit, maxLimit, namedGroups, type PreparedQuery, prepareQuery } from './run-query.ts';
import { validate } from './validation.ts';

export interface QueryBounds {
  /** Queries that are worked on at the same time; the others are `Scheduled`. */
  readonly concurrent: number;
  readonly timeoutMs: number;
  /** Of one query's result, and of all that are kept, as `unitsOf` counts. */
  readonly resultUnits: number;
  readonly keptUnits: number;
}

/** 60 minutes are AWS's. */
export const queryBounds: QueryBounds = {
  concurrent: 4,
  timeoutMs: 60 * 60_000,
  resultUnits: maxResultUnits,
  keptUnits: maxResultUnits,
};

/** Scheduled and running ones together, as at AWS. */
const maxUnfinished = 100;
const maxGroups = 50;
const maxPageRows = 10_000;
const maxKept = 1_000;
const keptMs = 7 * dayMs;
const tokenMs = 3_600_000;
/** A time of this size in seconds would be after the year 5000. */
const leastMilliseconds = 100_000_000_000;
const noStatistics: InsightsStatistics = {
  recordsMatched: 0,
  recordsScanned: 0,
  estimatedRecordsSkipped: 0,
  bytesScanned: 0,
  estimatedBytesSkipped: 0,
  logGroupsScanned: 0,
};

interface StartedQuery {
  readonly id: string;
  readonly text: string;
  /** Compiles it for what there is at the moment. */
  readonly prepare: () => PreparedQuery;
  prepared: PreparedQuery;
  readonly createTimeMs: number;
  readonly abort: AbortController;
  status: QueryStatus;
  rows: QueryRow[];
  units: number;
  statistics: InsightsStatistics;
  durationMs: number;
}

/** The queries that were started, and what came of them. */
export class InsightsQueries {
  readonly #engine: Engine;
  readonly #bounds: QueryBounds;
  /** In the order in which they were started. */
  readonly #queries = new Map<string, StartedQuery>();
  readonly #waiting: StartedQuery[] = [];
  readonly #running = new Map<StartedQuery, Promise<void>>();

  constructor(engine: Engine, bounds: QueryBounds) {
    this.#engine = engine;
    this.#bounds = bounds;
  }

  /** @throws QueryError for a text that cannot be compiled; ServiceError for what is wrong otherwise */
  start(request: StartQueryRequest): { readonly queryId: string } {
    const { startMs, endMs } = checkedRange(request);
    const unfinished = [...this.#queries.values()].filter(isUnfinished).length;
    if (unfinished >= maxUnfinished) throw errors.tooManyQueries();
    const { groups, prepare } = this.#preparation(request);
    const query = this.#add(rewritten(request.queryString, groups, startMs, endMs), prepare);
    this.#waiting.push(query);
    this.#runNext();
    return { queryId: query.id };
  }

  /**
   * Names of all groups that a query would read, those among them that only its text names: it is these that its caller
   * must be allowed to query.
   * @throws as `start` does
   */
  groupsRead(request: StartQueryRequest): readonly string[] {
    const { compiled, groups } = this.#preparation(request).prepare();
    const scanned = compiled.scans.flatMap(({ groups: numbers }) => numbers);
    const found = [...groups, ...scanned.map((number) => this.#engine.catalog.groupByNumber(number))];
    return [...new Set(found.flatMap((group) => group?.name ?? []))];
  }

  #preparation(request: StartQueryRequest) {
    const { queryString, limit = defaultLimit } = request;
    const groups = this.#groupsOf(request);
    const scope = { ...checkedRange(request), groups, limit, nowMs: this.#engine.clock() };
    return { groups, prepare: () => prepareQuery(this.#engine, queryString, scope) };
  }

  results(request: GetQueryResultsRequest): GetQueryResultsResponse {
    const { queryId, maxItems = maxPageRows, nextToken } = request;
    validate(request, { maxItems: { min: 1, max: maxPageRows } });
    const query = this.#known(queryId);
    const from = nextToken === undefined ? 0 : this.#place(nextToken, query);
    const to = Math.min(query.rows.length, from + maxItems);
    const { columns } = query.prepared.compiled;
    return {
      queryLanguage: 'CWLI',
      results: query.rows.slice(from, to).map((row) => shownRow(columns, row)),
      statistics: query.statistics,
      status: query.status,
      ...(to < query.rows.length && !isUnfinished(query)
        ? { nextToken: encodeToken([query.id, to, this.#engine.clock()]) }
        : {}),
    };
  }

  /** Cancelled when fulfilled. */
  async stop({ queryId }: { readonly queryId: string }): Promise<{ readonly success: boolean }> {
    const query = this.#known(queryId);
    if (!isUnfinished(query)) throw errors.queryNotRunning();
    this.#end(query, 'Cancelled');
    query.abort.abort();
    await this.#running.get(query);
    return { success: true };
  }

  describe(request: DescribeQueriesRequest): DescribeQueriesResponse {
    const { logGroupName, status, maxResults = 1000, nextToken, queryLanguage = 'CWLI' } = request;
    validate(request, {
      maxResults: { min: 1, max: 1000 },
      status: { oneOf: ['Scheduled', 'Running', 'Complete', 'Failed', 'Cancelled', 'Timeout', 'Unknown'] },
    });
    this.#forget();
    const found = [...this.#queries.values()]
      .reverse()
      .filter(
        (query) =>
          queryLanguage === 'CWLI' &&
          (status === undefined || query.status === status) &&
          (logGroupName === undefined || query.prepared.groups.some(({ name }) => name === logGroupName)),
      );
    const from = nextToken === undefined ? 0 : decodeToken(nextToken, isPlace);
    const to = Math.min(found.length, from + maxResults);
    return {
      queries: found.slice(from, to).map(info),
      ...(to < found.length ? { nextToken: encodeToken(to) } : {}),
    };
  }

  /** Cancels what runs and waits for it. */
  async close(): Promise<void> {
    for (const query of this.#queries.values()) {
      if (!isUnfinished(query)) continue;
      this.#end(query, 'Cancelled');
      query.abort.abort();
    }
    this.#waiting.length = 0;
    await Promise.all(this.#running.values());
  }

  #groupsOf(request: StartQueryRequest): LogGroup[] | undefined {
    const { logGroupName, logGroupNames, logGroupIdentifiers } = request;
    validate(request, {
      logGroupNames: { maxLength: maxGroups },
      logGroupIdentifiers: { maxLength: maxGroups },
    });
    const given = [logGroupName && [logGroupName], logGroupNames, logGroupIdentifiers].filter(
      (names) => names !== undefined && names !== '' && names.length > 0,
    );
    if (given.length > 1) throw errors.oneWayOfGroups();
    const names = given[0];
    if (!names) return undefined;
    return [...names].flatMap((name) => {
      // Only the command line knows `*`.
      if (name.endsWith('*')) throw errors.groupMissingByName(name, this.#engine.accountId);
      return namedGroups(this.#engine, [name]);
    });
  }

  #add(text: string, prepare: () => PreparedQuery): StartedQuery {
    const prepared = prepare();
    if (prepared.firstMs > prepared.endMs) throw errors.outsideOfRetention();
    const query: StartedQuery = {
      id: randomUUID(),
      text,
      prepare,
      prepared,
      createTimeMs: this.#engine.clock(),
      abort: new AbortController(),
      status: 'Scheduled',
      rows: [],
      units: 0,
      statistics: noStatistics,
      durationMs: 0,
    };
    this.#queries.set(query.id, query);
    this.#forget();
    return query;
  }

  #runNext(): void {
    while (this.#running.size < this.#bounds.concurrent) {
      const query = this.#waiting.shift();
      if (!query) return;
      if (query.status !== 'Scheduled') continue;
      this.#running.set(
        query,
        this.#run(query).finally(() => {
          this.#running.delete(query);
          this.#forget();
          this.#runNext();
        }),
      );
    }
  }

  async #run(query: StartedQuery): Promise<void> {
    query.status = 'Running';
    const timer = setTimeout(() => {
      this.#end(query, 'Timeout');
      query.abort.abort();
    }, this.#bounds.timeoutMs);
    timer.unref();
    try {
      const compile = () => {
        query.prepared = query.prepare();
        return query.prepared.compiled;
      };
      const { statistics } = await runBounded(this.#engine, compile, {
        signal: query.abort.signal,
        onRows: (rows) => this.#take(query, rows),
        maxUnits: this.#bounds.resultUnits,
      });
      query.statistics = statistics;
      this.#end(query, 'Complete');
    } catch (error) {
      this.#end(query, 'Failed');
      if (!query.abort.signal.aborted) this.#engine.report(`query ${query.id} failed: ${reasonOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #take(query: StartedQuery, rows: readonly QueryRow[]): void {
    if (!isUnfinished(query)) return;
    for (const row of rows) query.rows.push(row);
    query.units += unitsOf(rows);
  }

  /** The first end counts. */
  #end(query: StartedQuery, status: QueryStatus): void {
    if (!isUnfinished(query)) return;
    query.status = status;
    query.durationMs = this.#engine.clock() - query.createTimeMs;
  }

  #known(queryId: string): StartedQuery {
    const query = this.#queries.get(queryId);
    if (!query) throw errors.queryMissing();
    return query;
  }

  /** Lets old results go, the oldest first. */
  #forget(): void {
    const oldest = this.#engine.clock() - keptMs;
    let units = 0;
    for (const query of this.#queries.values()) units += query.units;
    for (const query of this.#queries.values()) {
      const isNeeded =
        query.createTimeMs >= oldest && units <= this.#bounds.keptUnits && this.#queries.size <= maxKept;
      if (isNeeded) return;
      if (isUnfinished(query)) continue;
      this.#queries.delete(query.id);
      units -= query.units;
    }
  }

  #place(token: string, query: StartedQuery): number {
    const [id, place, issuedMs] = decodeToken(token, isResultToken);
    if (id !== query.id || this.#engine.clock() - issuedMs > tokenMs) throw errors.badToken();
    return place;
  }
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isResultToken = (value: unknown): value is [string, number, number] =>
  Array.isArray(value) && typeof value[0] === 'string' && isPlace(value[1]) && typeof value[2] === 'number';

/** An answer to the user is a sentence; anything else is ours, and shows where. */
function reasonOf(error: unknown): string {
  if (error instanceof ServiceError || error instanceof QueryError)
    return error.message.replaceAll('\n', ' ');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** @throws ServiceError for a request that no query can come of, whatever its text is */
function checkedRange(request: StartQueryRequest): { readonly startMs: number; readonly endMs: number } {
  validate(request, {
    queryString: { required: true, maxLength: 10_000 },
    startTime: { required: true, min: 0 },
    endTime: { required: true, min: 0 },
    limit: { min: 1, max: maxLimit },
  });
  const { queryLanguage = 'CWLI' } = request;
  if (queryLanguage !== 'CWLI') throw errors.languageUnsupported(queryLanguage);
  const startMs = milliseconds(request.startTime, 0);
  const endMs = milliseconds(request.endTime, 999);
  if (startMs > endMs) throw errors.rangeReversed();
  return { startMs, endMs };
}

function isUnfinished({ status }: { readonly status: QueryStatus }): boolean {
  return status === 'Scheduled' || status === 'Running';
}

/** Seconds, unless the number can only be milliseconds. */
function milliseconds(time: number, withinSecond: number): number {
  return time >= leastMilliseconds ? time : time * 1000 + withinSecond;
}

/** A field that the row does not have is not shown. */
function shownRow(columns: readonly string[], row: QueryRow): ResultField[] {
  const fields: ResultField[] = [];
  for (let i = 0; i < columns.length; i++) {
    const value = row[i];
    if (value !== null) fields.push({ field: columns[i], value });
  }
  return fields;
}

/** The text as AWS keeps it: `SOURCE "group" START=…000 END=…999 | …`; one with SOURCE of its own stays as it is. */
function rewritten(
  text: string,
  groups: readonly LogGroup[] | undefined,
  startMs: number,
  endMs: number,
): string {
  if (!groups) return text;
  const range = `START=${startMs} END=${endMs}`;
  return `${groups.map(({ name }) => `SOURCE ${JSON.stringify(name)} ${range}`).join(' | ')} | ${text}`;
}

function info(query: StartedQuery): QueryInfo {
  const [group] = query.prepared.groups;
  return {
    queryLanguage: 'CWLI',
    queryId: query.id,
    queryString: query.text,
    status: query.status,
    createTime: query.createTimeMs,
    ...(group ? { logGroupName: group.name } : {}),
    queryDuration: isUnfinished(query) ? 0 : query.durationMs,
    bytesScanned: query.statistics.bytesScanned,
  };
}
