import { readFileSync } from 'node:fs';
import { readFile, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { replaceDurably } from '../disk/index.ts';

/** What a crash is told by: written when a segment begins. */
export interface OpenState {
  /** Of the segment that is being written. */
  readonly number: number;
  /** Everything was sealed: nothing was going on. */
  readonly isClosed: boolean;
  readonly runId: string;
  readonly bootId: string;
  readonly beganMs: number;
  /** As the last closing of this run said; absent before it. Null: the capture has ended. */
  readonly before?: number | null;
  readonly counters: Readonly<Record<string, number>>;
}

/** Interfaces that were watched in the last windows that were closed, by the numbers of that run. */
export interface WatchedInterfaces {
  readonly runId: string;
  readonly interfaces: readonly (readonly [number, NetworkInterface])[];
}

/** The small files beside the segments. */
export class SpoolState {
  readonly #folder: string;
  readonly #report: (line: string) => void;
  #watched: WatchedInterfaces | undefined;

  constructor(folder: string, report: (line: string) => void) {
    this.#folder = folder;
    this.#report = report;
  }

  /** Undefined where there is none that can be read. */
  async readId(): Promise<string | undefined> {
    const known = await this.#read<{ id: string }>('spool.json');
    return typeof known?.id === 'string' ? known.id : undefined;
  }

  writeId(id: string): Promise<void> {
    return replaceDurably(this.#path('spool.json'), JSON.stringify({ id }));
  }

  async readOpen(): Promise<OpenState | undefined> {
    const state = await this.#read<OpenState>('open.json');
    return isOpenState(state) ? state : undefined;
  }

  writeOpen(state: OpenState): Promise<void> {
    return replaceDurably(this.#path('open.json'), JSON.stringify(state));
  }

  async readWatched(): Promise<WatchedInterfaces | undefined> {
    const watched = await this.#read<WatchedInterfaces>('watched.json');
    this.#watched = isWatched(watched) ? watched : undefined;
    return this.#watched;
  }

  /** Writes only what has changed: descriptions are told apart by their identity. */
  async writeWatched(watched: WatchedInterfaces): Promise<void> {
    const last = this.#watched;
    const isSame =
      last?.runId === watched.runId &&
      last.interfaces.length === watched.interfaces.length &&
      watched.interfaces.every(
        ([index, described], i) => last.interfaces[i][0] === index && last.interfaces[i][1] === described,
      );
    if (isSame) return;
    await replaceDurably(this.#path('watched.json'), JSON.stringify(watched));
    this.#watched = watched;
  }

  /** A sign of life: how long the spool was written to is known after a crash. */
  async touch(nowMs: number): Promise<void> {
    await utimes(this.#path('open.json'), nowMs / 1000, nowMs / 1000);
  }

  async touchedMs(): Promise<number> {
    return (await stat(this.#path('open.json'))).mtimeMs;
  }

  /** Undefined where there is none that can be read: it is made anew, and a crash is told by less. */
  async #read<T>(name: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.#path(name), 'utf8'));
    } catch (error) {
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isAbsent) this.#report(`${this.#path(name)} cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  #path(name: string): string {
    return path.join(this.#folder, name);
  }
}

/** What a damaged disk gives back may be anything. */
function isOpenState(state: OpenState | undefined): state is OpenState {
  const before = state?.before ?? 0;
  return (
    Number.isSafeInteger(state?.number) &&
    typeof state?.beganMs === 'number' &&
    typeof before === 'number' &&
    typeof state.counters === 'object' &&
    state.counters !== null
  );
}

function isWatched(watched: WatchedInterfaces | undefined): watched is WatchedInterfaces {
  const { interfaces } = watched ?? {};
  return (
    Array.isArray(interfaces) &&
    interfaces.every(
      (one: unknown) =>
        Array.isArray(one) && Number.isSafeInteger(one[0]) && typeof one[1] === 'object' && one[1] !== null,
    )
  );
}

/** Devices count from 0 again after the host was started again; empty where the host does not say. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
