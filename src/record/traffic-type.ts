import { outcomeAccepted } from '../flow/flow-row.ts';

/** The `TrafficType` of CreateFlowLogs. */
export const trafficTypes = ['ALL', 'ACCEPT', 'REJECT'] as const;
export type TrafficType = (typeof trafficTypes)[number];

/** Whether flows with this outcome word are recorded. NODATA and SKIPDATA have no action: every traffic type has them. */
export function recordsOutcome(trafficType: TrafficType, outcome: number): boolean {
  return trafficType === 'ALL' || outcomeAccepted(outcome) === (trafficType === 'ACCEPT');
}
