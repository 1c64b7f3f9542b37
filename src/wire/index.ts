/**
 * AWS's protocols, seen from the server: which service and action a request is for, its input from EC2 query, query,
 * JSON and CBOR bodies and REST XML, the model's constraints, answers and errors in the same forms, event streams, signatures. It
 * does not know what an action does.
 */

export { encodeError, encodeOutput } from './answer.ts';
export { chunkedBody, decodeChunked } from './aws-chunked.ts';
export { checkDigests } from './body-digests.ts';
export type { BodyStream } from './body-stream.ts';
export { checkInput } from './constraints.ts';
export { decodeInput } from './decode.ts';
export { encodeEvents, eventStreamType, isEventStream } from './event-stream.ts';
export type { WireRequest, WireResponse } from './http.ts';
export { serviceModel } from './models.ts';
export { PageTokens } from './page-tokens.ts';
export { PayloadStream } from './payload-stream.ts';
export { streamingMember } from './rest-input.ts';
export { dialectOf, route, unsupported } from './route.ts';
export type { Dialect, Protocol, Routed } from './routed.ts';
export {
  credentialScope,
  type FoundCredential,
  type VerifiedSignature,
  verifySignature,
} from './sigv4.ts';
export { type SignatureFamily, signatureError } from './sigv4-faults.ts';
export { type HeaderTable, headerTable } from './sigv4-request.ts';
