import type {
  FileImport,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  ImportRequest,
  RunQueryAnswer,
  RunQueryRequest,
  TailRequest,
  TailUpdate,
} from '../../logs/index.ts';
import type { StoreStatus } from '../../store/index.ts';
import type { Question, Questions } from '../administration/questions.ts';

export interface GroupOverview {
  readonly name: string;
  /** Epoch milliseconds, as all times here. */
  readonly creationTime: number;
  readonly retentionInDays?: number;
  readonly streams: number;
  readonly events: number;
  /** Of messages. */
  readonly bytes: number;
  /** Of segments; recent rows are in the journal still. */
  readonly diskBytes: number;
  readonly firstEventMs?: number;
  readonly lastEventMs?: number;
}

export interface StreamOverview {
  readonly name: string;
  readonly events: number;
  readonly bytes: number;
  readonly firstEventMs?: number;
  readonly lastEventMs?: number;
  readonly lastIngestionMs?: number;
}

/** The process that has the store open. */
export interface Holder {
  readonly pid: number;
  readonly sinceMs: number;
  /** As the user would say it: `headgate capture`. */
  readonly command: string;
}

export interface AccessStatus extends StoreStatus {
  readonly holder: Holder;
  /** Resident memory of that process, now and at most so far. */
  readonly memoryBytes: number;
  readonly peakMemoryBytes: number;
}

/** What commands ask of the log store, be it open in this process or in another one. */
export interface LogsAccess {
  /** Whether this process has it open, and keeps it from others. */
  readonly isOpenHere: boolean;
  groups(): Promise<readonly GroupOverview[]>;
  /** @throws ServiceError `ResourceNotFoundException` */
  streams(group: string): Promise<readonly StreamOverview[]>;
  runQuery(request: Omit<RunQueryRequest, 'onRows'>): Promise<RunQueryAnswer>;
  filterLogEvents(
    request: FilterLogEventsRequest,
    options?: { readonly signal?: AbortSignal },
  ): Promise<FilterLogEventsResponse>;
  /** Fulfilled when new events are being watched for. */
  tail(request: TailRequest): Promise<AsyncIterable<TailUpdate>>;
  /** undefined when the whole file is there already. */
  beginImport(request: ImportRequest): Promise<FileImport | undefined>;
  status(): Promise<AccessStatus>;
  /** What is asked of accounts, the network and the service. */
  ask<Q extends Question>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']>;
  close(): Promise<void>;
}
