/**
 * AWS's protocols, seen from the server: which service and action a request is for, its input from EC2 query, query,
 * JSON and CBOR bodies, the model's constraints, answers and errors in the same forms, event streams, signatures. It
 * does not know what an action does.
 */
export type { WireRequest, WireResponse } from './http.ts';
export { PageTokens } from './page-tokens.ts';
