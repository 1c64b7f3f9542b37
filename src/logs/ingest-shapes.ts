import type { FlowRecords, LogFormat, RecordBatch } from '../record/index.ts';

/**
 * What comes in without PutLogEvents: records of a capture and files. Exempt from its limits on age, span and batch
 * size; the group's creation time moves back to the oldest event.
 */
export interface PutRecordsRequest {
  readonly logGroupName: string;
  /** One for all, or one for each record. Groups and streams that are not there are made. */
  readonly logStreamName: string | readonly string[];
  readonly records: FlowRecords;
  /** Records of an origin that was taken before are not taken again. */
  readonly origin?: RecordOrigin;
}

/** Of records that must be taken once: a later one of the same source is given in the same or a higher order. */
export interface RecordOrigin {
  /** A flow log's id. */
  readonly source: string;
  /** Of another sequence, numbers begin anew. */
  readonly sequence: string;
  /** Compared first by `[0]`, then by `[1]`. */
  readonly number: readonly [number, number];
}

export interface ImportRequest {
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Of the file's content, in hex: what the ledger of imports knows it by. */
  readonly sha256: string;
  /** For the ledger; not looked at. */
  readonly fileName: string;
  /** Of lines; without it, the group's delivery format, else the default one where a line fits it. */
  readonly format?: LogFormat;
}

export interface ImportSums {
  /** Items (lines, records, events) that this import added. */
  readonly added: number;
  /** Items that an earlier, interrupted import had added already. */
  readonly skipped: number;
  /** Of those added: kept as columns, as text of a known format, and as any text. */
  readonly records: number;
  readonly textRecords: number;
  readonly plain: number;
}

/**
 * One file on its way into a log group. Each call is durable when fulfilled, together with how far the file was read:
 * after an interruption the same file is given from its beginning, and what is there already is passed over.
 */
export interface FileImport {
  /** Lines of records without line feeds; the event's time is the record's `start`. */
  addLines(lines: readonly string[]): Promise<void>;
  addRecords(records: RecordBatch): Promise<void>;
  addEvents(events: readonly { readonly timestamp: number; readonly message: string }[]): Promise<void>;
  /** Enters the file into the ledger as whole. */
  finish(): Promise<ImportSums>;
  /** Lets go of a file that was not read to its end. */
  abandon(): void;
}
