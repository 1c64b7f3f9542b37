import { createHash, type Hash } from 'node:crypto';
import { ServiceError } from '../fault/index.ts';
import { type RunningChecksum, runningChecksum } from './aws-checksums.ts';
import { badChecksum } from './body-digests.ts';
import { type ChunkedPayload, isSameHex } from './sigv4.ts';
import { type SignatureFamily, signatureError } from './sigv4-faults.ts';
import { hmac } from './sigv4-key.ts';
import { sha256Hex } from './sigv4-request.ts';

export interface ChunkedBody extends ChunkedPayload {
  /** `x-amz-decoded-content-length`: bytes without the framing. */
  readonly decodedBytes: number;
  /** Names that `x-amz-trailer` has announced, in lower case. */
  readonly trailerNames: readonly string[];
  readonly family: SignatureFamily;
}

/** A size in 16 hex digits, a signature, and what else may be said of a chunk. */
const longestHeaderBytes = 1024;
const longestTrailerBytes = 16_384;
const emptyHash = sha256Hex('');

/**
 * Takes the framing off an aws-chunked body, piece by piece, and checks chunks' signatures, trailers, checksums and the
 * length. A chunk's bytes are given out before its signature can be known: they count for nothing until `end`.
 */
export class ChunkDecoder {
  readonly #body: ChunkedBody;
  readonly #checksums: ReadonlyMap<string, RunningChecksum>;
  #state: 'header' | 'data' | 'data-end' | 'trailers' = 'header';
  /** Bytes of a line that has not ended, or of the trailers. */
  #line = '';
  #chunkLeft = 0;
  #chunkHash: Hash = createHash('sha256');
  #chunkSignature = '';
  #previous: string;
  #decoded = 0;

  constructor(body: ChunkedBody) {
    this.#body = body;
    this.#previous = body.signing?.seed ?? '';
    this.#checksums = new Map(
      body.trailerNames.flatMap((name) => {
        const checksum = runningChecksum(name);
        return checksum ? [[name, checksum] as const] : [];
      }),
    );
  }

  /**
   * The bytes of the body that are in a piece, as views of it.
   * @throws ServiceError for a body that is not in this form or not the one that was signed
   */
  push(piece: Uint8Array): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (let at = 0; at < piece.length; ) at += this.#take(piece, at, found);
    return found;
  }

  /**
   * To be called when there is no more.
   * @returns the trailers, by names in lower case
   * @throws ServiceError for a body that has ended too early, or is not what its trailers say
   */
  end(): ReadonlyMap<string, string> {
    if (this.#state !== 'trailers' || this.#decoded !== this.#body.decodedBytes) throw incomplete();
    const trailers = this.#trailers();
    if (this.#body.signing && this.#body.hasTrailers) this.#checkTrailerSignature(trailers);
    for (const name of this.#body.trailerNames) this.#checkTrailer(name, trailers.get(name));
    return trailers;
  }

  /** @returns how many bytes it has used */
  #take(piece: Uint8Array, at: number, found: Uint8Array[]): number {
    if (this.#state === 'data') return this.#takeData(piece, at, found);
    if (this.#state === 'trailers') return this.#takeTrailers(piece, at);
    return this.#takeLine(piece, at);
  }

  #takeData(piece: Uint8Array, at: number, found: Uint8Array[]): number {
    const data = piece.subarray(at, at + this.#chunkLeft);
    if (this.#body.signing) this.#chunkHash.update(data);
    for (const checksum of this.#checksums.values()) checksum.update(data);
    found.push(data);
    this.#chunkLeft -= data.length;
    this.#decoded += data.length;
    if (this.#chunkLeft === 0) this.#endChunk('data-end');
    return data.length;
  }

  #takeTrailers(piece: Uint8Array, at: number): number {
    this.#line += Buffer.from(piece.subarray(at)).toString('latin1');
    if (this.#line.length > longestTrailerBytes) throw malformedTrailer();
    return piece.length - at;
  }

  /** A line that ends in `\r\n`: a chunk's header, or nothing after its data. */
  #takeLine(piece: Uint8Array, at: number): number {
    const end = piece.indexOf(0x0a, at);
    const stop = end === -1 ? piece.length : end + 1;
    this.#line += Buffer.from(piece.subarray(at, stop)).toString('latin1');
    if (this.#line.length > longestHeaderBytes) throw incomplete();
    if (end !== -1) this.#endLine();
    return stop - at;
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) throw incomplete();
    if (this.#state === 'header') this.#beginChunk(line.slice(0, -2));
    else if (line === '\r\n') this.#state = 'header';
    else throw incomplete();
  }

  #beginChunk(header: string): void {
    const [size, ...extensions] = header.split(';');
    if (!/^[0-9a-fA-F]{1,12}$/.test(size)) throw incomplete();
    this.#chunkLeft = Number.parseInt(size, 16);
    if (this.#decoded + this.#chunkLeft > this.#body.decodedBytes) throw incomplete();
    this.#chunkHash = createHash('sha256');
    this.#chunkSignature = extensions.find((text) => text.startsWith('chunk-signature='))?.slice(16) ?? '';
    if (this.#chunkLeft === 0) this.#endChunk('trailers');
    else this.#state = 'data';
  }

  #endChunk(next: 'data-end' | 'trailers'): void {
    this.#state = next;
    const { signing, family } = this.#body;
    if (!signing) return;
    const text = [
      'AWS4-HMAC-SHA256-PAYLOAD',
      signing.timestamp,
      signing.scope,
      this.#previous,
      emptyHash,
      this.#chunkHash.digest('hex'),
    ].join('\n');
    if (!isSameHex(hmac(signing.key, text), this.#chunkSignature)) throw signatureError(family, 'mismatch');
    this.#previous = this.#chunkSignature;
  }

  #trailers(): ReadonlyMap<string, string> {
    const lines = this.#line.split(/\r?\n/).filter((line) => line !== '');
    const trailers = new Map(
      lines.map((line) => {
        const at = line.indexOf(':');
        if (at < 1) throw malformedTrailer();
        return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const;
      }),
    );
    const known = new Set([...this.#body.trailerNames, 'x-amz-trailer-signature']);
    if (trailers.size !== lines.length || [...trailers.keys()].some((name) => !known.has(name))) {
      throw malformedTrailer();
    }
    return trailers;
  }

  #checkTrailerSignature(trailers: ReadonlyMap<string, string>): void {
    const { signing, family } = this.#body;
    const signature = trailers.get('x-amz-trailer-signature') ?? '';
    const text = [...trailers]
      .filter(([name]) => name !== 'x-amz-trailer-signature')
      .map(([name, value]) => `${name}:${value}\n`)
      .join('');
    const lines = [
      'AWS4-HMAC-SHA256-TRAILER',
      signing?.timestamp,
      signing?.scope,
      this.#previous,
      sha256Hex(text),
    ];
    if (!isSameHex(hmac(signing?.key ?? '', lines.join('\n')), signature)) {
      throw signatureError(family, 'mismatch');
    }
  }

  #checkTrailer(name: string, value: string | undefined): void {
    if (value === undefined) throw malformedTrailer();
    const checksum = this.#checksums.get(name);
    if (!checksum || checksum.base64() === value) return;
    throw badChecksum(name);
  }
}

/** A whole body at once. */
export function decodeChunked(framed: Uint8Array, body: ChunkedBody): Uint8Array {
  const decoder = new ChunkDecoder(body);
  const pieces = decoder.push(framed);
  decoder.end();
  return Buffer.concat(pieces);
}

/**
 * What the headers say of an aws-chunked body.
 * @throws ServiceError when they do not say how long it is
 */
export function chunkedBody(
  payload: ChunkedPayload,
  headers: ReadonlyMap<string, string>,
  family: SignatureFamily,
): ChunkedBody {
  const length = headers.get('x-amz-decoded-content-length') ?? '';
  if (!/^\d{1,15}$/.test(length)) {
    throw new ServiceError('MissingContentLength', 'You must provide the Content-Length HTTP header.', {
      status: 411,
    });
  }
  const announced = payload.hasTrailers ? (headers.get('x-amz-trailer') ?? '') : '';
  const names = announced.split(',').map((name) => name.trim().toLowerCase());
  const trailerNames = names.filter((name) => name !== '');
  if (trailerNames.some((name) => !runningChecksum(name))) {
    throw new ServiceError(
      'InvalidRequest',
      'The value specified in the x-amz-trailer header is not supported',
      {
        status: 400,
      },
    );
  }
  return { ...payload, decodedBytes: Number(length), trailerNames, family };
}

function incomplete(): ServiceError {
  return new ServiceError(
    'IncompleteBody',
    'The request body terminated unexpectedly or is not in aws-chunked form.',
  );
}

function malformedTrailer(): ServiceError {
  return new ServiceError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );
}
