import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { ConfigError } from '../../fault/index.ts';
import type { FileImport, ImportRequest, ImportSums, RunQueryAnswer, TailUpdate } from '../../logs/index.ts';
import { type RecordBatch, renderLines } from '../../record/index.ts';
import type { Question, Questions } from '../administration/questions.ts';
import { encodeFrame } from './frames.ts';
import type { AccessStatus, GroupOverview, Holder, LogsAccess, StreamOverview } from './logs-access.ts';
import type { WireImportRequest } from './logs-server.ts';
import { parseJsonLines } from './ndjson.ts';
import { openSocketPath, type SocketPath } from './socket-path.ts';
import { errorOf, type WireFault } from './wire-fault.ts';

/** Nobody is behind the socket, or there is none. */
const nobody: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR']);

/** Somebody was, and has ended. */
const resets: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

interface WireAnswer extends Omit<RunQueryAnswer, 'rows'> {
  readonly rows?: RunQueryAnswer['rows'];
}

/** The store of a data folder, open in another process, which serves it. */
export class RemoteLogs implements LogsAccess {
  readonly isOpenHere = false;
  readonly holder: Holder;
  readonly #socket: SocketPath;

  private constructor(socket: SocketPath, holder: Holder) {
    this.#socket = socket;
    this.holder = holder;
  }

  /**
   * undefined when nobody serves the folder.
   * @throws ConfigError `DataFolderInvalid` when its socket is another user's
   */
  static async connect(dataDirectory: string): Promise<RemoteLogs | undefined> {
    let socket: SocketPath | undefined;
    try {
      socket = openSocketPath(dataDirectory);
      const { holder } = await askOnce<AccessStatus>(socket.path, '/status', null);
      return new RemoteLogs(socket, holder);
    } catch (error) {
      socket?.close();
      const { code, message } = error as NodeJS.ErrnoException;
      if (nobody.has(code)) return undefined;
      if (error instanceof ConfigError) throw error;
      throw new ConfigError('DataFolderInvalid', `${dataDirectory}: its socket does not answer: ${message}`);
    }
  }

  groups(): Promise<readonly GroupOverview[]> {
    return this.#ask('/groups', null);
  }

  streams(group: string): Promise<readonly StreamOverview[]> {
    return this.#ask('/streams', group);
  }

  filterLogEvents(
    ...[filter, options]: Parameters<LogsAccess['filterLogEvents']>
  ): ReturnType<LogsAccess['filterLogEvents']> {
    return this.#ask('/filter', filter, options?.signal);
  }

  status(): Promise<AccessStatus> {
    return this.#ask('/status', null);
  }

  async runQuery({ signal, ...query }: Parameters<LogsAccess['runQuery']>[0]): Promise<RunQueryAnswer> {
    const rows: RunQueryAnswer['rows'][number][] = [];
    for await (const line of answersTo<WireAnswer>(this.#socket.path, '/query', query, signal)) {
      if (line.rows) for (const row of line.rows) rows.push(row);
      else return { ...line, rows };
    }
    throw brokenOff();
  }

  async tail({ signal, ...tail }: Parameters<LogsAccess['tail']>[0]): Promise<AsyncIterable<TailUpdate>> {
    const updates = answersTo<TailUpdate>(this.#socket.path, '/tail', tail, signal);
    // The first says no more than that the others will come.
    await updates.next();
    return updates;
  }

  async beginImport(importRequest: ImportRequest): Promise<FileImport | undefined> {
    const open = new RemoteImport(this.#socket.path);
    return (await open.begin(importRequest)) ? open : undefined;
  }

  ask<Q extends Question>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']> {
    return this.#ask('/ask', { question, asked });
  }

  async close(): Promise<void> {
    this.#socket.close();
  }

  #ask<T>(question: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return askOnce<T>(this.#socket.path, question, body, signal);
  }
}

async function askOnce<T>(
  socketPath: string,
  question: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<T> {
  for await (const answer of answersTo<T>(socketPath, question, body, signal)) return answer;
  throw brokenOff();
}

/** The lines of an answer; one that tells of a fault is thrown. */
async function* answersTo<T>(
  socketPath: string,
  question: string,
  body: unknown,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  signal?.throwIfAborted();
  const sent = post(socketPath, question, signal);
  sent.end(JSON.stringify(body));
  try {
    yield* linesOf<T>(responseTo(sent));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    sent.destroy();
  }
}

function post(socketPath: string, question: string, signal?: AbortSignal): ClientRequest {
  return request({ socketPath, path: question, method: 'POST', agent: false, ...(signal ? { signal } : {}) });
}

function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });
}

async function* linesOf<T>(response: Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<T> {
  try {
    for await (const line of parseJsonLines<Awaited<T>>(await response)) {
      const { fault } = line as { readonly fault?: WireFault };
      if (fault) throw errorOf(fault);
      yield line;
    }
  } catch (error) {
    if (resets.has((error as NodeJS.ErrnoException).code)) throw brokenOff();
    throw error;
  }
}

function brokenOff(): ConfigError {
  return new ConfigError('HolderGone', 'the process that had the store open has ended: try again');
}

/** A file that is handed over; each call waits until it is durable there. */
class RemoteImport implements FileImport {
  readonly #sent: ClientRequest;
  readonly #lines: AsyncGenerator<unknown>;

  constructor(socketPath: string) {
    this.#sent = post(socketPath, '/import');
    const response = responseTo(this.#sent);
    response.catch(() => undefined);
    this.#lines = linesOf(response);
  }

  /** Whether the file is wanted. */
  async begin({ format, ...rest }: ImportRequest): Promise<boolean> {
    const wire: WireImportRequest = { ...rest, ...(format ? { format: format.text } : {}) };
    const { isKnown } = await this.#send<{ isKnown: boolean }>('B', JSON.stringify(wire));
    if (isKnown) this.#sent.end();
    return !isKnown;
  }

  async addLines(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.#send('L', lines.join('\n'));
  }

  async addRecords(records: RecordBatch): Promise<void> {
    if (records.length === 0) return;
    await this.#send('R', `${records.format.text}\n${renderLines(records, { header: false })}`);
  }

  async addEvents(events: Parameters<FileImport['addEvents']>[0]): Promise<void> {
    await this.#send('E', JSON.stringify(events));
  }

  async finish(): Promise<ImportSums> {
    const sums = await this.#send<ImportSums>('F', '');
    this.#sent.end();
    return sums;
  }

  abandon(): void {
    this.#sent.on('error', () => undefined).destroy();
  }

  async #send<T>(kind: string, body: string): Promise<T> {
    this.#sent.write(encodeFrame(kind, Buffer.from(body)));
    const { done, value } = await this.#lines.next();
    if (done) throw brokenOff();
    return value as T;
  }
}
