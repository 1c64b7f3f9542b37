/** Reading one file. `pieces` is hot: a few reads per piece, and once per row where numbers must be changed. */
import { read, fstat as stat } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { type FlowRows, flowRows, type Loss, rowBytes } from '../flow/index.ts';
import { RowTally } from './row-tally.ts';
import {
  decodeFrameHeader,
  decodeTail,
  type Footer,
  type FrameHeader,
  frameHeaderBytes,
  frameKind,
  headBytes,
  isHead,
  maxPieceRows,
  tailBytes,
} from './segment-frames.ts';
import { decodeNames, type WrittenNames } from './segment-names.ts';

const readInto = promisify(read);
const fstat = promisify(stat);

/** A frame whose header is whole. */
interface FrameAt extends FrameHeader {
  readonly at: number;
}

/** What is whole of a file, by reading all of it. */
export interface Survey {
  readonly tally: RowTally;
  readonly names: readonly WrittenNames[];
  readonly namesAt: readonly number[];
  readonly losses: readonly Loss[];
  /** Where the whole frames end. */
  readonly end: number;
}

/** A segment's file, open: it is the same one until it is closed, whatever stands in its place by then. */
export class SegmentFile {
  readonly number: number;
  readonly #fd: number;

  constructor(number: number, fd: number) {
    this.number = number;
    this.#fd = fd;
  }

  /** Undefined when the segment was not finished, or its end is damaged. */
  async footer(): Promise<Footer | undefined> {
    const { size } = await fstat(this.#fd);
    if (size < headBytes + frameHeaderBytes + tailBytes) return undefined;
    const footerAt = decodeTail(await this.#bytes(size - tailBytes, tailBytes));
    if (footerAt === undefined) return undefined;
    const payload = await this.#payloadAt(footerAt, frameKind.footer);
    return payload && JSON.parse(payload.toString());
  }

  /** Undefined when it is damaged. */
  async tally({ tallyAt }: Footer): Promise<RowTally | undefined> {
    const payload = await this.#payloadAt(tallyAt, frameKind.tally);
    return payload && RowTally.decode(payload);
  }

  /** Those that are whole. */
  async names({ namesAt }: Footer): Promise<WrittenNames[]> {
    const names: WrittenNames[] = [];
    for (const at of namesAt) {
      const payload = await this.#payloadAt(at, frameKind.names);
      if (payload) names.push(decodeNames(payload));
    }
    return names;
  }

  /** In bounded memory but for the names. */
  async survey(): Promise<Survey> {
    const tally = new RowTally();
    const names: WrittenNames[] = [];
    const namesAt: number[] = [];
    const losses: Loss[] = [];
    let end = (await this.#hasHead()) ? headBytes : 0;
    // Of one piece, for all.
    let scratch = new ArrayBuffer(0);
    for await (const frame of this.#frames()) {
      if (frame.kind === frameKind.tally || frame.kind === frameKind.footer) break;
      const isRows = frame.kind === frameKind.rows;
      if (isRows && scratch.byteLength < frame.bytes) scratch = new ArrayBuffer(frame.bytes);
      const payload = await this.#payload(frame, isRows ? scratch : new ArrayBuffer(frame.bytes));
      end = frame.at + frameHeaderBytes + frame.bytes;
      if (!payload) continue;
      if (isRows) tally.add(flowRows(scratch, frame.rows));
      else if (frame.kind === frameKind.losses) {
        // Too many for one call.
        for (const loss of JSON.parse(payload.toString())) losses.push(loss);
      } else if (frame.kind === frameKind.names) {
        names.push(decodeNames(payload));
        namesAt.push(frame.at);
      }
    }
    return { tally, names, namesAt, losses, end };
  }

  /**
   * Rows in pieces of nearly `maxPieceRows`. Frames that are damaged are left out; where pieces begin and end does not
   * depend on it.
   */
  async *pieces(): AsyncGenerator<FlowRows> {
    let piece: FlowRows | undefined;
    let filled = 0;
    let claimed = 0;
    const { size } = await fstat(this.#fd);
    for await (const frame of this.#frames()) {
      if (frame.kind === frameKind.tally || frame.kind === frameKind.footer) break;
      if (frame.kind !== frameKind.rows) continue;
      if (piece && claimed + frame.rows > maxPieceRows) {
        yield { ...piece, count: filled };
        piece = undefined;
      }
      if (!piece) {
        const left = Math.ceil((size - frame.at) / rowBytes);
        piece = flowRows(new ArrayBuffer(Math.min(maxPieceRows, left) * rowBytes), 0);
        filled = 0;
        claimed = 0;
      }
      claimed += frame.rows;
      const into = new Uint8Array(piece.words.buffer, filled * rowBytes, frame.bytes);
      if (await this.#fill(into, frame)) filled += frame.rows;
    }
    if (piece) yield { ...piece, count: filled };
  }

  async #hasHead(): Promise<boolean> {
    return isHead(await this.#bytes(0, headBytes), this.number);
  }

  /** As far as headers are whole and payloads are as long as they say. */
  async *#frames(): AsyncGenerator<FrameAt> {
    if (!(await this.#hasHead())) return;
    const { size } = await fstat(this.#fd);
    for (let at = headBytes; at + frameHeaderBytes <= size; ) {
      const frame = await this.#frameAt(at, size);
      if (!frame) return;
      yield frame;
      at += frameHeaderBytes + frame.bytes;
    }
  }

  async #frameAt(at: number, size: number): Promise<FrameAt | undefined> {
    const header = decodeFrameHeader(this.number, await this.#bytes(at, frameHeaderBytes));
    if (!header || at + frameHeaderBytes + header.bytes > size) return undefined;
    const isPiece = header.rows <= maxPieceRows && header.bytes === header.rows * rowBytes;
    return header.kind === frameKind.rows && !isPiece ? undefined : { ...header, at };
  }

  async #payloadAt(at: number, kind: number): Promise<Buffer | undefined> {
    const { size } = await fstat(this.#fd);
    const frame = await this.#frameAt(at, size);
    return frame?.kind === kind ? this.#payload(frame) : undefined;
  }

  async #payload(frame: FrameAt, into = new ArrayBuffer(frame.bytes)): Promise<Buffer | undefined> {
    const payload = Buffer.from(into, 0, frame.bytes);
    return (await this.#fill(payload, frame)) ? payload : undefined;
  }

  async #fill(into: Uint8Array, frame: FrameAt): Promise<boolean> {
    const got = await this.#read(into, frame.at + frameHeaderBytes);
    return got === frame.bytes && crc32(into) === frame.crc;
  }

  async #bytes(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, await this.#read(bytes, at));
  }

  /** Fewer bytes at the end of the file, or where the disk cannot read: what is missing is damaged. */
  async #read(into: Uint8Array, at: number): Promise<number> {
    let got = 0;
    while (got < into.length) {
      const { bytesRead } = await readInto(this.#fd, into, got, into.length - got, at + got).catch(unread);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    return got;
  }
}

function unread(error: NodeJS.ErrnoException): { bytesRead: number } {
  if (error.code === 'EIO' || error.code === 'EISDIR') return { bytesRead: 0 };
  throw error;
}
