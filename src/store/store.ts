import { invariant, ServiceError } from '../fault/index.ts';
import type { ScanShape } from '../query/scan.ts';
import { Acknowledged } from './acknowledged.ts';
import { Catalog } from './catalog.ts';
import { type Commit, type Committed, type Drop, rowCount } from './commit.ts';
import { CommitQueue } from './commit-queue.ts';
import { cutOf } from './cuts.ts';
import { DocumentTables } from './document-tables.ts';
import type { Documents } from './documents.ts';
import { Engine } from './engine.ts';
import type { EventRange, StoredEvent } from './events.ts';
import { Formats } from './formats.ts';
import { encodeCommit } from './frame-codec.ts';
import { freeBytes } from './free-bytes.ts';
import { Generation } from './generation.ts';
import { Journal } from './journal.ts';
import type { Frame } from './journal-frame.ts';
import { keepLookups, putLookup, removeLookup } from './lookup.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import { Moved } from './moved.ts';
import { OwnerLock } from './owner-lock.ts';
import type { QueryAnswer, QuerySource, RunOptions } from './query-answer.ts';
import { QueryGuard } from './query-guard.ts';
import { Reader } from './reader.ts';
import { replayJournals } from './recovery.ts';
import { Revival } from './revival.ts';
import type { RowBatch } from './row-batch.ts';
import { shapeOf } from './scan-plan.ts';
import type { ScanNames } from './scan-sql.ts';
import { SegmentWriter } from './segment-writer.ts';
import { makeFolder, removeOrphans, type StoreFolder } from './store-folder.ts';
import {
  defaultRecentRows,
  engineBytes,
  memoryOf,
  type StoreOptions,
  type StoreStatus,
} from './store-options.ts';
import { StreamNames, streamTable } from './stream-names.ts';
import { type GroupSummary, groupSummary, type StreamSummary, streamSummary } from './summaries.ts';
import { Upkeep } from './upkeep.ts';

/** Of frames that wait for the disk; more wait outside. */
const maxQueuedBytes = 32 * 2 ** 20;
/** Of one generation, whatever its rows are. */
const maxRecentBytes = 96 * 2 ** 20;
/** Of one journal: documents too have to be read again when the store opens. */
const maxJournalBytes = 64 * 2 ** 20;
/** Sealed generations in memory at once, and the one that takes rows. */
const maxGenerations = 2;
/** Rows do not stay in memory for longer, however few they are. */
const maxAgeMs = 3_600_000;
/** Rows come fast when a generation was full so recently. */
const busyMs = 5000;
/** With less room the disk is still full. */
const leastFreeBytes = 2 ** 20;
/** With fewer rows the next opening reads the journal again: a segment for them is not worth it. */
const fewRows = 20_000;

/** The one owner of a store's folder. */
export class Store {
  readonly #options: StoreOptions;
  readonly #folder: StoreFolder;
  readonly #lock: OwnerLock;
  readonly #engine: Engine;
  readonly #acknowledged: Acknowledged;
  readonly #queue: CommitQueue;
  readonly #documents: DocumentTables;
  readonly #formats: Formats;
  readonly #revival: Revival;
  readonly #catalog: Catalog;
  readonly #moved: Moved;
  readonly #reader: Reader;
  readonly #upkeep: Upkeep;
  readonly #clock: () => number;
  #turn: Promise<unknown> = Promise.resolve();
  #sequence: number;
  #durableSequence: number;
  #nextId: number;
  #durableId: number;
  #nextSegment: number;
  #missingCommits = 0;
  /** When the last generation was full, in the process's time. */
  #filledAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(parts: Parts) {
    const { options, folder, manifest, engine, documents } = parts;
    this.#options = options;
    this.#folder = folder;
    this.#lock = parts.lock;
    this.#engine = engine;
    this.#acknowledged = parts.acknowledged;
    this.#queue = new CommitQueue(parts.acknowledged);
    this.#documents = documents;
    this.#formats = new Formats(documents);
    this.#catalog = new Catalog(manifest);
    this.#clock = options.clock ?? Date.now;
    this.#sequence = manifest.sequence;
    this.#durableSequence = manifest.sequence;
    this.#nextId = manifest.nextId;
    this.#durableId = manifest.nextId;
    this.#nextSegment = manifest.nextSegment;
    this.#moved = new Moved(manifest);
    this.#upkeep = this.#makeUpkeep();
    this.#revival = new Revival({
      engine,
      catalog: this.#catalog,
      streamNames: parts.streamNames,
      queue: this.#queue,
      durableSequence: () => this.#durableSequence,
      alone: (work) => this.#upkeep.alone(work),
      report: (sentence) => this.#report(sentence),
    });
    this.#reader = new Reader({
      engine,
      catalog: this.#catalog,
      folder,
      names: this.#names(),
      streamNames: parts.streamNames,
      revival: this.#revival,
      guard: new QueryGuard({
        processBytes: options.processBytes ?? process.memoryUsage.rss() + memoryOf(options),
        residentBytes: () => process.memoryUsage.rss(),
      }),
      belowId: () => this.#durableId,
    });
  }

  /**
   * Opens the folder up to its last good commit.
   * @throws ConfigError `StoreInUse` naming the process that has it open; `StoreInvalid` for a folder of another make
   */
  static async open(options: StoreOptions): Promise<Store> {
    const folder = await makeFolder(options.directory);
    const lock = new OwnerLock(folder.root);
    let engine: Engine | undefined;
    try {
      const manifest = await readManifest(folder);
      engine = await Engine.open({
        directories: [folder.segments, folder.lookups],
        temporary: folder.temporary,
        memoryBytes: engineBytes(memoryOf(options)),
        threads: options.threads ?? 2,
        macros: options.macros,
      });
      const documents = new DocumentTables(manifest.documents);
      const streamNames = await StreamNames.create(engine, documents);
      const acknowledged = new Acknowledged(folder.acknowledged);
      const parts = {
        options,
        folder,
        lock,
        manifest,
        engine,
        documents,
        streamNames,
        acknowledged,
      };
      const store = new Store(parts);
      await store.#recover();
      return store;
    } catch (error) {
      engine?.close();
      lock.release();
      throw error;
    }
  }

  /** Live. Log formats, groups and streams that rows refer to are in its tables `formats`, `logGroups`, `logStreams`. */
  get documents(): Documents {
    return this.#documents;
  }

  /**
   * Durable when fulfilled. Commits take effect in the order of the calls.
   * @throws ServiceError `ServiceUnavailableException` when the disk refuses: a full one until there is room, one
   * that fails to sync until the store is opened again
   */
  async commit(commit: Commit): Promise<Committed> {
    const { durable, firstId } = await this.#inTurn(() => this.#accept(commit));
    await durable;
    return { firstId };
  }

  /** Of the last event that is durable; those of later commits are greater. */
  get lastId(): number {
    return this.#durableId - 1;
  }

  shape(groups: readonly number[], startMs: number, endMs: number): ScanShape {
    return shapeOf(this.#catalog, { groups, startMs, endMs });
  }

  /**
   * @throws ServiceError `LimitExceededException` when the query does not fit into memory and cannot spill; QueryError
   * of no range for a value that cannot be computed; the signal's reason when it was aborted
   */
  run(query: QuerySource, options: RunOptions = {}): Promise<QueryAnswer> {
    return this.#reader.run(query, options);
  }

  readEvents(range: EventRange): Promise<readonly StoredEvent[]> {
    return this.#reader.readEvents(range);
  }

  /** All zero for a stream without rows. */
  streamSummary(group: number, stream: number): StreamSummary {
    return streamSummary(this.#catalog, group, stream);
  }

  groupSummary(group: number): GroupSummary {
    return groupSummary(this.#catalog, group);
  }

  /** Makes a lookup table of a CSV with a header; durable when fulfilled. */
  putLookup(table: string, csv: Uint8Array): Promise<void> {
    return putLookup(this.#folder.lookups, table, csv);
  }

  /** Nothing when there is none. Queries that are under way still find it. */
  async removeLookup(table: string): Promise<void> {
    let removed: Promise<void> | undefined;
    this.#catalog.pins.retire(() => {
      removed = removeLookup(this.#folder.lookups, table).catch((error: Error) =>
        this.#report(`could not remove a lookup table: ${error.message}`),
      );
    });
    await removed;
  }

  /** Removes lookup tables that nobody knows any more; to be called before any is asked for. */
  async keepLookups(tables: Iterable<string>): Promise<void> {
    await keepLookups(this.#folder.lookups, tables);
  }

  /** Turns all rows in memory into segments, and rids the disk of what was dropped. */
  async flush(): Promise<void> {
    await this.#inTurn(() => this.#seal());
    await this.#upkeep.moveSealed();
    await this.#upkeep.idle();
  }

  /** Takes no more commits, waits for what is under way, and lets the folder go. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    try {
      await this.#turn;
      await this.#queue.idle();
      await this.#moveLast();
      await this.#upkeep.close();
      for (const { journal } of this.#catalog.generations) await journal.close();
      this.#acknowledged.close();
      this.#engine.close();
    } finally {
      this.#lock.release();
    }
  }

  async #moveLast(): Promise<void> {
    try {
      if (this.#active.rows > fewRows) this.#seal();
      if (!this.#queue.failure) await this.#upkeep.moveSealed();
    } catch (error) {
      this.#report(`rows stay in the journal: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  status(): StoreStatus {
    const segments = [...this.#catalog.segments()];
    const { generations } = this.#catalog;
    return {
      sequence: this.#durableSequence,
      recentRows: generations.reduce((sum, { rows }) => sum + rows, 0),
      segments: segments.length,
      segmentRows: segments.reduce((sum, { rows }) => sum + rows, 0),
      segmentBytes: segments.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
      journalBytes: generations.reduce((sum, { journal }) => sum + journal.bytes, 0),
      missingCommits: this.#missingCommits,
    };
  }

  get #active(): Generation {
    const active = this.#catalog.generations.at(-1);
    invariant(active, 'no generation takes rows');
    return active;
  }

  /** One at a time, in the order of the calls: what changes the generation that takes rows. */
  #inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #accept(commit: Commit): Promise<{ durable: Promise<void>; firstId: number }> {
    invariant(!this.#isClosed, 'a commit to a store that is closed');
    const { rows = [], drop = [] } = commit;
    invariant(rows.length === 0 || drop.length === 0, 'a commit of rows and drops');
    await this.#room();
    this.#formats.learn(commit.documents ?? []);
    const generation = this.#active;
    const frame = { sequence: this.#sequence + 1, firstId: this.#nextId, payload: encodeCommit(commit) };
    await this.#revival.retried(async () => {
      await generation.tables.prepare(rows);
      this.#revival.touch(() => generation.append(rows, frame));
    });
    this.#count(generation, rows, frame);
    const durable = this.#queue.add(generation.journal, frame, () => this.#settle(generation, commit, frame));
    if (this.#isFull(generation)) {
      this.#filledAtMs = performance.now();
      this.#seal();
    }
    if (drop.length > 0) await this.#dropped(durable, drop, frame);
    return { durable, firstId: frame.firstId };
  }

  /** No other rows come until it is sure which ones go. */
  async #dropped(durable: Promise<void>, drop: readonly Drop[], { firstId }: Frame): Promise<void> {
    await durable;
    // Rows that are gone give their disk back with the journal. What has grown old is in segments, nearly all of it.
    const isDeleted = drop.some((item) => !('beforeMs' in item));
    if (isDeleted && this.#active.firstId < firstId) this.#seal();
    this.#upkeep.wake();
  }

  /** Waits until there is room for more. */
  async #room(): Promise<void> {
    if (this.#queue.failure) await this.#resume(this.#queue.failure);
    if (this.#queue.bytes > maxQueuedBytes) await this.#queue.idle();
    while (this.#catalog.generations.length > maxGenerations) {
      await this.#upkeep.step();
      if (!this.#upkeep.failure) continue;
      throw new ServiceError(
        'ServiceUnavailableException',
        `The store cannot move rows out of memory: ${this.#upkeep.failure}`,
      );
    }
  }

  /** Goes on behind the last durable commit, when the disk has refused some and may have room again. */
  async #resume(failure: ServiceError): Promise<void> {
    if (this.#queue.isFinal || (await freeBytes(this.#folder.journals)) < leastFreeBytes) throw failure;
    await this.#revival.rewind();
    this.#sequence = this.#durableSequence;
    this.#queue.resume();
  }

  /** What a commit changes at once, before it is durable: where the next one goes on. */
  #count(generation: Generation, rows: readonly RowBatch[], { sequence, firstId }: Frame): void {
    this.#sequence = sequence;
    this.#nextId = Math.max(this.#nextId, firstId + rowCount(rows));
    generation.beganMs ??= this.#clock();
  }

  /** What a commit changes when it is durable: what others see. */
  #settle(generation: Generation, commit: Commit, { sequence, firstId }: Frame): void {
    const { documents = [], drop = [], rows = [] } = commit;
    this.#documents.apply(documents);
    for (const change of documents) generation.changes.push(change);
    for (const item of drop) this.#catalog.drop(cutOf(item, sequence, firstId));
    this.#durableSequence = sequence;
    this.#durableId = firstId + rowCount(rows);
  }

  #isFull({ rows, bytes, journal }: Generation): boolean {
    return (
      rows >= (this.#options.recentRows ?? defaultRecentRows) ||
      bytes >= maxRecentBytes ||
      journal.bytes >= maxJournalBytes
    );
  }

  /** Rows that come from now on are of another generation. */
  #seal(): void {
    const { generations } = this.#catalog;
    const active = this.#active;
    if (active.lastSequence === 0) return;
    this.#revival.attempt(() => active.seal());
    generations.push(this.#generation(Journal.planned(this.#folder.journals, active.journal.number + 1)));
    this.#upkeep.wake();
  }

  #generation(journal: Journal): Generation {
    const format = (number: number) => this.#formats.get(number);
    return new Generation({ engine: this.#engine, format }, journal);
  }

  async #recover(): Promise<void> {
    const { generations } = this.#catalog;
    await removeOrphans(this.#folder, this.#catalog.segments());
    const { sequence, lastJournal, missingCommits } = await replayJournals(this.#folder, {
      journal: this.#moved.journal,
      next: this.#moved.sequence + 1,
      acknowledged: this.#acknowledged.sequence,
      report: (sentence) => this.#report(sentence),
      begin: (journal) => {
        generations.at(-1)?.seal();
        generations.push(this.#generation(journal));
      },
      apply: (commit, frame) => this.#replay(commit, frame),
    });
    if (generations.length === 0) {
      generations.push(this.#generation(Journal.planned(this.#folder.journals, lastJournal)));
    }
    this.#missingCommits = missingCommits;
    if (this.#catalog.forgetBehind(sequence)) await this.#saveManifest(undefined);
    this.#acknowledged.write(sequence);
    if (this.#isFull(this.#active)) this.#seal();
    this.#timer = setInterval(() => this.#tick(), 60_000);
    this.#timer.unref();
    this.#upkeep.wake();
  }

  async #replay(commit: Required<Commit>, frame: Frame): Promise<void> {
    this.#formats.learn(commit.documents);
    await this.#active.tables.prepare(commit.rows);
    this.#active.append(commit.rows, frame);
    this.#count(this.#active, commit.rows, frame);
    this.#settle(this.#active, commit, frame);
  }

  /** Rows grow old, and hours settle. */
  #tick(): void {
    const { beganMs } = this.#active;
    const isOld = beganMs !== undefined && this.#clock() - beganMs >= maxAgeMs;
    if (isOld && !this.#queue.failure) void this.#inTurn(() => this.#seal());
    this.#upkeep.wake();
  }

  #makeUpkeep(): Upkeep {
    const engine = this.#engine;
    const directory = this.#folder.segments;
    const clock = this.#clock;
    return new Upkeep({
      engine,
      catalog: this.#catalog,
      writer: new SegmentWriter({ engine, directory, names: this.#names(), clock }),
      directory,
      clock,
      report: (sentence) => this.#report(sentence),
      settled: async () => {
        await this.#queue.idle();
        if (this.#queue.failure) throw this.#queue.failure;
      },
      sequence: () => this.#durableSequence,
      nextSegment: () => this.#nextSegment++,
      isBusy: () => performance.now() - this.#filledAtMs < busyMs,
      ready: () => this.#revival.ready(),
      saveManifest: (moved) => this.#saveManifest(moved),
    });
  }

  async #saveManifest(moved: Generation | undefined): Promise<void> {
    if (moved) this.#moved.take(moved);
    const { cuts, totals } = this.#catalog;
    await writeManifest(this.#folder.manifest, {
      ...this.#moved.parts(),
      nextId: this.#nextId,
      nextSegment: this.#nextSegment,
      cuts,
      segments: [...this.#catalog.segments()],
      totals: [...totals.entries()],
    });
  }

  #names(): ScanNames {
    return {
      streamTable,
      format: (number) => this.#formats.get(number),
      group: (number) => {
        const group = this.#documents
          .table<{ name: string; accountId?: string }>('logGroups')
          .get(String(number));
        return group ? `${group.accountId ?? '000000000000'}:${group.name}` : '';
      },
    };
  }

  #report(sentence: string): void {
    this.#options.report?.(sentence);
  }
}

interface Parts {
  readonly options: StoreOptions;
  readonly folder: StoreFolder;
  readonly lock: OwnerLock;
  readonly manifest: Manifest;
  readonly engine: Engine;
  readonly documents: DocumentTables;
  readonly streamNames: StreamNames;
  readonly acknowledged: Acknowledged;
}
