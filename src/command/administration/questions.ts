import type { LoggedPackets } from '../../delivery/index.ts';
import type { SumsReport } from '../../flow/index.ts';
import type { SubscriptionStatus } from '../../logs/index.ts';
import type { SpoolStatus } from '../../spool/index.ts';
import type { PlacedStreamStatus } from '../../stream/index.ts';
import type { NetworkChange } from '../../vpc/index.ts';

/** What only who may open the data folder asks: of the process that owns it, or of the store itself. */
export interface Questions {
  administratorKey: { readonly asked: { readonly account?: string }; readonly answer: AdministratorKey };
  resetKey: { readonly asked: { readonly account?: string }; readonly answer: AdministratorKey };
  createAccount: {
    readonly asked: { readonly name: string; readonly account?: string };
    readonly answer: AdministratorKey;
  };
  importNetwork: {
    readonly asked: { readonly directory: string; readonly isDryRun: boolean };
    readonly answer: NetworkImport;
  };
  adoptObjects: {
    readonly asked: { readonly bucket: string };
    readonly answer: { readonly adopted: number; readonly bytes: number };
  };
  service: { readonly asked: null; readonly answer: { readonly service?: ServiceStatus } };
}

export type Question = keyof Questions;

export interface AdministratorKey {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where the API is; absent while nobody serves it. */
  readonly endpoint?: string;
}

export interface NetworkImport {
  readonly changes: readonly NetworkChange[];
  readonly warnings: readonly string[];
}

/** Of the process that serves the API. */
export interface ServiceStatus {
  readonly endpoint: string;
  readonly capture: CaptureStatus;
  readonly sums?: SumsReport;
  /** Packets of flows, by whether flow logs cover them. */
  readonly packets: Readonly<LoggedPackets>;
  readonly losses: readonly LossStatus[];
  readonly flowLogs: readonly FlowLogStatus[];
  readonly spool: SpoolStatus;
  readonly streams: readonly PlacedStreamStatus[];
  readonly subscriptions: readonly SubscriptionStatus[];
  /** Changes of the network that the capture thread had not confirmed when they were answered. */
  readonly unconfirmedChanges: number;
}

export interface CaptureStatus {
  readonly state: 'running' | 'ended' | 'off';
  /** Why there is none. */
  readonly reason?: string;
  readonly captured: readonly string[];
}

export interface LossStatus {
  readonly interfaceId: string;
  /** Epoch seconds. */
  readonly window: number;
  readonly reason: string;
  readonly flows: number;
  readonly packets: number;
  /** What else was lost cannot be known: no more than `atMostPackets`, where the device has counted. */
  readonly isUnknown?: true;
  readonly atMostPackets?: number;
}

export interface FlowLogStatus {
  readonly accountId: string;
  readonly region: string;
  readonly flowLogId: string;
  readonly resourceId: string;
  readonly destination: string;
  readonly status: 'SUCCESS' | 'FAILED';
  readonly message?: string;
  /** What exactly failed. */
  readonly detail?: string;
  readonly records: number;
  /** Records that wait for their destination, and that never reached it. */
  readonly waiting: number;
  readonly undelivered: number;
  /** Batches that may be there twice: their answer was lost, and they were sent again. */
  readonly ambiguous: number;
  /** In the spool, and since when the oldest of it waits. */
  readonly waitingSegments: number;
  readonly behindSeconds: number;
}
