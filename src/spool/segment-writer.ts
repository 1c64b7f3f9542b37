/** Hot: `append` takes rows as they lie in memory; beside them it makes a header for each piece. */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { type FlowRows, type Loss, rowBytes } from '../flow/index.ts';
import { RowTally } from './row-tally.ts';
import type { Survey } from './segment-file.ts';
import {
  encodeFrameHeader,
  encodeHead,
  encodeJson,
  encodeTail,
  type Footer,
  frameKind,
  maxPieceRows,
} from './segment-frames.ts';
import { encodeNames, SegmentNames } from './segment-names.ts';
import type { SpooledNames } from './spooled-names.ts';

/** What was written is brought to the disk in the meantime, so that little is left to do when the segment is sealed. */
const syncEveryBytes = 64 * 1024 * 1024;

/** What a segment is sealed with; the rest the writer knows. */
export type Seal = Pick<Footer, 'runId' | 'sealedMs' | 'before' | 'windows' | 'losses'>;

/** The file of a segment that is not sealed yet. What throws has changed nothing: the same may be tried again. */
export class SegmentWriter {
  readonly number: number;
  /** Of the rows in the file. */
  readonly tally: RowTally;
  readonly #handle: FileHandle;
  readonly #names: SegmentNames;
  readonly #namesAt: number[];
  #bytes: number;
  #syncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #syncFailure: unknown;

  private constructor(number: number, handle: FileHandle, names: SpooledNames, kept?: Survey) {
    this.number = number;
    this.#handle = handle;
    this.#names = new SegmentNames(names, kept?.names);
    this.tally = kept?.tally ?? new RowTally();
    this.#namesAt = [...(kept?.namesAt ?? [])];
    this.#bytes = kept?.end ?? 0;
  }

  static async create(file: string, number: number, names: SpooledNames): Promise<SegmentWriter> {
    return SegmentWriter.#begun(new SegmentWriter(number, await open(file, 'w', 0o600), names));
  }

  /** Goes on after what is whole of an unfinished segment; `names` go by the numbers in it. */
  static async resume(
    file: string,
    number: number,
    names: SpooledNames,
    kept: Survey,
  ): Promise<SegmentWriter> {
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    await handle.truncate(kept.end);
    return SegmentWriter.#begun(new SegmentWriter(number, handle, names, kept));
  }

  static async #begun(writer: SegmentWriter): Promise<SegmentWriter> {
    try {
      if (writer.#bytes === 0) await writer.#write([encodeHead(writer.number)]);
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    return writer;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** At most `maxPieceRows`. */
  async append(rows: FlowRows): Promise<void> {
    this.#names.needRows(rows);
    await this.#writeNames();
    const payload = bytesOf(rows);
    await this.#write([encodeFrameHeader(this.number, frameKind.rows, payload, rows.count), payload]);
    this.tally.add(rows);
    this.#syncInBackground();
  }

  async appendLosses(losses: readonly Loss[]): Promise<void> {
    this.#names.needInterfaces(losses.map(({ interfaceIndex }) => interfaceIndex));
    await this.#writeNames();
    await this.#writeFrame(frameKind.losses, encodeJson(losses));
  }

  /** On the disk when fulfilled; the folder's entry is not. */
  async seal(seal: Seal): Promise<void> {
    this.#names.needInterfaces(seal.losses.map(({ interfaceIndex }) => interfaceIndex));
    for (const { covered } of seal.windows) this.#names.needInterfaces(covered);
    await this.#writeNames();
    const tallyAt = this.#bytes;
    await this.#writeFrame(frameKind.tally, this.tally.encode());
    const footer: Footer = {
      ...seal,
      rows: this.tally.flows,
      isDropped: false,
      namesAt: this.#namesAt,
      tallyAt,
    };
    const footerAt = this.#bytes;
    await this.#writeFrame(frameKind.footer, encodeJson(footer));
    await this.#write([encodeTail(footerAt)]);
    await this.#syncing;
    if (this.#syncFailure) throw this.#syncFailure;
    await this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Gives back the room; nothing of it is read any more. */
  async abandon(): Promise<void> {
    await this.#syncing;
    await this.#handle.truncate(0).catch(() => undefined);
    await this.#handle.close();
  }

  async #writeNames(): Promise<void> {
    const pending = this.#names.pending();
    for (const names of pending) {
      const at = this.#bytes;
      await this.#writeFrame(frameKind.names, await encodeNames(names));
      this.#namesAt.push(at);
    }
    if (pending.length > 0) this.#names.commit();
  }

  #writeFrame(kind: (typeof frameKind)[keyof typeof frameKind], payload: Uint8Array): Promise<void> {
    return this.#write([encodeFrameHeader(this.number, kind, payload), payload]);
  }

  /** All of it, or nothing that counts: the next write begins at the same place. */
  async #write(buffers: readonly Uint8Array[]): Promise<void> {
    let left = buffers.filter(({ length }) => length > 0);
    let at = this.#bytes;
    try {
      while (left.length > 0) {
        const { bytesWritten } = await this.#handle.writev(left, at);
        at += bytesWritten;
        left = after(left, bytesWritten);
      }
    } catch (error) {
      // A part of a frame takes room that others need; where it cannot be cut off, it is written over.
      await this.#handle.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
    this.#bytes = at;
  }

  #syncInBackground(): void {
    if (this.#syncing || this.#bytes - this.#syncedBytes < syncEveryBytes) return;
    this.#syncedBytes = this.#bytes;
    this.#syncing = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#syncFailure = error;
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }
}

function after(buffers: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  const left: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (skip < buffer.length) left.push(buffer.subarray(skip));
    skip = Math.max(0, skip - buffer.length);
  }
  return left;
}

function bytesOf({ words, count }: FlowRows): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, count * rowBytes);
}

/** Rows in pieces of bounded size, over the same memory. */
export function* piecesOf(rows: FlowRows): Generator<FlowRows> {
  for (let from = 0; from < rows.count; from += maxPieceRows) {
    const count = Math.min(maxPieceRows, rows.count - from);
    const at = rows.words.byteOffset + from * rowBytes;
    const length = count * rowBytes;
    const buffer = rows.words.buffer as ArrayBuffer;
    yield rows.count <= maxPieceRows
      ? rows
      : {
          count,
          words: new Int32Array(buffer, at, length / 4),
          floats: new Float64Array(buffer, at, length / 8),
        };
  }
}
