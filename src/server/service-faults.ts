import { QueryError, ServiceError } from '../fault/index.ts';
import type { Dialect, SignatureFamily } from '../wire/index.ts';
import type { BodyFailure } from './request-body.ts';

type Protocol = Dialect['protocol'];

/** In whose words signatures are refused. */
export function signatureFamily(protocol: Protocol): SignatureFamily {
  if (protocol === 'rest-xml') return 's3';
  return protocol === 'cbor' ? 'json' : protocol;
}

/** Each service's way to say: later. SDKs know these codes, and retry. */
export function throttled(protocol: Protocol): ServiceError {
  if (protocol === 'ec2') {
    return new ServiceError('RequestLimitExceeded', 'Request limit exceeded.', { status: 503 });
  }
  if (protocol === 'rest-xml') {
    return new ServiceError('SlowDown', 'Please reduce your request rate.', { status: 503 });
  }
  const code = protocol === 'query' ? 'Throttling' : 'ThrottlingException';
  return new ServiceError(code, 'Rate exceeded', { status: 400 });
}

/** Why a body was not taken, in the words of "Common errors". */
export function bodyFault(protocol: Protocol, failure: Exclude<BodyFailure, 'gone'>): ServiceError {
  if (failure === 'no-room') return throttled(protocol);
  const isJson = protocol === 'json' || protocol === 'cbor';
  if (failure === 'stalled') {
    return new ServiceError(
      isJson ? 'RequestTimeoutException' : 'RequestTimeout',
      'The body of the request did not arrive within the timeout period.',
      { status: 408 },
    );
  }
  return new ServiceError(
    isJson ? 'RequestEntityTooLargeException' : 'RequestEntityTooLarge',
    'The body of the request is too large.',
    { status: 413 },
  );
}

/** `sentence`: who may not do what, and why. */
export function denied(protocol: Protocol, sentence: string): ServiceError {
  if (protocol === 'ec2') {
    return new ServiceError(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. ${sentence}`,
      { status: 403 },
    );
  }
  return protocol === 'query' || protocol === 'rest-xml'
    ? new ServiceError('AccessDenied', sentence, { status: 403 })
    : new ServiceError('AccessDeniedException', sentence, { status: 400 });
}

/** EC2's answer to DryRun from who is allowed: an error, so that nobody takes it for the thing itself. */
export function dryRun(): ServiceError {
  return new ServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', {
    status: 412,
  });
}

/** What an action has thrown, as clients may know it: undefined for what is our own fault. */
export function serviceErrorOf(error: unknown): ServiceError | undefined {
  if (error instanceof ServiceError) return error;
  if (!(error instanceof QueryError)) return undefined;
  const { message, start, end } = error;
  const location = { startCharOffset: start, endCharOffset: end };
  return new ServiceError('MalformedQueryException', message, {
    status: 400,
    members: { queryCompileError: { location, message } },
  });
}

export function internalError(protocol: Protocol, requestId: string): ServiceError {
  return new ServiceError(
    protocol === 'ec2' || protocol === 'rest-xml' ? 'InternalError' : 'InternalFailure',
    `An internal error has occurred; request ${requestId} is in the log.`,
    { status: 500 },
  );
}

/** Not one of our names: a page from elsewhere, or an operator who has yet to tell the name. */
export function foreignHost(host: string | undefined): ServiceError {
  const shown = host === undefined ? 'no host' : `'${host.slice(0, 255)}'`;
  const advice = host === undefined ? '' : `: --host ${host.slice(0, 255)} makes it`;
  return new ServiceError(
    'AccessDenied',
    `The request names ${shown}, which this server does not answer to${advice}.`,
    { status: 403 },
  );
}
