import { createReadStream } from 'node:fs';

const pieceBytes = 256 * 1024;

/**
 * The bytes of a file, which is opened when they are first asked for: who never asks leaves nothing open, and a file
 * that cannot be read is told to who reads it. A stream that nobody reads yet would end the process with its error.
 */
export async function* filePieces(file: string): AsyncGenerator<Buffer, void, undefined> {
  yield* createReadStream(file, { highWaterMark: pieceBytes });
}
