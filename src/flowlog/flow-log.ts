import { type LogFormat, recordsOutcome, type TagKeys, type TrafficType } from '../record/index.ts';
import { madeUpId } from '../vpc/made-up-id.ts';
import type { Identity } from '../vpc/network.ts';

export type FileFormat = 'plain-text' | 'parquet';

/** What CreateFlowLogs is asked for, in its words. */
export interface FlowLogOptions {
  readonly trafficType: TrafficType;
  readonly format: LogFormat;
  /** Seconds. */
  readonly maxAggregationInterval: 60 | 600;
  /** Where records go, as text: a directory, an ARN. It names the flow log, and is not looked at here. */
  readonly destination: string;
  readonly fileFormat: FileFormat;
  readonly hiveCompatiblePartitions: boolean;
  readonly perHourPartition: boolean;
  readonly tagKeys?: TagKeys;
}

export interface FlowLog extends FlowLogOptions {
  /** `fl-` and 17 hex digits. */
  readonly id: string;
}

/**
 * A flow log whose id comes from its format, traffic type, interval and destination: the same in every run. How files
 * look is no part of it, so a flow log keeps its id when that changes.
 */
export function makeFlowLog(
  options: FlowLogOptions,
  identity: Pick<Identity, 'accountId' | 'region'>,
): FlowLog {
  const { format, trafficType, maxAggregationInterval, destination } = options;
  const naturalKey = [format.text, trafficType, maxAggregationInterval, destination].join('\n');
  return { ...options, id: madeUpId('fl', 'vpc-flow-log', identity, naturalKey) };
}

/** Whether the flow log records flows with this outcome word. */
export function selects(flowLog: Pick<FlowLog, 'trafficType'>, outcome: number): boolean {
  return recordsOutcome(flowLog.trafficType, outcome);
}
