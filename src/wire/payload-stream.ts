import { createHash, type Hash } from 'node:crypto';
import { ServiceError } from '../fault/index.ts';
import { ChunkDecoder, type ChunkedBody } from './aws-chunked.ts';
import type { BodyStream } from './body-stream.ts';
import { signatureError } from './sigv4-faults.ts';

export interface PayloadParts {
  /** As they come from the client. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** `Content-Length`; undefined where there is none. */
  readonly sentBytes: number | undefined;
  /** For bodies in aws-chunked form. */
  readonly chunked?: ChunkedBody | undefined;
  /** SHA-256 in hex of what the body must be. */
  readonly hash?: string | undefined;
}

const noTrailers: ReadonlyMap<string, string> = new Map();

/** A body of S3, checked while it passes against what was signed of it. To be read once. */
export class PayloadStream implements BodyStream {
  readonly length: number | undefined;
  trailers: ReadonlyMap<string, string> = noTrailers;
  readonly #parts: PayloadParts;

  constructor(parts: PayloadParts) {
    this.#parts = parts;
    this.length = parts.chunked?.decodedBytes ?? parts.sentBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { pieces, chunked, hash } = this.#parts;
    const decoder = chunked && new ChunkDecoder(chunked);
    const hashed = hash === undefined ? undefined : createHash('sha256');
    let bytes = 0;
    for await (const piece of pieces) {
      for (const data of decoder?.push(piece) ?? [piece]) {
        bytes += data.length;
        hashed?.update(data);
        yield data;
      }
    }
    if (this.length !== undefined && bytes !== this.length) throw incomplete();
    if (decoder) this.trailers = decoder.end();
    if (hashed) this.#checkHash(hashed);
  }

  #checkHash(hashed: Hash): void {
    if (hashed.digest('hex') !== this.#parts.hash) throw signatureError('s3', 'body-mismatch');
  }
}

function incomplete(): ServiceError {
  return new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
    { status: 400 },
  );
}
