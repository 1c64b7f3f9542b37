/** Type numbers of Thrift's compact protocol. */
const wire = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/** What a field of a struct holds; numbers are not negative. */
export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly binary: Uint8Array | string }
  | { readonly list: readonly ThriftValue[] }
  | { readonly struct: ThriftStruct };

/** Fields by number, in rising order; what is absent is left out. */
export type ThriftStruct = readonly (readonly [field: number, value: ThriftValue | undefined])[];

/** A struct in Thrift's compact protocol, in which Parquet keeps what it says about pages and files. */
export function thriftBytes(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  writeStruct(bytes, struct);
  return Uint8Array.from(bytes);
}

function writeStruct(bytes: number[], struct: ThriftStruct): void {
  let last = 0;
  for (const [field, value] of struct) {
    if (value === undefined) continue;
    // Parquet has no field so far behind another that its number would be written out.
    bytes.push(((field - last) << 4) | typeOf(value));
    last = field;
    writeValue(bytes, value);
  }
  bytes.push(0);
}

function typeOf(value: ThriftValue): number {
  if ('i32' in value) return wire.i32;
  if ('i64' in value) return wire.i64;
  if ('binary' in value) return wire.binary;
  return 'list' in value ? wire.list : wire.struct;
}

function writeValue(bytes: number[], value: ThriftValue): void {
  if ('i32' in value) writeVarint(bytes, value.i32 * 2);
  else if ('i64' in value) writeVarint(bytes, value.i64 * 2);
  else if ('struct' in value) writeStruct(bytes, value.struct);
  else if ('list' in value) writeList(bytes, value.list);
  else {
    const content = typeof value.binary === 'string' ? Buffer.from(value.binary) : value.binary;
    writeVarint(bytes, content.length);
    for (const byte of content) bytes.push(byte);
  }
}

function writeList(bytes: number[], list: readonly ThriftValue[]): void {
  const type = list.length > 0 ? typeOf(list[0]) : wire.struct;
  if (list.length < 15) bytes.push((list.length << 4) | type);
  else {
    bytes.push(0xf0 | type);
    writeVarint(bytes, list.length);
  }
  for (const value of list) writeValue(bytes, value);
}

/** Seven bits a byte, the lowest first; up to 2^53, which shifts of 32 bits would not take. */
export function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
}
