import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { Firehose } from '@aws-sdk/client-firehose';
import type { S3 } from '@aws-sdk/client-s3';
import type { DestinationRule } from './destination-rules.ts';

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

/** A request that got no answer in its time. */
class RequestTimeout extends Error {
  override readonly name = 'TimeoutError';
}

/** Nothing of the SDK's goes to the terminal. */
const silent = () => undefined;
const silence = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/**
 * Clients of AWS's services, or of what speaks their protocols: one for each rule and service, loaded when it is first
 * needed. They try each request once: trying again is the delivery's, which waits in between and tells of it.
 */
export class RemoteClients {
  readonly #timeouts: RemoteTimeouts;
  readonly #clients = new Map<string, Promise<Clients[keyof Clients]>>();

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
    const client = await this.#client(service, place);
    const controller = new AbortController();
    const limitMs = this.#timeouts.whole + bytes / slowestRate;
    let timer: NodeJS.Timeout | undefined;
    // An aborted request does not always end: one whose body nobody reads waits for that first.
    const late = new Promise<never>((_, reject) => {
      const timeout = new RequestTimeout(`no answer within ${Math.round(limitMs / 1000)} s`);
      timer = setTimeout(() => reject(timeout), limitMs);
    });
    const answer = request(client, { abortSignal: controller.signal });
    try {
      return await Promise.race([answer, late, ...(failure ? [failure] : [])]);
    } catch (error) {
      controller.abort();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next request reads credentials anew: those that were refused may have been replaced in their file. */
  renew(service: keyof Clients, place: RemotePlace): void {
    const key = keyOf(service, place);
    const client = this.#clients.get(key);
    this.#clients.delete(key);
    void client?.then((known) => known.destroy()).catch(silent);
  }

  async close(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of await Promise.allSettled(clients)) {
      if (client.status === 'fulfilled') client.value.destroy();
    }
  }

  #client<Service extends keyof Clients>(service: Service, place: RemotePlace): Promise<Clients[Service]> {
    const key = keyOf(service, place);
    const known = this.#clients.get(key) ?? this.#open(service, place);
    this.#clients.set(key, known);
    return known as Promise<Clients[Service]>;
  }

  async #open(service: keyof Clients, place: RemotePlace): Promise<Clients[keyof Clients]> {
    // The SDK's advice on versions of Node is for who installs Headgate, not for who reads its terminal.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const options = this.#options(place);
    switch (service) {
      case 's3': {
        const { S3 } = await import('@aws-sdk/client-s3');
        const { forcePathStyle = false, checksums = 'WHEN_SUPPORTED' } = place.rule;
        return new S3({ ...options, forcePathStyle, requestChecksumCalculation: checksums });
      }
      case 'firehose': {
        const { Firehose } = await import('@aws-sdk/client-firehose');
        return new Firehose(options);
      }
      case 'logs': {
        const { CloudWatchLogs } = await import('@aws-sdk/client-cloudwatch-logs');
        return new CloudWatchLogs(options);
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
