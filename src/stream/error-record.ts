/** Of a record that is under an error prefix, by the developer guide's pages on failures of data transformation. */
export interface FailedRecord {
  readonly attemptsMade: number;
  /** When the record came. */
  readonly arrivalTimestamp: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** When it was given up. */
  readonly attemptEndingTimestamp: number;
}

/** One line of JSON, as AWS writes it; the record's bytes are its `rawData`. */
export function errorRecord(failed: FailedRecord, record: Uint8Array): Buffer {
  const { attemptsMade, arrivalTimestamp, errorCode, errorMessage, attemptEndingTimestamp } = failed;
  const rawData = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('base64');
  const shown = { attemptsMade, arrivalTimestamp, errorCode, errorMessage, attemptEndingTimestamp, rawData };
  return Buffer.from(`${JSON.stringify(shown)}\n`);
}
