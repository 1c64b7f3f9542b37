import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { folderOf } from './network-folder.ts';

/** A named pipe with both ends open in this process. */
export class NamedPipe {
  readonly writeFd: number;
  #readFd: number | undefined;

  /** `nonBlocking`: a write to a full pipe fails with EAGAIN instead of waiting. */
  constructor({ nonBlocking = false }: { nonBlocking?: boolean } = {}) {
    const file = path.join(folderOf({}), 'pipe');
    execFileSync('mkfifo', [file]);
    // Without O_NONBLOCK, opening waits for the other end.
    this.#readFd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    this.writeFd = openSync(file, constants.O_WRONLY | (nonBlocking ? constants.O_NONBLOCK : 0));
    onTestFinished(() => {
      this.closeReader();
      closeSync(this.writeFd);
    });
  }

  /** What is in the pipe now, up to 64 KiB. */
  read(): string {
    const buffer = Buffer.alloc(64 * 1024);
    try {
      return buffer.toString('latin1', 0, readSync(this.#readFd!, buffer));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
      throw error;
    }
  }

  closeReader(): void {
    if (this.#readFd !== undefined) closeSync(this.#readFd);
    this.#readFd = undefined;
  }
}
