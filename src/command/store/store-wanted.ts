import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A file in the data folder by which a capture that is about to begin asks commands that have the store open to let go
 * of it, and others not to open it: they go on through the capture.
 */
export class StoreWanted {
  readonly #file: string;

  constructor(dataDirectory: string) {
    this.#file = path.join(dataDirectory, 'store-wanted');
  }

  announce(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, String(process.pid));
  }

  withdraw(): void {
    if (this.#pid() === process.pid) rmSync(this.#file, { force: true });
  }

  /** Whether another process that still runs has asked. */
  get isWanted(): boolean {
    const pid = this.#pid();
    return pid !== undefined && pid !== process.pid && isAlive(pid);
  }

  #pid(): number | undefined {
    try {
      const pid = Number(readFileSync(this.#file, 'utf8'));
      return Number.isInteger(pid) && pid > 0 ? pid : undefined;
    } catch {
      // Nobody has asked, or has withdrawn it just now.
      return undefined;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is one all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
