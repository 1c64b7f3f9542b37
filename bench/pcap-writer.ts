import { closeSync, openSync, writeSync } from 'node:fs';

const bufferBytes = 16 << 20;
/** More than any frame of ours with its record header. */
const roomForFrame = 2048;

/** Writes a classic pcap file (little-endian, microseconds, Ethernet) through one large buffer. */
export class PcapWriter {
  readonly bytes = new Uint8Array(bufferBytes);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #fd: number;
  readonly #startSeconds: number;
  #used = 24;
  #written = 0;

  /** Frame times count from `startSeconds` since the epoch. */
  constructor(file: string, startSeconds: number) {
    this.#fd = openSync(file, 'w');
    this.#startSeconds = startSeconds;
    const header = [0xa1b2c3d4, 2 | (4 << 16), 0, 0, 262_144, 1];
    for (const [i, word] of header.entries()) this.#view.setUint32(i * 4, word, true);
  }

  /** Makes room for a frame of that length and gives the index in `bytes` at which to write it. */
  frame(timeUs: number, length: number): number {
    if (this.#used + roomForFrame > bufferBytes) this.#flush();
    const at = this.#used;
    const seconds = Math.floor(timeUs / 1e6);
    this.#view.setUint32(at, this.#startSeconds + seconds, true);
    this.#view.setUint32(at + 4, timeUs - seconds * 1e6, true);
    this.#view.setUint32(at + 8, length, true);
    this.#view.setUint32(at + 12, length, true);
    this.#used = at + 16 + length;
    return at + 16;
  }

  /** Gives the file's size in bytes. */
  close(): number {
    this.#flush();
    closeSync(this.#fd);
    return this.#written;
  }

  #flush(): void {
    for (let sent = 0; sent < this.#used; ) sent += writeSync(this.#fd, this.bytes, sent, this.#used - sent);
    this.#written += this.#used;
    this.#used = 0;
  }
}
