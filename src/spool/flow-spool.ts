import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type FlowRows, type Loss, rowBytes } from '../flow/index.ts';
import type { CoveredWindow } from '../flowlog/index.ts';
import { type Beside, unknownLosses } from './damage.ts';
import { type KeptSegment, KeptSegments } from './kept-segments.ts';
import { areNumbersKnown, loadSpool } from './load-spool.ts';
import { LossList } from './loss-list.ts';
import { OpenSegment } from './open-segment.ts';
import { Renumbering } from './renumbering.ts';
import { Reserve } from './reserve.ts';
import { RowTally } from './row-tally.ts';
import { emptySegment, rowlessSegment, type Segment, segmentWithRows } from './segment.ts';
import { lossesOf, readEnd, type SegmentEnd } from './segment-end.ts';
import type { SegmentFile } from './segment-file.ts';
import { beforeOf } from './segment-frames.ts';
import { piecesOf } from './segment-writer.ts';
import { bootId, SpoolState } from './spool-state.ts';
import type { SpooledNames } from './spooled-names.ts';

/** Packets that devices have counted since they came up, by the id of the network interface. */
type DeviceCounters = ReadonlyMap<string, number>;

export interface FlowSpoolOptions {
  readonly folder: string;
  readonly windowSeconds: number;
  readonly names: SpooledNames;
  /** Beyond either, the oldest windows become losses. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Read when a window is sealed and after a crash: they bound what was lost in between. */
  readonly deviceCounters?: () => DeviceCounters;
  readonly clock?: () => number;
  readonly report: (line: string) => void;
}

export interface SpoolStatus {
  readonly segments: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Of the oldest segment; undefined when there is none. */
  readonly oldestMs: number | undefined;
  /** In this run: segments whose rows became losses. */
  readonly droppedSegments: number;
}

/** What is kept free for losses: a sixteenth of the spool, at most 8 MiB. */
const reserveBytes = (maxBytes: number): number =>
  Math.min(8 * 1024 * 1024, Math.max(64 * 1024, Math.floor(maxBytes / 16)));
/** Between signs of life: a crash is known to have come no earlier. */
const lifeMs = 1000;

interface SpoolParts {
  readonly id: string;
  readonly kept: KeptSegments;
  readonly reserve: Reserve;
  readonly state: SpoolState;
}

/** Captured windows on the disk, from their closing until no flow log needs them: before anybody renders a window it is there to stay. */
export class FlowSpool {
  /** Tells this spool's numbers from another one's. */
  readonly id: string;
  readonly #options: FlowSpoolOptions;
  readonly #clock: () => number;
  readonly #kept: KeptSegments;
  readonly #reserve: Reserve;
  readonly #state: SpoolState;
  readonly #losses = new LossList();
  readonly #runId = randomUUID();
  readonly #bootId = bootId();
  readonly #beganMs: number;
  readonly #sealedListeners = new Set<() => void>();
  readonly #life: NodeJS.Timeout;
  #next = 1;
  #open: OpenSegment;
  /** As the last closing said; undefined before the first. */
  #before: number | undefined;
  #isIdKept = false;
  /** The number of the open segment could not be written down. */
  #isStateStale = false;
  #isClosed = false;
  /** What writes is done one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: FlowSpoolOptions, { id, kept, reserve, state }: SpoolParts) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#beganMs = this.#clock();
    this.id = id;
    this.#kept = kept;
    this.#reserve = reserve;
    this.#state = state;
    this.#open = this.#begin();
    // Where there is nothing to touch, a crash is told by less.
    this.#life = setInterval(() => void state.touch(this.#clock()).catch(() => undefined), lifeMs).unref();
  }

  static async open(options: FlowSpoolOptions): Promise<FlowSpool> {
    const { report } = options;
    const folder = path.join(options.folder, 'segments');
    // A disk that is full has no room for a folder either: it is made when there is.
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: Error) =>
      report(`the spool has no folder: ${error.message}`),
    );
    const state = new SpoolState(options.folder, report);
    const reserve = await Reserve.open(path.join(options.folder, 'reserve'), reserveBytes(options.maxBytes));
    const kept = new KeptSegments(folder, reserve, report);
    // Where nothing tells which numbers were given, they would be given again: as those of another spool.
    const known = (await areNumbersKnown(kept, state)) ? await state.readId() : undefined;
    const spool = new FlowSpool(options, { id: known ?? randomUUID(), kept, reserve, state });
    spool.#isIdKept = known !== undefined;
    await spool.#load();
    return spool;
  }

  /** The first segment that is there, and the one that is being written: `first <= n < next` can be read. */
  get first(): number {
    return this.#kept.first ?? this.#next;
  }

  get next(): number {
    return this.#next;
  }

  get status(): SpoolStatus {
    return {
      segments: this.#kept.count,
      bytes: this.#bytes,
      maxBytes: this.#options.maxBytes,
      oldestMs: this.#kept.oldestMs,
      droppedSegments: this.#kept.droppedSegments,
    };
  }

  /** What the disk has no room for becomes a loss. */
  takeFlows(rows: FlowRows): Promise<void> {
    return this.#capturing(async () => {
      for (const piece of piecesOf(rows)) {
        const bytes = piece.count * rowBytes;
        await this.#dropWhile(() => this.#bytes + bytes > this.#options.maxBytes);
        if (this.#bytes + bytes <= this.#options.maxBytes) await this.#open.take(piece);
        else this.#open.lose(piece, 'spool-full', `the spool has ${this.#options.maxBytes} bytes`);
      }
    });
  }

  takeLosses(losses: readonly Loss[]): Promise<void> {
    return this.#capturing(async () => {
      if (losses.length === 0) return;
      await this.#open.takeLosses(losses);
      this.#losses.add(losses);
    });
  }

  /** Seals the segment: on the disk when fulfilled. */
  closeWindows(windows: readonly CoveredWindow[], before: number): Promise<void> {
    return this.#capturing(async () => {
      const isNews = before > (this.#before ?? -1) || windows.some(({ covered }) => covered.length > 0);
      this.#before = before;
      if (!isNews && this.#open.isEmpty) return;
      await this.#watch(windows);
      await this.#seal(windows, before);
      await this.#dropOld();
      await this.#writeState(false);
      if (!this.#reserve.isWhole) await this.#reserve.restore();
      await this.#kept.keepInMemory();
      for (const listener of this.#sealedListeners) listener();
    });
  }

  /** Called after each sealing. */
  onSealed(listener: () => void): void {
    this.#sealedListeners.add(listener);
  }

  /** One that was released, or whose losses found no room either, says nothing. */
  async read(number: number): Promise<Segment> {
    if (number >= this.#next) throw new Error(`bug: segment ${number} is not sealed`);
    const kept = this.#kept.get(number);
    if (kept?.inMemory) return rowlessSegment(number, kept.inMemory, this.#renumbering(kept.inMemory));
    const opened = kept && this.#kept.open(number);
    if (!opened) return kept ? this.#goneSegment(kept) : emptySegment(number);
    try {
      const end = await readEnd(opened.file);
      const renumbering = this.#renumbering(end);
      if (end.footer.isDropped && !end.isDamaged) return rowlessSegment(number, end, renumbering);
      kept.damage ??= this.#findDamage(opened.file, end, renumbering).catch((error: unknown) => {
        delete kept.damage;
        throw error;
      });
      return segmentWithRows(number, end, renumbering, await kept.damage, () => this.#kept.open(number));
    } finally {
      opened.close();
    }
  }

  /** Nobody needs the segments before this one any more. */
  release(before: number): Promise<void> {
    return this.#step(async () => {
      // After a crash the last one tells which numbers were given, where nothing else does.
      await this.#kept.release(Math.min(before, this.#isStateStale ? this.#next - 1 : this.#next));
    });
  }

  /** Every loss in a segment, as it becomes known; those of earlier runs that are still kept first. */
  onLoss(listener: (losses: readonly Loss[]) => void): void {
    this.#losses.listen(listener);
  }

  /** What is open is sealed; an orderly end. */
  close(): Promise<void> {
    return this.#step(async () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      clearInterval(this.#life);
      if (!this.#open.isEmpty) await this.#seal([], this.#before ?? 0);
      await this.#writeState(true);
    });
  }

  get #bytes(): number {
    return this.#kept.bytes + this.#open.bytes;
  }

  #capturing(take: () => Promise<void>): Promise<void> {
    return this.#step(() => {
      if (this.#isClosed) throw new Error('bug: the spool is closed');
      return take();
    });
  }

  #step(take: () => Promise<void>): Promise<void> {
    const taken = this.#last.then(take);
    this.#last = taken.catch(() => undefined);
    return taken;
  }

  async #load(): Promise<void> {
    const { windowSeconds, names, deviceCounters, report } = this.#options;
    const { next, ends } = await loadSpool({
      kept: this.#kept,
      state: this.#state,
      reserve: this.#reserve,
      windowSeconds,
      nowMs: this.#beganMs,
      bootId: this.#bootId,
      counters: deviceCounters?.() ?? new Map(),
      report,
    });
    this.#next = next;
    this.#open = this.#begin();
    for (const end of ends)
      this.#losses.add(Renumbering.ofEarlierRun(names, end.names).losses(lossesOf(end)));
    await this.#dropOld();
    await this.#dropWhile(() => this.#bytes > this.#options.maxBytes);
    await this.#writeState(false);
  }

  #begin(): OpenSegment {
    const { names, report } = this.#options;
    return new OpenSegment({
      number: this.#next,
      kept: this.#kept,
      reserve: this.#reserve,
      names,
      report,
      makeRoom: () => this.#dropOne(),
      onLoss: (losses) => this.#losses.add(losses),
    });
  }

  async #seal(windows: readonly CoveredWindow[], before: number): Promise<void> {
    this.#losses.add(this.#open.newLosses);
    const sealed = await this.#open.seal({
      runId: this.#runId,
      sealedMs: this.#clock(),
      before: Number.isFinite(before) ? before : null,
      windows,
    });
    this.#kept.add(sealed);
    this.#next++;
    this.#open = this.#begin();
  }

  /** Remembers who would miss the next window. Where nothing was captured, all stay that were. */
  async #watch(windows: readonly CoveredWindow[]): Promise<void> {
    const covered = new Set(windows.flatMap((window) => window.covered));
    if (windows.length === 0) return;
    const interfaces = [...covered].map((index) => [index, this.#options.names.interfaceOf(index)] as const);
    await this.#write(() => this.#state.writeWatched({ runId: this.#runId, interfaces }));
  }

  async #writeState(isClosed: boolean): Promise<void> {
    const counters = this.#options.deviceCounters?.() ?? new Map<string, number>();
    const before = this.#before;
    this.#isIdKept ||= await this.#write(() => this.#state.writeId(this.id));
    this.#isStateStale = !(await this.#write(() =>
      this.#state.writeOpen({
        number: this.#next,
        isClosed,
        runId: this.#runId,
        bootId: this.#bootId,
        beganMs: this.#beganMs,
        ...(before === undefined ? {} : { before: Number.isFinite(before) ? before : null }),
        counters: Object.fromEntries(counters),
      }),
    ));
    if (!this.#isStateStale) await this.#state.touch(this.#clock()).catch(() => undefined);
  }

  async #write(write: () => Promise<void>): Promise<boolean> {
    try {
      await this.#reserve.lend(write);
      return true;
    } catch (error) {
      this.#options.report(`the spool could not write down where it is: ${(error as Error).message}`);
      return false;
    }
  }

  async #dropOne(): Promise<boolean> {
    let isFirst = true;
    return this.#dropWhile(() => {
      const isWanted = isFirst;
      isFirst = false;
      return isWanted;
    });
  }

  async #dropOld(): Promise<void> {
    const oldestMs = this.#clock() - this.#options.maxAgeMs;
    await this.#dropWhile(() => (this.#kept.oldestRowsMs ?? oldestMs) < oldestMs);
  }

  /** Whether any was dropped. */
  async #dropWhile(isWanted: () => boolean): Promise<boolean> {
    let segments = 0;
    let flows = 0;
    while (isWanted()) {
      const one = await this.#kept.dropOldest().catch((error: Error) => {
        this.#options.report(`the spool can give up no window: ${error.message}`);
      });
      if (!one) break;
      segments++;
      flows += one.tally.flows;
      this.#losses.add(this.#renumbering(one).losses(one.tally.losses('spool-full')));
    }
    if (segments === 0) return false;
    await this.#kept.settle();
    this.#options.report(
      `the spool is full, or its oldest windows are too old: ${flows} flows in ${segments} segments are given up`,
    );
    return true;
  }

  #renumbering({ footer, tally, names, isDamaged }: SegmentEnd): Renumbering {
    if (footer.runId !== this.#runId || isDamaged)
      return Renumbering.ofEarlierRun(this.#options.names, names);
    const used = new Set(tally.interfaces);
    for (const { interfaceIndex } of footer.losses) used.add(interfaceIndex);
    for (const { covered } of footer.windows) for (const index of covered) used.add(index);
    return Renumbering.ofThisRun(this.#options.names, used);
  }

  /** What the end of the segment counts and its rows do not have any more; and what cannot be counted. */
  async #findDamage(file: SegmentFile, end: SegmentEnd, renumbering: Renumbering): Promise<readonly Loss[]> {
    const survey = await file.survey();
    if (!end.footer.isDropped) end.tally.subtract(survey.tally);
    const counted = end.footer.isDropped ? [] : renumbering.losses(end.tally.losses('spool-failed'));
    if (counted.length === 0 && !end.isDamaged) return [];
    const known = renumbering.losses(end.footer.losses);
    const unknown = end.isDamaged ? unknownLosses(survey, known, await this.#besides(file.number)) : [];
    this.#options.report(`segment ${file.number} of the spool is damaged: what is whole of it is delivered`);
    this.#losses.add([...counted, ...known.filter(({ isUnknown }) => isUnknown), ...unknown]);
    return [...counted, ...unknown];
  }

  /** Somebody removed its file: who was watched beside it has lost what nobody knows. */
  async #goneSegment(kept: KeptSegment): Promise<Segment> {
    const { number } = kept;
    kept.damage ??= this.#besides(number).then((besides) => {
      const losses = unknownLosses({ tally: new RowTally() }, [], besides);
      this.#options.report(`segment ${number} of the spool is gone`);
      this.#losses.add(losses);
      return losses;
    });
    return { ...emptySegment(number), losses: await kept.damage };
  }

  /** The windows of the segments before and after one, by the numbers of this run. */
  async #besides(number: number): Promise<Beside[]> {
    const besides: Beside[] = [];
    for (const other of [number - 1, number + 1]) {
      const opened = this.#kept.get(other) && this.#kept.open(other);
      if (!opened) continue;
      try {
        const end = await readEnd(opened.file);
        if (end.isDamaged) continue;
        const windows = this.#renumbering(end).windows(end.footer.windows);
        besides.push({ isBefore: other < number, before: beforeOf(end.footer), windows });
      } finally {
        opened.close();
      }
    }
    return besides;
  }
}
