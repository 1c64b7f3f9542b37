/** Bytes that grow, little-endian. Numbers of many bytes stand at multiples of 8, so that they are read as typed arrays. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  uint8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  uint32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  float64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  align(): void {
    const over = this.#length % 8;
    if (over === 0) return;
    const at = this.#take(8 - over);
    this.#bytes.fill(0, at, this.#length);
  }

  /** Space for so many bytes at a multiple of 8, to be filled by who asked, before anything else is written. */
  room(bytes: number): { readonly buffer: ArrayBuffer; readonly offset: number } {
    this.align();
    const offset = this.#take(bytes);
    return { buffer: this.#bytes.buffer, offset };
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.uint32(bytes);
    const at = this.#take(bytes);
    Buffer.from(this.#bytes.buffer, at, bytes).write(value);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** May replace the bytes and their view: who writes looks at them afterwards. */
  #take(bytes: number): number {
    const at = this.#length;
    const needed = at + bytes;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length = needed;
    return at;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
