import { formatCount, progressBar, type Terminal } from '../../report/index.ts';
import type { InputFile } from './input-files.ts';

const everyMs = 200;
/** Files that are read sooner need no progress bar. */
const quietMs = 1000;

/** How far files have been read, on a terminal. */
export class LoadProgress {
  readonly #terminal: Terminal;
  /** undefined where a pipe is among the files. */
  readonly #totalBytes: number | undefined;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #events = 0;

  constructor(files: readonly InputFile[], terminal: Terminal) {
    this.#terminal = terminal;
    this.#totalBytes = files.some(({ bytes }) => bytes === undefined)
      ? undefined
      : files.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
    if (terminal.isTerminal) this.#timer = setInterval(() => this.#show(), everyMs).unref();
  }

  add(bytes: number, events: number): void {
    this.#bytes += bytes;
    this.#events += events;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#terminal.clearStatus();
  }

  #show(): void {
    const elapsedMs = performance.now() - this.#startedMs;
    if (elapsedMs < quietMs) return;
    const rate = `${formatCount(this.#events)} events  ${formatCount((this.#events / elapsedMs) * 1000)} a second`;
    const bar = this.#totalBytes ? `${progressBar(Math.min(1, this.#bytes / this.#totalBytes))}  ` : '';
    this.#terminal.status(`${bar}${rate}`);
  }
}
