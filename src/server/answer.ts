import type { ServerResponse } from 'node:http';
import { invariant } from '../fault/index.ts';
import type { WireResponse } from '../wire/index.ts';

const sliceBytes = 64 * 1024;

/**
 * Writes an answer; ends the connection when the client does not read it.
 * @param linger what is waited for before the connection is given up, while the client has its answer already
 */
export async function writeAnswer(
  response: ServerResponse,
  { status, headers, body }: WireResponse,
  more: Readonly<Record<string, string>>,
  stallMs: number,
  linger?: () => Promise<void>,
): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, ...more, ...lengthHeader(response, status, headers, length) });
  if (linger) {
    response.flushHeaders();
    response.write(body);
    await linger();
    response.end();
    return;
  }
  if (length > sliceBytes) return writeSlices(response, slices(Buffer.from(body)), stallMs);
  if (typeof body === 'string') response.end(body, isAscii(body, length) ? 'latin1' : 'utf8');
  else response.end(body);
  if (!isWithKernel(response)) await happens(response, 'finish', stallMs);
}

/** An answer to HEAD says how long that to GET is; those that cannot have a body say nothing. */
function lengthHeader(
  { req }: ServerResponse,
  status: number,
  headers: WireResponse['headers'],
  length: number,
): Readonly<Record<string, string | number>> {
  if (status === 204 || status === 304) return {};
  const isSaid = req.method === 'HEAD' && headers['content-length'] !== undefined;
  return isSaid ? {} : { 'content-length': length };
}

/**
 * Writes an answer whose body comes in pieces, as fast as the client reads: it is told its length, so that one that ends
 * too early breaks off the connection.
 */
export async function writePieces(
  response: ServerResponse,
  { status, headers }: WireResponse,
  pieces: AsyncIterable<Uint8Array>,
  more: Readonly<Record<string, string>>,
  stallMs: number,
): Promise<void> {
  const wanted = Number(headers['content-length']);
  invariant(Number.isInteger(wanted), 'an answer that streams says how long it is');
  response.writeHead(status, { ...headers, ...more });
  await writeSlices(response, counted(pieces, wanted), stallMs);
}

/** @throws when they are not as many bytes as was said */
async function* counted(pieces: AsyncIterable<Uint8Array>, wanted: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    invariant(bytes <= wanted, 'an answer is as long as it says');
    for (const slice of slices(piece)) yield slice;
  }
  invariant(bytes === wanted, `an answer is as long as it says: ${bytes} of ${wanted} bytes`);
}

/** Then its bytes are its characters, which are copied in a third of the time that encoding takes. */
function isAscii(text: string, utf8Bytes: number): boolean {
  return text.length === utf8Bytes;
}

/** Writes what comes, as fast as the client reads; ends with whichever ends first. */
export async function writeStream(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  pieces: AsyncIterable<Uint8Array>,
  stallMs: number,
): Promise<void> {
  response.writeHead(status, headers);
  response.flushHeaders();
  await writeSlices(response, pieces, stallMs);
}

async function writeSlices(
  response: ServerResponse,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  stallMs: number,
): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece) && !(await hasDrained(response, stallMs))) return;
  }
  response.end();
  if (!isWithKernel(response)) await happens(response, 'finish', stallMs);
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sliceBytes) yield bytes.subarray(at, at + sliceBytes);
}

function hasDrained(response: ServerResponse, stallMs: number): Promise<boolean> {
  return happens(response, 'drain', stallMs);
}

/** Most answers are there when they have been written. */
function isWithKernel(response: ServerResponse): boolean {
  return response.writableFinished || response.socket?.writableLength === 0;
}

/** Whether it happens before the client goes; one that lets us wait too long is sent away. */
function happens(response: ServerResponse, event: 'drain' | 'finish', stallMs: number): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (did: boolean): void => {
      clearTimeout(timer);
      response.off(event, succeed).off('close', fail);
      resolve(did);
    };
    const succeed = (): void => end(true);
    const fail = (): void => end(false);
    const timer = setTimeout(() => {
      end(false);
      response.destroy();
    }, stallMs);
    response.on(event, succeed).on('close', fail);
  });
}
