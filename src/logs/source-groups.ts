import { QueryError } from '../fault/index.ts';
import type { Range, Source, SourceTime } from '../query/insights/tree.ts';
import type { LogGroup } from './catalog.ts';
import type { Engine } from './engine.ts';
import { groupNameOf } from './names.ts';

const maxGroups = 10_000;
const maxPrefixes = 5;
const maxAccounts = 20;
const maxDataSources = 10;
/** The only data source that Headgate has: what flow logs deliver. */
const flowLogs = 'amazon_vpc.flow';

/**
 * The groups that SOURCE selects: those that are named, or those that satisfy every selection.
 * @throws QueryError at `range` when there are none, or they are selected in a way that AWS does not allow
 */
export function resolveSources(engine: Engine, sources: readonly Source[], range: Range): LogGroup[] {
  const named = sources.filter((source) => source.kind === 'logGroup');
  if (named.length > 0) {
    if (named.length < sources.length)
      throw new QueryError('SOURCE either names log groups or selects them', range);
    return [...new Set(named.map(({ name, range: at }) => namedGroup(engine, name, at)))];
  }
  let groups = [...engine.catalog.groups(engine)];
  for (const source of sources) groups = groups.filter(selection(engine, source, range));
  if (!sources.some(({ kind }) => kind === 'logGroups')) groups = groups.filter(isOfClasses([]));
  if (groups.length === 0) throw new QueryError('SOURCE selects no log group', range);
  if (groups.length > maxGroups) {
    throw new QueryError(`SOURCE selects ${groups.length} log groups, more than ${maxGroups}`, range);
  }
  return groups;
}

function namedGroup(engine: Engine, name: string, range: Range): LogGroup {
  const group = engine.catalog.group(engine, groupNameOf(engine, name) ?? '');
  if (group) return group;
  throw new QueryError(`Log group '${name}' does not exist for account ID '${engine.accountId}'`, range);
}

function selection(engine: Engine, source: Source, range: Range): (group: LogGroup) => boolean {
  switch (source.kind) {
    case 'logGroups': {
      const { namePrefixes, accountIdentifiers } = source;
      atMost(namePrefixes, maxPrefixes, 'name prefixes', range);
      atMost(accountIdentifiers, maxAccounts, 'accounts', range);
      const isOfClass = isOfClasses(source.classes);
      return (group) =>
        isOfClass(group) &&
        (namePrefixes.length === 0 || namePrefixes.some((prefix) => group.name.startsWith(prefix))) &&
        (accountIdentifiers.length === 0 || accountIdentifiers.includes(group.accountId));
    }
    case 'logGroupTags':
      return (group) => source.tags.every(({ key, values }) => hasTag(group, key, values));
    case 'dataSource':
      atMost(source.names, maxDataSources, 'data sources', range);
      return (group) => source.names.includes(flowLogs) && holdsRecords(engine, group);
    case 'logGroup':
      return ({ name }) => name === source.name;
  }
}

function atMost(list: readonly string[], max: number, what: string, range: Range): void {
  if (list.length > max) throw new QueryError(`SOURCE takes at most ${max} ${what}`, range);
}

function isOfClasses(classes: readonly string[]): (group: LogGroup) => boolean {
  return ({ logGroupClass }) => (classes.length === 0 ? ['STANDARD'] : classes).includes(logGroupClass);
}

/** `*` stands for anything in a value; `!` before it for what is anything else. */
function hasTag({ tags }: LogGroup, key: string, values: readonly string[] | undefined): boolean {
  if (!Object.hasOwn(tags, key)) return false;
  if (values === undefined || values.length === 0) return true;
  const isLike = (pattern: string) => likeness(pattern).test(tags[key]);
  const refused = values.filter((value) => value.startsWith('!'));
  const wanted = values.filter((value) => !value.startsWith('!'));
  return !refused.some((value) => isLike(value.slice(1))) && (wanted.length === 0 || wanted.some(isLike));
}

function likeness(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function holdsRecords({ store }: Engine, group: LogGroup): boolean {
  if (group.deliveryFormat !== undefined) return true;
  const { columnFormats, textFormats } = store.shape([group.number], 0, Number.MAX_SAFE_INTEGER);
  return columnFormats.length + textFormats.length > 0;
}

/** What START= and END= say, the last of each; undefined where nothing is said. */
export function sourceTimes(
  sources: readonly Source[],
  nowMs: number,
): { readonly startMs?: number; readonly endMs?: number } {
  const last = (which: 'start' | 'end') => sources.findLast((source) => source[which])?.[which];
  const start = last('start');
  const end = last('end');
  return {
    ...(start ? { startMs: moment(start, nowMs) } : {}),
    ...(end ? { endMs: moment(end, nowMs) } : {}),
  };
}

function moment(time: SourceTime, nowMs: number): number {
  return 'epochMs' in time ? time.epochMs : nowMs + time.relativeSeconds * 1000;
}
