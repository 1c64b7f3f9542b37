import { readFile } from 'node:fs/promises';
import { replaceDurably } from '../disk/index.ts';

/** Records that an endpoint did not take while it was asked. */
export interface FailedRange {
  /** The first record of the buffer, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly attempts: number;
  readonly code: string;
  readonly message: string;
  /** When they were given up. */
  readonly endedMs: number;
}

/** How far the delivery of a buffer to an endpoint has come: on the disk, as endpoints cannot tell repeats by themselves. */
export interface DeliveryProgress {
  /** Records that are over: taken, or among the failed. */
  readonly records: number;
  readonly failed: readonly FailedRange[];
}

const nothing: DeliveryProgress = { records: 0, failed: [] };

/** Of a file that is damaged, too: what was sent is sent again. */
export async function readProgress(file: string): Promise<DeliveryProgress> {
  try {
    const progress: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isProgress(progress) ? progress : nothing;
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isAbsent || error instanceof SyntaxError) return nothing;
    throw error;
  }
}

function isProgress(value: unknown): value is DeliveryProgress {
  const { records, failed } = (value ?? {}) as Partial<DeliveryProgress>;
  return Number.isSafeInteger(records) && Number(records) >= 0 && Array.isArray(failed);
}

export function writeProgress(file: string, progress: DeliveryProgress): Promise<void> {
  return replaceDurably(file, JSON.stringify(progress));
}
