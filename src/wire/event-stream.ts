import { crc32 } from 'node:zlib';
import { ServiceError } from '../fault/index.ts';
import { documentOf } from './document-output.ts';
import type { Member, StructureShape } from './model.ts';
import type { Routed } from './routed.ts';

/** Lengths and their checksum before the headers, and the checksum of all after the payload; bytes. */
const preludeBytes = 12;
const checksumBytes = 4;
const stringHeader = 7;

/** The content type of answers that {@link encodeEvents} writes. */
export const eventStreamType = 'application/vnd.amazon.eventstream';

/** Whether an operation is answered with a stream of events. */
export function isEventStream({ operation }: Routed): boolean {
  return streamMember(operation.output) !== undefined;
}

function streamMember(output: StructureShape | undefined): Member | undefined {
  return output?.members.find(({ shape }) => shape.type === 'structure' && shape.eventstream);
}

/**
 * The frames of a stream: the initial response, the events that are given as `{ name: members }`, and the error that
 * ends them, if one does.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export async function* encodeEvents(
  { operation }: Routed,
  events: AsyncIterable<Readonly<Record<string, unknown>>>,
): AsyncGenerator<Uint8Array> {
  yield eventFrame('initial-response', {});
  const stream = streamMember(operation.output)?.shape as StructureShape;
  try {
    for await (const event of events) yield* framesOf(event, stream);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    yield errorFrame(error, stream);
  }
}

function* framesOf(
  event: Readonly<Record<string, unknown>>,
  { members }: StructureShape,
): Generator<Uint8Array> {
  for (const { name, shape } of members) {
    const value = event[name];
    if (value === undefined || shape.type !== 'structure') continue;
    const document = documentOf(value, shape, 'json');
    yield shape.exception ? exceptionFrame(name, document) : eventFrame(name, document);
  }
}

function eventFrame(type: string, document: object): Uint8Array {
  const headers = { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' };
  return frame(headers, Buffer.from(JSON.stringify(document)));
}

function exceptionFrame(type: string, document: object): Uint8Array {
  const headers = {
    ':message-type': 'exception',
    ':exception-type': type,
    ':content-type': 'application/json',
  };
  return frame(headers, Buffer.from(JSON.stringify(document)));
}

/** Errors that the stream's model has are exceptions of it, all others end it as errors. */
function errorFrame({ code, message }: ServiceError, { members }: StructureShape): Uint8Array {
  if (members.some(({ name }) => name === code)) return exceptionFrame(code, { message });
  return frame(
    { ':message-type': 'error', ':error-code': code, ':error-message': message },
    new Uint8Array(),
  );
}

function frame(headers: Readonly<Record<string, string>>, payload: Uint8Array): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const bytes = Buffer.alloc(preludeBytes + head.length + payload.length + checksumBytes);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(head.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.set(head, preludeBytes);
  bytes.set(payload, preludeBytes + head.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -checksumBytes)), bytes.length - checksumBytes);
  return bytes;
}

function header(name: string, value: string): Uint8Array {
  const label = Buffer.from(name);
  const text = Buffer.from(value);
  const bytes = Buffer.alloc(1 + label.length + 1 + 2 + text.length);
  bytes.writeUInt8(label.length, 0);
  bytes.set(label, 1);
  bytes.writeUInt8(stringHeader, 1 + label.length);
  bytes.writeUInt16BE(text.length, 2 + label.length);
  bytes.set(text, 4 + label.length);
  return bytes;
}
