import { ConfigError } from '../fault/index.ts';
import type { FrameBatch } from '../packet/frame-batch.ts';
import type { ByteReader, CaptureBytes } from './capture-bytes.ts';
import { magicBytes, parserFor, unknownFormat } from './capture-format.ts';
import type { CaptureParser, CaptureProblem } from './capture-parser.ts';
import { ChunkReader } from './chunk-reader.ts';
import { type FrameSource, noFrameCounts, type ReadProgress } from './frame-source.ts';
import { GunzipReader } from './gunzip-reader.ts';
import { recordBytesLimit } from './record-bytes.ts';

/** Measured: a half of it takes a fifth longer, the double is no faster. */
const defaultChunkBytes = 2 * 1024 * 1024;

/** A pcap or pcapng capture, gzip or not, told by what its first bytes are. */
export class CaptureFile implements FrameSource {
  readonly name: string;
  readonly counts = noFrameCounts();
  readonly #bytes: CaptureBytes;
  readonly #chunkBytes: number;
  #reading: Reading | undefined;
  #isCommitted = false;
  #isClosed = false;

  /** `chunkBytes`: of each of its two buffers. */
  constructor(name: string, bytes: CaptureBytes, chunkBytes = defaultChunkBytes) {
    this.name = name;
    this.#bytes = bytes;
    this.#chunkBytes = chunkBytes;
  }

  get progress(): ReadProgress {
    return { bytesRead: this.#reading?.reader.bytesRead ?? 0, totalBytes: this.#bytes.totalBytes };
  }

  async next(batch: FrameBatch): Promise<boolean> {
    batch.count = 0;
    if (this.#isClosed) return false;
    try {
      const reading = this.#reading ?? (await this.#start());
      return (await this.#fill(reading, batch)) && !this.#isClosed;
    } catch (error) {
      if (this.#isClosed) return false;
      throw this.#readError(error);
    }
  }

  canRewind(): boolean {
    return !this.#isCommitted && this.#bytes.canReopen();
  }

  async rewind(): Promise<boolean> {
    if (this.#isCommitted || !this.#bytes.isKept()) return false;
    this.#reading?.reader.close();
    this.#reading = undefined;
    Object.assign(this.counts, noFrameCounts());
    return true;
  }

  commit(): void {
    this.#isCommitted = true;
    // Telling the format takes the beginning twice.
    if (this.#reading) this.#bytes.commit();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reading?.reader.close();
    await this.#bytes.close();
  }

  /** Tells the format, so that a file that is none fails before its first frame is asked for. */
  async check(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      throw this.#readError(error);
    }
  }

  async #start(): Promise<Reading> {
    const isGzip = await hasGzipMagic(this.#bytes.open());
    const bytes = this.#bytes.open();
    const reader = isGzip ? new GunzipReader(bytes) : bytes;
    const chunkBytes = isGzip
      ? this.#chunkBytes
      : Math.min(this.#chunkBytes, this.#bytes.totalBytes || this.#chunkBytes);
    const chunks = new ChunkReader(reader, chunkBytes, recordBytesLimit);
    while (chunks.end - chunks.start < magicBytes && (await chunks.advance(chunks.start)));
    const magic = chunks.bytes.slice(chunks.start, Math.min(chunks.start + magicBytes, chunks.end));
    const parser = parserFor(magic, this.counts);
    if (!parser) throw this.#formatError(magic, isGzip);
    this.#reading = { reader, chunks, parser, isGzip, at: chunks.start, isOver: false };
    if (this.#isCommitted) this.#bytes.commit();
    return this.#reading;
  }

  async #fill(reading: Reading, batch: FrameBatch): Promise<boolean> {
    const { chunks, parser } = reading;
    for (;;) {
      batch.bytes = chunks.bytes;
      reading.at = parser.parse(chunks.bytes, reading.at, chunks.end, batch);
      if (batch.count > 0) return true;
      if (parser.problem) throw this.#problemError(reading, parser.problem);
      if (reading.isOver || !(await chunks.advance(reading.at))) return this.#end(reading);
      reading.at = chunks.start;
    }
  }

  #end(reading: Reading): boolean {
    if (reading.isOver) return false;
    const { chunks, parser, reader, at } = reading;
    if (!parser.hasHeader) throw this.#problemError(reading, shortHeader(parser, chunks.end - at));
    reading.isOver = true;
    if (at < chunks.end || parser.isInsideBlock || reader.isCutOff) this.counts.cutOff = 1;
    return false;
  }

  #formatError(magic: Uint8Array, isGzip: boolean): ConfigError {
    const { found, expected, advice } = unknownFormat(magic);
    const inside = isGzip ? 'the decompressed data begin' : 'begins';
    return new ConfigError('CaptureFileInvalid', `${this.name}: not a capture: ${inside} with ${found}`, [
      `expected ${expected}`,
      ...(advice ? [advice] : []),
    ]);
  }

  #problemError({ chunks, parser, isGzip, at }: Reading, { found, expected }: CaptureProblem): ConfigError {
    const offset = chunks.endOffset - (chunks.end - at);
    const where = isGzip ? `byte ${offset} of the decompressed data` : `byte ${offset}`;
    return new ConfigError(
      'CaptureFileInvalid',
      `${this.name}: damaged ${parser.format} at ${where}: found ${found}`,
      [`expected ${expected}`],
    );
  }

  /** What the system or zlib says of the input becomes the user's; anything else is a bug and stays what it is. */
  #readError(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof ConfigError) return error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code.startsWith('ERR_')) return error;
    const what = code.startsWith('Z_') ? 'damaged gzip data' : 'cannot be read';
    const where = `after byte ${this.progress.bytesRead}`;
    return new ConfigError('CaptureFileUnreadable', `${this.name}: ${what} ${where}: ${error.message}`, [], {
      cause: error,
    });
  }
}

/** What reads the input from its beginning; made anew by `rewind`. */
interface Reading {
  readonly reader: ByteReader;
  readonly chunks: ChunkReader;
  readonly parser: CaptureParser;
  readonly isGzip: boolean;
  /** How far the current chunk was parsed. */
  at: number;
  isOver: boolean;
}

/** RFC 1952, 2.3.1. */
async function hasGzipMagic(reader: ByteReader): Promise<boolean> {
  const start = new Uint8Array(2);
  let length = 0;
  while (length < start.length) {
    const read = await reader.read(start, length, start.length - length);
    if (read === 0) return false;
    length += read;
  }
  return start[0] === 0x1f && start[1] === 0x8b;
}

function shortHeader(parser: CaptureParser, length: number): CaptureProblem {
  return { found: `${length} bytes in all`, expected: `a header of at least ${parser.headerBytes} bytes` };
}
