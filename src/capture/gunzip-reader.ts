import { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { ByteReader } from './capture-bytes.ts';
import { PieceCursor } from './piece-cursor.ts';

const compressedBytes = 128 * 1024;
/**
 * A high-water mark of one byte lets the stream hold one piece at most, and not go on before that was taken: an error
 * then never discards pieces before it, and memory stays bounded however well the input was compressed.
 */
const options = { chunkSize: 512 * 1024, readableHighWaterMark: 1 };

/** Decompresses gzip (RFC 1952), one member or several, in the thread pool. */
export class GunzipReader implements ByteReader {
  isCutOff = false;
  readonly #compressed: ByteReader;
  readonly #gunzip: Gunzip;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #cursor: PieceCursor;
  #isClosed = false;

  constructor(compressed: ByteReader) {
    this.#compressed = compressed;
    this.#gunzip = createGunzip(options);
    this.#pieces = this.#gunzip[Symbol.asyncIterator]();
    this.#cursor = new PieceCursor(() => this.#nextPiece());
    const source = Readable.from(chunksOf(compressed), { objectMode: false });
    source.on('error', (error) => this.#gunzip.destroy(error));
    source.pipe(this.#gunzip);
  }

  get bytesRead(): number {
    return this.#compressed.bytesRead;
  }

  read(target: Uint8Array, offset: number, length: number): Promise<number> {
    return this.#cursor.read(target, offset, length);
  }

  close(): void {
    this.#isClosed = true;
    this.#gunzip.destroy();
  }

  async #nextPiece(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#pieces.next();
      return done ? undefined : value;
    } catch (error) {
      if (this.#isClosed) return undefined;
      // The input ended before the compressed stream did.
      if ((error as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR') throw error;
      this.isCutOff = true;
      return undefined;
    }
  }
}

/** Fresh chunks, as the stream keeps them while the next is read. */
async function* chunksOf(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = new Uint8Array(compressedBytes);
    const length = await reader.read(chunk, 0, chunk.length);
    if (length === 0) return;
    yield chunk.subarray(0, length);
  }
}
