const mebibyte = 1024 * 1024;

export const captureDefaults = {
  /** Relative to the working directory, so that an unprivileged try-out leaves the system alone. */
  dataDirectory: 'headgate-data',
  /** The bucket's name in the data directory. */
  bucket: 'headgate-flow-logs',
  /** The log group of captured records; AWS suggests no name, this one its documentation uses. */
  logGroup: 'vpc-flow-logs',
  /** AWS's shortest aggregation interval, and what Nitro-based instances always use. */
  windowSeconds: 60,
  maxAggregationInterval: 60,
  /** A busy host's minute; 128 bytes each. */
  maxFlows: 1_048_576,
  /** What the tree of objects may hold before the oldest day goes. */
  keepBytes: 10 * 1024 * mebibyte,
  /** Objects are not written below this part of the disk's size: a full disk hurts more than a missing day. */
  minFreeFraction: 0.05,
} as const;

export const serviceDefaults = {
  address: '127.0.0.1',
  /** Free at IANA, and not what other servers of AWS's API take. */
  port: 4650,
  /** What a call that changes the network waits for the capture thread. */
  confirmationMs: 250,
  /** Until devices that could not be stored are tried again: a disk that is full, most likely. */
  followRetryMs: 5000,
  /** How often sessions that have ended are forgotten: they are refused before that. */
  pruneMs: 300_000,
  /** How often the lifecycle rules of buckets are applied; they count in days. */
  lifecycleMs: 3_600_000,
} as const;

/** What waits on the disk for destinations. */
export const spoolDefaults = {
  /** 16 M flows of 128 bytes: a day of 11,000 a minute, a quarter of an hour of a million. */
  maxBytes: 2048 * mebibyte,
  /** A destination that has been away for a day is somebody's to mend; Logs takes no events that are much older. */
  maxAgeMs: 86_400_000,
} as const;

/** How memory is divided. Together with Node's own some 100 MiB this stays below 1 GiB at the defaults. */
export const memoryBounds = {
  /** Tracked connections over all interfaces; untouched ones cost nothing. */
  maxConnections: 1_048_576,
  /** Rows that the capture thread has handed over and that are not written yet. */
  handOverBytes: 96 * mebibyte,
  /** The log store with DuckDB, which goes past what it is told: recent rows, segments being written, queries. */
  storeBytes: 384 * mebibyte,
  /** The whole process: beyond it queries are ended, the newest first, and capture goes on. */
  processBytes: 1024 * mebibyte,
  /** Rings shared with the kernel, over all devices: at 1 M small packets a second 32 MiB hold 150 ms. */
  ringBytesPerDevice: 32 * mebibyte,
  ringBytesTotal: 128 * mebibyte,
} as const;
