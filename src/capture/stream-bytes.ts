import type { Readable } from 'node:stream';
import { invariant } from '../fault/index.ts';
import type { ByteReader, CaptureBytes } from './capture-bytes.ts';
import { PieceCursor } from './piece-cursor.ts';

const rewindableBytes = 16 * 1024 * 1024;
/** Beyond the limit that `canReopen` states, what a reader that stops there may have read ahead. */
const readAheadBytes = 16 * 1024 * 1024;

/** A pipe or a socket. Keeps what came from it until `commit`, or until that gets too much. */
export class StreamBytes implements CaptureBytes {
  readonly totalBytes = undefined;
  readonly #stream: Readable;
  readonly #iterator: AsyncIterator<Uint8Array>;
  /** What is kept; `#pieces[0]` is number `#first` of all. */
  readonly #pieces: Uint8Array[] = [];
  #first = 0;
  #keptBytes = 0;
  #keepsAll = true;
  #reader: ByteReader | undefined;
  #pulling: Promise<boolean> | undefined;
  #isClosed = false;

  /** `stream` gives bytes, not text. */
  constructor(stream: Readable) {
    this.#stream = stream;
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  open(): ByteReader {
    invariant(this.isKept(), 'the beginning of the stream is no longer kept');
    const reader: StreamReader = new StreamReader((index) => this.#piece(reader, index));
    this.#reader = reader;
    return reader;
  }

  canReopen(): boolean {
    return this.#keepsAll && this.#keptBytes <= rewindableBytes;
  }

  isKept(): boolean {
    return this.#keepsAll;
  }

  commit(): void {
    this.#keepsAll = false;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stream.destroy();
  }

  /** Piece number `index`, once it is there. A reader that was replaced may still wait here; it drops nothing. */
  async #piece(reader: ByteReader, index: number): Promise<Uint8Array | undefined> {
    while (index >= this.#first + this.#pieces.length) {
      this.#pulling ??= this.#pull();
      if (!(await this.#pulling)) return undefined;
    }
    const piece = this.#pieces[index - this.#first];
    if (reader === this.#reader && !this.#keepsAll) this.#drop(index + 1);
    return piece;
  }

  /** Forgets the pieces before `index`, once they are half of all: moving the others costs little then. */
  #drop(index: number): void {
    const count = index - this.#first;
    if (count * 2 < this.#pieces.length) return;
    this.#pieces.splice(0, count);
    this.#first = index;
  }

  /** Several readers may wait for one pull. An end or an error stays: its promise is never replaced. */
  async #pull(): Promise<boolean> {
    const piece = await this.#nextPiece();
    if (!piece) return false;
    this.#pieces.push(piece);
    this.#keptBytes += piece.length;
    if (this.#keptBytes > rewindableBytes + readAheadBytes) this.#keepsAll = false;
    this.#pulling = undefined;
    return true;
  }

  async #nextPiece(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#iterator.next();
      return done ? undefined : value;
    } catch (error) {
      // Destroying the stream breaks off the read that was waiting for it: that is an end, not an error.
      if (this.#isClosed) return undefined;
      throw error;
    }
  }
}

class StreamReader implements ByteReader {
  bytesRead = 0;
  readonly isCutOff = false;
  readonly #cursor: PieceCursor;
  #index = 0;

  constructor(piece: (index: number) => Promise<Uint8Array | undefined>) {
    this.#cursor = new PieceCursor(() => piece(this.#index++));
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    const taken = await this.#cursor.read(target, offset, length);
    this.bytesRead += taken;
    return taken;
  }

  close(): void {}
}
