/** Hot: once for every record of a capture. */

/** Keys that a counting sort takes; a window has 60 or 600 seconds. */
const maxKeys = 65_536;

/**
 * The rows in the order of time, those of one time by stream, else as they came: then the store need not sort them,
 * and like values stand side by side.
 */
export function recordOrder(timesMs: Float64Array, streams: Int32Array): Int32Array {
  const rows = new Int32Array(timesMs.length);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  return sorted(sorted(rows, streams, 1), timesMs, 1000);
}

/** Rows of one value stay in their order. */
function sorted(rows: Int32Array, values: Float64Array | Int32Array, unit: number): Int32Array {
  const keys = keysOf(values, unit);
  return keys ? counted(rows, keys) : rows.sort((a, b) => values[a] - values[b]);
}

/** Distances to the least value in a unit; undefined where one is no whole number or too great. */
function keysOf(values: Float64Array | Int32Array, unit: number): Int32Array | undefined {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i] < least) least = values[i];
  const keys = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const key = (values[i] - least) / unit;
    if (key >= maxKeys || (key | 0) !== key) return undefined;
    keys[i] = key;
  }
  return keys;
}

function counted(rows: Int32Array, keys: Int32Array): Int32Array {
  let most = 0;
  for (let i = 0; i < keys.length; i++) if (keys[i] > most) most = keys[i];
  const places = new Int32Array(most + 2);
  for (let i = 0; i < keys.length; i++) places[keys[i] + 1]++;
  for (let key = 1; key < places.length; key++) places[key] += places[key - 1];
  const inOrder = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    inOrder[places[keys[row]]++] = row;
  }
  return inOrder;
}
