import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../fault/index.ts';

/**
 * A body as it comes, no faster than it is taken. What is left when nobody takes any more stays unread.
 * @throws ServiceError RequestTimeout when the client lets us wait for too long, IncompleteBody when it has gone
 */
export async function* requestPieces(request: IncomingMessage, stallMs: number): AsyncGenerator<Uint8Array> {
  const waiting = new Waiting(request, stallMs);
  try {
    for (;;) {
      const piece = request.read() as Buffer | null;
      if (piece !== null) yield piece;
      else if (request.readableEnded) return;
      else if (request.destroyed) throw gone();
      else if (!(await waiting.news())) throw stalled();
    }
  } finally {
    waiting.end();
  }
}

const events = ['readable', 'end', 'close', 'error'] as const;

/** Waits for whatever happens next to a request. */
class Waiting {
  readonly #request: IncomingMessage;
  readonly #stallMs: number;
  #wake: ((isNews: boolean) => void) | undefined;
  readonly #tell = (): void => this.#wake?.(true);

  constructor(request: IncomingMessage, stallMs: number) {
    this.#request = request;
    this.#stallMs = stallMs;
    for (const event of events) request.on(event, this.#tell);
  }

  /** False when nothing happens for too long. */
  async news(): Promise<boolean> {
    const timer = setTimeout(() => this.#wake?.(false), this.#stallMs);
    const isNews = await new Promise<boolean>((resolve) => {
      this.#wake = resolve;
    });
    clearTimeout(timer);
    this.#wake = undefined;
    return isNews;
  }

  end(): void {
    for (const event of events) this.#request.off(event, this.#tell);
    // An error that nobody hears ends the process.
    this.#request.on('error', () => undefined);
  }
}

function gone(): ServiceError {
  return new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
    { status: 400 },
  );
}

function stalled(): ServiceError {
  return new ServiceError(
    'RequestTimeout',
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
    { status: 400 },
  );
}
