import { ServiceError } from '../fault/index.ts';
import { formValue, parseForm } from './form.ts';
import type { WireRequest } from './http.ts';
import type { ServiceModel } from './model.ts';
import { serviceModel, serviceOfTarget, serviceSignedAs } from './models.ts';
import { routeRest } from './rest-route.ts';
import type { Dialect, Routed } from './routed.ts';
import { credentialScope } from './sigv4.ts';
import { isSignedBefore4 } from './sigv4-claim.ts';
import { missingAction, unknownOperation, unknownVersion } from './wire-faults.ts';

const rpcPath = /^\/service\/([^/]+)\/operation\/([^/?]+)\/?(?:\?|$)/;

/** The first value of a header, whose name is given in lower case. */
function headerOf({ headers }: WireRequest, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

/**
 * In which words a request speaks, as far as its path and headers tell: for answering it before its body was read, or
 * when nothing else of it is understood. Never throws.
 * @param signingName the service in its credential scope
 */
export function dialectOf(request: WireRequest, signingName?: string): Dialect {
  // Its keys may look like other services' paths.
  if (signingName === 's3') return s3Dialect(request);
  const rpc = rpcPath.exec(request.url);
  if (rpc) return { protocol: 'cbor', service: rpcService(rpc[1]) };
  const target = headerOf(request, 'x-amz-target');
  if (target !== undefined) return { protocol: 'json', service: serviceOfTarget(target.split('.', 1)[0]) };
  const service = signingName === undefined ? undefined : serviceSignedAs(signingName);
  if (!service && isForS3(request)) return s3Dialect(request);
  if (service) return { protocol: bodyProtocol(service), service };
  return { protocol: saysJson(request) ? 'json' : 'ec2', service: undefined };
}

/**
 * Service, operation and protocol, found as AWS finds them: by the path of RPC v2, by `X-Amz-Target`, or by `Action`
 * and the name that the request was signed for.
 * @param request with its body decompressed; REST XML is routed without
 * @param bucket that the host names, at S3
 * @throws ServiceError in the words of {@link dialectOf}
 */
export function route(request: WireRequest, signingName?: string, bucket?: string): Routed {
  const dialect = dialectOf(request, signingName);
  const { protocol, service } = dialect;
  if (protocol === 'rest-xml') return routeRest(service as ServiceModel, request, bucket);
  if (protocol === 'cbor') return routeRpc(request, service);
  const target = headerOf(request, 'x-amz-target');
  if (target !== undefined) {
    const operation = target.slice(target.indexOf('.') + 1);
    if (request.method !== 'POST') throw unknownOperation('json', shown(operation));
    return operationNamed(service, 'json', operation);
  }
  if (service?.protocols.includes('rest-json')) return routePath(service, request);
  if (protocol === 'json') throw unknownOperation('json', 'without a target');
  return routeForm(request, service, protocol);
}

/** Of a known operation that Headgate does not have. */
export function unsupported({ protocol, service, operation }: Routed): ServiceError {
  const sentence = `Headgate does not support ${service.name}:${operation.name}.`;
  if (protocol === 'ec2') return new ServiceError('UnsupportedOperation', sentence);
  if (protocol === 'query') return new ServiceError('InvalidAction', sentence);
  if (protocol === 'rest-xml') return new ServiceError('NotImplemented', sentence, { status: 501 });
  return new ServiceError('UnknownOperationException', sentence);
}

function routeRpc(request: WireRequest, service: ServiceModel | undefined): Routed {
  const operation = rpcPath.exec(request.url)?.[2] ?? '';
  const isRpc = request.method === 'POST' && headerOf(request, 'smithy-protocol') === 'rpc-v2-cbor';
  if (!service || !isRpc) {
    throw unknownOperation('cbor', shown(operation));
  }
  return operationNamed(service, 'cbor', operation);
}

function routePath(service: ServiceModel, { method, url }: WireRequest): Routed {
  const path = url.split('?', 1)[0];
  const found = service.operationNames.find((name) => service.operation(name)?.path === path);
  if (method !== 'POST' || found === undefined) throw unknownOperation('json', path);
  return operationNamed(service, 'json', found);
}

function routeForm(
  { method, url, body }: WireRequest,
  service: ServiceModel | undefined,
  protocol: 'ec2' | 'query',
): Routed {
  const mark = url.indexOf('?');
  const isInUrl = method === 'GET' || (body.length === 0 && mark >= 0);
  const form = parseForm(isInUrl ? Buffer.from(mark < 0 ? '' : url.slice(mark + 1)) : body, protocol);
  const action = formValue(form, 'Action');
  if (action === undefined || action === '') throw missingAction();
  const version = formValue(form, 'Version');
  if (protocol === 'query' && !(service?.operation(action) && version === service.apiVersion)) {
    throw unknownVersion(shown(action), version && shown(version));
  }
  return { ...operationNamed(service, protocol, action), form };
}

function operationNamed(
  service: ServiceModel | undefined,
  protocol: Routed['protocol'],
  name: string,
): Routed {
  const operation = service?.operation(name);
  if (!service || !operation) throw unknownOperation(protocol, shown(name));
  return { protocol, service, operation };
}

/** As much of what a client wrote as an error repeats. */
const shown = (name: string): string => name.slice(0, 128);

function rpcService(name: string): ServiceModel | undefined {
  const service = serviceOfTarget(name);
  return service?.protocols.includes('smithy-rpc-v2-cbor') ? service : undefined;
}

/** What a service speaks when neither path nor target say. */
function bodyProtocol({ protocols }: ServiceModel): 'ec2' | 'query' | 'json' {
  if (protocols.includes('ec2')) return 'ec2';
  return protocols.includes('query') ? 'query' : 'json';
}

function s3Dialect(request: WireRequest): Dialect {
  return { protocol: 'rest-xml', service: serviceModel(isForS3Control(request) ? 's3control' : 's3') };
}

/** S3 has its name in the signature alone. What is not signed is for S3 when it can be for nobody else. */
function isForS3(request: WireRequest): boolean {
  if (credentialScope(request)) return false;
  if (headerOf(request, 'authorization')?.startsWith('AWS ') || isSignedBefore4(request)) return true;
  if (request.method === 'POST') {
    return /^multipart\/form-data/i.test(headerOf(request, 'content-type') ?? '');
  }
  return request.method !== 'GET' || !/^\/(?:\?|$)/.test(request.url);
}

function isForS3Control(request: WireRequest): boolean {
  return request.url.startsWith('/v20180820/') && headerOf(request, 'x-amz-account-id') !== undefined;
}

function saysJson(request: WireRequest): boolean {
  return /json/i.test(headerOf(request, 'content-type') ?? '');
}
