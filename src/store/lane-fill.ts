/**
 * Hot: once for every value that comes into the store; no allocation. Each fills `count` places of a lane from `at` on
 * with the values from `from` on.
 */
import type { Lane } from './table-appender.ts';

/** What stands in a table in memory for a number that is `-`; validity masks would cost more than they are worth. */
export const missingNumber = -1;

type Int32Lane = Extract<Lane, { type: 'INTEGER' }>;
type Uint32Lane = Extract<Lane, { type: 'UINTEGER' }>;
type Int64Lane = Extract<Lane, { type: 'BIGINT' }>;

export function fillInt32(
  lane: Int32Lane | Uint32Lane,
  at: number,
  values: Int32Array | Uint32Array,
  from: number,
  count: number,
): void {
  lane.items.set(values.subarray(from, from + count), at);
}

/** NaN becomes `missingNumber`. */
export function fillInt64(
  lane: Int64Lane,
  at: number,
  values: Float64Array,
  from: number,
  count: number,
): void {
  const { words } = lane;
  for (let i = 0; i < count; i++) {
    const value = values[from + i];
    const to = 2 * (at + i);
    if (Number.isNaN(value)) {
      words[to] = missingNumber;
      words[to + 1] = missingNumber;
    } else {
      words[to] = value;
      words[to + 1] = Math.floor(value / 4_294_967_296);
    }
  }
}

/** Codes of a batch as numbers of the generation; negative ones are none and stay. */
export function fillCodes(
  lane: Int32Lane,
  at: number,
  codes: Int32Array,
  numbers: Int32Array,
  from: number,
  count: number,
): void {
  const { items } = lane;
  for (let i = 0; i < count; i++) {
    const code = codes[from + i];
    items[at + i] = code < 0 ? code : numbers[code];
  }
}

export function fillConstant32(lane: Int32Lane, at: number, value: number, count: number): void {
  lane.items.fill(value, at, at + count);
}

export function fillConstant64(lane: Int64Lane, at: number, value: number, count: number): void {
  fillSteps64(lane, at, value, 0, count);
}

/** `first`, `first + step`, … */
export function fillSteps64(lane: Int64Lane, at: number, first: number, step: number, count: number): void {
  const { words } = lane;
  for (let i = 0; i < count; i++) {
    const value = first + step * i;
    words[2 * (at + i)] = value;
    words[2 * (at + i) + 1] = Math.floor(value / 4_294_967_296);
  }
}
