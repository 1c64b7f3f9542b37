import { invariant, QueryError } from '../fault/index.ts';
import type { CompileContext } from '../query/compile-context.ts';
import { compileInsights, parseInsights } from '../query/index.ts';
import type { Query } from '../query/insights/tree.ts';
import type { CompiledQuery } from '../query/scan.ts';
import type { LogGroup } from './catalog.ts';
import type { Engine } from './engine.ts';
import { errors } from './errors.ts';
import { byName, groupNameOf } from './names.ts';
import type { RunQueryAnswer, RunQueryRequest } from './query-shapes.ts';
import { keptFromMs } from './retention.ts';
import { maxResultUnits, runBounded } from './run-bounded.ts';
import { resolveSources, sourceTimes } from './source-groups.ts';
import { validate } from './validation.ts';

export const defaultLimit = 10_000;
export const maxLimit = 100_000;

/** A query that can be run. */
export interface PreparedQuery {
  readonly compiled: CompiledQuery;
  /** Of the main query. */
  readonly groups: readonly LogGroup[];
  /** What these groups have begins here. */
  readonly firstMs: number;
  /** Inclusive. */
  readonly endMs: number;
}

export interface QueryScope {
  /** undefined: SOURCE says it. */
  readonly groups: readonly LogGroup[] | undefined;
  /** Inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly limit: number;
  /** What `now` is; the clock's when absent. */
  readonly nowMs?: number;
}

/**
 * Compiles a query for what there is at this moment. Each of its scans looks no further back than the groups were made and keep their events; where
 * several groups differ in that, than the most patient of them.
 * @throws QueryError; ServiceError when the log groups are not selected in exactly one way
 */
export function prepareQuery(engine: Engine, text: string, scope: QueryScope): PreparedQuery {
  const query = parseInsights(text);
  const groups = groupsOf(engine, query, scope.groups);
  if (groups.some(({ logGroupClass }) => logGroupClass === 'INFREQUENT_ACCESS')) checkInfrequent(query);
  const { nowMs = engine.clock() } = scope;
  const range = { startMs: scope.startMs, endMs: scope.endMs, ...sourceTimes(query.sources, nowMs) };
  const compiled = compileInsights(
    text,
    compileContext(engine, { ...range, nowMs, limit: scope.limit, groups }),
  );
  const scans = compiled.scans.map((scan) => ({
    ...scan,
    startMs: Math.max(scan.startMs, firstMoment(engine, scan.groups)),
  }));
  const numbers = groups.map(({ number }) => number);
  return {
    compiled: { ...compiled, scans },
    groups,
    firstMs: firstMoment(engine, numbers),
    endMs: range.endMs,
  };
}

/** Before it the groups give no events to queries. */
function firstMoment(engine: Engine, groups: readonly number[]): number {
  const moments = groups.map((number) => {
    const group = engine.catalog.groupByNumber(number);
    return group ? Math.max(group.creationTime, keptFromMs(engine, group) ?? 0) : Number.POSITIVE_INFINITY;
  });
  return Math.min(...moments);
}

/** What the Infrequent Access class lacks. */
function checkInfrequent({ commands }: Query): void {
  for (const { kind, range } of commands) {
    if (!infrequentLacks.has(kind)) continue;
    throw new QueryError(`${kind} is not supported in the Infrequent Access log class`, range);
  }
  const third = commands.filter(({ kind }) => kind === 'stats')[maxInfrequentStats];
  if (third) {
    throw new QueryError(
      `the Infrequent Access log class takes ${maxInfrequentStats} stats commands`,
      third.range,
    );
  }
}

const infrequentLacks: ReadonlySet<string> = new Set(['pattern', 'diff', 'unmask', 'filterIndex']);
const maxInfrequentStats = 2;

function groupsOf(
  engine: Engine,
  query: Query,
  groups: readonly LogGroup[] | undefined,
): readonly LogGroup[] {
  if ((groups !== undefined && groups.length > 0) === query.sources.length > 0) throw errors.oneWayOfGroups();
  return groups ?? resolveSources(engine, query.sources, query.sources[0].range);
}

interface ContextParts {
  readonly startMs: number;
  readonly endMs: number;
  readonly nowMs: number;
  readonly limit: number;
  readonly groups: readonly LogGroup[];
}

function compileContext(engine: Engine, { groups, limit, ...times }: ContextParts): CompileContext {
  const { store, catalog, lookupTables } = engine;
  return {
    ...times,
    defaultLimit: limit,
    groups: groups.map(({ number }) => number),
    resolve: (sources, range) => resolveSources(engine, sources, range).map(({ number }) => number),
    shape: (numbers, startMs, endMs) => store.shape(numbers, startMs, endMs),
    format: (number) => catalog.format(number),
    lookupColumns: (table) => lookupTables.get(table)?.fields,
  };
}

/**
 * Runs a query for a caller in this process.
 * @throws QueryError, ServiceError; the signal's reason when it was aborted
 */
export async function runQuery(engine: Engine, request: RunQueryRequest): Promise<RunQueryAnswer> {
  const { logGroups, startMs, endMs, queryString, limit = defaultLimit, signal, onRows } = request;
  validate(request, { limit: { min: 1, max: maxLimit } });
  const groups = logGroups && namedGroups(engine, logGroups);
  const scope = { groups, startMs, endMs, limit, nowMs: engine.clock() };
  let compiled: CompiledQuery | undefined;
  const compile = () => {
    compiled = prepareQuery(engine, queryString, scope).compiled;
    return compiled;
  };
  const { rows, statistics } = await runBounded(engine, compile, {
    maxUnits: maxResultUnits,
    ...(signal ? { signal } : {}),
    ...(onRows ? { onRows } : {}),
  }).catch((error: unknown) => {
    throw ofWholeText(error, queryString);
  });
  invariant(compiled, 'a query ran that was not compiled');
  return { columns: compiled.columns, hasPointer: compiled.hasPointer, rows, statistics };
}

/** What fails in the store is not known to be of any place in the text. */
function ofWholeText(error: unknown, text: string): unknown {
  if (!(error instanceof QueryError) || error.end > 0) return error;
  return new QueryError(error.message, { start: 0, end: text.length }, error.expected);
}

/**
 * Groups by name, ARN, or the beginning of a name with `*` behind it.
 * @throws ServiceError `ResourceNotFoundException` for one that names nothing
 */
export function namedGroups(engine: Engine, names: readonly string[]): LogGroup[] {
  const found = new Set<LogGroup>();
  for (const name of names) {
    const groups = name.endsWith('*')
      ? [...engine.catalog.groups(engine)].filter((group) => group.name.startsWith(name.slice(0, -1)))
      : [engine.catalog.group(engine, groupNameOf(engine, name) ?? '')].filter(
          (group) => group !== undefined,
        );
    if (groups.length === 0) throw errors.groupMissingByName(name, engine.accountId);
    for (const group of groups.sort(byName((group) => group.name))) found.add(group);
  }
  return [...found];
}
