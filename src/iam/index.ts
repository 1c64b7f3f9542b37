/**
 * Who may do what: principals and their credentials, policy documents and their evaluation, as AWS describes it. It
 * knows nothing of HTTP: `wire` checks signatures, `api` asks here before it does anything.
 */
export type { Caller, CallerSession } from './caller.ts';
export type { Decision, Permission } from './permission.ts';
