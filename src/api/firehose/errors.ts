import { ServiceError } from '../../fault/index.ts';

/** Firehose's errors, by its codes. */
export const errors = {
  invalidArgument: (sentence: string) => new ServiceError('InvalidArgumentException', sentence),
  /** What AWS has and Headgate has not, by its name. */
  notOffered: (what: string) =>
    new ServiceError('InvalidArgumentException', `${what} is not supported by Headgate`),
  inUse: (sentence: string) => new ServiceError('ResourceInUseException', sentence),
  limitExceeded: (sentence: string) => new ServiceError('LimitExceededException', sentence),
  concurrentModification: (sentence: string) => new ServiceError('ConcurrentModificationException', sentence),
} as const;
