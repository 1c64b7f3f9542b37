/**
 * Flow log records: the one table of their fields, log formats, and records as columns, as text and as Parquet, text
 * both ways. Flows come in as rows and leave as records; which flows a flow log takes, and where its records go, is
 * not known here.
 */
export { loadIpRanges } from './aws-ip-ranges.ts';
export { buildRecords } from './build-records.ts';
export { fieldTableText } from './field-table.ts';
export { fields } from './fields.ts';
export { LineReader } from './line-columns.ts';
export { defaultLogFormat, type LogFormat, parseHeader, parseLogFormat } from './log-format.ts';
export { encodeParquet, encodeRowGroups, rowGroupRows } from './parquet.ts';
export { parseLines } from './parse-lines.ts';
export type { FlowRecords, RecordBatch } from './record-batch.ts';
export { recordColumns } from './record-columns.ts';
export type { RecordContext, TagKeys } from './record-context.ts';
export { type StatusEntry, statusRecords } from './status-records.ts';
export type { StoredColumn } from './stored-column.ts';
export { pickRows, pickValues, sliceRows, storedLine } from './stored-lines.ts';
export { headerLine, type LinePiece, lineChunks, linePieces, renderLines } from './text.ts';
export { recordsOutcome, type TrafficType, trafficTypes } from './traffic-type.ts';
