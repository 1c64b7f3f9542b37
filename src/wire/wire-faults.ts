import { ServiceError } from '../fault/index.ts';
import type { Protocol } from './routed.ts';

/** What a request can be before it is one of its operation. */
const unreadable: Readonly<Record<Protocol, { readonly code: string; readonly status: number }>> = {
  ec2: { code: 'MalformedQueryString', status: 400 },
  query: { code: 'MalformedInput', status: 400 },
  json: { code: 'SerializationException', status: 400 },
  cbor: { code: 'SerializationException', status: 400 },
  'rest-xml': { code: 'MalformedXML', status: 400 },
};

/** A body that cannot be read as its protocol says. */
export function malformed(protocol: Protocol, sentence: string): ServiceError {
  const { code, status } = unreadable[protocol];
  return new ServiceError(code, sentence, { status });
}

/** No operation by that name, in the service's own words. */
export function unknownOperation(protocol: Protocol, name: string): ServiceError {
  if (protocol === 'ec2' || protocol === 'query') {
    return new ServiceError('InvalidAction', `The action ${name} is not valid for this web service.`);
  }
  return new ServiceError('UnknownOperationException', `The operation ${name} is not known.`);
}

/** The services of query look for an operation by its version, too; each has one. */
export function unknownVersion(name: string, version: string | undefined): ServiceError {
  const shown = version === undefined || version === '' ? 'NO_VERSION_SPECIFIED' : version;
  return new ServiceError('InvalidAction', `Could not find operation ${name} for version ${shown}`);
}

export function missingAction(): ServiceError {
  return new ServiceError('MissingAction', 'The request is missing an Action parameter.');
}
