import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Catalog } from './catalog.ts';
import { segmentsToMerge } from './compaction.ts';
import { type Cut, remains } from './cuts.ts';
import type { Engine } from './engine.ts';
import { isAftermath } from './engine-failure.ts';
import type { Generation } from './generation.ts';
import type { Journal } from './journal.ts';
import { Pause } from './pause.ts';
import { type Segment, segmentPath, segmentSource } from './segment.ts';
import type { SegmentDraft, SegmentWriter } from './segment-writer.ts';
import { quoteText } from './sql-text.ts';
import { addTotal, type StreamTotal } from './stream-totals.ts';

/** Segments that could not be read are left alone for so long. */
const spoiledMs = 600_000;

export interface UpkeepOptions {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly writer: SegmentWriter;
  /** Of all segments. */
  readonly directory: string;
  readonly clock: () => number;
  readonly report: (sentence: string) => void;
  /** Fulfilled when all commits so far are durable; rejected when they never will be. */
  readonly settled: () => Promise<void>;
  /** The sequence of the last durable commit. */
  readonly sequence: () => number;
  readonly nextSegment: () => number;
  /** Whether rows come so fast that merging segments can wait. */
  readonly isBusy: () => boolean;
  /** Fulfilled when recent tables can be read. */
  readonly ready: () => Promise<void>;
  /** Writes the catalog down; `moved` is the generation whose rows have become segments. */
  readonly saveManifest: (moved?: Generation) => Promise<void>;
}

/**
 * What happens behind the commits, one thing at a time: sealed generations become segments, what was cut goes from
 * the disk, small segments are merged. Each step ends with the manifest: until then what it made is nobody's, and
 * after it what it replaced is; opening the store removes either. Tidying that fails does not keep rows from moving.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #working: Promise<void> | undefined;
  readonly #moving = new Pause(() => this.wake());
  readonly #tidying = new Pause(() => this.wake());
  /** Until when segments are left alone, by number. */
  readonly #spoiled = new Map<number, number>();
  /** What the next manifest does not name any more. */
  #doomed: { readonly segments: Segment[]; readonly journals: Journal[] } = { segments: [], journals: [] };
  #isUnsaved = false;
  /** There may be more to do than the step under way knows of. */
  #isWoken = false;
  #isClosing = false;
  #isClosed = false;
  /** What goes from memory and disk beside the steps. */
  readonly #giving = new Set<Promise<void>>();
  /** Somebody waits until nothing is left to do. */
  #isAwaited = false;
  #waiting: (() => void)[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #failure: string | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Why rows could not be moved the last time; undefined when they could. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** There may be something to do. */
  wake(): void {
    this.#isWoken = true;
    if (this.#moving.isOn || this.#working || this.#isClosing) return;
    this.#working = this.#work();
  }

  /** Fulfilled after the next step, or when there is none. */
  async step(): Promise<void> {
    this.wake();
    if (!this.#working) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Fulfilled when all generations that are sealed now are segments. @throws what prevents it */
  async moveSealed(): Promise<void> {
    await this.#options.ready();
    await this.alone(async () => {
      for (let sealed = this.#sealed(); sealed; sealed = this.#sealed()) await this.#move(sealed);
    });
  }

  /** Fulfilled when nothing is left to do, or it cannot be done now. */
  async idle(): Promise<void> {
    this.#isAwaited = true;
    this.wake();
    await this.#working;
    this.#isAwaited = false;
  }

  /** Lets the step that is under way end, and begins no other. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#moving.stop();
    this.#tidying.stop();
    await this.#working;
    await this.#last;
    this.#isClosed = true;
    await Promise.all(this.#giving);
  }

  async #work(): Promise<void> {
    try {
      while (!this.#isClosing) {
        await this.#options.ready();
        this.#isWoken = false;
        const isMore = await this.alone(() => this.#next());
        this.#succeeded();
        if (!isMore && !this.#isWoken) break;
        this.#tellWaiting();
      }
    } catch (error) {
      this.#failure = textOf(error);
      this.#rest(this.#moving, `could not move rows to segments: ${this.#failure}`);
    } finally {
      // In one turn: who is told, or comes then, begins anew.
      this.#working = undefined;
      this.#tellWaiting();
    }
  }

  /** Runs work while no rows move. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** One step; false when there was nothing to do. */
  async #next(): Promise<boolean> {
    const sealed = this.#sealed();
    if (sealed) await this.#move(sealed);
    else if (this.#isUnsaved) await this.#save();
    if (sealed || (await this.#removeGone())) return true;
    if (this.#tidying.isOn) return false;
    try {
      const isTidied = (await this.#rewriteCut()) || (await this.#mergeSmall());
      if (isTidied) this.#tidying.over();
      return isTidied;
    } catch (error) {
      this.#rest(this.#tidying, `could not tidy segments: ${textOf(error)}`);
      return false;
    }
  }

  async #mergeSmall(): Promise<boolean> {
    const { clock, isBusy } = this.#options;
    const small = segmentsToMerge(this.#sound(), clock(), !this.#isAwaited && isBusy());
    if (small) await this.#merge(small);
    return small !== undefined;
  }

  /** Rows can be moved, and the manifest written. */
  #succeeded(): void {
    this.#moving.over();
    this.#failure = undefined;
  }

  /** Those that were not found unreadable lately. */
  #sound(): readonly Segment[] {
    const { catalog, clock } = this.#options;
    for (const [number, untilMs] of this.#spoiled) if (clock() >= untilMs) this.#spoiled.delete(number);
    return [...catalog.segments()].filter(({ number }) => !this.#spoiled.has(number));
  }

  /** Writes the catalog down; then what it does not name goes. */
  async #save(moved?: Generation): Promise<void> {
    this.#isUnsaved = true;
    await this.#options.saveManifest(moved);
    this.#isUnsaved = false;
    const { segments, journals } = this.#doomed;
    this.#doomed = { segments: [], journals: [] };
    this.#unlink(segments);
    for (const journal of journals) await this.#given(journal.remove());
  }

  #sealed(): Generation | undefined {
    const { generations } = this.#options.catalog;
    return generations.length > 1 ? generations[0] : undefined;
  }

  async #move(generation: Generation): Promise<void> {
    const { catalog, writer, settled, nextSegment } = this.#options;
    await settled();
    const cutsApplied = this.#options.sequence();
    const drafts: SegmentDraft[] = [...generation.hours.values()].map((hour) => ({
      ...hour,
      streams: new Map([...hour.streams].map(([stream, total]) => [stream, { ...total }])),
      number: nextSegment(),
      cutsApplied,
    }));
    const columns = { timestamp: 'r.timestamp', id: 'r.id', stream: 'r.stream', group: 'r.log_group' };
    const sources = generation.tables.sources(catalog.cuts.map((cut) => remains(cut, columns)));
    const segments = await writer.write(sources, drafts);
    // From here to the end of the turn: who looks sees the rows either there or here.
    catalog.generations.shift();
    const gone = segments.filter((segment) => catalog.isGone(segment));
    catalog.replace(
      [],
      segments.filter((segment) => !gone.includes(segment)),
    );
    for (const [group, stream, total] of generation.totals.entries()) {
      catalog.totals.add(group, stream, total);
    }
    catalog.pins.retire(() => this.#give(() => generation.tables.drop()));
    this.#doomed.segments.push(...gone);
    this.#doomed.journals.push(generation.journal);
    await this.#save(generation);
    this.#succeeded();
  }

  /** Unlinks segments of which cuts leave nothing. */
  async #removeGone(): Promise<boolean> {
    const { catalog } = this.#options;
    const gone = [...catalog.segments()].filter((segment) => catalog.isGone(segment));
    if (gone.length === 0) return false;
    for (const segment of gone) await this.#forgetTotals(segment);
    catalog.replace(gone, []);
    catalog.forgetCuts();
    this.#doomed.segments.push(...gone);
    await this.#save();
    return true;
  }

  /** Streams of which a time cut took the rows; those that were dropped whole are not counted any more. */
  async #forgetTotals(segment: Segment): Promise<void> {
    const { catalog } = this.#options;
    const times = catalog.cutsOf(segment).flatMap(({ beforeMs }) => beforeMs ?? []);
    if (times.length === 0) return;
    try {
      for (const [stream, total] of await this.#streamsOf(segment)) {
        catalog.totals.subtract(segment.group, stream, total, Math.max(...times));
      }
    } catch (error) {
      if (isAftermath(error)) throw error;
      // It goes all the same; its streams seem to have more rows than they do.
      this.#options.report(`could not read what ${segmentPath(segment)} held: ${textOf(error)}`);
    }
  }

  /** Writes a segment anew without the rows of a stream that is gone. Cuts by time wait until the hour has passed. */
  async #rewriteCut(): Promise<boolean> {
    const { catalog } = this.#options;
    for (const segment of this.#sound()) {
      const cuts = catalog.cutsOf(segment).filter(({ beforeMs }) => beforeMs === undefined);
      if (cuts.length === 0) continue;
      await this.#merge([segment]);
      return true;
    }
    return false;
  }

  async #merge(segments: readonly Segment[]): Promise<void> {
    try {
      const merged = await this.#merged(segments);
      const { catalog } = this.#options;
      catalog.replace(segments, merged ? [merged] : []);
      catalog.forgetCuts();
    } catch (error) {
      const untilMs = this.#options.clock() + spoiledMs;
      for (const { number } of segments) this.#spoiled.set(number, untilMs);
      this.#options.report(`segments are left alone for now: ${segments.map(segmentPath).join(', ')}`);
      throw error;
    }
    this.#doomed.segments.push(...segments);
    await this.#save();
  }

  async #merged(segments: readonly Segment[]): Promise<Segment | undefined> {
    const { catalog, writer, nextSegment, directory } = this.#options;
    const release = catalog.pins.pin();
    try {
      const cutsApplied = this.#options.sequence();
      const inOrder = [...segments].sort((a, b) => a.firstMs - b.firstMs || a.minId - b.minId);
      const cuts = inOrder.map((segment) => catalog.cutsOf(segment));
      const streams = await this.#mergedStreams(inOrder, cuts);
      const sources = inOrder.map((segment, i) =>
        segmentSource(directory, [segment], cuts[i].map(remaining)),
      );
      const draft = draftOf(inOrder, nextSegment(), streams, cutsApplied);
      return await writer.merge(sources, draft);
    } finally {
      release();
    }
  }

  async #mergedStreams(
    segments: readonly Segment[],
    cuts: readonly (readonly Cut[])[],
  ): Promise<Map<number, StreamTotal>> {
    const merged = new Map<number, StreamTotal>();
    for (const [i, segment] of segments.entries()) {
      for (const [stream, total] of await this.#streamsOf(segment)) {
        if (cuts[i].some((cut) => cut.stream === stream && segment.maxId < cut.belowId)) continue;
        const known = merged.get(stream);
        if (known) addTotal(known, total);
        else merged.set(stream, { ...total });
      }
    }
    return merged;
  }

  /** From the file itself. */
  async #streamsOf(segment: Segment): Promise<readonly (readonly [number, StreamTotal])[]> {
    const { engine, directory } = this.#options;
    const file = quoteText(path.join(directory, segmentPath(segment)));
    const [[text]] = await engine.rows(
      `SELECT decode(value) FROM parquet_kv_metadata(${file}) WHERE decode(key) = 'streams'`,
    );
    return JSON.parse(String(text));
  }

  #unlink(segments: readonly Segment[]): void {
    const { catalog, directory } = this.#options;
    for (const segment of segments) {
      const file = path.join(directory, segmentPath(segment));
      catalog.pins.retire(() => this.#give(() => rm(file, { force: true })));
    }
  }

  /** Beside the steps; not when whoever read it went on until the engine had closed: the tables went with that. */
  #give(work: () => Promise<void>): void {
    if (this.#isClosed) return;
    const given: Promise<void> = this.#given(work()).finally(() => this.#giving.delete(given));
    this.#giving.add(given);
  }

  /** Of what is left lying the next opening rids the folder. */
  #given(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => this.#options.report(`could not give room back: ${textOf(error)}`));
  }

  #rest(pause: Pause, reason: string): void {
    const ms = this.#isClosing ? 0 : pause.begin();
    this.#options.report(ms > 0 ? `${reason}; trying again in ${ms / 1000} s` : reason);
  }

  #tellWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function remaining(cut: Cut): string {
  return remains(cut, { timestamp: 'r.timestamp', id: 'r.id', stream: 'r.stream' });
}

function draftOf(
  segments: readonly Segment[],
  number: number,
  streams: ReadonlyMap<number, StreamTotal>,
  cutsApplied: number,
): SegmentDraft {
  const totals = [...streams.values()];
  return {
    number,
    group: segments[0].group,
    hour: segments[0].hour,
    rows: totals.reduce((sum, { rows }) => sum + rows, 0),
    bytes: totals.reduce((sum, { bytes }) => sum + bytes, 0),
    firstMs: Math.min(...segments.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(...segments.map(({ lastMs }) => lastMs)),
    minId: Math.min(...segments.map(({ minId }) => minId)),
    maxId: Math.max(...segments.map(({ maxId }) => maxId)),
    columnFormats: new Set(segments.flatMap(({ columnFormats }) => columnFormats)),
    textFormats: new Set(segments.flatMap(({ textFormats }) => textFormats)),
    isPlain: segments.some(({ isPlain }) => isPlain),
    streams,
    cutsApplied,
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
