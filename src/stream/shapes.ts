import type { Place } from '../resource/index.ts';

/** Of records that must be taken once: a later one of the same source is given in the same or a higher order. */
export interface RecordOrigin {
  /** A flow log's id. */
  readonly source: string;
  /** Of another sequence, numbers begin anew. */
  readonly sequence: string;
  /** Compared first by `[0]`, then by `[1]`. */
  readonly number: readonly [number, number];
}

/** Where records go in; each is on the disk when it is fulfilled. */
export interface RecordIntake {
  /**
   * All or none. With an origin that was taken before, nothing happens.
   * @throws ServiceError `ResourceNotFoundException`, `ServiceUnavailableException` (no room), `InvalidArgumentException`
   */
  putRecords(
    at: { readonly place: Place; readonly name: string },
    records: readonly Uint8Array[],
    origin?: RecordOrigin,
  ): Promise<{ readonly recordIds: readonly string[] }>;
}
