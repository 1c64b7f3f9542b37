import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const bytes = 16;

/**
 * The sequence of the last commit that somebody was told is durable, in a file of its own: a journal that was cut
 * short cannot say so itself. Written after each commit and not synced: it survives the process, and after a power
 * failure it may lag behind, which only hides a loss and never invents one.
 */
export class Acknowledged {
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(bytes);
  #sequence = 0;

  constructor(file: string) {
    this.#descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    const read = readSync(this.#descriptor, this.#buffer, 0, bytes, 0);
    const isWhole = read === bytes && this.#buffer.readUInt32LE(8) === crc32(this.#buffer.subarray(0, 8));
    this.#sequence = isWhole ? this.#buffer.readDoubleLE(0) : 0;
  }

  /** 0 when there is none, or the file is not whole. */
  get sequence(): number {
    return this.#sequence;
  }

  write(sequence: number): void {
    this.#sequence = sequence;
    this.#buffer.writeDoubleLE(sequence, 0);
    this.#buffer.writeUInt32LE(crc32(this.#buffer.subarray(0, 8)), 8);
    writeSync(this.#descriptor, this.#buffer, 0, bytes, 0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
