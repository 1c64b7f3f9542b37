import { captureDefaults } from '../config/index.ts';
import { ConfigError } from '../fault/index.ts';
import type { GroupOverview } from './store/logs-access.ts';

const hourMs = 3_600_000;

export interface RangeWanted {
  readonly logGroups: readonly string[];
  readonly hasSource: boolean;
  readonly files: readonly string[];
  readonly startMs?: number;
  readonly endMs?: number;
}

export interface QueryRange {
  /** Absent when the query says itself what it reads. */
  readonly logGroups?: readonly string[];
  /** Epoch milliseconds, both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  /** What the user did not say, and may want to know. */
  readonly note?: string;
}

/**
 * The log groups and the time that a query is about: of a store, the hour before now where that has events, else the
 * hour before its last event; of files, all.
 * @throws ConfigError `NoLogGroup` when it is not said which of the groups is meant
 */
export function queryRange(groups: readonly GroupOverview[], wanted: RangeWanted, nowMs: number): QueryRange {
  const logGroups = wanted.hasSource ? undefined : chosenGroups(groups, wanted.logGroups);
  const events = eventSpan(groups.filter(({ name }) => !logGroups || isNamed(name, logGroups)));
  const named = logGroups ? { logGroups } : {};
  const { startMs, endMs } = wanted;
  if (wanted.files.length > 0) {
    return { ...named, startMs: startMs ?? events?.firstMs ?? 0, endMs: endMs ?? events?.lastMs ?? nowMs };
  }
  if (startMs !== undefined) {
    return { ...named, startMs, endMs: endMs ?? Math.max(nowMs, events?.lastMs ?? nowMs) };
  }
  const isOld = endMs === undefined && events !== undefined && events.lastMs < nowMs - hourMs;
  const lastMs = endMs ?? (isOld ? events.lastMs : nowMs);
  const firstMs = lastMs - hourMs;
  const where = logGroups ? logGroups.join(', ') : 'the store';
  const which = isOld ? 'the hour before the last event' : 'the last hour';
  const note = `${where}: ${which}, ${secondText(firstMs)} to ${secondText(lastMs)} UTC (--start and --end choose another time)`;
  return { ...named, startMs: firstMs, endMs: lastMs, note };
}

function chosenGroups(groups: readonly GroupOverview[], named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  const usual = groups.find(({ name }) => name === captureDefaults.logGroup);
  if (usual) return [usual.name];
  if (groups.length === 1) return [groups[0].name];
  throw new ConfigError(
    'NoLogGroup',
    groups.length === 0 ? 'the store has no log group yet' : '--log-group: expected which log group to ask',
    groups.slice(0, 20).map(({ name }) => `  ${name}`),
  );
}

function isNamed(name: string, named: readonly string[]): boolean {
  return named.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
}

function eventSpan(groups: readonly GroupOverview[]): { firstMs: number; lastMs: number } | undefined {
  const firsts = groups.flatMap(({ firstEventMs }) => firstEventMs ?? []);
  const lasts = groups.flatMap(({ lastEventMs }) => lastEventMs ?? []);
  if (firsts.length === 0) return undefined;
  return { firstMs: Math.min(...firsts), lastMs: Math.max(...lasts) };
}

/** `2026-01-31 12:00:00` */
export function secondText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
}
