/**
 * Records of the mix as typed arrays, in the order of width so that each lies aligned in a file. Addresses and
 * interfaces are numbers of `FlowPlaces`; -1 is `-` (NaN in `bytes`).
 */
export interface FlowColumns {
  readonly bytes: Float64Array;
  readonly source: Int32Array;
  readonly destination: Int32Array;
  readonly sourcePort: Int32Array;
  readonly destinationPort: Int32Array;
  readonly packets: Int32Array;
  /** Unix seconds. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly protocol: Int8Array;
  readonly interfaceNumber: Uint8Array;
  /** Numbers of `actionTexts`. */
  readonly action: Uint8Array;
}

/** The last is that of a NODATA record. */
export const actionTexts = ['ACCEPT', 'REJECT', '-'] as const;
export const statusTexts = ['OK', 'OK', 'NODATA'] as const;

const recordBytes = 8 + 7 * 4 + 3;

/** Bytes of a window of so many records, rounded so that the next one lies aligned. */
export function windowBytes(length: number): number {
  return Math.ceil((length * recordBytes) / 8) * 8;
}

/** The columns of a window in one buffer, which they share. */
export function columnsIn(buffer: ArrayBuffer, offset: number, length: number): FlowColumns {
  let at = offset;
  const take = (width: number): number => {
    const from = at;
    at += length * width;
    return from;
  };
  return {
    bytes: new Float64Array(buffer, take(8), length),
    source: new Int32Array(buffer, take(4), length),
    destination: new Int32Array(buffer, take(4), length),
    sourcePort: new Int32Array(buffer, take(4), length),
    destinationPort: new Int32Array(buffer, take(4), length),
    packets: new Int32Array(buffer, take(4), length),
    start: new Int32Array(buffer, take(4), length),
    end: new Int32Array(buffer, take(4), length),
    protocol: new Int8Array(buffer, take(1), length),
    interfaceNumber: new Uint8Array(buffer, take(1), length),
    action: new Uint8Array(buffer, take(1), length),
  };
}
