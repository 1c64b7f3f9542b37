import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { ServiceError } from '../fault/index.ts';
import type { Lease } from './client-shares.ts';

/** Why a body was not read to its end; how it is told depends on the service. */
export type BodyFailure = 'too-large' | 'no-room' | 'stalled' | 'gone';

export interface BodyBounds {
  readonly bytes: number;
  readonly stallMs: number;
}

/** Reads a body into memory, as long as it comes and there is room for it. */
export function readBody(
  request: IncomingMessage,
  lease: Lease,
  { bytes, stallMs }: BodyBounds,
): Promise<Buffer | BodyFailure> {
  if (Number(request.headers['content-length'] ?? 0) > bytes) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const stalled = setTimeout(() => end('stalled'), stallMs);
    const end = (result: Buffer | BodyFailure): void => {
      clearTimeout(stalled);
      request.off('data', take).off('end', finish).off('close', leave).off('error', leave);
      // What else the client has sent is read and dropped, unless nobody will.
      if (result !== 'gone') request.on('error', () => undefined).resume();
      resolve(result);
    };
    const take = (piece: Buffer): void => {
      stalled.refresh();
      length += piece.length;
      if (length > bytes) end('too-large');
      else if (!lease.tryHold(piece.length)) end('no-room');
      else pieces.push(piece);
    };
    const finish = (): void => end(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, length));
    const leave = (): void => end('gone');
    request.on('data', take).on('end', finish).on('close', leave).on('error', leave);
  });
}

/**
 * A body without the compression that its `Content-Encoding` names.
 * @throws ServiceError `MalformedHttpRequestException` for what is not compressed so
 */
export async function decompressed(
  body: Buffer,
  contentEncoding: string | undefined,
  lease: Lease,
  { bytes }: BodyBounds,
): Promise<Buffer | BodyFailure> {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity' && coding !== 'aws-chunked');
  if (codings.length === 0) return body;
  if (codings.length > 1 || !['gzip', 'x-gzip'].includes(codings[0])) {
    throw new ServiceError(
      'MalformedHttpRequestException',
      `Content-Encoding ${codings.join(', ').slice(0, 64)} is not supported; gzip is.`,
    );
  }
  return inflate(body, lease, bytes);
}

/** Memory is counted as it is taken: a few bytes may become a thousand times as many. */
async function inflate(body: Buffer, lease: Lease, most: number): Promise<Buffer | BodyFailure> {
  const gunzip = createGunzip();
  gunzip.end(body);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > most) return 'too-large';
      if (!lease.tryHold(piece.length)) return 'no-room';
      pieces.push(piece);
    }
  } catch {
    throw new ServiceError(
      'MalformedHttpRequestException',
      'The body cannot be decompressed as its Content-Encoding says.',
    );
  }
  return Buffer.concat(pieces, length);
}
