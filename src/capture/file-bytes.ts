import { close, read } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteReader, CaptureBytes } from './capture-bytes.ts';

const readAsync = promisify(read);
const closeAsync = promisify(close);

/** A file that can be read at any place, by the thread pool, straight into the reader's buffer. */
export class FileBytes implements CaptureBytes {
  readonly totalBytes: number;
  readonly #fd: number;
  /** The read under way: its buffer and the descriptor must outlive it. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(fd: number, totalBytes: number) {
    this.#fd = fd;
    this.totalBytes = totalBytes;
  }

  open(): ByteReader {
    return new FileReader((target, offset, length, position) => this.#read(target, offset, length, position));
  }

  canReopen(): boolean {
    return true;
  }

  isKept(): boolean {
    return true;
  }

  commit(): void {}

  async close(): Promise<void> {
    await Promise.allSettled([this.#pending]);
    // Standard input is the process's own.
    if (this.#fd !== 0) await closeAsync(this.#fd);
  }

  #read(
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }> {
    const pending = readAsync(this.#fd, target, offset, length, position);
    this.#pending = pending;
    return pending;
  }
}

type ReadAt = (
  target: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesRead: number }>;

class FileReader implements ByteReader {
  bytesRead = 0;
  readonly isCutOff = false;
  readonly #readAt: ReadAt;

  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    const { bytesRead } = await this.#readAt(target, offset, length, this.bytesRead);
    this.bytesRead += bytesRead;
    return bytesRead;
  }

  close(): void {}
}
