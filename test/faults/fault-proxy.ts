import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What goes wrong between delivery and destination. */
export const faults = [
  /** No connection comes to be. */
  'refuse',
  /** A request is read, and never answered. */
  'hang',
  /** The connection ends in the middle of a request's body. */
  'cut-request',
  /** The request is taken; the connection ends in the middle of the answer, or before it. */
  'cut-answer',
  /** The request is taken, and the answer never comes. */
  'lost-answer',
  'error-500',
  /** The request is taken, and answered as if it were not. */
  'taken-500',
  'slow-down',
  'denied',
  /** The server's clock is two hours ahead: whoever signs by another is refused. */
  'skew',
  /** A few bytes at a time, in both directions: nothing of it fails. */
  'slow',
] as const;
export type Fault = (typeof faults)[number];

const skewMs = 2 * 3_600_000;
const slowBytes = 8192;
const slowMs = 15;

/** Between a client and a server that speaks AWS's protocols: passes on what it gets, but for the fault that is set. */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #random: () => number;
  #port = 0;
  #fault: Fault | undefined;
  /** Of requests that the fault hits. */
  #share = 1;
  hits = 0;

  private constructor(target: string, random: () => number) {
    this.#target = new URL(target);
    this.#random = random;
    this.#server = createServer((incoming, response) => void this.#answer(incoming, response));
    // What its client gives up ends here too.
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  static async listen(target: string, random: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random);
    await proxy.#listen(0);
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async set(fault: Fault | undefined, share = 1): Promise<void> {
    const was = this.#fault;
    this.#fault = fault;
    this.#share = share;
    if (fault === 'refuse' && was !== 'refuse') await this.#close();
    if (fault !== 'refuse' && was === 'refuse') await this.#listen(this.#port);
    // What hung hangs no longer than its fault.
    if (fault === undefined) this.#server.closeIdleConnections();
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.#close();
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    return closed;
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    const fault = this.#random() < this.#share ? this.#fault : undefined;
    if (fault) this.hits++;
    switch (fault) {
      case undefined:
      case 'refuse':
        return this.#pass(incoming, response);
      case 'hang':
        incoming.resume();
        return;
      case 'cut-request':
        return this.#pass(incoming, response, { requestShare: this.#random() });
      case 'cut-answer':
        return this.#pass(incoming, response, { answerShare: this.#random() * 1.5 - 0.5 });
      case 'lost-answer':
        return this.#pass(incoming, response, { isLost: true });
      case 'taken-500':
        return this.#pass(incoming, response, { isTold500: true });
      case 'slow':
        return this.#pass(incoming, response, { isSlow: true });
      default: {
        // What is refused at once may be refused in the middle of its body.
        if (this.#random() < 0.5) for await (const _ of incoming.iterator({ destroyOnReturn: false })) break;
        incoming.resume();
        refuse(fault, incoming, response);
      }
    }
  }

  async #pass(incoming: IncomingMessage, response: ServerResponse, how: Passing = {}): Promise<void> {
    const { expect: _, connection: __, ...headers } = incoming.headers;
    const { hostname, port } = this.#target;
    const { method = 'GET', url = '/' } = incoming;
    const outgoing = request({ hostname, port, method, path: url, headers, agent: false });
    const ended = (): void => {
      response.destroy();
      outgoing.destroy();
    };
    outgoing.on('error', ended);
    // A client that has sent all of it may be gone: it is taken all the same.
    incoming.on('close', () => {
      if (!incoming.complete) ended();
    });
    outgoing.on('response', (answer) => {
      answer.on('error', ended);
      void passAnswer(answer, response, how, incoming);
    });
    const length = Number(incoming.headers['content-length'] ?? 0);
    const most = how.requestShare === undefined ? Number.POSITIVE_INFINITY : how.requestShare * length;
    try {
      await passBytes(incoming, outgoing, most, how.isSlow === true);
      if (most < Number.POSITIVE_INFINITY) ended();
      else outgoing.end();
    } catch {
      ended();
    }
  }
}

interface Passing {
  /** Of the bytes of the body, from 0 to 1: then the connection ends. */
  readonly requestShare?: number;
  /** Below 0: not even the head of the answer is passed. */
  readonly answerShare?: number;
  readonly isLost?: boolean;
  readonly isTold500?: boolean;
  readonly isSlow?: boolean;
}

async function passAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  { answerShare, isLost, isTold500, isSlow = false }: Passing,
  incoming: IncomingMessage,
): Promise<void> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of answer) pieces.push(piece as Buffer);
  } catch {
    return;
  }
  if (isLost) return;
  if (isTold500) return refuse('error-500', incoming, response);
  if (answerShare !== undefined && answerShare < 0) return void response.destroy();
  const { connection: _, 'transfer-encoding': __, ...headers } = answer.headers;
  const body = Buffer.concat(pieces);
  // Of what has no body the end is not missed.
  const isHead = incoming.method === 'HEAD';
  if (answerShare !== undefined && body.length === 0) return void response.destroy();
  response.writeHead(
    answer.statusCode ?? 500,
    isHead ? headers : { ...headers, 'content-length': body.length },
  );
  if (answerShare === undefined && !isSlow) return void response.end(isHead ? undefined : body);
  try {
    await passBytes([body], response, (answerShare ?? 1) * body.length, isSlow);
  } catch {
    return void response.destroy();
  }
  if (answerShare === undefined) response.end();
  else response.destroy();
}

/** Rejected when they cannot be read to their end. */
async function passBytes(
  from: AsyncIterable<Buffer> | Iterable<Buffer>,
  to: { write(bytes: Buffer): boolean },
  most: number,
  isSlow: boolean,
): Promise<void> {
  let left = most;
  const step = isSlow ? slowBytes : Number.POSITIVE_INFINITY;
  for await (const piece of from) {
    for (let at = 0; at < piece.length && left > 0; ) {
      const part = piece.subarray(at, at + Math.min(step, Math.ceil(left)));
      to.write(part);
      at += part.length;
      left -= part.length;
      if (isSlow) await sleep(slowMs);
    }
    if (left <= 0) return;
  }
}

type Refused = 'error-500' | 'slow-down' | 'denied' | 'skew';
const inXml: Record<Refused, readonly [number, string]> = {
  'error-500': [500, 'InternalError'],
  'slow-down': [503, 'SlowDown'],
  denied: [403, 'AccessDenied'],
  skew: [403, 'RequestTimeTooSkewed'],
};
const inJson: Record<Refused, readonly [number, string]> = {
  'error-500': [500, 'InternalFailure'],
  'slow-down': [400, 'ThrottlingException'],
  denied: [400, 'AccessDeniedException'],
  skew: [400, 'InvalidSignatureException'],
};

function refuse(fault: Refused, incoming: IncomingMessage, response: ServerResponse): void {
  const isJson = incoming.headers['x-amz-target'] !== undefined;
  const [status, code] = (isJson ? inJson : inXml)[fault];
  const body = isJson
    ? JSON.stringify({ __type: code, message: 'the proxy says so' })
    : `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>the proxy says so</Message></Error>`;
  const skewed = fault === 'skew' ? { date: new Date(Date.now() + skewMs).toUTCString() } : {};
  response.writeHead(status, {
    'content-type': isJson ? 'application/x-amz-json-1.1' : 'application/xml',
    'content-length': Buffer.byteLength(body),
    ...skewed,
  });
  response.end(incoming.method === 'HEAD' ? undefined : body);
}
