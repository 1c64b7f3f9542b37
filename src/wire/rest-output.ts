import type { ServiceError } from '../fault/index.ts';
import type { WireResponse } from './http.ts';
import type { Member, ScalarShape, ServiceModel, StructureShape } from './model.ts';
import type { Routed } from './routed.ts';
import { s3Statuses } from './s3-statuses.ts';
import { httpTimeOf, isoTimeOf } from './timestamps.ts';
import { escapeXml, xmlOf } from './xml-output.ts';

const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n';
const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
const namespaces: Readonly<Record<string, string>> = {
  s3: s3Namespace,
  s3control: 'http://awss3control.amazonaws.com/doc/2018-08-20/',
};

/** The root elements of answers that are not called as their shapes; botocore's models do not have them. */
const roots: Readonly<Record<string, string>> = {
  CompleteMultipartUploadOutput: 'CompleteMultipartUploadResult',
  CreateMultipartUploadOutput: 'InitiateMultipartUploadResult',
  DeleteObjectsOutput: 'DeleteResult',
  GetBucketAccelerateConfigurationOutput: 'AccelerateConfiguration',
  GetBucketAclOutput: 'AccessControlPolicy',
  GetBucketCorsOutput: 'CORSConfiguration',
  GetBucketLifecycleConfigurationOutput: 'LifecycleConfiguration',
  GetBucketLoggingOutput: 'BucketLoggingStatus',
  GetBucketRequestPaymentOutput: 'RequestPaymentConfiguration',
  GetBucketTaggingOutput: 'Tagging',
  GetBucketVersioningOutput: 'VersioningConfiguration',
  GetBucketWebsiteOutput: 'WebsiteConfiguration',
  GetObjectAclOutput: 'AccessControlPolicy',
  GetObjectAttributesOutput: 'GetObjectAttributesResponse',
  GetObjectTaggingOutput: 'Tagging',
  ListBucketAnalyticsConfigurationsOutput: 'ListBucketAnalyticsConfigurationResult',
  ListBucketInventoryConfigurationsOutput: 'ListInventoryConfigurationsResult',
  ListBucketMetricsConfigurationsOutput: 'ListMetricsConfigurationsResult',
  ListBucketsOutput: 'ListAllMyBucketsResult',
  ListMultipartUploadsOutput: 'ListMultipartUploadsResult',
  ListObjectVersionsOutput: 'ListVersionsResult',
  ListObjectsOutput: 'ListBucketResult',
  ListObjectsV2Output: 'ListBucketResult',
  ListPartsOutput: 'ListPartsResult',
};

type Structure = Readonly<Record<string, unknown>>;
type Headers = Record<string, string>;

/** `httpStatus` of the output is the status where it is not the operation's. */
export function restAnswer({ service, operation }: Routed, value: object, requestId: string): WireResponse {
  const given = value as Structure;
  const { output } = operation;
  const status = (given.httpStatus as number | undefined) ?? operation.status ?? 200;
  const headers = { ...idHeaders(requestId), ...(output && memberHeaders(output, given)) };
  if (!output || status === 204 || status === 304) return { status, headers, body: '' };
  return { status, ...bodyOf(service, operation.name, output, given, headers) };
}

/** Every answer of S3 has both; clients show them in their errors. */
function idHeaders(requestId: string): Headers {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId(requestId) };
}

const hostId = (requestId: string): string => Buffer.from(requestId).toString('base64');

function bodyOf(
  service: ServiceModel,
  operation: string,
  output: StructureShape,
  given: Structure,
  headers: Headers,
): Pick<WireResponse, 'headers' | 'body' | 'stream'> {
  const payload = output.members.find(({ name }) => name === output.payload);
  if (!payload) {
    const isXml = output.members.some(({ location }) => location === undefined);
    return isXml ? xmlBody(headers, rootOf(service, operation, output, given)) : { headers, body: '' };
  }
  const { name, shape, locationName } = payload;
  const held = given[name];
  if (shape.type === 'structure') {
    const tag = locationName ?? shape.locationName ?? name;
    return xmlBody(headers, element(tag, namespaces[service.name], xmlOf(held ?? {}, shape, 'rest-xml')));
  }
  if (shape.type === 'string') {
    return { headers: { 'content-type': 'application/json', ...headers }, body: String(held ?? '') };
  }
  const typed = { 'content-type': 'binary/octet-stream', ...headers };
  if (held === undefined || held === null) return { headers: typed, body: '' };
  if (typeof held === 'string' || held instanceof Uint8Array) return { headers: typed, body: held };
  return { headers: typed, body: '', stream: held as AsyncIterable<Uint8Array> };
}

function xmlBody(headers: Headers, document: string): Pick<WireResponse, 'headers' | 'body'> {
  return { headers: { ...headers, 'content-type': 'application/xml' }, body: `${xmlHead}${document}` };
}

/** GetBucketLocation's root is its only member. */
function rootOf(service: ServiceModel, operation: string, output: StructureShape, given: Structure): string {
  const namespace = namespaces[service.name];
  if (operation === 'GetBucketLocation' && service.name === 's3') {
    const text = given.LocationConstraint ?? '';
    return element('LocationConstraint', namespace, escapeXml(String(text)));
  }
  const name = Object.hasOwn(roots, output.name) ? roots[output.name] : output.name;
  const body = output.members.filter(({ location }) => location === undefined);
  return element(name, namespace, xmlOf(given, bodyShape(output, body), 'rest-xml'));
}

const bodyShapes = new WeakMap<StructureShape, StructureShape>();

/** The shape of what is in the body: the same object each time, as codecs are made for each. */
function bodyShape(output: StructureShape, members: readonly Member[]): StructureShape {
  const known = bodyShapes.get(output);
  if (known) return known;
  const shape: StructureShape = { name: output.name, type: 'structure', members };
  bodyShapes.set(output, shape);
  return shape;
}

function element(tag: string, namespace: string | undefined, content: string): string {
  const open = `<${tag}${namespace === undefined ? '' : ` xmlns="${namespace}"`}`;
  return content === '' ? `${open}/>` : [open, '>', content, `</${tag}>`].join('');
}

function memberHeaders({ members }: StructureShape, given: Structure): Headers {
  const headers: Headers = {};
  for (const { name, location, locationName = name, shape } of members) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    if (location === 'header') {
      headers[locationName.toLowerCase()] = headerText(valueText(value, shape as ScalarShape));
    } else if (location === 'headers') {
      for (const [key, held] of Object.entries(value)) {
        if (isToken.test(key)) headers[`${locationName}${key.toLowerCase()}`] = headerText(String(held));
      }
    }
  }
  return headers;
}

const isToken = /^[!#$%&'*+.^_`|~\w-]+$/;

function valueText(value: unknown, { type, timestampFormat }: ScalarShape): string {
  if (Array.isArray(value)) return value.map(String).join(',');
  if (type !== 'timestamp') return String(value);
  return timestampFormat === 'iso8601' ? isoTimeOf(value) : httpTimeOf(value);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what ends a header, or is none
const notInHeaders = /[\0-\x08\x0a-\x1f\x7f]/g;

/** Characters are bytes, as they came in; else it becomes UTF-8. What would end the header is left out. */
function headerText(text: string): string {
  const plain = text.replace(notInHeaders, '');
  return /^[\t\x20-\xff]*$/.test(plain) ? plain : Buffer.from(plain, 'utf8').toString('latin1');
}

/**
 * S3's errors have no envelope and no namespace; S3 Control's are those of query. Further members are elements under
 * their own names.
 */
export function restError(
  service: ServiceModel | undefined,
  error: ServiceError,
  modelStatus: number | undefined,
  requestId: string,
): WireResponse {
  const { code, message, members } = error;
  const status = error.status ?? modelStatus ?? s3Statuses[code] ?? 400;
  const further = Object.entries(members)
    .filter(([name, value]) => /^[A-Za-z][\w-]*$/.test(name) && value !== undefined && value !== null)
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
  const told = [`<Code>${escapeXml(code)}</Code>`, `<Message>${escapeXml(message)}</Message>`, ...further];
  const id = `<RequestId>${requestId}</RequestId>`;
  const document =
    service?.name === 's3control'
      ? ['<ErrorResponse><Error>', ...told, '</Error>', id, '</ErrorResponse>']
      : ['<Error>', ...told, id, `<HostId>${hostId(requestId)}</HostId>`, '</Error>'];
  const ids = idHeaders(requestId);
  if (status === 304) return { status, headers: ids, body: '' };
  return { status, ...xmlBody(ids, document.join('')) };
}
