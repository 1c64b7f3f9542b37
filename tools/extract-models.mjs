// @ts-check
/**
 * Writes `src/wire/models/<service>.ts`: what AWS's models say of the operations that Headgate serves (shapes, names
 * on the wire, constraints, error codes), without their documentation.
 *
 * The models are those of botocore, which have the constraints that the SDKs' schemas leave out. To run it for a new
 * release of them, or after an operation was added to `served-operations.json`:
 *
 *     pip download --no-deps botocore && unzip botocore-*.whl   # or any installed botocore
 *     node tools/extract-models.mjs <botocore's folder>/data
 *
 * The same models give the same files, byte for byte: the difference in a commit is what AWS changed.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** @typedef {Record<string, any>} Json */

/** Facts of a shape that only matter where it is read from a client. */
const constraints = ['enum', 'min', 'max', 'pattern', 'sensitive'];
const shapeFacts = ['timestampFormat', 'flattened', 'union', 'eventstream', 'event', 'exception'];
const memberFacts = [
  'locationName',
  'queryName',
  'flattened',
  'timestampFormat',
  'eventpayload',
  'eventheader',
];
/** Where the parts of REST's messages are. Only REST XML has them: REST JSON is served without labels. */
const restShapeFacts = ['payload', 'locationName', 'xmlNamespace'];
const restMemberFacts = ['location', 'streaming', 'xmlAttribute', 'xmlNamespace'];

/**
 * What is taken besides what the models do: endpoints of Firehose without TLS, for this machine alone; of S3 Control
 * ARNs of buckets, `arn:aws:s3:::name`, which AWS takes and its own pattern does not.
 */
const widened = {
  HttpEndpointUrl: { pattern: 'https?://.*' },
  S3ResourceArn: { pattern: 'arn:[^:]+:s3(express)?:.*' },
};

/**
 * @param {string} folder
 * @param {string} service
 * @returns {Json}
 */
function readModel(folder, service) {
  const versions = readdirSync(path.join(folder, service)).sort();
  const file = path.join(folder, service, versions[versions.length - 1], 'service-2.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return JSON.parse(gunzipSync(readFileSync(`${file}.gz`)).toString('utf8'));
  }
}

/**
 * @param {Json} from
 * @param {readonly string[]} names
 * @returns {Json}
 */
function pick(from, names) {
  return Object.fromEntries(names.flatMap((name) => (name in from ? [[name, from[name]]] : [])));
}

/**
 * Names of the shapes that are reached from some.
 * @param {Json} shapes
 * @param {readonly string[]} roots
 */
function reached(shapes, roots) {
  const seen = new Set();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const { members = {}, member, key, value } = shapes[name];
    for (const part of [...Object.values(members), member, key, value]) if (part) open.push(part.shape);
  }
  return seen;
}

/**
 * @param {Json} member
 * @param {boolean} isRestXml
 */
function compactMember(member, isRestXml) {
  const facts = pick(member, isRestXml ? [...memberFacts, ...restMemberFacts] : memberFacts);
  return Object.keys(facts).length === 0 ? member.shape : { shape: member.shape, ...facts };
}

/**
 * @param {Json} shape
 * @param {boolean} isInput
 * @param {boolean} isRestXml
 */
function compactShape(shape, isInput, isRestXml) {
  const { type, required, members, member, key, value } = shape;
  const compact = (/** @type {Json} */ each) => compactMember(each, isRestXml);
  return {
    type,
    ...(isInput && required?.length ? { required } : {}),
    ...(isInput ? pick(shape, constraints) : {}),
    ...pick(shape, isRestXml ? [...shapeFacts, ...restShapeFacts] : shapeFacts),
    ...(members
      ? {
          members: Object.fromEntries(Object.entries(members).map(([name, each]) => [name, compact(each)])),
        }
      : {}),
    ...(member ? { member: compact(member) } : {}),
    ...(key ? { key: compact(key), value: compact(value) } : {}),
  };
}

/**
 * @param {Json} operation
 * @param {string} protocol
 */
function compactOperation({ input, output, http, endpoint }, protocol) {
  return {
    ...(input ? { input: input.shape } : {}),
    ...(output ? { output: output.shape } : {}),
    ...(output?.resultWrapper ? { resultWrapper: output.resultWrapper } : {}),
    ...(protocol === 'rest-json' ? { path: http.requestUri } : {}),
    ...(protocol === 'rest-xml' ? compactHttp(http) : {}),
    ...(endpoint?.hostPrefix ? { hostPrefix: endpoint.hostPrefix } : {}),
  };
}

/** @param {Json} http */
function compactHttp({ method, requestUri, responseCode = 200 }) {
  return { method, path: requestUri, ...(responseCode === 200 ? {} : { status: responseCode }) };
}

/**
 * Codes are those of query's answers; the shape is named where it has another name, or members beside the message.
 * @param {string} name
 * @param {Json} shape
 */
function compactError(name, { error = {}, fault, members }) {
  const own = Object.keys(members ?? {}).filter((member) => member.toLowerCase() !== 'message');
  const code = error.code ?? name;
  return [
    code,
    {
      status: error.httpStatusCode ?? (fault ? 500 : 400),
      ...(code === name ? {} : { type: name }),
      ...(own.length > 0 ? { shape: name } : {}),
    },
  ];
}

/** @param {Json} metadata */
function compactMetadata(metadata) {
  const { endpointPrefix, signingName = endpointPrefix, protocol, protocols = [protocol] } = metadata;
  return {
    signingName,
    protocols,
    ...pick(metadata, ['apiVersion', 'xmlNamespace', 'targetPrefix', 'jsonVersion']),
    ...(metadata.awsQueryCompatible ? { isQueryCompatible: true } : {}),
  };
}

/** @param {Json} record one line each */
const lines = (record) =>
  Object.keys(record)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(record[name])}`)
    .join(',\n');

/**
 * @param {Json} model
 * @param {readonly string[]} wanted
 */
function extract({ metadata, operations, shapes }, wanted) {
  const names = wanted[0] === '*' ? Object.keys(operations) : wanted;
  const served = names.map((name) => {
    if (!operations[name]) throw new Error(`the model has no operation ${name}`);
    return operations[name];
  });
  const inputs = reached(
    shapes,
    served.flatMap(({ input }) => (input ? [input.shape] : [])),
  );
  const outputs = served.flatMap(({ output }) => (output ? [output.shape] : []));
  const errors = new Set(
    served.flatMap((operation) => (operation.errors ?? []).map((/** @type {Json} */ error) => error.shape)),
  );
  const errorTable = Object.fromEntries([...errors].map((name) => compactError(name, shapes[name])));
  const shaped = Object.values(errorTable).flatMap(({ shape }) => (shape ? [shape] : []));
  const kept = new Set([...inputs, ...reached(shapes, [...outputs, ...shaped])]);
  const { protocol } = metadata;
  const isRestXml = protocol === 'rest-xml';
  return [
    `{"service":${JSON.stringify(compactMetadata(metadata))},`,
    `"operations":{\n${lines(Object.fromEntries(names.map((name) => [name, compactOperation(operations[name], protocol)])))}\n},`,
    `"errors":{\n${lines(errorTable)}\n},`,
    `"shapes":{\n${lines(Object.fromEntries([...kept].map((name) => [name, compactShape({ ...shapes[name], ...pick(widened, [name])[name] }, inputs.has(name), isRestXml)])))}\n}}`,
  ].join('\n');
}

/**
 * The release that the models are of, when they are in botocore's own folder.
 * @param {string} folder
 */
function releaseOf(folder) {
  try {
    const source = readFileSync(path.join(folder, '../__init__.py'), 'utf8');
    return ` in botocore ${/__version__ = '([^']+)'/.exec(source)?.[1]}`;
  } catch {
    return '';
  }
}

/** @param {string} json as it stands in a raw template */
const escapeTemplate = (json) => json.replaceAll('`', '\\u0060').replaceAll('${', '$\\u007b');

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node tools/extract-models.mjs <folder of models>');
const root = path.resolve(import.meta.dirname, '..');
/** @type {Record<string, string[]>} */
const served = JSON.parse(readFileSync(path.join(root, 'tools/served-operations.json'), 'utf8'));
for (const [service, operations] of Object.entries(served)) {
  const json = escapeTemplate(extract(readModel(folder, service), operations));
  writeFileSync(
    path.join(root, 'src/wire/models', `${service}.ts`),
    `/** What AWS's model${releaseOf(folder)} says of the served operations. Written by tools/extract-models.mjs: do not edit. */\nexport const ${service} = String.raw\`${json}\`;\n`,
  );
}
