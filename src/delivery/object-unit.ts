import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { syncPath } from '../disk/index.ts';
import type { FlowLog } from '../flowlog/index.ts';
import { type FlowRecords, headerLine, linePieces } from '../record/index.ts';
import type { Place } from '../resource/index.ts';
import { LineFile } from './line-file.ts';
import { objectKey } from './object-key.ts';
import { writeParquet } from './parquet-file.ts';
import type { PendingObject } from './run-state.ts';
import { rowsBySlot } from './slot-rows.ts';

/** AWS begins a new file at 75 MB; the text counts, before compression. */
const maxTextBytes = 75_000_000;
/** Records come late, and some out of all order: so many slots are written at a time. */
const maxOpenFiles = 8;
/** Beyond so many, what finds no open file of its slot goes into one of another. */
const maxObjects = 4096;
/** See `staged-object.ts` for what these give; lines that become Parquet are read once. */
const gzipLevel = { 'plain-text': 2, parquet: 1 } as const;

export interface ObjectUnitOptions {
  /** Of the flow log's objects; it exists. */
  readonly folder: string;
  readonly flowLog: FlowLog;
  readonly place: Place;
  /** Ahead of every key. */
  readonly prefix: string;
  /** Names the unit, with the number of its first object: those of the same one have the same names. */
  readonly spoolId: string;
  readonly segment: number;
  readonly firstBatch: number;
  /** Has what takes much memory done one after the other. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

interface OpenFile {
  readonly slot: number;
  readonly lines: LineFile;
}

/** An object whose lines are complete. */
interface LinesOfObject {
  readonly slot: number;
  readonly file: string;
  readonly bytes: number;
  readonly records: number;
}

/**
 * The records of some segments on their way into objects, each with those whose `end` lies in the same five minutes.
 * They are written to the disk as they come.
 */
export class ObjectUnit {
  readonly #options: ObjectUnitOptions;
  /** By slot; the one that was written last is the last. */
  readonly #open = new Map<number, OpenFile>();
  readonly #over: LinesOfObject[] = [];
  readonly #header: Uint8Array;
  #files = 0;

  constructor(options: ObjectUnitOptions) {
    this.#options = options;
    const isText = options.flowLog.fileFormat === 'plain-text';
    this.#header = Buffer.from(isText ? `${headerLine(options.flowLog.format)}\n` : '');
  }

  get records(): number {
    let records = 0;
    for (const { lines } of this.#open.values()) records += lines.records;
    for (const object of this.#over) records += object.records;
    return records;
  }

  async write(records: FlowRecords): Promise<void> {
    for (const [slot, rows] of rowsBySlot(records.endSeconds)) {
      for (const piece of linePieces(records, rows)) {
        const open = await this.#fileFor(slot, piece.bytes.length);
        await open.lines.write(piece.bytes, piece.records);
      }
    }
  }

  /** The objects, complete and on the disk. */
  async finish(nowMs: number): Promise<PendingObject[]> {
    for (const open of [...this.#open.values()]) await this.#complete(open);
    this.#over.sort((a, b) => a.slot - b.slot);
    const objects: PendingObject[] = [];
    for (const [index, lines] of this.#over.entries())
      objects.push(await this.#objectOf(lines, index, nowMs));
    if (objects.length > 0) await syncPath(this.#options.folder);
    return objects;
  }

  /** Nothing is left of it. */
  async discard(): Promise<void> {
    for (const { lines } of this.#open.values()) {
      await lines.abandon();
      await rm(lines.file, { force: true });
    }
    for (const { file } of this.#over) await rm(file, { force: true });
  }

  /** The open file of the slot, with room for so much text. */
  async #fileFor(slot: number, bytes: number): Promise<OpenFile> {
    const known = this.#open.get(slot) ?? this.#another();
    if (known && known.lines.textBytes + bytes > maxTextBytes) await this.#complete(known);
    else if (known) {
      this.#open.delete(known.slot);
      this.#open.set(known.slot, known);
      return known;
    }
    const [oldest] = this.#open.values();
    if (this.#open.size >= maxOpenFiles) await this.#complete(oldest);
    return this.#begin(known?.slot ?? slot);
  }

  /** For a slot that cannot have a file of its own any more. */
  #another(): OpenFile | undefined {
    return this.#files < maxObjects ? undefined : [...this.#open.values()].at(-1);
  }

  async #begin(slot: number): Promise<OpenFile> {
    const { folder, firstBatch, flowLog } = this.#options;
    const extension = flowLog.fileFormat === 'parquet' ? 'lines' : 'gz';
    const file = path.join(folder, `${firstBatch + this.#files++}.${extension}`);
    const open = { slot, lines: new LineFile({ file, level: gzipLevel[flowLog.fileFormat] }) };
    this.#open.set(slot, open);
    if (this.#header.length > 0) await open.lines.write(this.#header, 0);
    return open;
  }

  async #complete({ slot, lines }: OpenFile): Promise<void> {
    const { file, records } = lines;
    const bytes = await lines.end();
    this.#open.delete(slot);
    this.#over.push({ slot, file, bytes, records });
  }

  async #objectOf(lines: LinesOfObject, index: number, sinceMs: number): Promise<PendingObject> {
    const { slot, file, bytes, records } = lines;
    const { flowLog, place, prefix, spoolId, segment, firstBatch, inTurn } = this.#options;
    const name = `${flowLog.id} ${slot} ${spoolId} ${segment} ${firstBatch + index}`;
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
    const key = `${prefix}${objectKey({ ...place, flowLog, slot, hash })}`;
    if (flowLog.fileFormat === 'plain-text')
      return { key, name: path.basename(file), sinceMs, bytes, records };
    const parquet = file.replace(/lines$/, 'parquet');
    const size = await inTurn(() => writeParquet(file, flowLog.format, parquet));
    await rm(file);
    return { key, name: path.basename(parquet), sinceMs, bytes: size, records };
  }
}
