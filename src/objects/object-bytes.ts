import { close, read } from 'node:fs';
import { promisify } from 'node:util';

const readAsync = promisify(read);
const closeAsync = promisify(close);
const pieceBytes = 64 * 1024;

/** Descriptors of readers that were given up without a word are closed all the same. */
const abandoned = new FinalizationRegistry<number>((fd) => close(fd));

/** Bytes of an open file, as they are asked for; the file is closed at their end, or when the reader stops. */
export class ObjectBytes implements AsyncIterableIterator<Uint8Array> {
  #fd: number | undefined;
  #at: number;
  readonly #end: number;
  readonly #failed: (error: unknown) => unknown;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    fd: number,
    range: { readonly start: number; readonly end: number },
    failed: (error: unknown) => unknown,
  ) {
    this.#fd = fd;
    this.#at = range.start;
    this.#end = range.end;
    this.#failed = failed;
    abandoned.register(this, fd, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#inTurn(() => this.#next());
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#inTurn(async () => {
      await this.#close();
      return { done: true, value: undefined };
    });
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#fd === undefined || this.#at >= this.#end) {
      await this.#close();
      return { done: true, value: undefined };
    }
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, this.#end - this.#at));
    try {
      const { bytesRead } = await readAsync(this.#fd, piece, 0, piece.length, this.#at);
      // Somebody has cut the file since.
      if (bytesRead === 0) throw Object.assign(new Error('the file ends early'), { syscall: 'read' });
      this.#at += bytesRead;
      return { done: false, value: piece.subarray(0, bytesRead) };
    } catch (error) {
      await this.#close();
      throw this.#failed(error);
    }
  }

  async #close(): Promise<void> {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    abandoned.unregister(this);
    await closeAsync(fd);
  }

  /** A descriptor is never closed under a read: its number may be another file's by then. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(action, action);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
