import { invariant } from '../fault/index.ts';
import { type LogFormat, parseLogFormat } from '../record/index.ts';
import { type Place, placeKey } from '../resource/place.ts';
import type { Change, Commit, Committed, Store } from '../store/index.ts';
import type { QueryDefinition } from './query-shapes.ts';
import type { LogGroupClass, MetricFilter, SubscriptionFilter, Tags } from './shapes.ts';
import { Table } from './table.ts';

/** A log group as the store keeps it. Numbers are never used again. */
export interface LogGroup {
  readonly number: number;
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** Epoch milliseconds; moves back when older events are imported. */
  readonly creationTime: number;
  readonly logGroupClass: LogGroupClass;
  readonly retentionInDays?: number;
  readonly deletionProtectionEnabled: boolean;
  readonly kmsKeyId?: string;
  readonly tags: Tags;
  /** The `LogFormat` of the flow log that delivers here. */
  readonly deliveryFormat?: string;
  readonly indexPolicy?: { readonly document: string; readonly updateTime: number };
}

export interface LogStream {
  readonly number: number;
  readonly group: number;
  readonly name: string;
  readonly creationTime: number;
}

export interface LookupDocument {
  readonly name: string;
  /** What the store knows its content by: another one for each version. */
  readonly file: string;
  readonly description?: string;
  readonly fields: readonly string[];
  readonly records: number;
  readonly bytes: number;
  readonly updateTime: number;
  readonly tags?: Tags;
}

/** How far a subscription filter has come. */
export interface SubscriptionCursor {
  /** The id of the last event that it has delivered or passed over. */
  readonly after: number;
  /** Events that it never came to, or could not deliver. */
  readonly lost: number;
}

/** How far a source's records have been taken. */
export interface OriginDocument {
  readonly sequence: string;
  readonly number: readonly [number, number];
}

/** How far a file came into a group. */
export interface ImportDocument {
  readonly fileName: string;
  readonly stream: number;
  readonly items: number;
  readonly isWhole: boolean;
  readonly updateTime: number;
}

/**
 * What there is besides events, in memory and in the store's documents. Changes are made in the turn in which they are
 * committed, so that whoever looks next sees them; a commit that fails takes its own back. What another commit relies on
 * meanwhile goes with that one once more, so that it does not matter whether the first comes to be.
 */
export class Catalog {
  readonly metricFilters: Table<MetricFilter>;
  readonly subscriptionFilters: Table<SubscriptionFilter>;
  /** By the key of the filter. */
  readonly subscriptionCursors: Table<SubscriptionCursor>;
  /** By place and id. */
  readonly queryDefinitions: Table<QueryDefinition>;
  /** By place and name. */
  readonly lookupTables: Table<LookupDocument>;
  /** By place and source. */
  readonly recordOrigins: Table<OriginDocument>;
  /** By `group/sha256`. */
  readonly imports: Table<ImportDocument>;
  readonly #store: Store;
  readonly #groups: Table<LogGroup>;
  readonly #streams: Table<LogStream>;
  readonly #formats: Table<{ readonly text: string }>;
  readonly #counters: Table<number>;
  /** By place, then by name. */
  readonly #groupsByName = new Map<string, Map<string, LogGroup>>();
  readonly #streamsByGroup = new Map<number, Map<string, LogStream>>();
  readonly #streamsByNumber = new Map<number, LogStream>();
  readonly #formatNumbers = new Map<string, number>();
  readonly #formatsByNumber = new Map<number, LogFormat>();
  /** Of commits that are under way, in their order. */
  readonly #pending = new Set<readonly Change[]>();

  constructor(store: Store) {
    const { documents } = store;
    this.#store = store;
    this.#groups = new Table('logGroups', documents);
    this.#streams = new Table('logStreams', documents);
    this.#formats = new Table('formats', documents);
    this.#counters = new Table('counters', documents);
    this.metricFilters = new Table('metricFilters', documents);
    this.subscriptionFilters = new Table('subscriptionFilters', documents);
    this.subscriptionCursors = new Table('subscriptionCursors', documents);
    this.queryDefinitions = new Table('queryDefinitions', documents);
    this.lookupTables = new Table('lookupTables', documents);
    this.recordOrigins = new Table('recordOrigins', documents);
    this.imports = new Table('imports', documents);
    this.#index();
  }

  /** To be called in the turn in which the changes were made. Durable when fulfilled. */
  async commit(commit: Commit): Promise<Committed> {
    const whole = { ...commit, documents: [...this.#basis(commit), ...(commit.documents ?? [])] };
    this.#pending.add(whole.documents);
    try {
      return await this.#store.commit(whole);
    } catch (error) {
      this.#pending.delete(whole.documents);
      this.#undo(whole.documents);
      throw error;
    } finally {
      this.#pending.delete(whole.documents);
    }
  }

  /** What a commit refers to and is not on the disk yet. */
  #basis({ rows = [], documents = [] }: Commit): Change[] {
    const groups = new Set<number>();
    const streams = new Set<number>();
    const formats = new Set<number>();
    for (const { group, stream, format } of rows) {
      groups.add(group);
      if (typeof stream === 'number') streams.add(stream);
      else for (const number of stream) streams.add(number);
      if (format !== undefined) formats.add(format);
    }
    for (const change of documents) {
      if (!('put' in change)) continue;
      if (change.put === this.#streams.name) groups.add((change.value as LogStream).group);
      if (this.#owned().some(({ name }) => name === change.put)) groups.add(Number.parseInt(change.key, 10));
    }
    return [
      ...this.#missing(this.#groups, groups),
      ...this.#missing(this.#streams, streams),
      ...this.#missing(this.#formats, formats),
    ];
  }

  #missing(table: Table<unknown>, numbers: Iterable<number>): Change[] {
    const changes: Change[] = [];
    const durable = this.#store.documents.table(table.name);
    for (const key of [...numbers].map(String)) {
      const value = table.get(key);
      if (value !== undefined && !durable.has(key)) changes.push({ put: table.name, key, value });
    }
    if (changes.length === 0) return changes;
    return [...changes, { put: this.#counters.name, key: table.name, value: this.#counters.get(table.name) }];
  }

  /** Counters stay where they are: a number that was given may be known to somebody. */
  #undo(changes: readonly Change[]): void {
    const tables = new Map(this.#tables().map((table) => [table.name, table]));
    for (const change of changes) {
      const name = 'put' in change ? change.put : change.remove;
      if (name !== this.#counters.name)
        tables.get(name)?.restore(change.key, this.#valueOf(name, change.key));
    }
    this.#index();
  }

  /** As it will be when all that is under way is on the disk. */
  #valueOf(table: string, key: string): unknown {
    for (const changes of [...this.#pending].reverse()) {
      const last = changes.findLast(
        (change) => change.key === key && ('put' in change ? change.put : change.remove) === table,
      );
      if (last) return 'put' in last ? last.value : undefined;
    }
    return this.#store.documents.table(table).get(key);
  }

  group(place: Place, name: string): LogGroup | undefined {
    return this.#groupsByName.get(placeKey(place))?.get(name);
  }

  groupByNumber(number: number): LogGroup | undefined {
    return this.#groups.get(String(number));
  }

  groups(place: Place): Iterable<LogGroup> {
    return this.#groupsByName.get(placeKey(place))?.values() ?? [];
  }

  /** Of all accounts and Regions. */
  everyGroup(): Iterable<LogGroup> {
    return this.#groups.values();
  }

  stream(group: LogGroup, name: string): LogStream | undefined {
    return this.#streamsByGroup.get(group.number)?.get(name);
  }

  streamByNumber(number: number): LogStream | undefined {
    return this.#streamsByNumber.get(number);
  }

  streams(group: LogGroup): Iterable<LogStream> {
    return this.#streamsByGroup.get(group.number)?.values() ?? [];
  }

  addGroup(group: Omit<LogGroup, 'number'>, changes: Change[]): LogGroup {
    const added = { ...group, number: this.nextNumber('logGroups', changes) };
    changes.push(this.putGroup(added));
    return added;
  }

  putGroup(group: LogGroup): Change {
    this.#name(group);
    return this.#groups.put(String(group.number), group);
  }

  /** The group and all that belongs to it; its events are for the same commit to drop. */
  removeGroup(group: LogGroup): Change[] {
    const changes = [...this.streams(group)].map((stream) => this.#leave(stream));
    this.#streamsByGroup.delete(group.number);
    this.#groupsByName.get(placeKey(group))?.delete(group.name);
    changes.push(this.#groups.remove(String(group.number)));
    for (const table of this.#owned()) {
      changes.push(...ownedBy(group, table).map(([key]) => table.remove(key)));
    }
    return changes;
  }

  addStream(group: LogGroup, name: string, creationTime: number, changes: Change[]): LogStream {
    const number = this.nextNumber('logStreams', changes);
    const stream = { number, group: group.number, name, creationTime };
    this.#enter(stream);
    changes.push(this.#streams.put(String(number), stream));
    return stream;
  }

  /** Files that were imported into it may come again. */
  removeStream(group: LogGroup, stream: LogStream): Change[] {
    const files = ownedBy(group, this.imports).filter(([, file]) => file.stream === stream.number);
    return [this.#leave(stream), ...files.map(([key]) => this.imports.remove(key))];
  }

  format(number: number): LogFormat {
    const format = this.#formatsByNumber.get(number);
    invariant(format, `no log format has the number ${number}`);
    return format;
  }

  /** The format's number, given when it has none. */
  formatNumber(format: LogFormat, changes: Change[]): number {
    const known = this.#formatNumbers.get(format.text);
    if (known !== undefined) return known;
    const number = this.nextNumber('formats', changes);
    changes.push(this.#formats.put(String(number), { text: format.text }));
    this.#formatNumbers.set(format.text, number);
    this.#formatsByNumber.set(number, format);
    return number;
  }

  /** From 1; never given twice. */
  nextNumber(kind: string, changes: Change[]): number {
    const number = (this.#counters.get(kind) ?? 0) + 1;
    changes.push(this.#counters.put(kind, number));
    return number;
  }

  #leave(stream: LogStream): Change {
    this.#streamsByGroup.get(stream.group)?.delete(stream.name);
    this.#streamsByNumber.delete(stream.number);
    return this.#streams.remove(String(stream.number));
  }

  #name(group: LogGroup): void {
    const key = placeKey(group);
    const known = this.#groupsByName.get(key);
    if (known) known.set(group.name, group);
    else this.#groupsByName.set(key, new Map([[group.name, group]]));
  }

  #enter(stream: LogStream): void {
    const known = this.#streamsByGroup.get(stream.group);
    if (known) known.set(stream.name, stream);
    else this.#streamsByGroup.set(stream.group, new Map([[stream.name, stream]]));
    this.#streamsByNumber.set(stream.number, stream);
  }

  /** Those whose keys begin with the number of a group. */
  #owned(): Table<unknown>[] {
    return [this.metricFilters, this.subscriptionFilters, this.subscriptionCursors, this.imports];
  }

  #tables(): Table<unknown>[] {
    return [
      this.#groups,
      this.#streams,
      this.#formats,
      this.#counters,
      this.metricFilters,
      this.subscriptionFilters,
      this.subscriptionCursors,
      this.queryDefinitions,
      this.lookupTables,
      this.recordOrigins,
      this.imports,
    ];
  }

  #index(): void {
    for (const map of [this.#groupsByName, this.#streamsByGroup, this.#streamsByNumber]) map.clear();
    this.#formatNumbers.clear();
    this.#formatsByNumber.clear();
    for (const group of this.#groups.values()) this.#name(group);
    for (const stream of this.#streams.values()) this.#enter(stream);
    for (const [number, { text }] of this.#formats.entries()) {
      this.#formatNumbers.set(text, Number(number));
      this.#formatsByNumber.set(Number(number), parseLogFormat(text));
    }
  }
}

/** The key of what belongs to a group. */
export function ownedKey(group: LogGroup, name: string): string {
  return `${group.number}/${name}`;
}

export function ownedBy<Value>(group: LogGroup, table: Table<Value>): [string, Value][] {
  const beginning = ownedKey(group, '');
  return [...table.entries()].filter(([key]) => key.startsWith(beginning));
}
