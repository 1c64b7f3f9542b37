import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Length and CRC-32 of the payload, each in four bytes, little-endian. */
const headBytes = 8;
const pieceBytes = 1024 * 1024;
/** Of a payload: nobody writes longer ones, and no reader makes room for more. */
export const longestFrame = 80 * 1024 * 1024;

export function frameBytes(payloadBytes: number): number {
  return headBytes + payloadBytes;
}

/** The payload between its length and checksum, and nothing. */
export function frameOf(parts: readonly Uint8Array[]): Buffer {
  const payload = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = Buffer.concat([Buffer.alloc(headBytes), ...parts], headBytes + payload);
  frame.writeUInt32LE(payload, 0);
  frame.writeUInt32LE(crc32(frame.subarray(headBytes)), 4);
  return frame;
}

/** A file of frames that is written at its end. One caller at a time. */
export class FrameFile {
  readonly #handle: FileHandle;
  #size: number;
  #hasLeftovers = false;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** Cuts off what is behind `size`: frames that nobody was told of. */
  static async open(file: string, size: number): Promise<FrameFile> {
    const handle = await open(file, 'r+');
    try {
      const opened = new FrameFile(handle, size);
      if ((await handle.stat()).size > size) await opened.#cut();
      return opened;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** On the disk when fulfilled. When it fails none of it will be found there. */
  async append(frames: readonly Buffer[]): Promise<void> {
    await this.settle();
    const bytes = frames.length === 1 ? frames[0] : Buffer.concat(frames);
    this.#hasLeftovers = true;
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        written,
        bytes.length - written,
        this.#size + written,
      );
      written += bytesWritten;
    }
    await this.#handle.datasync();
    this.#size += bytes.length;
    this.#hasLeftovers = false;
  }

  /** What a failed write has left is no longer there. */
  async settle(): Promise<void> {
    if (this.#hasLeftovers) await this.#cut();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** What a failed write has left would else be found behind the frames of a later, shorter one. */
  async #cut(): Promise<void> {
    await this.#handle.truncate(this.#size);
    await this.#handle.datasync();
    this.#hasLeftovers = false;
  }
}

export interface ReadFrame {
  readonly payload: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/** The frames of a file up to the first that is cut off or damaged. */
export async function* framesOf(file: string): AsyncGenerator<ReadFrame, void> {
  const handle = await open(file, 'r');
  try {
    let buffered: Buffer = Buffer.alloc(0);
    let position = 0;
    let end = 0;
    const has = async (bytes: number): Promise<boolean> => {
      while (buffered.length < bytes) {
        const piece = Buffer.allocUnsafe(Math.max(pieceBytes, bytes - buffered.length));
        const { bytesRead } = await handle.read(piece, 0, piece.length, position);
        if (bytesRead === 0) return false;
        position += bytesRead;
        buffered = Buffer.concat([buffered, piece.subarray(0, bytesRead)]);
      }
      return true;
    };
    while (await has(headBytes)) {
      const length = buffered.readUInt32LE(0);
      // Zeros are what a file system may show of a write that was cut off.
      if (length === 0 || length > longestFrame || !(await has(headBytes + length))) return;
      const payload = buffered.subarray(headBytes, headBytes + length);
      if (crc32(payload) !== buffered.readUInt32LE(4)) return;
      buffered = buffered.subarray(headBytes + length);
      end += headBytes + length;
      yield { payload, end };
    }
  } finally {
    await handle.close();
  }
}
