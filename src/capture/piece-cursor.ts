/** Hands out pieces of any size as reads of any length. */
export class PieceCursor {
  readonly #nextPiece: () => Promise<Uint8Array | undefined>;
  #piece: Uint8Array = new Uint8Array(0);

  /** `nextPiece` gives `undefined` at the end; pieces may be empty. */
  constructor(nextPiece: () => Promise<Uint8Array | undefined>) {
    this.#nextPiece = nextPiece;
  }

  /** What is left of one piece, at most `length` bytes; 0 at the end. */
  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#piece.length === 0) {
      const piece = await this.#nextPiece();
      if (!piece) return 0;
      this.#piece = piece;
    }
    const taken = this.#piece.subarray(0, length);
    target.set(taken, offset);
    this.#piece = this.#piece.subarray(taken.length);
    return taken.length;
  }
}
