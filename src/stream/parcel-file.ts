import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const pieceBytes = 256 * 1024;

export interface ParcelFile {
  /** Of the file. */
  readonly bytes: number;
  /** Whether there was anything to write. */
  readonly isEmpty: boolean;
}

/**
 * Writes what is to be put as one object. Not synced: should it be lost, it is made again from its buffer. The same
 * pieces always make the same bytes.
 */
export async function writeParcel(
  file: string,
  pieces: AsyncIterable<Uint8Array>,
  isCompressed: boolean,
): Promise<ParcelFile> {
  let total = 0;
  const counted = async function* () {
    for await (const piece of gathered(pieces)) {
      total += piece.length;
      yield piece;
    }
  };
  const target = createWriteStream(file, { mode: 0o600 });
  try {
    if (isCompressed) await pipeline(counted, createGzip(), target);
    else await pipeline(counted, target);
  } catch (error) {
    // A disk that is full stays so as long as what was written of this takes its room.
    await rm(file, { force: true });
    throw error;
  }
  return { bytes: (await stat(file)).size, isEmpty: total === 0 };
}

/** Records are small; streams are slow with small pieces. */
async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < pieceBytes) continue;
    yield Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}
