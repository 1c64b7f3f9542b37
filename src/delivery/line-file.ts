import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { writeDurably } from '../disk/index.ts';

export interface LineFileOptions {
  /** Must not exist yet. */
  readonly file: string;
  readonly level: number;
}

/** Lines on their way into a gzip file, which holds them once `end` is fulfilled. */
export class LineFile {
  readonly file: string;
  /** Before compression. */
  textBytes = 0;
  records = 0;
  readonly #gzip: ReturnType<typeof createGzip>;
  readonly #written: Promise<number>;

  constructor({ file, level }: LineFileOptions) {
    this.file = file;
    this.#gzip = createGzip({ level, chunkSize: 128 * 1024 });
    this.#written = writeDurably(file, this.#gzip);
    // Told to who writes next.
    this.#written.catch(() => undefined);
  }

  /** @param lines not to be changed any more */
  async write(lines: Uint8Array, records: number): Promise<void> {
    this.textBytes += lines.length;
    this.records += records;
    if (this.#gzip.write(lines)) return;
    // Of a file that cannot be written nothing drains.
    await Promise.race([once(this.#gzip, 'drain'), this.#written]);
  }

  /** Gives the size on the disk. */
  async end(): Promise<number> {
    this.#gzip.end();
    return this.#written;
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#written.catch(() => undefined);
  }
}
