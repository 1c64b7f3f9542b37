/** The account at home and outside, and what is delivered where: both processes know it. */
export const faultPlace = { accountId: '123456789012', region: 'us-east-1' } as const;
export const windowSeconds = 60;
export const interfaceIds = ['eni-0', 'eni-1', 'eni-2'] as const;

export type Outside = 'bucket' | 'group' | 'stream';

/** A flow log of every schedule. */
export interface Delivered {
  readonly flowLogId: string;
  readonly name: string;
  readonly kind: Outside;
  readonly isOutside: boolean;
  /** Aggregation interval, in seconds. */
  readonly interval: 60 | 600;
  readonly format: 'plain-text' | 'parquet';
}

const one = (
  number: number,
  kind: Outside,
  isOutside: boolean,
  interval: 60 | 600 = 60,
  format: Delivered['format'] = 'plain-text',
): Delivered => ({
  flowLogId: `fl-${String(number).padStart(17, '0')}`,
  name: `${isOutside ? 'outside' : 'local'} ${kind} ${format === 'parquet' ? 'parquet ' : ''}${interval}`,
  kind,
  isOutside,
  interval,
  format,
});

export const delivered: readonly Delivered[] = [
  one(1, 'group', false),
  one(2, 'group', false, 600),
  one(3, 'bucket', false),
  one(4, 'bucket', false, 600, 'parquet'),
  one(5, 'stream', false),
  one(6, 'bucket', true),
  one(7, 'bucket', true, 600, 'parquet'),
  one(8, 'group', true),
  one(9, 'group', true, 600),
  one(10, 'stream', true),
];

/** A bucket, log group or stream for each flow log, and one bucket more for each stream. */
export const targetName = (seed: number, { flowLogId, isOutside }: Delivered): string =>
  `${isOutside ? `out-${seed}` : 'local'}-${Number(flowLogId.slice(3))}`;
export const streamBucket = (streamName: string): string => `${streamName}-objects`;

/** What one life of the process is told at its start. */
export interface LifeOptions {
  readonly seed: number;
  readonly folder: string;
  readonly spoolFolder: string;
  readonly spoolBytes: number;
  readonly endpoints: Readonly<Record<Outside, string>>;
  readonly firstWindow: number;
  /** The number of the first flow: each is another one's `packets`. */
  readonly firstFlow: number;
  readonly mostFlows: number;
  /** Between windows. */
  readonly paceMs: number;
  /** Gets what was delivered here, at the end. */
  readonly resultFile: string;
}

export interface FlowLogState {
  readonly name: string;
  readonly status: string;
  readonly message?: string | undefined;
  readonly detail: string;
  readonly ambiguous: number;
  readonly undelivered: number;
  readonly waiting: number;
  readonly segments: number;
  readonly held: number;
}

export interface ToldLoss {
  readonly interfaceId: string;
  readonly window: number;
  readonly reason: string;
  readonly flows: number;
  readonly isUnknown?: true;
}

/** Lines of the process: each is on its way before what it tells of is done, or after. */
export type Told =
  | { readonly type: 'ready' }
  | {
      readonly type: 'feeding';
      readonly window: number;
      readonly flows: readonly (readonly [number, number])[];
    }
  | { readonly type: 'sealed'; readonly window: number }
  | { readonly type: 'state'; readonly states: readonly FlowLogState[] }
  | { readonly type: 'losses'; readonly losses: readonly ToldLoss[] }
  | { readonly type: 'report'; readonly line: string }
  | { readonly type: 'drained' };
