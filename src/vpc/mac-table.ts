/** Hot: looked up per packet; `find` does not allocate. Budget: one hash and, at half load, about 1.5 probes. */
import { QuadTable } from './quad-table.ts';

/** The upper 16 and lower 32 bits of a MAC address; the lower as a signed word. */
export interface MacAddress {
  readonly high: number;
  readonly low: number;
}

/** MAC addresses to the index of an interface. */
export class MacTable {
  readonly #table = new QuadTable();

  get size(): number {
    return this.#table.size;
  }

  /** A MAC address that is there already passes to the new index. */
  add(high: number, low: number, index: number): void {
    this.#table.put(0, 0, high, low, index);
  }

  /** The index, or -1. */
  find(high: number, low: number): number {
    return this.#table.find(0, 0, high, low);
  }
}

/** Reads six pairs of hex digits parted by colons (or all by hyphens); `undefined` when it is no 48-bit MAC address. */
export function parseMac(text: string): MacAddress | undefined {
  if (!/^[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})$/i.test(text)) return undefined;
  const digits = text.replaceAll(/[:-]/g, '');
  return { high: Number.parseInt(digits.slice(0, 4), 16), low: Number.parseInt(digits.slice(4), 16) | 0 };
}

/** Lower case with colons, as AWS prints it. */
export function formatMac({ high, low }: MacAddress): string {
  const digits = high.toString(16).padStart(4, '0') + (low >>> 0).toString(16).padStart(8, '0');
  return digits.match(/../g)!.join(':');
}
