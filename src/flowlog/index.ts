/**
 * The flow log: the resource `fl-…` of the EC2 API, with what it records, in which format and to which destination.
 * It renders and delivers nothing itself.
 */
export {
  type FileFormat,
  type FlowLog,
  type FlowLogOptions,
  makeFlowLog,
  selects,
} from './flow-log.ts';
