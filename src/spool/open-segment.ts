import { mkdir, rm } from 'node:fs/promises';
import { replaceDurably, syncPath } from '../disk/index.ts';
import type { FlowRows, Loss } from '../flow/index.ts';
import type { KeptSegment, KeptSegments } from './kept-segments.ts';
import { isFull, type Reserve } from './reserve.ts';
import { RowTally } from './row-tally.ts';
import type { SegmentEnd } from './segment-end.ts';
import type { Survey } from './segment-file.ts';
import { encodeSummary } from './segment-summary.ts';
import { type Seal, SegmentWriter } from './segment-writer.ts';
import type { SpooledNames } from './spooled-names.ts';

export interface OpenSegmentOptions {
  readonly number: number;
  readonly kept: KeptSegments;
  readonly reserve: Reserve;
  readonly names: SpooledNames;
  /** Makes room where there is none; false when nothing is left to give up. */
  readonly makeRoom: () => Promise<boolean>;
  /** Of a file that a crash left: what is whole of it, and what is not. */
  readonly crashed?: { readonly survey: Survey; readonly losses: readonly Loss[] };
  /** Told of rows that were written and could not be kept after all. */
  readonly onLoss: (losses: readonly Loss[]) => void;
  readonly report: (line: string) => void;
}

/** The segment that is being written. Its file begins with the first thing that is in it. */
export class OpenSegment {
  readonly #options: OpenSegmentOptions;
  #writer: SegmentWriter | undefined;
  readonly #losses: Loss[];
  /** Rows that found no room, and those that the disk refused. */
  readonly #lost = { 'spool-full': new RowTally(), 'spool-failed': new RowTally() } as const;
  #hasReported = false;

  constructor(options: OpenSegmentOptions) {
    this.#options = options;
    this.#losses = [...(options.crashed?.losses ?? [])];
  }

  get bytes(): number {
    return this.#writer?.bytes ?? 0;
  }

  get isEmpty(): boolean {
    const { 'spool-full': full, 'spool-failed': failed } = this.#lost;
    return this.bytes === 0 && this.#losses.length === 0 && full.flows + failed.flows === 0;
  }

  /** Never refused: what cannot be written becomes a loss. */
  async take(rows: FlowRows): Promise<void> {
    for (;;) {
      try {
        const writer = await this.#begin();
        await writer.append(rows);
        return;
      } catch (error) {
        const isNoRoom = isFull(error);
        if (isNoRoom && (await this.#options.makeRoom())) continue;
        this.lose(rows, isNoRoom ? 'spool-full' : 'spool-failed', (error as Error).message);
        return;
      }
    }
  }

  lose(rows: FlowRows, reason: 'spool-full' | 'spool-failed', why: string): void {
    this.#lost[reason].add(rows);
    this.#reportOnce(`flows are lost: ${why}`);
  }

  async takeLosses(losses: readonly Loss[]): Promise<void> {
    for (const loss of losses) this.#losses.push(loss);
    try {
      const writer = await this.#begin();
      await writer.appendLosses(losses);
    } catch (error) {
      // The footer has them as well.
      this.#reportOnce(`losses could not be written: ${(error as Error).message}`);
    }
  }

  /** Those of rows that were not written. */
  get newLosses(): Loss[] {
    return [
      ...this.#lost['spool-full'].losses('spool-full'),
      ...this.#lost['spool-failed'].losses('spool-failed'),
    ];
  }

  /** On the disk when fulfilled; where that refuses even losses, in memory. */
  async seal(seal: Omit<Seal, 'losses'>): Promise<KeptSegment> {
    const { number, kept, reserve } = this.#options;
    const whole: Seal = { ...seal, losses: [...this.#losses, ...this.newLosses] };
    for (;;) {
      try {
        await reserve.lend(async () => {
          const writer = await this.#begin();
          await writer.seal(whole);
        });
        const writer = await this.#begin();
        await writer.close();
        await syncPath(kept.folder);
        return {
          number,
          bytes: writer.bytes,
          sealedMs: seal.sealedMs,
          rows: writer.tally.flows,
          isSummary: false,
        };
      } catch (error) {
        // Older windows go before newer ones.
        if (isFull(error) && (await this.#options.makeRoom())) continue;
        return this.#sealWithoutRows(whole, error as Error);
      }
    }
  }

  async #sealWithoutRows(seal: Seal, cause: Error): Promise<KeptSegment> {
    const { number, kept, reserve, report, names, onLoss } = this.#options;
    const tally = this.#writer?.tally ?? this.#options.crashed?.survey.tally ?? new RowTally();
    report(`segment ${number} could not be written, ${tally.flows} flows of it are lost: ${cause.message}`);
    onLoss(tally.losses('spool-full'));
    await this.#writer?.abandon().catch((error: Error) => report(error.message));
    const used = new Set(tally.interfaces);
    for (const { interfaceIndex } of seal.losses) used.add(interfaceIndex);
    for (const { covered } of seal.windows) for (const index of covered) used.add(index);
    const interfaces = [...used].map((index) => [index, names.interfaceOf(index)] as const);
    const end: SegmentEnd = {
      footer: { ...seal, rows: 0, isDropped: true, namesAt: [], tallyAt: 0 },
      tally,
      names: [{ interfaces, causes: [] }],
    };
    const base = { number, sealedMs: seal.sealedMs, rows: 0, isSummary: true } as const;
    const file = kept.file(number);
    try {
      const summary = await encodeSummary(number, end);
      await reserve.lend(() => replaceDurably(file, summary));
      return { ...base, bytes: summary.length };
    } catch (error) {
      await rm(`${file}.new`, { force: true }).catch(() => undefined);
      report(`its losses are kept in memory only: ${(error as Error).message}`);
      return { ...base, bytes: 0, inMemory: end };
    }
  }

  async #begin(): Promise<SegmentWriter> {
    const { number, kept, names, crashed } = this.#options;
    const file = kept.file(number);
    if (this.#writer) return this.#writer;
    // There may have been no room for it, or somebody removed it.
    await mkdir(kept.folder, { recursive: true, mode: 0o700 });
    this.#writer = crashed
      ? await SegmentWriter.resume(file, number, names, crashed.survey)
      : await SegmentWriter.create(file, number, names);
    return this.#writer;
  }

  #reportOnce(line: string): void {
    if (!this.#hasReported) this.#options.report(line);
    this.#hasReported = true;
  }
}
