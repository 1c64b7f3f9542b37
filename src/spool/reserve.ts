import { constants, type FileHandle, open } from 'node:fs/promises';

const chunk = new Uint8Array(64 * 1024);

/** A disk that is full says one of these; the last one where files have a limit. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Room on the disk that is kept for what must be written when there is no other. */
export class Reserve {
  readonly bytes: number;
  readonly #file: string;
  #has = 0;

  private constructor(file: string, bytes: number) {
    this.#file = file;
    this.bytes = bytes;
  }

  static async open(file: string, bytes: number): Promise<Reserve> {
    const reserve = new Reserve(file, bytes);
    await reserve.restore();
    return reserve;
  }

  get isWhole(): boolean {
    return this.#has >= this.bytes;
  }

  /** Runs what writes: where the disk is full, once more with the room of the reserve, which is then taken back. */
  async lend<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isFull(error) || this.#has === 0) throw error;
    }
    await this.#giveBack();
    try {
      return await write();
    } finally {
      await this.restore();
    }
  }

  /** As far as there is room: really written, since a file with holes has none. */
  async restore(): Promise<void> {
    await this.#withFile(async (handle) => {
      const { size } = await handle.stat();
      this.#has = Math.min(size, this.bytes);
      if (size > this.bytes) await handle.truncate(this.bytes);
      while (this.#has < this.bytes) {
        const length = Math.min(chunk.length, this.bytes - this.#has);
        const { bytesWritten } = await handle.write(chunk, 0, length, this.#has);
        this.#has += bytesWritten;
      }
    });
  }

  #giveBack(): Promise<void> {
    return this.#withFile(async (handle) => {
      await handle.truncate(0);
      this.#has = 0;
    });
  }

  /** Without a reserve there is less room for losses, and that is all. */
  async #withFile(use: (handle: FileHandle) => Promise<void>): Promise<void> {
    try {
      const handle = await open(this.#file, constants.O_RDWR | constants.O_CREAT, 0o600);
      try {
        await use(handle);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (!isFull(error)) this.#has = 0;
    }
  }
}
