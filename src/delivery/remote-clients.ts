import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { Firehose } from '@aws-sdk/client-firehose';
import type { S3 } from '@aws-sdk/client-s3';
import { boundedAnswers } from './bounded-answers.ts';
import type { DestinationRule } from './destination-rules.ts';
import { needsNewCredentials } from './remote-refusal.ts';

/** How long a destination may take. Milliseconds. */
export interface RemoteTimeouts {
  /** Until there is a connection. */
  readonly connect: number;
  /** Without a byte in either direction. */
  readonly idle: number;
  /** A request from its beginning to its answer, of a few bytes; large ones get more. */
  readonly whole: number;
}

const usualTimeouts: RemoteTimeouts = { connect: 5_000, idle: 30_000, whole: 90_000 };
/** Bytes per millisecond that a large upload must go on with: 32 kB/s. */
const slowestRate = 32;

interface Clients {
  readonly s3: S3;
  readonly firehose: Firehose;
  readonly logs: CloudWatchLogs;
}

/** Where a destination outside is, besides its name. */
export interface RemotePlace {
  readonly rule: DestinationRule;
  readonly region: string;
}

/** A client in use. One that is retired takes no more requests, and ends with the last one that it has. */
interface Opened {
  readonly client: Clients[keyof Clients];
  underWay: number;
  isRetired: boolean;
}

/** A request that got no answer in its time. */
class RequestTimeout extends Error {
  override readonly name = 'TimeoutError';
}

/** Before anything else reads an answer. */
const atAnswers = { step: 'deserialize', priority: 'low', name: 'boundedAnswers' } as const;

/** Nothing of the SDK's goes to the terminal. */
const silent = () => undefined;
const silence = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/**
 * Clients of AWS's services, or of what speaks their protocols: one for each rule and service, loaded when it is first
 * needed. They try each request once: trying again is the delivery's, which waits in between and tells of it.
 */
export class RemoteClients {
  readonly #timeouts: RemoteTimeouts;
  readonly #clients = new Map<string, Promise<Opened>>();

  constructor(timeouts: RemoteTimeouts = usualTimeouts) {
    this.#timeouts = timeouts;
  }

  /**
   * One request of a service, answered within bounds of time.
   * @param bytes how large it is
   * @param failure rejected when the request cannot be sent to its end
   */
  async send<Service extends keyof Clients, Answer>(
    service: Service,
    place: RemotePlace,
    request: (client: Clients[Service], options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
    { bytes = 0, failure }: { readonly bytes?: number; readonly failure?: Promise<never> } = {},
  ): Promise<Answer> {
    const opened = await this.#openedAt(service, place);
    opened.underWay++;
    try {
      const send = (abortSignal: AbortSignal) => request(opened.client as Clients[Service], { abortSignal });
      return await answered(send, this.#timeouts.whole + bytes / slowestRate, failure);
    } catch (error) {
      if (needsNewCredentials(error)) this.#retire(opened, service, place);
      throw error;
    } finally {
      opened.underWay--;
      if (opened.isRetired && opened.underWay === 0) opened.client.destroy();
    }
  }

  async close(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const opened of await Promise.allSettled(clients)) {
      if (opened.status === 'fulfilled') opened.value.client.destroy();
    }
  }

  /**
   * The next request reads credentials anew: those that were refused may have been replaced in their file. What the
   * server's clock shows beside ours is known already.
   */
  #retire(opened: Opened, service: keyof Clients, place: RemotePlace): void {
    if (opened.isRetired) return;
    opened.isRetired = true;
    const { systemClockOffset = 0 } = opened.client.config;
    this.#keep(service, place, systemClockOffset);
  }

  #openedAt(service: keyof Clients, place: RemotePlace): Promise<Opened> {
    return this.#clients.get(keyOf(service, place)) ?? this.#keep(service, place, 0);
  }

  #keep(service: keyof Clients, place: RemotePlace, systemClockOffset: number): Promise<Opened> {
    const key = keyOf(service, place);
    const opened = this.#open(service, place, systemClockOffset);
    this.#clients.set(key, opened);
    // One that cannot be loaded now may be loaded later.
    opened.catch(() => this.#clients.delete(key));
    return opened;
  }

  async #open(service: keyof Clients, place: RemotePlace, systemClockOffset: number): Promise<Opened> {
    const client = await this.#newClient(service, place, systemClockOffset);
    return { client, underWay: 0, isRetired: false };
  }

  async #newClient(
    service: keyof Clients,
    place: RemotePlace,
    systemClockOffset: number,
  ): Promise<Clients[keyof Clients]> {
    // The SDK's advice on versions of Node is for who installs Headgate, not for who reads its terminal.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const options = { ...this.#options(place), systemClockOffset };
    switch (service) {
      case 's3': {
        const { S3 } = await import('@aws-sdk/client-s3');
        const { forcePathStyle = false, checksums = 'WHEN_SUPPORTED' } = place.rule;
        const s3 = new S3({ ...options, forcePathStyle, requestChecksumCalculation: checksums });
        s3.middlewareStack.add(boundedAnswers, atAnswers);
        return s3;
      }
      case 'firehose': {
        const { Firehose } = await import('@aws-sdk/client-firehose');
        const firehose = new Firehose(options);
        firehose.middlewareStack.add(boundedAnswers, atAnswers);
        return firehose;
      }
      case 'logs': {
        const { CloudWatchLogs } = await import('@aws-sdk/client-cloudwatch-logs');
        const logs = new CloudWatchLogs(options);
        logs.middlewareStack.add(boundedAnswers, atAnswers);
        return logs;
      }
    }
  }

  #options({ rule, region }: RemotePlace) {
    const { endpoint, profile } = rule;
    return {
      region,
      ...(endpoint !== undefined && { endpoint }),
      ...(profile !== undefined && { profile }),
      maxAttempts: 1,
      requestHandler: { connectionTimeout: this.#timeouts.connect, socketTimeout: this.#timeouts.idle },
      logger: silence,
      // Of the files with credentials: else the SDK keeps what it read first for as long as the process lives.
      ignoreCache: true,
    };
  }
}

function keyOf(service: keyof Clients, { rule, region }: RemotePlace): string {
  return JSON.stringify([service, region, rule]);
}

/**
 * What a request comes to within a time. An aborted request does not always end by itself: one whose body nobody reads
 * waits for that first.
 */
async function answered<Answer>(
  send: (signal: AbortSignal) => Promise<Answer>,
  limitMs: number,
  failure: Promise<never> | undefined,
): Promise<Answer> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const timeout = new RequestTimeout(`no answer within ${Math.round(limitMs / 1000)} s`);
    timer = setTimeout(() => reject(timeout), limitMs);
  });
  try {
    return await Promise.race([send(controller.signal), late, ...(failure ? [failure] : [])]);
  } catch (error) {
    controller.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
