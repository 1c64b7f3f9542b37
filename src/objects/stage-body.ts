import { type FileHandle, open } from 'node:fs/promises';
import { ContentDigests } from './content-digests.ts';
import { removeIfThere } from './settlement.ts';
import type { ExpectedContent, PutRequest } from './shapes.ts';

/** Larger pieces are looked at and written bit by bit, so that others have their turns. */
const sliceBytes = 256 * 1024;
/** Smaller pieces are gathered into one of so many bytes. */
const gatherBytes = 64 * 1024;

export type StagedContent = ReturnType<ContentDigests['end']>;

/**
 * Writes a body to a file that must not exist yet, as it comes, and waits until its bytes are on the disk. Where the body
 * or the disk fails, or the bytes are not what was expected, there is no file.
 */
export async function stageBody(
  file: string,
  body: PutRequest['body'],
  expected: ExpectedContent,
): Promise<StagedContent> {
  const digests = new ContentDigests(expected);
  const handle = await open(file, 'wx', 0o644);
  try {
    try {
      await writeBody(handle, body, digests);
      const content = digests.end();
      await handle.sync();
      return content;
    } finally {
      await handle.close();
    }
  } catch (error) {
    await removeIfThere(file);
    throw error;
  }
}

async function writeBody(handle: FileHandle, body: PutRequest['body'], digests: ContentDigests) {
  let gathered: Buffer | undefined;
  let gatheredBytes = 0;
  for await (const piece of body) {
    if (piece.length >= gatherBytes || gatheredBytes + piece.length > gatherBytes) {
      if (gathered) await writeSlices(handle, gathered.subarray(0, gatheredBytes), digests);
      gatheredBytes = 0;
    }
    if (piece.length >= gatherBytes) await writeSlices(handle, piece, digests);
    else {
      gathered ??= Buffer.allocUnsafe(gatherBytes);
      gathered.set(piece, gatheredBytes);
      gatheredBytes += piece.length;
    }
  }
  if (gathered) await writeSlices(handle, gathered.subarray(0, gatheredBytes), digests);
}

async function writeSlices(handle: FileHandle, bytes: Uint8Array, digests: ContentDigests): Promise<void> {
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    const slice = bytes.subarray(at, at + sliceBytes);
    digests.update(slice);
    await writeAll(handle, slice);
  }
}

/** A disk may take less than it was given. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done;
    done += (await handle.write(bytes, done, bytes.length - done, at)).bytesWritten;
  }
}
