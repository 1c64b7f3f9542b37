import type { ServiceApi } from '../api/index.ts';
import type { Caller, Decision, Permission } from '../iam/index.ts';
import type { FoundCredential, PageTokens } from '../wire/index.ts';
import type { ServerCounters } from './server-counters.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** Bounds on what clients can make the server hold. */
export interface ServerLimits {
  /** Over all headers of a request; beyond it: 431. */
  readonly headerBytes: number;
  /** A body, decompressed: of services that `bodyBytesOf` does not name. */
  readonly bodyBytes: number;
  /** By the service's signing name. */
  readonly bodyBytesOf: Readonly<Record<string, number>>;
  /** Bodies and answers in memory, over all connections, and of one client address (of IPv6: /64). */
  readonly heldBytes: number;
  readonly heldBytesOfAddress: number;
  /** Requests under way: over all connections, of one address, of one access key. */
  readonly requests: number;
  readonly requestsOfAddress: number;
  readonly requestsOfKey: number;
  /** Open connections; fewer where the process may not open as many files. */
  readonly connections: number;
  /** Descriptors that the rest of the process needs. */
  readonly reservedDescriptors: number;
  /** A body or an answer that makes no progress for so long is given up; the total time is not limited. */
  readonly stallMs: number;
  /** For all headers of a request. */
  readonly headersMs: number;
  /** Idle connections stay longer than in clients' pools (the SDKs' are at most a minute old), so that clients end them. */
  readonly keepAliveMs: number;
  /** For what runs when the server is closed. */
  readonly closeMs: number;
}

export const defaultLimits: ServerLimits = {
  headerBytes: 32 * kibibyte,
  bodyBytes: 2 * mebibyte,
  // A legal batch of 1 MiB may be 10,000 events of control characters: six bytes each in JSON.
  bodyBytesOf: { logs: 8 * mebibyte, firehose: 8 * mebibyte },
  heldBytes: 128 * mebibyte,
  heldBytesOfAddress: 64 * mebibyte,
  requests: 1024,
  requestsOfAddress: 768,
  requestsOfKey: 512,
  connections: 16_384,
  reservedDescriptors: 256,
  stallMs: 30_000,
  headersMs: 60_000,
  keepAliveMs: 120_000,
  closeMs: 10_000,
};

/** What the server asks of access keys; see `Credentials` of `iam`. */
export interface CredentialSource {
  find(accessKeyId: string, sessionToken: string | undefined, nowMs: number): FoundCredential<Caller>;
  /** Told of good signatures. */
  noteUse?(
    accessKeyId: string,
    use: { readonly atMs: number; readonly service: string; readonly region: string },
  ): void;
}

/** What the server asks of policies; see `Authorizer` of `iam`. */
export interface PermissionSource {
  decide(permission: Permission): Decision;
}

export interface ServerOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array } | undefined;
  /** Plain HTTP on an address that others reach. */
  readonly insecure?: boolean | undefined;
  /** Names, besides loopback's and the address, that clients may use. */
  readonly hosts: readonly string[];
  readonly apis: readonly ServiceApi[];
  readonly credentials: CredentialSource;
  readonly authorizer: PermissionSource;
  readonly tokens: PageTokens;
  /** In Prometheus' text format, without what the server counts itself. */
  readonly metrics: () => string;
  /** `ok`, or what is wrong. */
  readonly health: () => { readonly status: string };
  /** Told, as one text, what a person should know. */
  readonly report: (text: string) => void;
  /** Regions that requests may be signed for; any that looks like one when absent. */
  readonly regions?: ReadonlySet<string> | undefined;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  readonly limits?: Partial<ServerLimits>;
  readonly counters?: ServerCounters;
}
