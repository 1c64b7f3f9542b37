import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is so short will be here in a moment, and the connection can be used again. */
const shortBytes = 256 * 1024;

/** Whether the client has gone before it has sent all. */
export function hasGone(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

/**
 * Sees to a body that is answered before it was read: it is dropped for a while, so that a client that sends before it
 * reads sees its answer. Gives what is to be waited for before a connection with a long rest is ended.
 */
export function unreadBody(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  patienceMs: number,
): (() => Promise<void>) | undefined {
  if (request.complete || request.destroyed) return undefined;
  request.on('error', () => undefined).resume();
  const isWaiting = !response.shouldKeepAlive && request.headers.expect !== undefined;
  // Whoever waits to be told to go on has sent nothing.
  if (isWaiting) return undefined;
  if (Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= shortBytes) {
    endLate(request, patienceMs);
    return undefined;
  }
  response.shouldKeepAlive = false;
  return () => ended(request, patienceMs);
}

function endLate(request: IncomingMessage, patienceMs: number): void {
  setTimeout(() => {
    if (!request.complete) request.destroy();
  }, patienceMs).unref();
}

function ended(request: IncomingMessage, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.once('end', end).once('close', end);
  });
}
