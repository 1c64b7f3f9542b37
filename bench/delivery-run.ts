/** What a process of the delivery section is asked to do. */
export interface DeliveryWay {
  readonly name: string;
  readonly directory: string;
  /** In each window. */
  readonly flows: number;
  readonly windows: number;
  /** All 29 fields of AWS's version 5 instead of the 14 of version 2. */
  readonly isWide?: boolean;
  readonly spoolBytes?: number;
}

/** What it says as JSON. */
export interface DeliveryRun {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** See `TurnTimes`. */
  readonly turnMs: number;
  readonly longestMs: number;
  readonly peakMegabytes: number;
  /** From the closing of the last window until its last record could be read. */
  readonly readableSeconds?: number;
  readonly keptBytes?: number;
  readonly memory?: {
    readonly idleMegabytes: number;
    readonly downMegabytes: number;
    readonly afterMegabytes: number;
    readonly droppedSegments: number;
    readonly segments: number;
  };
}
