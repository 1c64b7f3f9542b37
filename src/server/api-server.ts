import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConfigError, type ServiceError } from '../fault/index.ts';
import { credentialScope, dialectOf, encodeError } from '../wire/index.ts';
import { AllowedHosts } from './allowed-hosts.ts';
import { writeAnswer } from './answer.ts';
import { clientNetwork } from './client-network.ts';
import { ClientShares } from './client-shares.ts';
import { ConnectionTable, descriptorLimit, mostConnections } from './connection-table.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { Dispatcher } from './dispatcher.ts';
import { FailureLog } from './failure-log.ts';
import { type RequestHead, requestHead } from './request-head.ts';
import { assertSafeListen } from './safe-listen.ts';
import { ServerCounters } from './server-counters.ts';
import { defaultLimits, type ServerLimits, type ServerOptions } from './server-options.ts';
import { foreignHost, throttled } from './service-faults.ts';

/** AWS's API over HTTP, at one address. */
export class ApiServer {
  readonly #options: ServerOptions;
  readonly #limits: ServerLimits;
  readonly #server: Server;
  readonly #hosts: AllowedHosts;
  readonly #shares: ClientShares;
  readonly #connections: ConnectionTable;
  readonly #counters: ServerCounters;
  readonly #failures: FailureLog;
  readonly #dispatcher: Dispatcher;
  readonly #closing = new AbortController();

  private constructor(options: ServerOptions) {
    const clock = options.clock ?? Date.now;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#hosts = new AllowedHosts(options.address, options.hosts);
    this.#shares = new ClientShares(this.#limits);
    this.#connections = new ConnectionTable(mostConnections(this.#limits, descriptorLimit()));
    this.#counters = options.counters ?? new ServerCounters();
    this.#failures = new FailureLog(options.report, clock);
    this.#dispatcher = new Dispatcher({
      ...options,
      clock,
      limits: this.#limits,
      counters: this.#counters,
      failures: this.#failures,
    });
    this.#server = this.#httpServer();
  }

  /**
   * Begins to listen.
   * @throws ConfigError for an address that is not safe, not free, or not of this host, and for bad certificates
   */
  static async listen(options: ServerOptions): Promise<ApiServer> {
    assertSafeListen(options);
    const server = new ApiServer(options);
    await server.#listen();
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** For clients on this host. */
  get url(): string {
    const { address, tls } = this.#options;
    const reached = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
    const host = isIP(reached) === 6 ? `[${reached}]` : reached;
    return `${tls ? 'https' : 'http'}://${host}:${this.port}`;
  }

  /** Takes no more connections, answers what was asked, ends streams, and then whoever is still there. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#connections.endIdle();
    const idle = setInterval(() => this.#connections.endIdle(), 50);
    const late = setTimeout(() => this.#connections.endAll(), this.#limits.closeMs);
    await closed;
    clearInterval(idle);
    clearTimeout(late);
  }

  #httpServer(): Server {
    const { headerBytes, headersMs, keepAliveMs } = this.#limits;
    const settings = {
      maxHeaderSize: headerBytes,
      headersTimeout: headersMs,
      requestTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      keepAlive: true,
      keepAliveInitialDelay: headersMs,
      noDelay: true,
    };
    const server = this.#secureServer(settings) ?? createServer(settings);
    server.timeout = 0;
    // Their bytes are bounded: a number would drop what is beyond it.
    server.maxHeadersCount = 0;
    return server
      .on('connection', (socket: Socket) => this.#connect(socket))
      .on('request', (request: IncomingMessage, response: ServerResponse) => this.#take(request, response))
      .on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
        this.#take(request, response, continuing(response));
      })
      .on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => this.#refuse(error, socket))
      .on('tlsClientError', () => this.#counters.malformed());
  }

  #secureServer(settings: object): Server | undefined {
    const { tls } = this.#options;
    if (!tls) return undefined;
    try {
      const [cert, key] = [tls.cert, tls.key].map((text) =>
        typeof text === 'string' ? text : Buffer.from(text),
      );
      return createSecureServer({ ...settings, cert, key, minVersion: 'TLSv1.2' });
    } catch (error) {
      throw new ConfigError('BadCertificate', `the TLS certificate or key: ${(error as Error).message}`, [], {
        cause: error,
      });
    }
  }

  async #listen(): Promise<void> {
    const { address, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, address, port)));
      this.#server.listen({ host: address, port, backlog: 1024 }, resolve);
    });
    // Out of descriptors: new connections are refused, those that are open are served.
    this.#server.removeAllListeners('error').on('error', (error) => {
      this.#counters.refusedConnection();
      this.#failures.tell('connections are refused', error);
    });
  }

  #connect(socket: Socket): void {
    if (this.#connections.add(socket)) return;
    this.#counters.refusedConnection();
    socket.destroy();
  }

  /** What is no HTTP, too long or too late. */
  #refuse({ code }: NodeJS.ErrnoException, socket: Duplex): void {
    this.#counters.malformed();
    if (code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status =
      code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  /** @param beginBody to be called when the body is wanted: some clients wait with it until then */
  #take(request: IncomingMessage, response: ServerResponse, beginBody: () => void = () => undefined): void {
    this.#request(request, response, beginBody).catch((error: unknown) => {
      this.#failures.tell('a request has failed', error);
      response.destroy();
    });
  }

  async #request(request: IncomingMessage, response: ServerResponse, beginBody: () => void): Promise<void> {
    const { socket } = request;
    this.#connections.countRequest(socket, 1);
    response.on('error', () => undefined);
    response.once('close', () => this.#connections.countRequest(socket, -1));
    const head = requestHead(request);
    if (!head) return this.#plain(response, 400, 'The request names two hosts.\n', {});
    const isOurs = head.host !== undefined && this.#hosts.allows(head.host, head.localAddress);
    if (!isOurs && !(head.host === undefined && isOpen(head))) return this.#refuseHost(head, response);
    if (isOpen(head)) return this.#openPath(head, response);
    if (isPreflight(head)) return this.#preflight(head, response);
    return this.#signed(request, response, head, beginBody);
  }

  async #signed(
    request: IncomingMessage,
    response: ServerResponse,
    head: RequestHead,
    beginBody: () => void,
  ): Promise<void> {
    const lease = this.#shares.enter(clientNetwork(head.clientAddress));
    if (!lease) {
      this.#counters.throttled('requests');
      const { protocol } = dialectOf({ ...head, body: new Uint8Array() }, credentialScope(head)?.service);
      return this.#error(head, response, throttled(protocol));
    }
    try {
      await this.#dispatcher.answer({
        request,
        response,
        head,
        lease,
        requestId: randomUUID(),
        beginBody,
        bucket: () => (head.host === undefined ? undefined : this.#hosts.bucketOf(head.host)),
        signal: () => goneSignal(response),
        closing: this.#closing.signal,
        moreHeaders: () => this.#connectionHeaders(),
      });
    } finally {
      lease.release();
    }
  }

  #refuseHost(head: RequestHead, response: ServerResponse): Promise<void> {
    this.#counters.refusedHost();
    return this.#error(head, response, foreignHost(head.host));
  }

  #error(head: RequestHead, response: ServerResponse, error: ServiceError): Promise<void> {
    const dialect = dialectOf({ ...head, body: new Uint8Array() }, credentialScope(head)?.service);
    const answer = encodeError(dialect, error, randomUUID());
    const more = { ...corsHeaders(head), ...this.#connectionHeaders() };
    return writeAnswer(response, answer, more, this.#limits.stallMs);
  }

  #openPath({ path, method }: RequestHead, response: ServerResponse): Promise<void> {
    if (path === '/metrics') {
      const own = this.#counters.text({
        connections: this.#connections.open,
        requests: this.#shares.requests,
        heldBytes: this.#shares.heldBytes,
      });
      return this.#plain(response, 200, method === 'HEAD' ? '' : own + this.#options.metrics(), {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      });
    }
    const health = this.#closing.signal.aborted ? { status: 'closing' } : this.#options.health();
    return this.#plain(response, health.status === 'ok' ? 200 : 503, `${JSON.stringify(health)}\n`, {
      'content-type': 'application/json',
    });
  }

  #preflight(head: RequestHead, response: ServerResponse): Promise<void> {
    const headers = preflightHeaders(head);
    return this.#plain(response, headers ? 204 : 403, '', headers ?? {});
  }

  #plain(
    response: ServerResponse,
    status: number,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const all = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers };
    return writeAnswer(
      response,
      { status, headers: all, body },
      this.#connectionHeaders(),
      this.#limits.stallMs,
    );
  }

  #connectionHeaders(): Readonly<Record<string, string>> {
    return this.#closing.signal.aborted ? { connection: 'close' } : {};
  }
}

/** Ends when the client goes before it has its answer. */
function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const gone = 'the client has gone';
  if (response.closed && !response.writableFinished) controller.abort(gone);
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(gone);
  });
  return controller.signal;
}

/** Answered to anybody who may connect; signed, they are requests to buckets that have these names. */
function isOpen({ method, path, url, headers }: RequestHead): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || (path !== '/healthz' && path !== '/metrics')) return false;
  return credentialScope({ url, headers }) === undefined;
}

/**
 * Lets a client go on that waits with its body. Until then nobody knows what it sends next, a body or another request:
 * if it is answered before, that was the last on its connection.
 */
function continuing(response: ServerResponse): () => void {
  const { shouldKeepAlive } = response;
  let isWaiting = true;
  response.shouldKeepAlive = false;
  return () => {
    if (!isWaiting || response.headersSent) return;
    isWaiting = false;
    response.shouldKeepAlive = shouldKeepAlive;
    response.writeContinue();
  };
}

function listenFault(error: NodeJS.ErrnoException, address: string, port: number): ConfigError {
  const reason =
    error.code === 'EADDRINUSE'
      ? 'another program listens there'
      : error.code === 'EADDRNOTAVAIL'
        ? 'this host has no such address'
        : error.message;
  return new ConfigError('CannotListen', `cannot listen on ${address}:${port}: ${reason}`, [], {
    cause: error,
  });
}
