/**
 * HTTP: connections and their bounds, which hosts are served, bodies, signatures, authorization, and the dispatch of
 * requests to the actions of `api`. It knows no service and keeps no resources.
 */
export { ApiServer } from './api-server.ts';
export { assertSafeListen } from './safe-listen.ts';
export type { ServerOptions } from './server-options.ts';
