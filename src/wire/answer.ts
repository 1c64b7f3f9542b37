import { randomUUID } from 'node:crypto';
import type { ServiceError } from '../fault/index.ts';
import { writeCbor } from './cbor-writer.ts';
import { documentOf } from './document-output.ts';
import type { WireResponse } from './http.ts';
import type { ErrorModel, ServiceModel, StructureShape } from './model.ts';
import { restAnswer, restError } from './rest-output.ts';
import type { Dialect, Routed } from './routed.ts';
import { escapeXml, xmlOf } from './xml-output.ts';

const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n';
const noMembers: StructureShape = { name: '', type: 'structure', members: [] };

/** @param output the result of an action; what the model does not have of it is left out */
export function encodeOutput(routed: Routed, output: unknown, requestId: string): WireResponse {
  const value = output ?? {};
  switch (routed.protocol) {
    case 'ec2':
      return xmlAnswer(200, requestId, ec2Result(routed, value, requestId));
    case 'query':
      return xmlAnswer(200, requestId, queryResult(routed, value, requestId));
    case 'json': {
      const { output } = routed.operation;
      return jsonAnswer(200, requestId, routed.service, output && documentOf(value, output, 'json'));
    }
    case 'cbor':
      return cborAnswer(200, requestId, documentOf(value, routed.operation.output ?? noMembers, 'cbor'));
    case 'rest-xml':
      return restAnswer(routed, value, requestId);
  }
}

/**
 * An error as its service writes it; without a dialect, when nothing of the request was understood, as EC2 does.
 * Statuses: the error's own, else the model's, else what AWS's services have in common.
 */
export function encodeError(
  dialect: Dialect | undefined,
  error: ServiceError,
  requestId: string = randomUUID(),
): WireResponse {
  const { protocol = 'ec2', service } = dialect ?? {};
  const model = service?.error(error.code);
  const status = error.status ?? model?.status ?? commonStatuses[error.code] ?? 400;
  switch (protocol) {
    case 'ec2':
      return xmlAnswer(status, requestId, ec2Error(error, requestId));
    case 'query':
      return xmlAnswer(status, requestId, queryError(error, model, status, service, requestId));
    case 'json': {
      const headers = errorHeaders(error, model, status, service);
      return jsonAnswer(status, requestId, service, errorDocument(error, model, 'json'), headers);
    }
    case 'cbor':
      return cborAnswer(
        status,
        requestId,
        errorDocument(error, model, 'cbor'),
        errorHeaders(error, model, status, service),
      );
    case 'rest-xml':
      return restError(service, error, model?.status, requestId);
  }
}

/** Of errors that no model has, or that all services have, where it is not 400. */
const commonStatuses: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AuthFailure: 401,
  DryRunOperation: 412,
  InternalError: 500,
  InternalFailure: 500,
  InternalServerError: 500,
  RequestEntityTooLarge: 413,
  RequestLimitExceeded: 503,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  UnauthorizedOperation: 403,
  Unavailable: 503,
};

function ec2Result({ service, operation }: Routed, value: unknown, requestId: string): string {
  const members = operation.output ? xmlOf(value, operation.output, 'ec2') : '<return>true</return>';
  const { open, close } = envelope(operation.name, `${service.xmlNamespace}/`, xmlHead);
  return [open, '<requestId>', requestId, '</requestId>', members, close].join('');
}

function queryResult({ service, operation }: Routed, value: unknown, requestId: string): string {
  const { name, output, resultWrapper = `${name}Result` } = operation;
  const result = output
    ? ['<', resultWrapper, '>', xmlOf(value, output, 'query'), '</', resultWrapper, '>']
    : [];
  const { open, close } = envelope(name, service.xmlNamespace, '');
  const metadata = ['<ResponseMetadata><RequestId>', requestId, '</RequestId></ResponseMetadata>'];
  return [open, ...result, ...metadata, close].join('');
}

/**
 * The element around an answer. Answers are joined, not added up: V8 (11.3) folds constant texts of optimised functions
 * into one with two bytes a character, and so makes the whole answer, which is then twice as slow to write.
 */
function envelope(
  operation: string,
  namespace: string | undefined,
  head: string,
): { readonly open: string; readonly close: string } {
  const open = [head, '<', operation, 'Response xmlns="', namespace ?? '', '">'].join('');
  return { open, close: ['</', operation, 'Response>'].join('') };
}

function ec2Error({ code, message }: ServiceError, requestId: string): string {
  return (
    `${xmlHead}<Response><Errors><Error><Code>${escapeXml(code)}</Code>` +
    `<Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`
  );
}

function queryError(
  error: ServiceError,
  model: ErrorModel | undefined,
  status: number,
  service: ServiceModel | undefined,
  requestId: string,
): string {
  const namespace = service?.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : '';
  const members = model?.shape ? xmlOf(error.members, model.shape, 'query') : '';
  return (
    `<ErrorResponse${namespace}><Error><Type>${faultSide(status)}</Type>` +
    `<Code>${escapeXml(model?.code ?? error.code)}</Code><Message>${escapeXml(error.message)}</Message>` +
    `${members}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
  );
}

/** Both spellings: services differ in which they write, and clients in which they read. */
function errorDocument(
  error: ServiceError,
  model: ErrorModel | undefined,
  protocol: 'json' | 'cbor',
): Readonly<Record<string, unknown>> {
  const members = model?.shape ? documentOf(error.members, model.shape, protocol) : {};
  return { ...members, __type: model?.type ?? error.code, message: error.message };
}

function errorHeaders(
  error: ServiceError,
  model: ErrorModel | undefined,
  status: number,
  service: ServiceModel | undefined,
): Readonly<Record<string, string>> {
  const type = { 'x-amzn-errortype': model?.type ?? error.code };
  if (!service?.isQueryCompatible) return type;
  return { ...type, 'x-amzn-query-error': `${model?.code ?? error.code};${faultSide(status)}` };
}

const faultSide = (status: number): 'Sender' | 'Receiver' => (status < 500 ? 'Sender' : 'Receiver');

function xmlAnswer(status: number, requestId: string, body: string): WireResponse {
  return {
    status,
    headers: { 'x-amzn-requestid': requestId, 'content-type': 'text/xml;charset=UTF-8' },
    body,
  };
}

/** Of an operation that has no output the body is empty. */
function jsonAnswer(
  status: number,
  requestId: string,
  service: ServiceModel | undefined,
  document: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  const type = service?.protocols.includes('rest-json')
    ? 'application/json'
    : `application/x-amz-json-${service?.jsonVersion ?? '1.1'}`;
  return {
    status,
    headers: { 'x-amzn-requestid': requestId, 'content-type': type, ...headers },
    body: document ? JSON.stringify(document) : '',
  };
}

function cborAnswer(
  status: number,
  requestId: string,
  document: object,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  return {
    status,
    headers: {
      'x-amzn-requestid': requestId,
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      ...headers,
    },
    body: writeCbor(document),
  };
}
