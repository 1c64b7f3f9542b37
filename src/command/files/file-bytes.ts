import { createReadStream } from 'node:fs';
import { addAbortSignal, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ConfigError } from '../../fault/index.ts';
import { cannotRead, type InputFile } from './input-files.ts';

const readBytes = 1024 * 1024;
const gunzipBytes = 1024 * 1024;

export interface BytesOptions {
  /** Told how many bytes of the file itself were read. */
  readonly onRead: (bytes: number) => void;
  /** Ends the wait for a pipe too; its reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * The content of a file, decompressed when it begins as gzip does, in pieces as they come: a small file may be any
 * amount of text.
 * @throws ConfigError `CannotRead`, or `FileDamaged` where the compressed data break off or are wrong
 */
export async function* fileBytes(file: InputFile, options: BytesOptions): AsyncGenerator<Buffer> {
  const raw = rawBytes(file, options);
  const first = await raw.next();
  if (first.done) return;
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield first.value;
    yield* raw;
    return;
  }
  yield* gunzip(file, prepended(first.value, raw));
}

async function* gunzip(file: InputFile, compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decompressed = createGunzip({ chunkSize: gunzipBytes });
  // What fails is told to who reads the decompressed bytes.
  pipeline(compressed, decompressed, () => undefined);
  try {
    for await (const bytes of decompressed) yield bytes as Buffer;
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error;
    throw new ConfigError('FileDamaged', `${file.name}: damaged gzip data: ${(error as Error).message}`);
  }
}

async function* prepended(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/** What a file begins with needs two bytes at least: a pipe may give one. */
async function* rawBytes(file: InputFile, { onRead, signal }: BytesOptions): AsyncGenerator<Buffer> {
  const stream =
    file.path === undefined ? process.stdin : createReadStream(file.path, { highWaterMark: readBytes });
  addAbortSignal(signal, stream);
  let held: Buffer | undefined = Buffer.alloc(0);
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      onRead(bytes.length);
      const piece: Buffer = held ? Buffer.concat([held, bytes]) : bytes;
      held = held && piece.length < 4 ? piece : undefined;
      if (!held) yield piece;
    }
    if (held && held.length > 0) yield held;
  } catch (error) {
    signal.throwIfAborted();
    throw cannotRead(file.name, error);
  }
}
