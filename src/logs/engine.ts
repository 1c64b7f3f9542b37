import type { Place } from '../resource/place.ts';
import type { Store } from '../store/index.ts';
import type { Catalog, LogGroup, LogStream, LookupDocument } from './catalog.ts';
import { errors } from './errors.ts';
import { groupNameOf } from './names.ts';
import type { PlacedTable } from './placed-table.ts';
import type { QueryDefinition } from './query-shapes.ts';
import type { RecordOrigins } from './record-origins.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { TailHub } from './tail-hub.ts';

/** What every operation works with: the one store, and what is of this account and Region. */
export interface Engine extends Place {
  readonly store: Store;
  /** Of all accounts and Regions. */
  readonly catalog: Catalog;
  readonly queryDefinitions: PlacedTable<QueryDefinition>;
  readonly lookupTables: PlacedTable<LookupDocument>;
  readonly tails: TailHub;
  readonly origins: RecordOrigins;
  readonly subscriptions: Subscriptions;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Told, in a sentence, what failed where nobody waits for it. */
  readonly report: (sentence: string) => void;
}

/** @throws ServiceError `ResourceNotFoundException` */
export function knownGroup(engine: Engine, name: string): LogGroup {
  const group = engine.catalog.group(engine, name);
  if (!group) throw errors.groupMissing();
  return group;
}

/** @throws ServiceError `ResourceNotFoundException` */
export function knownStream(engine: Engine, group: LogGroup, name: string): LogStream {
  const stream = engine.catalog.stream(group, name);
  if (!stream) throw errors.streamMissing();
  return stream;
}

/** The group of a request that names it in one of two ways. */
export function identifiedGroup(
  engine: Engine,
  request: { readonly logGroupName?: string; readonly logGroupIdentifier?: string },
): LogGroup {
  const { logGroupName, logGroupIdentifier } = request;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) throw errors.nameOrIdentifier();
  if (logGroupName !== undefined) return knownGroup(engine, logGroupName);
  if (logGroupIdentifier === undefined) throw errors.noGroupGiven();
  return groupOf(engine, logGroupIdentifier);
}

/** The group of a name or an ARN. */
export function groupOf(engine: Engine, identifier: string): LogGroup {
  return knownGroup(engine, groupNameOf(engine, identifier) ?? '');
}

/** Replaces members of a group; those that are undefined are taken away. Durable when fulfilled. */
export async function changeGroup(
  { catalog }: Engine,
  group: LogGroup,
  members: { readonly [Member in keyof LogGroup]?: LogGroup[Member] | undefined },
): Promise<void> {
  const changed = Object.entries({ ...group, ...members }).filter(([, value]) => value !== undefined);
  const document = catalog.putGroup(Object.fromEntries(changed) as unknown as LogGroup);
  await catalog.commit({ documents: [document] });
}
