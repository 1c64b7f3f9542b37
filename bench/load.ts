/** A process of its own that replays requests over kept connections, and says what came back and how fast. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** What standard input holds, as JSON. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Whole requests, as base64; each connection replays those of its own number, and every so-manieth after them. */
  readonly requests: readonly string[];
  readonly seconds: number;
  /** Not counted. */
  readonly warmUpSeconds: number;
  /** Of all connections together, whether answers keep up or not; as fast as they are answered when absent. */
  readonly ratePerSecond?: number;
  /** The process whose CPU time is told. */
  readonly servedBy: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly failures: number;
  readonly seconds: number;
  readonly serverCpuSeconds: number;
  /** Milliseconds from when a request was due. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Kernel ticks of user and system time. */
const ticksPerSecond = 100;

function cpuSecondsOf(pid: number): number {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) / ticksPerSecond;
}

/** Sends the next request when the one before it is answered and it is due. */
class Connection {
  readonly #requests: readonly Buffer[];
  readonly #answered: (latencyMs: number, status: number) => void;
  readonly #port: number;
  #socket: Socket;
  readonly #everyMs: number;
  #sent = 0;
  #dueMs: number;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of an answer that has begun: its first bytes, then how many are still to come. */
  #head = '';
  #missing = 0;
  #status = 0;
  #closes = false;

  constructor(
    port: number,
    requests: readonly Buffer[],
    { everyMs, firstMs }: { readonly everyMs: number; readonly firstMs: number },
    answered: (latencyMs: number, status: number) => void,
  ) {
    this.#requests = requests;
    this.#answered = answered;
    this.#everyMs = everyMs;
    this.#dueMs = firstMs;
    this.#port = port;
    this.#socket = this.#connect();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true }, () => this.#wait());
    socket.on('data', (piece) => this.#take(piece));
    socket.on('close', () => {
      if (this.#isOver || socket !== this.#socket) return;
      throw new Error('the server closed a connection that it had not said it would');
    });
    return socket;
  }

  /** moto's server keeps no connection. */
  #reconnect(): void {
    this.#socket.destroy();
    this.#socket = this.#connect();
  }

  #wait(): void {
    const left = this.#dueMs - performance.now();
    if (left < 0.5) this.#send();
    else this.#timer = setTimeout(() => this.#wait(), left);
  }

  #send(): void {
    if (this.#everyMs === 0) this.#dueMs = performance.now();
    this.#socket.write(this.#requests[this.#sent++ % this.#requests.length]);
  }

  #take(piece: Buffer): void {
    if (this.#missing > 0) this.#missing -= piece.length;
    else this.#takeHead(piece);
    if (this.#head !== '' || this.#missing > 0) return;
    this.#answered(performance.now() - this.#dueMs, this.#status);
    this.#dueMs += this.#everyMs;
    if (this.#closes) this.#reconnect();
    else this.#wait();
  }

  #takeHead(piece: Buffer): void {
    this.#head += piece.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /^content-length: *(\d+)\r?$/im.exec(this.#head.slice(0, end))?.[1];
    if (length === undefined) throw new Error(`an answer without a length: ${this.#head.slice(0, 200)}`);
    this.#status = Number(this.#head.slice(9, 12));
    this.#closes = /^connection: *close\r?$/im.test(this.#head.slice(0, end));
    this.#missing = end + 4 + Number(length) - this.#head.length;
    this.#head = '';
  }
}

async function run(load: Load): Promise<LoadResult> {
  const { port, connections, seconds, warmUpSeconds, ratePerSecond, servedBy } = load;
  const requests = load.requests.map((text) => Buffer.from(text, 'base64'));
  const latencies: number[] = [];
  let failures = 0;
  let isOver = false;
  /** To wake a sleeping process on another core of a virtual machine costs who writes to it more than the answer. */
  const stayAwake = (): void => {
    if (!isOver) setImmediate(stayAwake);
  };
  const answered = (latencyMs: number, status: number): void => {
    latencies.push(latencyMs);
    if (status !== 200) failures++;
  };
  const everyMs = ratePerSecond === undefined ? 0 : (1000 * connections) / ratePerSecond;
  const startMs = performance.now() + 20;
  const all = Array.from({ length: connections }, (_, number) => {
    const own = requests.filter((_request, at) => at % connections === number % requests.length);
    const firstMs = startMs + (everyMs * number) / connections;
    return new Connection(port, own, { everyMs, firstMs }, answered);
  });
  if (everyMs === 0) stayAwake();
  await after(warmUpSeconds);
  latencies.length = 0;
  const cpuBefore = cpuSecondsOf(servedBy);
  const measuredFrom = performance.now();
  await after(seconds);
  const measured = (performance.now() - measuredFrom) / 1000;
  const serverCpuSeconds = cpuSecondsOf(servedBy) - cpuBefore;
  isOver = true;
  for (const connection of all) connection.end();
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return {
    answers: sorted.length,
    failures,
    seconds: measured,
    serverCpuSeconds,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  };
}

function after(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(readFileSync(0, 'utf8')) as Load))}\n`);
