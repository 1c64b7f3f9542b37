import { ServiceError } from '../fault/index.ts';
import { isCode } from './object-folder.ts';
import { s3Faults } from './s3-faults.ts';

/** Once in so long, as long as the disk refuses. */
const reportEveryMs = 60_000;

/** What clients are told when the disk or the process is at its limits, and what the operator is. */
export class DiskFaults {
  readonly #clock: () => number;
  readonly #report: (line: string) => void;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number, report: (line: string) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** A retryable refusal for what the disk says; what is one already, or a bug, as it is. */
  of(error: unknown): unknown {
    if (error instanceof ServiceError || !(error instanceof Error) || !('syscall' in error)) return error;
    // Bodies come from somewhere, too.
    if (isCode(error, 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT')) return error;
    const isFull = isCode(error, 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EROFS', 'EFBIG');
    this.tell(error);
    return isFull ? s3Faults.unavailable() : s3Faults.internal();
  }

  tell(error: unknown): void {
    const nowMs = this.#clock();
    if (nowMs - this.#reportedMs < reportEveryMs) return;
    this.#reportedMs = nowMs;
    this.#report(`The disk refuses what S3 asks of it: ${error instanceof Error ? error.message : error}`);
  }
}
