import { type FileHandle, open, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { syncPath } from '../disk/index.ts';
import { type Frame, frameHead, journalHeader } from './journal-frame.ts';

/** One file of commits, in their order; it holds what the generation of its number holds. */
export class Journal {
  readonly number: number;
  readonly file: string;
  #handle: FileHandle | undefined;
  #bytes: number;
  #isInDoubt = false;

  private constructor(directory: string, number: number, bytes: number) {
    this.number = number;
    this.file = journalFile(directory, number);
    this.#bytes = bytes;
  }

  /** A journal that is made with its first frame. */
  static planned(directory: string, number: number): Journal {
    return new Journal(directory, number, 0);
  }

  /** Goes on in a file behind its last good frame; what follows it goes. */
  static async continued(directory: string, number: number, goodBytes: number): Promise<Journal> {
    const journal = new Journal(directory, number, goodBytes);
    if (goodBytes === 0) await rm(journal.file, { force: true });
    else {
      await truncate(journal.file, goodBytes);
      await syncPath(journal.file);
    }
    return journal;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether nobody knows what the disk holds, since it failed to sync. */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  /** On the disk when fulfilled. When it throws and nothing is in doubt, the journal is as it was before. */
  async append(frames: readonly Frame[]): Promise<void> {
    const handle = await this.#open();
    const pieces = frames.flatMap((frame) => [frameHead(frame), frame.payload]);
    if (this.#bytes === 0) pieces.unshift(journalHeader);
    try {
      await writeAll(handle, pieces, this.#bytes);
    } catch (error) {
      await this.#surely(() => handle.truncate(this.#bytes).then(() => handle.datasync()));
      throw error;
    }
    await this.#surely(() => handle.datasync());
    this.#bytes += pieces.reduce((sum, { length }) => sum + length, 0);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.file, { force: true });
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    this.#handle = await open(this.file, this.#bytes === 0 ? 'wx' : 'r+', 0o600);
    if (this.#bytes === 0) await this.#surely(() => syncPath(path.dirname(this.file)));
    return this.#handle;
  }

  async #surely(sync: () => Promise<void>): Promise<void> {
    this.#isInDoubt = true;
    await sync();
    this.#isInDoubt = false;
  }
}

export function journalFile(directory: string, number: number): string {
  return path.join(directory, `${number}.journal`);
}

/** The kernel may take a part of what it is given, and at most 1,024 pieces at once. */
async function writeAll(handle: FileHandle, pieces: Uint8Array[], at: number): Promise<void> {
  let rest = pieces;
  let position = at;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest.slice(0, 1024), position);
    position += bytesWritten;
    rest = behind(rest, bytesWritten);
  }
}

function behind(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let taken = bytes;
  let first = 0;
  while (first < pieces.length && pieces[first].length <= taken) taken -= pieces[first++].length;
  const rest = pieces.slice(first);
  if (taken > 0) rest[0] = rest[0].subarray(taken);
  return rest;
}
