import type { FlowLogHealth } from '../flowlog/index.ts';
import type { FlowRecords } from '../record/index.ts';

/**
 * Names a batch: the same after a restart, as what the spool holds is rendered again. Batches of a flow log come in the
 * order of their segments, then of their pieces; a destination that remembers the last one takes each once.
 */
export interface BatchId {
  readonly flowLogId: string;
  /** Of the spool: another one counts its segments anew. */
  readonly spoolId: string;
  readonly segment: number;
  readonly piece: number;
}

/** Records of one flow log that are delivered together. */
export interface Batch {
  readonly id: BatchId;
  readonly records: FlowRecords;
}

/** An object that is complete on the local disk. The same key always comes with the same bytes. */
export interface ObjectFile {
  /** In the bucket, with the folder of the flow log's ARN. */
  readonly key: string;
  /** Path. */
  readonly file: string;
  readonly bytes: number;
  readonly records: number;
}

export type DeliveryOutcome = { readonly kind: 'delivered' } | Refusal;

export interface Refusal {
  readonly kind: 'refused';
  /** What DescribeFlowLogs says of it. */
  readonly message: NonNullable<FlowLogHealth['message']>;
  /** For the operator: what exactly was refused. */
  readonly detail: string;
  /** Whether the same may be taken later. */
  readonly retryable: boolean;
  /** It may have been taken: the answer did not come. Sent again, it may be there twice where nothing tells them apart. */
  readonly isAmbiguous?: true;
}

/**
 * Where records go, batch by batch: log groups and delivery streams. It is given the same batch until it takes it, and
 * does not throw for a refusal.
 */
export interface RecordDestination {
  readonly takes: 'records';
  /** A batch that it took is not taken again, not even after a crash. */
  readonly remembers?: true;
  deliver(batch: Batch): Promise<DeliveryOutcome>;
  /** The flow log is no more: what is remembered of it is let go. */
  forget?(): Promise<void>;
}

/** Where objects go: buckets. */
export interface ObjectDestination {
  readonly takes: 'objects';
  /** The folder of the ARN, with a slash at its end; empty without one. */
  readonly prefix: string;
  put(object: ObjectFile): Promise<DeliveryOutcome>;
}

export type Destination = RecordDestination | ObjectDestination;
