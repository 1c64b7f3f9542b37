import type { OutputLogEvent } from './shapes.ts';

export interface TailRequest {
  /** Names or ARNs. */
  readonly logGroupIdentifiers: readonly string[];
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefixes?: readonly string[];
  readonly logEventFilterPattern?: string;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

export interface TailedEvent extends OutputLogEvent {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly logGroupIdentifier: string;
}

/** What has come since the last time the reader asked. */
export interface TailUpdate {
  readonly events: readonly TailedEvent[];
  /** Matching events that the reader was too slow for. */
  readonly dropped: number;
}
