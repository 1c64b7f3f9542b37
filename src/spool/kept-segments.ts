import { closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { rename, rm, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { syncPath } from '../disk/index.ts';
import type { Loss } from '../flow/index.ts';
import type { Reserve } from './reserve.ts';
import { emptyEnd, readEnd, type SegmentEnd } from './segment-end.ts';
import { SegmentFile } from './segment-file.ts';
import { encodeSummary } from './segment-summary.ts';

export interface KeptSegment {
  readonly number: number;
  bytes: number;
  readonly sealedMs: number;
  rows: number;
  /** There are only losses left of it. */
  isSummary: boolean;
  /** Where not even a summary found room on the disk. */
  inMemory?: SegmentEnd;
  /** What its file has lost, found when it is first read; by the numbers of this run. */
  damage?: Promise<readonly Loss[]>;
}

const digits = 12;
const filesAtOnce = 32;
/** A file may be called after any number. */
const mostGone = 1000;
/** Each may name every interface that there is. */
const mostInMemory = 64;

/** The segments that are sealed, oldest first, and what becomes of them when there is no more room. */
export class KeptSegments {
  readonly folder: string;
  readonly #reserve: Reserve;
  readonly #report: (line: string) => void;
  readonly #segments = new Map<number, KeptSegment>();
  /** Files of summaries that a power failure could still empty: then it is unknown what was lost. */
  readonly #unsettled: string[] = [];
  #bytes = 0;
  #summaryBytes = 0;
  #dropped = 0;

  constructor(folder: string, reserve: Reserve, report: (line: string) => void) {
    this.folder = folder;
    this.#reserve = reserve;
    this.#report = report;
  }

  get count(): number {
    return this.#segments.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get droppedSegments(): number {
    return this.#dropped;
  }

  get first(): number | undefined {
    return this.#oldest()?.number;
  }

  get oldestMs(): number | undefined {
    return this.#oldest()?.sealedMs;
  }

  /** Of the oldest one that has rows. */
  get oldestRowsMs(): number | undefined {
    return this.#oldestWithRows()?.sealedMs;
  }

  get(number: number): KeptSegment | undefined {
    return this.#segments.get(number);
  }

  file(number: number): string {
    return path.join(this.folder, String(number).padStart(digits, '0'));
  }

  /** Numbers of the files that are there, ascending. What was being replaced is removed. */
  async list(): Promise<number[]> {
    const names = existsSync(this.folder) ? readdirSync(this.folder) : [];
    for (const name of names)
      if (name.endsWith('.new')) await rm(path.join(this.folder, name), { recursive: true, force: true });
    return names
      .filter((name) => /^[0-9]+$/.test(name) && name.length >= digits)
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Somebody removed their files: who reads them is told so. */
  addGone(from: number, to: number, sealedMs: number): void {
    for (let number = Math.max(from, to - mostGone); number < to; number++)
      this.add({ number, bytes: 0, sealedMs, rows: 0, isSummary: true });
  }

  add(segment: KeptSegment): void {
    this.#segments.set(segment.number, segment);
    this.#bytes += segment.bytes;
    if (segment.isSummary) this.#summaryBytes += segment.bytes;
  }

  /** The size of its file; 0 where there is none. */
  size(number: number): number {
    return statSync(this.file(number), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Undefined when there is no file any more. */
  open(number: number): { file: SegmentFile; close: () => void } | undefined {
    let fd: number;
    try {
      fd = openSync(this.file(number), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    return { file: new SegmentFile(number, fd), close: () => closeSync(fd) };
  }

  /** The rows of the oldest segment that has some become losses: gives its end as it was; undefined when there is none. */
  async dropOldest(): Promise<SegmentEnd | undefined> {
    const oldest = this.#oldestWithRows();
    if (!oldest) return undefined;
    for (const segment of this.#segments.values()) {
      if (segment.number < oldest.number && !segment.isSummary) this.#becomesSummary(segment, segment.bytes);
    }
    const end = await this.#readEnd(oldest.number);
    await this.#summarise(oldest, end);
    this.#dropped++;
    await this.#boundSummaries();
    return end;
  }

  /** After some were dropped: many are brought to the disk at once, since each alone waits for it. */
  async settle(): Promise<void> {
    const files = this.#unsettled.splice(0);
    for (let at = 0; at < files.length; at += filesAtOnce) {
      await Promise.all(files.slice(at, at + filesAtOnce).map((file) => this.#sync(file)));
    }
    if (files.length > 0) await this.#sync(this.folder);
  }

  /** Brings what found no room on the disk there, as far as there is room now; what is too much is given up. */
  async keepInMemory(): Promise<void> {
    const held = [...this.#segments.values()].filter(({ inMemory }) => inMemory);
    let written = 0;
    try {
      for (const segment of held) {
        await this.#writeSummary(segment, segment.inMemory!);
        delete segment.inMemory;
        written++;
      }
    } catch (error) {
      const excess = held.slice(written, Math.max(written, held.length - mostInMemory));
      for (const { number } of excess) await this.#remove(number);
      const why = (error as Error).message;
      if (excess.length > 0) this.#report(`losses of ${excess.length} old segments are given up: ${why}`);
    }
    if (written === 0) return;
    await this.settle();
    await this.#boundSummaries();
  }

  async release(before: number): Promise<void> {
    for (const number of this.#segments.keys()) if (number < before) await this.#remove(number);
  }

  async #sync(file: string): Promise<void> {
    await syncPath(file).catch((error: NodeJS.ErrnoException) => {
      // One that was removed since.
      if (error.code !== 'ENOENT') this.#report(`${file} could not be brought to the disk: ${error.message}`);
    });
  }

  async #summarise(segment: KeptSegment, end: SegmentEnd): Promise<void> {
    try {
      await this.#writeSummary(segment, end);
    } catch (error) {
      this.#report(`losses of segment ${segment.number} could not be kept: ${(error as Error).message}`);
      await this.#remove(segment.number);
    }
    if (!this.#reserve.isWhole) await this.#reserve.restore();
  }

  async #writeSummary(segment: KeptSegment, end: SegmentEnd): Promise<void> {
    const file = this.file(segment.number);
    try {
      const summary = await encodeSummary(segment.number, end);
      await this.#reserve.lend(async () => {
        await writeFile(`${file}.new`, summary, { mode: 0o600 });
        await rename(`${file}.new`, file);
      });
      this.#unsettled.push(file);
      this.#becomesSummary(segment, summary.length);
    } catch (error) {
      await rm(`${file}.new`, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #becomesSummary(segment: KeptSegment, bytes: number): void {
    this.#bytes += bytes - segment.bytes;
    this.#summaryBytes += bytes - (segment.isSummary ? segment.bytes : 0);
    Object.assign(segment, { bytes, rows: 0, isSummary: true });
  }

  /** The newest summary stays, however large. */
  async #boundSummaries(): Promise<void> {
    let removed = 0;
    for (const segment of this.#segments.values()) {
      const isLast = this.#summaryBytes === segment.bytes;
      if (this.#summaryBytes <= this.#reserve.bytes || !segment.isSummary || isLast) break;
      await this.#remove(segment.number);
      removed++;
    }
    if (removed > 0) this.#report(`losses of ${removed} old segments found no room in the spool`);
  }

  async #remove(number: number): Promise<void> {
    const segment = this.#segments.get(number);
    if (!segment) return;
    this.#segments.delete(number);
    this.#bytes -= segment.bytes;
    if (segment.isSummary) this.#summaryBytes -= segment.bytes;
    await unlink(this.file(number)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') this.#report(`segment ${number} could not be removed: ${error.message}`);
    });
  }

  async #readEnd(number: number): Promise<SegmentEnd> {
    const opened = this.open(number);
    if (!opened) return emptyEnd();
    try {
      return await readEnd(opened.file);
    } finally {
      opened.close();
    }
  }

  #oldest(): KeptSegment | undefined {
    return this.#segments.values().next().value;
  }

  #oldestWithRows(): KeptSegment | undefined {
    for (const segment of this.#segments.values()) if (segment.rows > 0) return segment;
    return undefined;
  }
}
