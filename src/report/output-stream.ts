import { write } from 'node:fs';

const retryMs = 5;

/**
 * Writes to a file descriptor from the thread pool, in order. Node's own standard streams block the whole thread while
 * a terminal is stopped or a pipe is full; a capture must go on then.
 */
export class OutputStream {
  readonly #fd: number;
  #last: Promise<void> = Promise.resolve();
  #pendingBytes = 0;
  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The reader has gone away; what is written from then on is dropped. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Fulfilled when the bytes are written, or when the reader has gone; rejected when they cannot be written, as on a
   * full disk. The caller leaves them alone until then.
   */
  write(bytes: Uint8Array | string): Promise<void> {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    this.#pendingBytes += buffer.length;
    const written = this.#last
      .then(() => this.#writeAll(buffer))
      .finally(() => {
        this.#pendingBytes -= buffer.length;
      });
    // Who wrote these bytes is told; what comes after them is tried all the same.
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Fulfilled when all that was written so far is out, or has failed. */
  flush(): Promise<void> {
    return this.#last;
  }

  async #writeAll(buffer: Uint8Array): Promise<void> {
    for (let at = 0; at < buffer.length && !this.#isClosed; ) at += await this.#writeSome(buffer, at);
  }

  #writeSome(buffer: Uint8Array, at: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#fd, buffer, at, buffer.length - at, null, (error, written) => {
        if (!error) resolve(written);
        // Somebody else made the descriptor non-blocking, as some shells do to a terminal.
        else if (error.code === 'EAGAIN') setTimeout(resolve, retryMs, 0);
        else if (error.code === 'EPIPE' || error.code === 'EIO') {
          this.#isClosed = true;
          resolve(buffer.length - at);
        } else reject(error);
      });
    });
  }
}
