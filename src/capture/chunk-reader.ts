import { invariant } from '../fault/index.ts';
import type { ByteReader } from './capture-bytes.ts';

/**
 * Reads ahead into a second buffer while the first is parsed. What is left of the first goes before the second's bytes,
 * into room that each buffer keeps for it: so a record that straddles two of them lies in one piece.
 */
export class ChunkReader {
  /** The chunk is `bytes[start]` to `bytes[end - 1]`, until `advance`. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Where the byte at `end` lies in the stream that is read. */
  endOffset = 0;
  readonly #reader: ByteReader;
  readonly #headroom: number;
  #spare: Uint8Array;
  #filling: Promise<number> | undefined;

  /** A record may be up to `headroom` bytes long. */
  constructor(reader: ByteReader, chunkBytes: number, headroom: number) {
    this.#reader = reader;
    this.#headroom = headroom;
    this.bytes = new Uint8Array(headroom + chunkBytes);
    this.#spare = new Uint8Array(headroom + chunkBytes);
    this.start = headroom;
    this.end = headroom;
  }

  /** Goes on to the next chunk, which begins with what this one holds from `keepFrom` on; `false` at the end. */
  async advance(keepFrom: number): Promise<boolean> {
    this.#filling ??= this.#fill();
    const filled = await this.#filling;
    if (filled === 0) return false;
    const kept = this.end - keepFrom;
    invariant(kept <= this.#headroom, 'a record is longer than the room kept for it');
    const chunk = this.#spare;
    chunk.set(this.bytes.subarray(keepFrom, this.end), this.#headroom - kept);
    this.#spare = this.bytes;
    this.bytes = chunk;
    this.start = this.#headroom - kept;
    this.end = this.#headroom + filled;
    this.endOffset += filled;
    this.#filling = this.#fill();
    return true;
  }

  #fill(): Promise<number> {
    const filling = this.#reader.read(this.#spare, this.#headroom, this.#spare.length - this.#headroom);
    // Nobody may come to ask for it, and then its failure is nobody's; `advance` still gets it.
    filling.catch(() => undefined);
    return filling;
  }
}
