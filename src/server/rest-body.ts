import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../fault/index.ts';
import type { Caller } from '../iam/index.ts';
import { checkDigests, chunkedBody, PayloadStream, type VerifiedSignature } from '../wire/index.ts';
import type { Lease } from './client-shares.ts';
import type { RequestHead } from './request-head.ts';
import { requestPieces } from './request-pieces.ts';
import { throttled } from './service-faults.ts';

/** What a body or an answer that streams has in memory at a time, about. */
export const streamBytes = 128 * 1024;

export interface RestBodyParts {
  readonly request: IncomingMessage;
  readonly head: RequestHead;
  readonly lease: Lease;
  readonly signature: VerifiedSignature<Caller>;
  readonly stallMs: number;
  /** To be called when the body is wanted. */
  readonly beginBody: () => void;
}

/** @throws ServiceError for a body whose length nobody knows beforehand */
export function streamedBody(parts: RestBodyParts): PayloadStream {
  const body = payloadOf(parts);
  if (body.length === undefined) {
    throw new ServiceError('MissingContentLength', 'You must provide the Content-Length HTTP header.', {
      status: 411,
    });
  }
  if (!parts.lease.tryHold(streamBytes)) throw throttled('rest-xml');
  return body;
}

/** @throws ServiceError for a body that is too large, or not what its digests say */
export async function wholeBody(parts: RestBodyParts, most: number): Promise<Uint8Array> {
  const body = payloadOf(parts);
  if ((body.length ?? 0) > most) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > most) throw tooLarge();
    if (!parts.lease.tryHold(piece.length)) throw throttled('rest-xml');
    pieces.push(piece);
  }
  const whole = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, length);
  checkDigests(whole, parts.head.table);
  return whole;
}

function payloadOf({ request, head, signature, stallMs, beginBody }: RestBodyParts): PayloadStream {
  const length = head.table.get('content-length');
  async function* pieces(): AsyncGenerator<Uint8Array> {
    beginBody();
    yield* requestPieces(request, stallMs);
  }
  return new PayloadStream({
    pieces: pieces(),
    sentBytes: length === undefined ? undefined : Number(length),
    chunked: signature.chunked && chunkedBody(signature.chunked, head.table, 's3'),
    hash: signature.bodyHash,
  });
}

function tooLarge(): ServiceError {
  return new ServiceError('MaxMessageLengthExceeded', 'Your request was too large.', { status: 400 });
}
