import type { BodyStream } from './body-stream.ts';
import { parseCbor } from './cbor-reader.ts';
import { readDocument } from './document-input.ts';
import { decodeForm } from './form-input.ts';
import { parseJson } from './json-text.ts';
import type { StructureShape } from './model.ts';
import { decodeRest } from './rest-input.ts';
import type { Routed } from './routed.ts';

const noMembers: StructureShape = { name: '', type: 'structure', members: [] };

/**
 * The input of an operation: times are Dates, blobs bytes. What the model does not have is left out.
 * @param body decompressed; forms were read when the request was routed
 * @param stream in the place of the body, of operations that have a {@link streamingMember}
 * @throws ServiceError for what cannot be read, or has values of wrong types
 */
export function decodeInput(
  routed: Routed,
  body: Uint8Array,
  stream?: BodyStream,
): Readonly<Record<string, unknown>> {
  const { protocol, operation, form } = routed;
  const shape = operation.input ?? noMembers;
  switch (protocol) {
    case 'ec2':
    case 'query':
      return form ? decodeForm(form, shape, protocol) : {};
    case 'json':
      return readDocument(parseJson(body), shape, 'json');
    case 'cbor':
      return readDocument(parseCbor(body), shape, 'cbor');
    case 'rest-xml':
      return decodeRest(routed, stream ?? body);
  }
}
