/**
 * The error families. An error that a user can mend says what was wrong, where, and what was expected.
 * What is merely an outcome (a malformed packet, an unknown owner) is a return value and never comes here.
 */
export { ConfigError } from './config-error.ts';
export { DeliveryError } from './delivery-error.ts';
export { invariant } from './invariant.ts';
export { QueryError } from './query-error.ts';
export { ServiceError } from './service-error.ts';
