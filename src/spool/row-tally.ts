/** Hot: `add` runs once per row, some ten nanoseconds; allocates only to grow. */
import { type FlowRows, float64, type Loss, rowFloat64s, rowWords, word } from '../flow/index.ts';

/** Times that are all over the place: beyond this, flows of an interface are counted in the first window. */
const maxEntries = 2 ** 20;
/** Interface and window as 32-bit integers, flows and packets as 64-bit floats. */
const entryBytes = 24;

/** Flows and packets by interface and window: what a segment stands for when its rows are no more. */
export class RowTally {
  #size = 0;
  #capacity = 256;
  #keys = new Int32Array(2 * 256);
  #sums = new Float64Array(2 * 256);
  /** Place + 1 of the entry that hashes here, or 0. */
  #slots = new Int32Array(4 * 256);

  /** `sign` -1 takes rows out again. */
  add(rows: FlowRows, sign: 1 | -1 = 1): void {
    const { words, floats, count } = rows;
    let lastInterface = -1;
    let lastWindow = -1;
    let at = -1;
    for (let i = 0; i < count; i++) {
      const base = i * rowWords;
      const interfaceIndex = words[base + word.interface];
      const window = words[base + word.window];
      if (at < 0 || interfaceIndex !== lastInterface || window !== lastWindow) {
        at = this.#find(interfaceIndex, window);
        lastInterface = interfaceIndex;
        lastWindow = window;
      }
      this.#sums[2 * at] += sign;
      this.#sums[2 * at + 1] += sign * floats[i * rowFloat64s + float64.packets];
    }
  }

  addFlows(interfaceIndex: number, window: number, flows: number, packets: number): void {
    const at = this.#find(interfaceIndex, window);
    this.#sums[2 * at] += flows;
    this.#sums[2 * at + 1] += packets;
  }

  /** Takes what another tally has out of this one. */
  subtract(other: RowTally): void {
    for (const loss of other.losses('spool-failed')) {
      this.addFlows(loss.interfaceIndex, loss.window, -loss.flows, -loss.packets);
    }
  }

  get flows(): number {
    let flows = 0;
    for (let at = 0; at < this.#size; at++) flows += this.#sums[2 * at];
    return flows;
  }

  /** Entries without a flow are left out. */
  losses(reason: Loss['reason']): Loss[] {
    const losses: Loss[] = [];
    for (let at = 0; at < this.#size; at++) {
      const flows = this.#sums[2 * at];
      if (flows <= 0) continue;
      const [interfaceIndex, window] = [this.#keys[2 * at], this.#keys[2 * at + 1]];
      losses.push({ interfaceIndex, window, reason, flows, packets: this.#sums[2 * at + 1] });
    }
    return losses;
  }

  /** Ascending. */
  get interfaces(): number[] {
    const found = new Set<number>();
    for (let at = 0; at < this.#size; at++) if (this.#sums[2 * at] > 0) found.add(this.#keys[2 * at]);
    return [...found].sort((a, b) => a - b);
  }

  clear(): void {
    this.#size = 0;
    this.#slots.fill(0);
  }

  encode(): Buffer {
    const losses = this.losses('spool-full');
    const bytes = Buffer.alloc(losses.length * entryBytes);
    for (const [i, { interfaceIndex, window, flows, packets }] of losses.entries()) {
      bytes.writeInt32LE(interfaceIndex, i * entryBytes);
      bytes.writeInt32LE(window, i * entryBytes + 4);
      bytes.writeDoubleLE(flows, i * entryBytes + 8);
      bytes.writeDoubleLE(packets, i * entryBytes + 16);
    }
    return bytes;
  }

  static decode(bytes: Buffer): RowTally {
    const tally = new RowTally();
    for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
      tally.addFlows(
        bytes.readInt32LE(at),
        bytes.readInt32LE(at + 4),
        bytes.readDoubleLE(at + 8),
        bytes.readDoubleLE(at + 16),
      );
    }
    return tally;
  }

  #find(interfaceIndex: number, window: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(interfaceIndex, window) & mask;
    for (;;) {
      const at = this.#slots[slot] - 1;
      if (at < 0) break;
      if (this.#keys[2 * at] === interfaceIndex && this.#keys[2 * at + 1] === window) return at;
      slot = (slot + 1) & mask;
    }
    const first = this.#keys[1];
    if (this.#size >= maxEntries && window !== first) return this.#find(interfaceIndex, first);
    return this.#insert(slot, interfaceIndex, window);
  }

  #insert(slot: number, interfaceIndex: number, window: number): number {
    const at = this.#size++;
    this.#keys[2 * at] = interfaceIndex;
    this.#keys[2 * at + 1] = window;
    this.#sums[2 * at] = 0;
    this.#sums[2 * at + 1] = 0;
    this.#slots[slot] = at + 1;
    if (this.#size === this.#capacity) this.#grow();
    return at;
  }

  #grow(): void {
    this.#capacity *= 2;
    const keys = new Int32Array(2 * this.#capacity);
    const sums = new Float64Array(2 * this.#capacity);
    keys.set(this.#keys);
    sums.set(this.#sums);
    this.#keys = keys;
    this.#sums = sums;
    this.#slots = new Int32Array(4 * this.#capacity);
    const mask = this.#slots.length - 1;
    for (let at = 0; at < this.#size; at++) {
      let slot = hash(keys[2 * at], keys[2 * at + 1]) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = at + 1;
    }
  }
}

/** Numbers of interfaces and windows are small and neighbours: nobody outside chooses them. */
function hash(interfaceIndex: number, window: number): number {
  let mixed = Math.imul(interfaceIndex, 0x9e3779b1) ^ Math.imul(window, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
