import { headerLine, type LinePiece, linePieces, type RecordBatch } from '../record/index.ts';

/**
 * Cuts records into the texts of objects of at most `maxBytes` each, header included; a piece of lines that is longer
 * makes an object of its own. One piece is held at a time.
 */
export class ObjectCutter {
  readonly #rows: Int32Array;
  readonly #maxBytes: number;
  readonly #header: Uint8Array;
  readonly #pieces: Iterator<LinePiece, void>;
  #next: LinePiece | undefined;
  #from = 0;
  #to = 0;

  constructor(batch: RecordBatch, rows: Int32Array, maxBytes: number) {
    this.#rows = rows;
    this.#maxBytes = maxBytes;
    this.#header = Buffer.from(`${headerLine(batch.format)}\n`);
    this.#pieces = linePieces(batch, rows);
    this.#advance();
  }

  /** Whether there are records for another object. */
  get hasMore(): boolean {
    return this.#next !== undefined;
  }

  /** The text of the next object: the header, then whole lines. Take it to its end. */
  *text(): Generator<Uint8Array, void, undefined> {
    this.#from = this.#to;
    let bytes = this.#header.length;
    yield this.#header;
    while (this.#next && (this.#to === this.#from || bytes + this.#next.bytes.length <= this.#maxBytes)) {
      const piece = this.#next;
      bytes += piece.bytes.length;
      this.#to += piece.records;
      this.#advance();
      yield piece.bytes;
    }
  }

  /** The records of the last object whose text was taken. */
  get rows(): Int32Array {
    return this.#rows.subarray(this.#from, this.#to);
  }

  #advance(): void {
    const { value } = this.#pieces.next();
    this.#next = value ?? undefined;
  }
}
