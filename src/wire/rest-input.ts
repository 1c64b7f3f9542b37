import { ServiceError } from '../fault/index.ts';
import type { BodyStream } from './body-stream.ts';
import { scalarReaders } from './form-input.ts';
import type { Member, ScalarShape, StructureShape } from './model.ts';
import type { RestHead, Routed } from './routed.ts';
import { parseHttpTime } from './timestamps.ts';
import { readXml } from './xml-input.ts';

type Structure = Record<string, unknown>;

/** The member that is the body, when it is read as it comes. */
export function streamingMember({ operation }: Routed): Member | undefined {
  return payloadMember(operation.input)?.streaming ? payloadMember(operation.input) : undefined;
}

function payloadMember(shape: StructureShape | undefined): Member | undefined {
  if (shape?.payload === undefined) return undefined;
  return shape.members.find(({ name }) => name === shape.payload);
}

/**
 * The input of a REST XML operation.
 * @param body whole, or as it comes where the operation's body streams
 * @throws ServiceError in S3's words
 */
export function decodeRest(
  { operation, rest }: Routed,
  body: Uint8Array | BodyStream,
): Readonly<Record<string, unknown>> {
  const { input } = operation;
  if (!input || !rest) return {};
  const found: Structure = {};
  for (const member of input.members) {
    const value = member.location === undefined ? undefined : outsideBody(member, rest);
    if (value !== undefined) found[member.name] = value;
  }
  if (body instanceof Uint8Array) Object.assign(found, bodyMembers(input, body));
  else Object.assign(found, streamMembers(input, body, rest));
  return found;
}

/** What the headers say of a framed body is of its frames. */
function streamMembers(input: StructureShape, body: BodyStream, rest: RestHead): Structure {
  const name = input.payload ?? '';
  const algorithm = checksumAlgorithm(rest.headers);
  const hasAlgorithm = input.members.some((member) => member.name === 'ChecksumAlgorithm');
  return {
    [name]: body,
    ...(body.length !== undefined && { ContentLength: body.length }),
    ...(hasAlgorithm && algorithm !== undefined && { ChecksumAlgorithm: algorithm }),
  };
}

const announced = /^x-amz-checksum-(\w+)$/;

/** Of the checksum that the headers name or the trailers will; clients need not name it elsewhere. */
function checksumAlgorithm(headers: RestHead['headers']): string | undefined {
  const said = headers.get('x-amz-sdk-checksum-algorithm');
  const names = (headers.get('x-amz-trailer') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const trailing = names.map((name) => announced.exec(name)?.[1]).find((name) => name !== undefined);
  return (trailing ?? said)?.toUpperCase();
}

function bodyMembers(input: StructureShape, body: Uint8Array): Structure {
  const payload = payloadMember(input);
  if (!payload) {
    const isInBody = input.members.some(({ location }) => location === undefined);
    return isInBody && body.length > 0 ? readXml(body, input, undefined) : {};
  }
  const { name, shape, locationName } = payload;
  if (body.length === 0) return {};
  if (shape.type === 'structure') {
    return { [name]: readXml(body, shape, locationName ?? shape.locationName ?? name) };
  }
  return { [name]: shape.type === 'string' ? Buffer.from(body).toString('utf8') : body };
}

function outsideBody(member: Member, rest: RestHead): unknown {
  const { name, location, locationName = name } = member;
  if (location === 'uri') return rest.labels[locationName];
  if (location === 'querystring') return queryMember(member, rest.query, locationName);
  if (location === 'headers') return headerMap(locationName, rest.headers);
  const text = rest.headers.get(locationName.toLowerCase());
  return text === undefined ? undefined : headerMember(member, text, locationName);
}

function queryMember({ shape }: Member, query: RestHead['query'], locationName: string): unknown {
  const values = query.filter(([each]) => each === locationName).map(([, value]) => value);
  if (values.length === 0) return undefined;
  if (shape.type === 'list') return values;
  return scalarOf(values[0], shape as ScalarShape, locationName);
}

/** Lists are joined by commas, within a header and over several. */
function headerMember({ shape }: Member, text: string, locationName: string): unknown {
  if (shape.type === 'list') return text.split(',').map((item) => item.trim());
  if (locationName === 'Content-Encoding') return withoutFraming(text);
  return scalarOf(text, shape as ScalarShape, locationName);
}

/** Without `aws-chunked`, which is no property of the object. */
function withoutFraming(text: string): string | undefined {
  const codings = text.split(',').filter((coding) => coding.trim().toLowerCase() !== 'aws-chunked');
  const left = codings.join(',').trim();
  return left === '' ? undefined : left;
}

function headerMap(prefix: string, headers: RestHead['headers']): Structure | undefined {
  const entries = [...headers].filter(([name]) => name.startsWith(prefix) && name.length > prefix.length);
  return entries.length === 0
    ? undefined
    : Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** An empty text is a number that is not there: `?max-keys=`. Conditions with times that are none do not hold. */
function scalarOf(text: string, shape: ScalarShape, locationName: string): unknown {
  if (shape.type === 'string') return text;
  if (shape.type === 'timestamp') {
    const time = parseHttpTime(text);
    if (time || shape.timestampFormat !== 'iso8601') return time;
    throw badArgument(locationName, text, `The value of ${locationName} is not a date.`);
  }
  if (text === '') return undefined;
  const value = scalarReaders[shape.type](text);
  if (value !== undefined) return value;
  const isNumber = shape.type === 'integer' || shape.type === 'long';
  const must = isNumber ? 'not an integer or within integer range' : `not a valid ${shape.type}`;
  throw badArgument(locationName, text, `Provided ${locationName} ${must}`);
}

export function badArgument(name: string, value: string, sentence: string): ServiceError {
  return new ServiceError('InvalidArgument', sentence, {
    members: { ArgumentName: name, ArgumentValue: value.slice(0, 256) },
  });
}
