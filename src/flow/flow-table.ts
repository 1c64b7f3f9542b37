/**
 * Hot: find() once per observation, insert() once per flow. Rows lie densely in one buffer in order of appearance;
 * an open-addressed index of slot numbers leads to them. Nothing here allocates but `take…`, which makes the buffer
 * that is handed over.
 */
import {
  type FlowRows,
  float64,
  flowRows,
  outcomeBits,
  rowBytes,
  rowFloat64s,
  rowWords,
  word,
} from './flow-row.ts';

const keyWords = 12;
const smallestIndex = 4096;
/** How many rows are looked at to choose which flows have been idle longest. */
const idleSample = 4096;

export class FlowTable {
  readonly capacity: number;
  readonly words: Int32Array;
  readonly floats: Float64Array;
  /** Rows in use: slots 0 to count - 1. */
  count = 0;
  /** The key to look for: words 0 to 11 of a row. Filled in by the caller before find(), findSame() and insert(). */
  readonly key = new Int32Array(keyWords);

  /** Slot + 1, or 0 where free; at most half of it used. It grows with the flows, so that a small one stays in cache. */
  #index = new Int32Array(smallestIndex);
  #mask = smallestIndex - 1;
  /** So that nobody outside can choose addresses that fall on one place. */
  readonly #seed: number;
  /** Where the last find() ended: on the found slot, or on the free place for insert(). */
  #position = 0;

  constructor(capacity: number, seed = (Math.random() * 0x7fffffff) | 0) {
    this.capacity = capacity;
    const buffer = new ArrayBuffer(capacity * rowBytes);
    this.words = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
    this.#seed = seed;
  }

  get isFull(): boolean {
    return this.count >= this.capacity;
  }

  /** The slot of the flow with this key whose verdict was current last (after a `take…`: the oldest), or -1. */
  find(): number {
    return this.#probe(this.#hash(this.key, 0) & this.#mask);
  }

  /** After a find() that hit: makes the row of the same key with this cause and outcome the current one, if there is one. */
  switchTo(cause: number, outcome: number): number {
    const current = this.#position;
    for (let position = (current + 1) & this.#mask; ; position = (position + 1) & this.#mask) {
      const slot = this.#index[position] - 1;
      if (slot < 0) {
        this.#position = position;
        return -1;
      }
      const row = slot * rowWords;
      if (this.#hasKey(row) && this.#hasVerdict(row, cause, outcome)) {
        this.#index[position] = this.#index[current];
        this.#index[current] = slot + 1;
        return slot;
      }
    }
  }

  /** The slot with this key and this verdict, or -1. */
  findSame(cause: number, outcome: number): number {
    const slot = this.find();
    if (slot < 0 || this.#hasVerdict(slot * rowWords, cause, outcome)) return slot;
    return this.switchTo(cause, outcome);
  }

  /**
   * Adds a row for the key, with its counters 0 and its other words as they come: to be called right after a look-up
   * that gave -1, on a table that is not full. It becomes the current one of its key.
   */
  insert(): number {
    const slot = this.count++;
    const row = slot * rowWords;
    this.words.set(this.key, row);
    for (let i = row + keyWords; i < row + rowWords; i++) this.words[i] = 0;
    this.#place(slot);
    if (this.count * 2 > this.#index.length) this.#grow();
    return slot;
  }

  /** All rows in a buffer of their own; the table is empty afterwards. */
  takeAll(): FlowRows {
    const count = this.count;
    const rows = flowRows(this.words.buffer.slice(0, count * rowBytes) as ArrayBuffer, count);
    this.clear();
    return rows;
  }

  clear(): void {
    this.#index.fill(0);
    this.count = 0;
  }

  /** The rows of windows before `window`; the others stay. */
  takeBefore(window: number): FlowRows {
    return this.#takeWhere((slot) => this.words[slot * rowWords + word.window] < window);
  }

  /** About half of the rows: those that have been idle longest. For a table that is full. */
  takeIdle(): FlowRows {
    const threshold = this.#medianLastMs();
    return this.#takeWhere((slot) => this.floats[slot * rowFloat64s + float64.lastMs] <= threshold);
  }

  #takeWhere(wanted: (slot: number) => boolean): FlowRows {
    let taken = 0;
    for (let slot = 0; slot < this.count; slot++) if (wanted(slot)) taken++;
    if (taken === this.count) return this.takeAll();
    const rows = flowRows(new ArrayBuffer(taken * rowBytes), taken);
    if (taken === 0) return rows;
    let out = 0;
    let kept = 0;
    for (let slot = 0; slot < this.count; slot++) {
      const row = slot * rowWords;
      if (wanted(slot)) rows.words.set(this.words.subarray(row, row + rowWords), out++ * rowWords);
      else this.words.copyWithin(kept++ * rowWords, row, row + rowWords);
    }
    this.count = kept;
    this.#reindex();
    return rows;
  }

  #medianLastMs(): number {
    const step = Math.max(1, Math.floor(this.count / idleSample));
    const times: number[] = [];
    for (let slot = 0; slot < this.count; slot += step)
      times.push(this.floats[slot * rowFloat64s + float64.lastMs]);
    return Float64Array.from(times).sort()[times.length >> 1];
  }

  #grow(): void {
    this.#index = new Int32Array(this.#index.length * 2);
    this.#mask = this.#index.length - 1;
    this.#reindex();
  }

  #reindex(): void {
    this.#index.fill(0);
    const index = this.#index;
    const mask = this.#mask;
    for (let slot = 0; slot < this.count; slot++) {
      let position = this.#hash(this.words, slot * rowWords) & mask;
      while (index[position] !== 0) position = (position + 1) & mask;
      index[position] = slot + 1;
    }
  }

  /** Puts a new slot where the last look-up ended, or first among those of its key. */
  #place(slot: number): void {
    const first = this.#hash(this.key, 0) & this.#mask;
    const free = this.#position;
    this.#index[free] = slot + 1;
    const older = this.#probe(first);
    if (older !== slot) {
      this.#index[free] = older + 1;
      this.#index[this.#position] = slot + 1;
    }
  }

  #probe(from: number): number {
    let position = from;
    for (;;) {
      const slot = this.#index[position] - 1;
      if (slot < 0 || this.#hasKey(slot * rowWords)) {
        this.#position = position;
        return slot;
      }
      position = (position + 1) & this.#mask;
    }
  }

  #hasKey(row: number): boolean {
    const { key, words } = this;
    return (
      words[row + 8] === key[8] &&
      words[row + 3] === key[3] &&
      words[row + 7] === key[7] &&
      words[row + 9] === key[9] &&
      words[row + 10] === key[10] &&
      words[row + 11] === key[11] &&
      words[row] === key[0] &&
      words[row + 1] === key[1] &&
      words[row + 2] === key[2] &&
      words[row + 4] === key[4] &&
      words[row + 5] === key[5] &&
      words[row + 6] === key[6]
    );
  }

  #hasVerdict(row: number, cause: number, outcome: number): boolean {
    return (
      this.words[row + word.cause] === cause &&
      ((this.words[row + word.outcome] ^ outcome) & ~outcomeBits.flags) === 0
    );
  }

  /** Of the key that begins at word `at`. */
  #hash(key: Int32Array, at: number): number {
    let hash = Math.imul(this.#seed ^ key[at + 3], 0x9e3779b1);
    hash = Math.imul((hash ^ (hash >>> 15)) + key[at + 7], 0x85ebca6b);
    hash = Math.imul((hash ^ (hash >>> 13)) + key[at + 8], 0xc2b2ae35);
    hash = Math.imul((hash ^ (hash >>> 16)) + key[at + 9], 0x27d4eb2f);
    hash = Math.imul((hash ^ (hash >>> 15)) + key[at + 10] + Math.imul(key[at + 11], 0x165667b1), 0x9e3779b1);
    if ((key[at + 10] & 0x100) !== 0) {
      hash = Math.imul(hash ^ key[at], 0x85ebca6b) ^ (hash >>> 15);
      hash = Math.imul(hash ^ key[at + 1], 0xc2b2ae35) ^ (hash >>> 13);
      hash = Math.imul(hash ^ key[at + 2], 0x27d4eb2f) ^ (hash >>> 16);
      hash = Math.imul(hash ^ key[at + 4], 0x9e3779b1) ^ (hash >>> 15);
      hash = Math.imul(hash ^ key[at + 5], 0x85ebca6b) ^ (hash >>> 13);
      hash = Math.imul(hash ^ key[at + 6], 0xc2b2ae35) ^ (hash >>> 16);
    }
    return hash ^ (hash >>> 15);
  }
}
