import type { Field, FieldType } from './fields.ts';
import type { ColumnPages } from './parquet-column.ts';
import { type ThriftStruct, type ThriftValue, thriftBytes } from './thrift-writer.ts';

/** Numbers of the format, see `parquet.thrift`. */
const codecGzip = 2;
const optional = 1;
const encoding = { plain: 0, rle: 3, dictionary: 8 } as const;
const types = {
  string: { physical: 6, converted: 0 },
  int32: { physical: 1, converted: 17 },
  int64: { physical: 2, converted: 18 },
} as const satisfies Record<FieldType, object>;

/** Where a column of a row group came to lie. */
export interface Chunk {
  readonly field: Field;
  readonly rows: number;
  readonly pages: Pick<ColumnPages, 'range' | 'nulls'>;
  readonly hasDictionary: boolean;
  readonly at: number;
  dataAt: number;
  /** Of its pages with their headers. */
  bytes: number;
  plainBytes: number;
}

export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly Chunk[];
}

/** What stands ahead of a page. */
export function pageHeader(page: Page, plainBytes: number, bytes: number): Uint8Array {
  const isData = 'rows' in page;
  return thriftBytes([
    [1, { i32: isData ? 0 : 2 }],
    [2, { i32: plainBytes }],
    [3, { i32: bytes }],
    isData ? [5, { struct: dataHeader(page) }] : [7, { struct: dictionaryHeader(page.entries) }],
  ]);
}

type Page = { readonly rows: number; readonly hasDictionary: boolean } | { readonly entries: number };

function dataHeader({ rows, hasDictionary }: Extract<Page, { rows: number }>): ThriftStruct {
  return [
    [1, { i32: rows }],
    [2, { i32: hasDictionary ? encoding.dictionary : encoding.plain }],
    [3, { i32: encoding.rle }],
    [4, { i32: encoding.rle }],
  ];
}

function dictionaryHeader(entries: number): ThriftStruct {
  return [
    [1, { i32: entries }],
    [2, { i32: encoding.plain }],
  ];
}

/** What stands at a file's end: its columns, and where they are. */
export function fileMetadata(fields: readonly Field[], groups: readonly RowGroup[]): Uint8Array {
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  return thriftBytes([
    [1, { i32: 1 }],
    [2, { list: [rootElement(fields.length), ...fields.map(schemaElement)] }],
    [3, { i64: rows }],
    [4, { list: groups.map((group) => ({ struct: rowGroup(group) })) }],
    [6, { binary: 'headgate' }],
    // Ranges are in the order of their type.
    [7, { list: fields.map(() => ({ struct: [[1, { struct: [] }]] })) }],
  ]);
}

const rootElement = (children: number): ThriftValue => ({
  struct: [
    [4, { binary: 'schema' }],
    [5, { i32: children }],
  ],
});

function schemaElement({ column, type }: Field): ThriftValue {
  return {
    struct: [
      [1, { i32: types[type].physical }],
      [3, { i32: optional }],
      [4, { binary: column }],
      [6, { i32: types[type].converted }],
    ],
  };
}

function rowGroup({ rows, chunks }: RowGroup): ThriftStruct {
  const sum = (of: (chunk: Chunk) => number) => chunks.reduce((total, chunk) => total + of(chunk), 0);
  return [
    [1, { list: chunks.map((chunk) => ({ struct: columnChunk(chunk) })) }],
    [2, { i64: sum(({ plainBytes }) => plainBytes) }],
    [3, { i64: rows }],
    [5, { i64: chunks[0].at }],
    [6, { i64: sum(({ bytes }) => bytes) }],
  ];
}

function columnChunk(chunk: Chunk): ThriftStruct {
  return [
    [2, { i64: chunk.at }],
    [3, { struct: columnMetadata(chunk) }],
  ];
}

function columnMetadata(chunk: Chunk): ThriftStruct {
  const { field, rows, pages, hasDictionary, at, dataAt, bytes, plainBytes } = chunk;
  const encodings = [encoding.plain, encoding.rle, ...(hasDictionary ? [encoding.dictionary] : [])];
  return [
    [1, { i32: types[field.type].physical }],
    [2, { list: encodings.map((i32) => ({ i32 })) }],
    [3, { list: [{ binary: field.column }] }],
    [4, { i32: codecGzip }],
    [5, { i64: rows }],
    [6, { i64: plainBytes }],
    [7, { i64: bytes }],
    [9, { i64: dataAt }],
    [11, hasDictionary ? { i64: at } : undefined],
    [12, { struct: statistics(pages) }],
  ];
}

function statistics({ range, nulls }: Pick<ColumnPages, 'range' | 'nulls'>): ThriftStruct {
  return [
    [3, { i64: nulls }],
    [5, range && { binary: range.max }],
    [6, range && { binary: range.min }],
  ];
}
