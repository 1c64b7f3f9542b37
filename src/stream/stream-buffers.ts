import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably, syncPath } from '../disk/index.ts';
import { batchFrame, headerFrame, readBatch, readHeader } from './buffer-frames.ts';
import { FrameFile, framesOf } from './frame-file.ts';
import { type IntakeRoom, slowDown } from './intake-room.ts';
import { isTaken, OriginTable } from './origin-table.ts';
import type { RecordOrigin } from './shapes.ts';

/** Records that become one delivery. */
export interface StreamBuffer {
  readonly id: string;
  /** Names of files about it begin with it, and a dot. */
  readonly number: string;
  readonly file: string;
  readonly fileBytes: number;
  readonly records: number;
  /** Of the records. */
  readonly bytes: number;
  /** When the first record came; undefined for a buffer without any. */
  readonly firstMs: number | undefined;
}

export interface StreamBuffersOptions {
  /** Of this stream alone. */
  readonly folder: string;
  readonly room: IntakeRoom;
  /** A buffer with so many bytes of records is closed. */
  readonly closeAtBytes: () => number;
  readonly clock: () => number;
  readonly report: (line: string) => void;
}

type Asked =
  | { readonly kind: 'close' }
  | {
      readonly kind: 'batch';
      readonly frame: Buffer;
      readonly origin: RecordOrigin | undefined;
      readonly records: number;
      readonly bytes: number;
      readonly arrivedMs: number;
    };
type Pending = Asked & { readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** What is written, and waited for, at once. */
const mostGroupBytes = 8 * 1024 * 1024;

/**
 * The records of a stream that wait for delivery: files of frames, the last of which is open. What was put is on the
 * disk; who puts at the same time waits for one write. Origins are in the frames of their records, and all that are known
 * at the head of each new file, so that the last file knows them all.
 */
export class StreamBuffers {
  readonly #options: StreamBuffersOptions;
  readonly #pending: Pending[] = [];
  readonly #closed: StreamBuffer[] = [];
  readonly #origins = new OriginTable();
  #open!: { buffer: StreamBuffer; readonly frames: FrameFile };
  #drained: Promise<void> | undefined;
  #isFailing = false;

  private constructor(options: StreamBuffersOptions) {
    this.#options = options;
  }

  /** Finds what an earlier run has left. */
  static async open(options: StreamBuffersOptions): Promise<StreamBuffers> {
    const buffers = new StreamBuffers(options);
    await mkdir(options.folder, { recursive: true });
    await syncPath(path.dirname(options.folder));
    await buffers.#recover();
    return buffers;
  }

  /** The closed ones, the oldest first. */
  get closed(): readonly StreamBuffer[] {
    return this.#closed;
  }

  get open(): StreamBuffer {
    return this.#open.buffer;
  }

  /**
   * All or none, on the disk when fulfilled; nothing where the origin was taken before.
   * @throws ServiceError `ServiceUnavailableException` when there is no room
   */
  put(records: readonly Uint8Array[], origin?: RecordOrigin): Promise<void> {
    const arrivedMs = this.#options.clock();
    const frame = batchFrame({ arrivedMs, records, ...(origin && { origin }) });
    const { room } = this.#options;
    if (frame.length > room.free) return Promise.reject(slowDown());
    room.add(frame.length);
    const bytes = records.reduce((sum, record) => sum + record.length, 0);
    return this.#ask({ kind: 'batch', frame, origin, records: records.length, bytes, arrivedMs });
  }

  /** The open buffer takes no more; one without records stays open. */
  close(): Promise<void> {
    return this.#ask({ kind: 'close' });
  }

  /** What is delivered is let go. Fulfilled when it will not come back. */
  async remove(buffer: StreamBuffer): Promise<void> {
    await rm(buffer.file, { force: true });
    // Before anything else can fail: there is nothing left to deliver.
    this.#closed.splice(this.#closed.indexOf(buffer), 1);
    this.#options.room.add(-buffer.fileBytes);
    await syncPath(this.#options.folder);
  }

  /** Forgotten for good with the next buffer. */
  forget(source: string): void {
    this.#origins.forget(source);
  }

  /** Waits for what was asked for, then lets go of the files. */
  async end(): Promise<void> {
    await this.#drained;
    await this.#open.frames.close();
  }

  #ask(asked: Asked): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ ...asked, resolve, reject });
      this.#drained ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const group = this.#nextGroup();
      try {
        await this.#work(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    // At once: who asks after the last look at what is pending must begin anew.
    this.#drained = undefined;
  }

  /** What comes before the next closing, as much as is written at once and fits the open buffer. */
  #nextGroup(): Pending[] {
    const [first] = this.#pending;
    if (first.kind === 'close') return this.#pending.splice(0, 1);
    const most = Math.min(mostGroupBytes, this.#options.closeAtBytes() - this.open.bytes);
    let bytes = 0;
    const end = this.#pending.findIndex((next, index) => {
      if (next.kind === 'close') return true;
      bytes += next.frame.length;
      return index > 0 && bytes > most;
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  async #work(group: readonly Pending[]): Promise<void> {
    if (group[0].kind === 'close') return this.#roll();
    await this.#take(group.filter((asked) => asked.kind === 'batch'));
    // What was taken is acknowledged, whether or not its buffer could be closed: the next group tries again.
    if (this.open.bytes >= this.#options.closeAtBytes()) {
      await this.#roll().catch((error: unknown) => this.#tell('cannot close a buffer', error));
    }
  }

  async #take(batches: readonly Extract<Pending, { kind: 'batch' }>[]): Promise<void> {
    const { room } = this.#options;
    const noted = new Map<string, RecordOrigin>();
    const taken = batches.filter(({ origin, frame }) => {
      const last = origin && (noted.get(origin.source) ?? this.#origins.last(origin.source));
      if (origin && isTaken(origin, last)) {
        room.add(-frame.length);
        return false;
      }
      if (origin) noted.set(origin.source, origin);
      return true;
    });
    if (taken.length === 0) return;
    try {
      await this.#open.frames.append(taken.map(({ frame }) => frame));
    } catch (error) {
      for (const { frame } of taken) room.add(-frame.length);
      // Once, not for each who tries again.
      if (!this.#isFailing) this.#tell('cannot take records', error);
      this.#isFailing = true;
      throw slowDown();
    }
    this.#isFailing = false;
    for (const origin of noted.values()) this.#origins.note(origin);
    const { buffer, frames } = this.#open;
    this.#open.buffer = {
      ...buffer,
      fileBytes: frames.size,
      records: buffer.records + taken.reduce((sum, { records }) => sum + records, 0),
      bytes: buffer.bytes + taken.reduce((sum, { bytes }) => sum + bytes, 0),
      firstMs: buffer.firstMs ?? taken[0].arrivedMs,
    };
  }

  async #roll(): Promise<void> {
    const { buffer, frames } = this.#open;
    if (buffer.records === 0) return;
    // Else the next run would find records that were refused, and perhaps put again.
    await frames.settle();
    this.#open = await this.#begin(Number(buffer.number) + 1);
    this.#closed.push(buffer);
    await frames.close();
  }

  async #begin(number: number): Promise<{ buffer: StreamBuffer; readonly frames: FrameFile }> {
    const id = randomUUID();
    const name = String(number).padStart(12, '0');
    const file = path.join(this.#options.folder, `${name}.records`);
    const head = headerFrame({ id, origins: [...this.#origins] });
    await replaceDurably(file, head);
    const frames = await FrameFile.open(file, head.length);
    this.#options.room.add(head.length);
    const buffer = {
      id,
      number: name,
      file,
      fileBytes: head.length,
      records: 0,
      bytes: 0,
      firstMs: undefined,
    };
    return { buffer, frames };
  }

  async #recover(): Promise<void> {
    const { folder, room } = this.#options;
    const files = await readdir(folder);
    const numbers = files.flatMap((name) => /^([0-9]{12})\.records$/.exec(name)?.[1] ?? []).sort();
    let last: StreamBuffer | undefined;
    for (const number of numbers) {
      if (last) this.#closed.push(last);
      last = await this.#read(number, number === numbers.at(-1));
      room.add(last?.fileBytes ?? 0);
    }
    await this.#removeLeftovers(files, new Set(numbers));
    if (last === undefined) this.#open = await this.#begin(Number(numbers.at(-1) ?? 0) + 1);
    else this.#open = { buffer: last, frames: await FrameFile.open(last.file, last.fileBytes) };
  }

  /** Undefined, and out of the way, when it has no head: then nothing of it can be told. */
  async #read(number: string, isLast: boolean): Promise<StreamBuffer | undefined> {
    const file = path.join(this.#options.folder, `${number}.records`);
    let buffer: StreamBuffer | undefined;
    for await (const { payload, end } of framesOf(file)) {
      const header = readHeader(payload);
      const batch = readBatch(payload);
      if (header) {
        // Of a buffer that was begun and not opened then, they are older than what came into the one before.
        for (const origin of header.origins)
          if (!isTaken(origin, this.#origins.last(origin.source))) this.#origins.note(origin);
        buffer = { id: header.id, number, file, fileBytes: end, records: 0, bytes: 0, firstMs: undefined };
      } else if (buffer && batch) {
        if (batch.origin) this.#origins.note(batch.origin);
        buffer = {
          ...buffer,
          fileBytes: end,
          records: buffer.records + batch.records.length,
          bytes: buffer.bytes + batch.records.reduce((sum, record) => sum + record.length, 0),
          firstMs: buffer.firstMs ?? batch.arrivedMs,
        };
      }
    }
    const rest = (await stat(file)).size - (buffer?.fileBytes ?? 0);
    if (buffer && rest > 0) {
      const why = isLast ? 'were cut off: nobody was told that they were taken' : 'are damaged';
      this.#options.report(`${file}: ${rest} bytes at its end ${why}`);
    }
    if (!buffer) {
      await rename(file, `${file}.damaged`);
      this.#options.report(`${file}: damaged, kept as ${file}.damaged`);
    }
    return buffer;
  }

  /** Of deliveries that were over, and of files that were being made. */
  async #removeLeftovers(files: readonly string[], numbers: ReadonlySet<string>): Promise<void> {
    for (const name of files) {
      const [number] = name.split('.', 1);
      const isLeft = /^[0-9]{12}$/.test(number) && !numbers.has(number) && !name.endsWith('.damaged');
      if (isLeft || name.endsWith('.new')) await rm(path.join(this.#options.folder, name), { force: true });
    }
  }

  #tell(what: string, error: unknown): void {
    if (!(error instanceof Error)) throw error;
    this.#options.report(`${this.#options.folder}: ${what}: ${error.message}`);
  }
}
