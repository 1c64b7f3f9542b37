import { isUtf8 } from 'node:buffer';
import { ServiceError } from '../fault/index.ts';
import type { WireRequest } from './http.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { RestHead, Routed } from './routed.ts';
import { queryParameters, trimmedSpaces } from './sigv4-request.ts';

/** How the requests of an operation look. */
interface Rule {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** The part of a resource that it is about: a name in the query, perhaps with a value. */
  readonly marker: readonly [name: string, value: string] | undefined;
  /** Names that the query must have besides. */
  readonly query: readonly string[];
  readonly header: string | undefined;
}

/**
 * Names in the query that make a request one about a part of a bucket or object: also those of operations that no
 * model here has, so that `DELETE /bucket?metadataTable` never is DeleteBucket.
 */
const parts: ReadonlySet<string> = new Set([
  'abac',
  'accelerate',
  'acl',
  'analytics',
  'annotation',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metadataAnnotationTable',
  'metadataConfiguration',
  'metadataInventoryTable',
  'metadataJournalTable',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
]);

const copySource = 'x-amz-copy-source';
const tables = new WeakMap<ServiceModel, readonly Rule[]>();

/** Made when it is first asked for: it looks at every operation. */
function rulesOf(service: ServiceModel): readonly Rule[] {
  const known = tables.get(service);
  if (known) return known;
  const rules = service.operationNames.map((name) => ruleOf(service.operation(name) as OperationModel));
  tables.set(service, rules);
  return rules;
}

function ruleOf({ name, method = 'GET', path = '/', input }: OperationModel): Rule {
  const [template, marker] = path.split('?');
  const required = (input?.members ?? []).filter((member) => input?.required?.includes(member.name));
  const query = required.filter(({ location }) => location === 'querystring');
  const isCopy = required.some(({ locationName }) => locationName === copySource);
  return {
    operation: name,
    method,
    path: templatePattern(template),
    labels: [...template.matchAll(/\{(\w+)\+?\}/g)].map(([, label]) => label),
    marker: marker === undefined ? undefined : [marker.split('=')[0], marker.split('=')[1] ?? ''],
    query: query.map(({ name: member, locationName = member }) => locationName),
    header: isCopy ? copySource : undefined,
  };
}

/** A greedy label is the rest of the path, whatever is in it; a bucket may have a slash after it. */
function templatePattern(template: string): RegExp {
  const source = template
    .replace(/[.]/g, '\\$&')
    .replace(/\{\w+\+\}/g, '(.+)')
    .replace(/\{\w+\}/g, '([^/]+)');
  return new RegExp(`^${source}${template.endsWith('}') && !template.endsWith('+}') ? '/?' : ''}$`, 's');
}

/**
 * Finds an operation of REST XML by method, path, query and headers, without the body.
 * @param bucket that the host names, before the path
 * @throws ServiceError in S3's words
 */
export function routeRest(
  service: ServiceModel,
  { method, url, headers }: Omit<WireRequest, 'body'>,
  bucket: string | undefined,
): Routed {
  const [path] = url.split('?', 1);
  const whole = bucket !== undefined && service.name === 's3' ? `/${bucket}${path}` : path;
  const query = queryParameters(url);
  const rest = { query, headers: restHeaders(headers, query) };
  const rule = ruleFor(service, method, whole, rest);
  const operation = service.operation(rule.operation) as OperationModel;
  const labels = labelsOf(rule, whole);
  return { protocol: 'rest-xml', service, operation, rest: { ...rest, labels } };
}

function ruleFor(
  service: ServiceModel,
  method: string,
  path: string,
  { query, headers }: Omit<RestHead, 'labels'>,
): Rule {
  const names = new Set(query.map(([name]) => name));
  const resource = rulesOf(service).filter((rule) => rule.path.test(path));
  if (resource.length === 0) throw badUri();
  const part = partOf(names);
  const marked = resource.filter((rule) => rule.method === method && isMarked(rule, part, query));
  const fitting = marked.filter(
    (rule) =>
      rule.query.every((name) => names.has(name)) && (rule.header === undefined || headers.has(rule.header)),
  );
  const [first] = fitting.sort((one, other) => weight(other) - weight(one));
  if (first) return first;
  throw unroutable(service, method, part, resource, part === undefined ? [] : missingOf(marked[0], names));
}

/** The most that a request says decides: a copied part is a part, and a copy. */
const weight = ({ marker, query, header }: Rule): number =>
  (marker ? 1 : 0) + query.length + (header === undefined ? 0 : 1);

function partOf(names: ReadonlySet<string>): string | undefined {
  const found = [...names].filter((name) => parts.has(name));
  if (found.length <= 1) return found[0];
  throw new ServiceError(
    'InvalidArgument',
    `Conflicting query string parameters: ${[...found].sort().join(', ')}`,
    { members: { ArgumentName: 'ResourceType', ArgumentValue: found[0] } },
  );
}

function isMarked({ marker, query }: Rule, part: string | undefined, given: RestHead['query']): boolean {
  if (marker && marker[1] !== '')
    return part === undefined && given.some(([name, value]) => name === marker[0] && value === marker[1]);
  if (part === undefined) return marker === undefined;
  return marker ? marker[0] === part : query.includes(part);
}

function missingOf(rule: Rule | undefined, names: ReadonlySet<string>): readonly string[] {
  return rule?.query.filter((name) => !names.has(name)) ?? [];
}

function unroutable(
  service: ServiceModel,
  method: string,
  part: string | undefined,
  resource: readonly Rule[],
  missing: readonly string[],
): ServiceError {
  if (missing.length > 0) {
    return new ServiceError(
      'InvalidRequest',
      `Missing required parameter for this request: '${missing.join("', '")}'`,
    );
  }
  const known = rulesOf(service).some(
    ({ marker, query }) => marker?.[0] === part || query.includes(part ?? ''),
  );
  if (part !== undefined && !known) {
    return new ServiceError('NotImplemented', `Headgate does not support ${method} with ?${part}.`, {
      members: { Resource: part },
    });
  }
  const allowed = [
    ...new Set(resource.filter(({ marker }) => marker?.[0] === part).map((rule) => rule.method)),
  ];
  return new ServiceError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    members: {
      Method: method.slice(0, 32),
      ResourceType: part === undefined ? 'SERVICE' : part.toUpperCase(),
      ...(allowed.length > 0 && { AllowedMethods: allowed.join(', ') }),
    },
  });
}

function labelsOf({ path, labels }: Rule, given: string): Readonly<Record<string, string>> {
  const [, ...values] = path.exec(given) ?? [];
  return Object.fromEntries(labels.map((label, index) => [label, unescapedPath(values[index])]));
}

/** A plus is a plus in a path. Bytes that no UTF-8 is made of name no key. */
function unescapedPath(text: string): string {
  if (/%(?![\da-fA-F]{2})/.test(text)) throw badUri();
  const bytes = Buffer.from(
    text.replace(/%([\da-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  if (!isUtf8(bytes)) throw badUri();
  return bytes.toString('utf8');
}

function badUri(): ServiceError {
  return new ServiceError('InvalidURI', "Couldn't parse the specified URI.", { status: 400 });
}

/**
 * Headers as members have them: bytes, each a character, that are given back as they came. What a presigned URL has of
 * `x-amz-` headers in its query counts as if it were sent: there it was signed.
 */
function restHeaders(headers: WireRequest['headers'], query: RestHead['query']): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (query.some(([name]) => name === 'X-Amz-Signature')) {
    for (const [name, value] of query) {
      const key = name.toLowerCase();
      if (key.startsWith('x-amz-') && !name.startsWith('X-Amz-')) found.set(key, value);
    }
  }
  const sent = new Set<string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const text = trimmedSpaces(value);
    found.set(key, sent.has(key) ? `${found.get(key)},${text}` : text);
    sent.add(key);
  }
  return found;
}
