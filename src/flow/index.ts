/**
 * From packets to flows: the flow table, windows, merging into longer intervals, what AWS never logs, and the sums that
 * account for every frame and packet. Pure and hot: no I/O and no clock but the packets' own. It knows nothing of
 * records and their formats.
 */
export { CaptureSums, type SumsReport, unaccountedFrames } from './capture-sums.ts';
export { type CapturedWindow, sourceBit } from './captured-windows.ts';
export { FlowMerger } from './flow-merger.ts';
export * from './flow-row.ts';

export { type Loss, LossLedger } from './loss-ledger.ts';
export { type FlowSink, type HostPoint, Meter } from './meter.ts';
export { Owners } from './owners.ts';
export { Unlogged } from './unlogged.ts';
