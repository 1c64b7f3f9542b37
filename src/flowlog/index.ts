/**
 * The flow log: the resource `fl-…` of the EC2 API, which interfaces it covers, and its records: flows of those
 * interfaces, filtered by traffic type, merged into its interval, rendered in its format. Where the records go is
 * `delivery`'s.
 */
export { Coverage } from './coverage.ts';
export {
  type FileFormat,
  type FlowLog,
  type FlowLogOptions,
  makeFlowLog,
} from './flow-log.ts';
export { FlowLogOutlet, type RecordSink, type RecordSums } from './flow-log-outlet.ts';
export type { CoveredWindow } from './interval-ledger.ts';
export { type FlowLogHealth, type FlowLogResource, flowLogs } from './kinds.ts';
export { runnableFlowLog } from './runnable.ts';
export { splitRows } from './split-rows.ts';
