import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ConfigError, ServiceError } from '../../fault/index.ts';
import type { FileImport, ImportRequest } from '../../logs/index.ts';
import { parseLines, parseLogFormat, type RecordBatch } from '../../record/index.ts';
import type { Question } from '../administration/questions.ts';
import { decodeFrames, type Frame } from './frames.ts';
import type { LogsAccess } from './logs-access.ts';
import { jsonLine } from './ndjson.ts';
import { openSocketPath, type SocketPath } from './socket-path.ts';
import { faultOf } from './wire-fault.ts';

/** Of a request that is one JSON value. */
const maxRequestBytes = 1024 * 1024;
/** Rows of an answer are written so many at a time. */
const rowsPerLine = 1000;

/** What a request asks for is in its path, what it says in a JSON body; the answer is one JSON value a line. */
type Handler = (request: unknown, answer: Answer) => Promise<void>;

/** `ImportRequest` as it travels. */
export type WireImportRequest = Omit<ImportRequest, 'format'> & { readonly format?: string };

/**
 * Serves an open store to the other commands of the same user, by HTTP on a Unix socket in the data folder. Whoever may
 * open the socket (mode 0600) may do all of it.
 */
export class LogsServer {
  readonly #access: LogsAccess;
  readonly #server: Server;
  readonly #socket: SocketPath;
  readonly #handlers: Readonly<Record<string, Handler>>;

  private constructor(access: LogsAccess, socket: SocketPath) {
    this.#access = access;
    this.#socket = socket;
    this.#handlers = handlersOf(access);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    // Who imports may take its time to read a file.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 60_000;
  }

  /** The caller has the store of this folder open, so that a socket that is there was left by a process that is gone. */
  static async listen(access: LogsAccess, dataDirectory: string): Promise<LogsServer> {
    const socket = openSocketPath(dataDirectory);
    try {
      rmSync(socket.path, { force: true });
      const server = new LogsServer(access, socket);
      const listening = once(server.#server, 'listening');
      // The socket is made in this call; nobody may open it before its mode is set.
      const mask = process.umask(0o177);
      try {
        server.#server.listen(socket.path);
      } finally {
        process.umask(mask);
      }
      await listening;
      return server;
    } catch (error) {
      socket.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError('DataFolderInvalid', `${dataDirectory}: no socket can be made there: ${reason}`);
    }
  }

  /** Breaks off what is asked for. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    this.#socket.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = new Answer(response);
    try {
      if (request.url === '/import') {
        await serveImport(this.#access, decodeFrames(request), answer);
      } else {
        const handler = this.#handlers[request.url ?? ''];
        if (!handler) throw new ConfigError('ProtocolInvalid', `no such question: ${request.url}`);
        await handler(JSON.parse(await bodyOf(request)), answer);
      }
    } catch (error) {
      await answer.line({ fault: faultOf(error) });
    }
    response.end();
  }
}

/** Lines on their way to who asked. */
class Answer {
  /** Aborted when who asked has gone away. */
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    const gone = new AbortController();
    this.signal = gone.signal;
    this.#response = response;
    response.on('error', () => undefined);
    response.on('close', () => {
      if (!response.writableFinished) gone.abort(new ServiceError('Cancelled', 'The client has gone away.'));
    });
  }

  async line(value: unknown): Promise<void> {
    if (this.signal.aborted || this.#response.write(jsonLine(value))) return;
    await new Promise<void>((resolve) => {
      this.#response.once('drain', resolve).once('close', resolve);
    });
  }
}

function handlersOf(access: LogsAccess): Record<string, Handler> {
  return {
    '/status': async (_, answer) => answer.line(await access.status()),
    '/ask': async (request, answer) => {
      const { question, asked } = request as { readonly question: Question; readonly asked: never };
      await answer.line(await access.ask(question, asked));
    },
    '/groups': async (_, answer) => answer.line(await access.groups()),
    '/streams': async (request, answer) => answer.line(await access.streams(request as string)),
    '/filter': async (request, answer) =>
      answer.line(
        await access.filterLogEvents(request as Parameters<LogsAccess['filterLogEvents']>[0], {
          signal: answer.signal,
        }),
      ),
    '/query': async (request, answer) => {
      const query = request as Parameters<LogsAccess['runQuery']>[0];
      const { rows, ...rest } = await access.runQuery({ ...query, signal: answer.signal });
      for (let at = 0; at < rows.length; at += rowsPerLine) {
        await answer.line({ rows: rows.slice(at, at + rowsPerLine) });
      }
      await answer.line(rest);
    },
    '/tail': async (request, answer) => {
      const tail = request as Parameters<LogsAccess['tail']>[0];
      const updates = await access.tail({ ...tail, signal: answer.signal });
      // So that who asked knows that it is told from here on.
      await answer.line({ events: [], dropped: 0 });
      for await (const update of updates) await answer.line(update);
    },
  };
}

/**
 * A file comes as frames: `B` begins (JSON), `L` are lines, `R` records (a log format, and
 * lines of it), `E` events (JSON), `F` ends it. Each is answered by a line
 * when it is durable. A connection that breaks off before leaves the file unfinished.
 */
async function serveImport(access: LogsAccess, frames: AsyncIterable<Frame>, answer: Answer): Promise<void> {
  let open: FileImport | undefined;
  try {
    for await (const { kind, body } of frames) {
      if (kind === 'B') {
        const { format, ...request } = JSON.parse(body.toString('utf8')) as WireImportRequest;
        open = await access.beginImport(
          format === undefined ? request : { ...request, format: parseLogFormat(format) },
        );
        await answer.line({ isKnown: open === undefined });
        if (!open) return;
      } else if (!open) throw new ConfigError('ProtocolInvalid', `frame ${kind} before the beginning`);
      else if (kind === 'F') {
        const sums = await open.finish();
        open = undefined;
        await answer.line(sums);
        return;
      } else {
        await addFrame(open, kind, body);
        await answer.line({});
      }
    }
  } finally {
    open?.abandon();
  }
}

function addFrame(open: FileImport, kind: string, body: Buffer): Promise<void> {
  if (kind === 'L') return open.addLines(body.toString('utf8').split('\n'));
  if (kind === 'E')
    return open.addEvents(JSON.parse(body.toString('utf8')) as { timestamp: number; message: string }[]);
  if (kind === 'R') return open.addRecords(recordsOf(body.toString('utf8')));
  throw new ConfigError('ProtocolInvalid', `no such frame: ${kind}`);
}

function recordsOf(text: string): RecordBatch {
  const end = text.indexOf('\n');
  return parseLines(text.slice(end + 1), parseLogFormat(text.slice(0, end)));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxRequestBytes) throw new ConfigError('ProtocolInvalid', 'the request is too long');
    pieces.push(piece);
  }
  return bytes === 0 ? 'null' : Buffer.concat(pieces).toString('utf8');
}
