/** A field of many records as the store keeps it: numbers wherever that loses nothing. */
export type StoredColumn =
  /** An int32 field; `missingInt32` is `-`. */
  | { readonly type: 'int32'; readonly values: Int32Array }
  /** An int64 field, whole numbers up to 2^53; NaN is `-`. */
  | { readonly type: 'int64'; readonly values: Float64Array }
  /** A string field by its number in `texts`; `missingCode` is `-`. */
  | { readonly type: 'text'; readonly codes: Int32Array; readonly texts: readonly string[] }
  /** An address: IPv4 in `values` where the code is `ipv4Code`, any other by its number in `texts`. */
  | {
      readonly type: 'address';
      readonly values: Uint32Array;
      readonly codes: Int32Array;
      readonly texts: readonly string[];
    };

/** No canonical number of a record is negative. */
export const missingInt32 = -1;
export const missingCode = -1;
export const ipv4Code = -2;
