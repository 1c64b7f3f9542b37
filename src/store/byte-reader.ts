import { invariant } from '../fault/index.ts';

/** Reads what `ByteWriter` wrote. @throws a bug's error past the end: what is read here has passed its checksum */
export class ByteReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    const aligned = bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer;
    this.#bytes = aligned ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Where so many bytes at the next multiple of 8 stand. */
  room(bytes: number): { readonly buffer: ArrayBuffer; readonly offset: number } {
    this.#at = Math.ceil(this.#at / 8) * 8;
    const offset = this.#bytes.byteOffset + this.#take(bytes);
    return { buffer: this.#bytes.buffer, offset };
  }

  text(): string {
    const bytes = this.uint32();
    const at = this.#bytes.byteOffset + this.#take(bytes);
    return Buffer.from(this.#bytes.buffer, at, bytes).toString();
  }

  #take(bytes: number): number {
    const at = this.#at;
    invariant(at + bytes <= this.#bytes.length, 'a frame ends early');
    this.#at = at + bytes;
    return at;
  }
}
