import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../fault/index.ts';

interface Owner {
  readonly pid: number;
  /** When the process began, in the kernel's clock ticks, and of which boot; a number may be given again. */
  readonly began: string;
}

/**
 * Says in a file which process has the folder open. A file whose process is gone is taken over. Two processes that
 * do not see each other (containers with process numbers of their own) are not told apart.
 */
export class OwnerLock {
  readonly #file: string;
  readonly #text: string;

  /** @throws ConfigError `StoreInUse` naming the process */
  constructor(directory: string) {
    this.#file = path.join(directory, 'owner');
    this.#text = JSON.stringify(ownerOf(process.pid));
    const own = `${this.#file}.${process.pid}`;
    try {
      writeFileSync(own, this.#text, { mode: 0o600 });
      while (!linked(own, this.#file)) this.#removeStale(directory);
    } finally {
      rmSync(own, { force: true });
    }
  }

  release(): void {
    if (textOf(this.#file) === this.#text) rmSync(this.#file, { force: true });
  }

  #removeStale(directory: string): void {
    const text = textOf(this.#file);
    if (text === undefined) return;
    const owner = readOwner(text);
    if (owner && isRunning(owner)) {
      throw new ConfigError('StoreInUse', `process ${owner.pid} has the store in ${directory} open`);
    }
    // Another process may have done the same meanwhile: what was moved away must be what was read.
    const aside = `${this.#file}.stale-${process.pid}`;
    try {
      renameSync(this.#file, aside);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    if (textOf(aside) !== text) linked(aside, this.#file);
    rmSync(aside, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function readOwner(text: string): Owner | undefined {
  try {
    const { pid, began } = JSON.parse(text) as Partial<Owner>;
    return Number.isInteger(pid) && typeof began === 'string' ? { pid: pid as number, began } : undefined;
  } catch {
    // Cut short by a power failure: its process is gone with it.
    return undefined;
  }
}

function ownerOf(pid: number): Owner {
  return { pid, began: beginningOf(pid) };
}

function isRunning({ pid, began }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return beginningOf(pid) === began;
}

/** Empty where the kernel has no /proc: then a process of that number is taken for the owner. */
function beginningOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return '';
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
