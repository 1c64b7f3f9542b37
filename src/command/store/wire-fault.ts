import { ConfigError, QueryError, ServiceError } from '../../fault/index.ts';

/** An error on its way to another process: of the families that a user is told of, or a text. */
export interface WireFault {
  readonly family: 'ConfigError' | 'QueryError' | 'ServiceError' | 'other';
  readonly message: string;
  readonly code?: string;
  readonly details?: readonly string[];
  readonly start?: number;
  readonly end?: number;
  readonly expected?: readonly string[];
}

export function faultOf(error: unknown): WireFault {
  if (error instanceof ConfigError) {
    const { code, message, details } = error;
    return { family: 'ConfigError', code, message, details };
  }
  if (error instanceof ServiceError)
    return { family: 'ServiceError', code: error.code, message: error.message };
  if (error instanceof QueryError) {
    const { message, start, end, expected } = error;
    return { family: 'QueryError', message, start, end, expected };
  }
  return {
    family: 'other',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

export function errorOf(fault: WireFault): Error {
  const { family, message, code = '', details, start = 0, end = 0, expected } = fault;
  switch (family) {
    case 'ConfigError':
      return new ConfigError(code, message, details);
    case 'ServiceError':
      return new ServiceError(code, message);
    case 'QueryError':
      return new QueryError(message, { start, end }, expected);
    default:
      return new ConfigError('HolderFailed', `the process that has the store open failed: ${message}`);
  }
}
