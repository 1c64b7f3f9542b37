import type { FlowLogHealth } from '../flowlog/index.ts';
import type { FlowRecords } from '../record/index.ts';

/** Records of one flow log that are delivered together. */
export interface Batch {
  readonly flowLogId: string;
  /** From 1, one more with each batch of a flow log: a destination that remembers it can take each batch once. */
  readonly number: number;
  readonly records: FlowRecords;
}

export type DeliveryOutcome = { readonly kind: 'delivered' } | Refusal;

export interface Refusal {
  readonly kind: 'refused';
  /** What DescribeFlowLogs says of it. */
  readonly message: NonNullable<FlowLogHealth['message']>;
  /** For the operator: what exactly was refused. */
  readonly detail: string;
  /** Whether the same batch may be taken later. */
  readonly retryable: boolean;
}

/** Where the records of one flow log go. It is given one batch after the other, and does not throw for a refusal. */
export interface Destination {
  deliver(batch: Batch): Promise<DeliveryOutcome>;
}
