/** Hot: writes values as bytes into one buffer; allocates only the pieces that it gives away. */
import type { RecordBatch } from './record-batch.ts';

const chunkBytes = 1 << 20;
/** About what a record takes, so that few records do not claim a whole piece. */
const usualRecordBytes = 256;
const dash = 0x2d;
const space = 0x20;
const lineFeed = 0x0a;
const zero = 0x30;
/** Digits of the greatest safe integer. */
const numberBytes = 16;

export class LineWriter {
  readonly #texts: (readonly string[] | undefined)[];
  readonly #numbers: (Float64Array | undefined)[];
  readonly #encoder = new TextEncoder();
  #buffer: Uint8Array;
  #used = 0;

  /** @param count how many records will be written */
  constructor(batch: RecordBatch, count: number) {
    this.#buffer = new Uint8Array(Math.min(chunkBytes, count * usualRecordBytes));
    this.#texts = batch.columns.map((column) => ('texts' in column ? column.texts : undefined));
    this.#numbers = batch.columns.map((column) => ('numbers' in column ? column.numbers : undefined));
  }

  /** Writes a record; when it had to make room for it, gives the lines before it. */
  write(row: number): Uint8Array | undefined {
    const bound = this.#boundOf(row);
    let full: Uint8Array | undefined;
    if (this.#used + bound > this.#buffer.length) {
      if (this.#used > 0) full = this.take();
      this.#buffer = new Uint8Array(Math.max(chunkBytes, bound));
    }
    for (let i = 0; i < this.#texts.length; i++) {
      const texts = this.#texts[i];
      if (texts) this.#text(texts[row]);
      else this.#number(this.#numbers[i]![row]);
      this.#buffer[this.#used++] = space;
    }
    this.#buffer[this.#used - 1] = lineFeed;
    return full;
  }

  /** The lines that have not been given yet; they share the writer's buffer, which goes on behind them. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#used);
    this.#buffer = this.#buffer.subarray(this.#used);
    this.#used = 0;
    return taken;
  }

  /** At most this many bytes: a UTF-16 unit makes at most three of UTF-8. */
  #boundOf(row: number): number {
    let bound = 0;
    for (let i = 0; i < this.#texts.length; i++) {
      const texts = this.#texts[i];
      bound += 1 + (texts ? texts[row].length * 3 : numberBytes);
    }
    return bound;
  }

  #text(text: string): void {
    const buffer = this.#buffer;
    let used = this.#used;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        used += this.#encoder.encodeInto(text.slice(i), buffer.subarray(used)).written;
        break;
      }
      buffer[used++] = unit;
    }
    this.#used = used;
  }

  #number(number: number): void {
    if (number >= 0 && number <= 0x7fffffff) this.#smallNumber(number | 0);
    else if (Number.isNaN(number)) this.#buffer[this.#used++] = dash;
    else this.#text(String(number));
  }

  #smallNumber(number: number): void {
    let digits = 1;
    for (let power = 10; power <= number && digits < 10; power *= 10) digits++;
    let rest = number;
    for (let at = this.#used + digits - 1; at >= this.#used; at--) {
      const tenth = (rest / 10) | 0;
      this.#buffer[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#used += digits;
  }
}
