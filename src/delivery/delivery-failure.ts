import { DeliveryError } from '../fault/index.ts';

/** What may pass without anybody changing the destination: a full disk, too many open files, a device that hiccups. */
const passing: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOENT',
  'ESTALE',
  'ETIMEDOUT',
]);

/** A failed system call as a DeliveryError; everything else is a bug and stays what it is. */
export function deliveryFailure(destination: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  if (!('syscall' in error)) return error;
  return new DeliveryError(destination, passing.has(error.code), error.message, { cause: error });
}
