/** On whose behalf a subscription filter delivers. */
export interface SubscriptionSource {
  readonly accountId: string;
  readonly region: string;
  /** Of the log group, as DescribeLogGroups gives it: with `:*` at its end. */
  readonly arn: string;
}

/** Where subscription filters deliver: Firehose streams. */
export interface SubscriptionSink {
  /**
   * Whether a filter with this destination may be made.
   * @throws DeliveryError when nothing can be delivered there now; ServiceError for what must not be
   */
  check(destinationArn: string, roleArn: string, source: SubscriptionSource): Promise<void>;
  /**
   * Durable when fulfilled; all or none.
   * @throws DeliveryError
   */
  put(
    destinationArn: string,
    roleArn: string,
    source: SubscriptionSource,
    records: readonly Uint8Array[],
  ): Promise<void>;
}

/** How a subscription filter stands, for the operator. */
export interface SubscriptionStatus {
  readonly accountId: string;
  readonly region: string;
  readonly logGroupName: string;
  readonly filterName: string;
  readonly destinationArn: string;
  /** Events that are in the group and were not delivered or passed over yet; of those looked at only what matches. */
  readonly behind: number;
  /** Events that were gone from the group before the filter came to them, and such as are too large to be delivered. */
  readonly lost: number;
  /** Of the last attempt, when that failed. */
  readonly lastError?: string;
  /** Epoch milliseconds of the first attempt since which none has succeeded. */
  readonly failingSinceMs?: number;
  /** Epoch milliseconds. */
  readonly lastDeliveryMs?: number;
}

/** How eager subscription filters are, and how much they hold. */
export interface SubscriptionBounds {
  /** How long new events wait for more of them. */
  readonly lingerMs: number;
  /** Before the first attempt again; each next one takes twice as long. */
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
  /** Looked at in one piece. */
  readonly pageEvents: number;
  readonly pageBytes: number;
}

export const subscriptionBounds: SubscriptionBounds = {
  lingerMs: 250,
  firstRetryMs: 1_000,
  lastRetryMs: 60_000,
  pageEvents: 5_000,
  pageBytes: 4 * 1024 * 1024,
};
