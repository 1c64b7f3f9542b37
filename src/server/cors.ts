import { AllowedHosts } from './allowed-hosts.ts';
import type { RequestHead } from './request-head.ts';

/** What scripts may read of an answer, besides what they always may: of S3 also what users have named. */
const exposed =
  'x-amzn-requestid, x-amz-request-id, x-amzn-errortype, x-amzn-query-error, x-amz-id-2, date, retry-after, ' +
  'etag, accept-ranges, content-range, content-encoding, content-disposition, *';
const preflightSeconds = 3600;
const loopbackOnly = new AllowedHosts('localhost', []);

/** Pages that may call from a browser: those that came from this computer. */
export function isAllowedOrigin(origin: string): boolean {
  const parts = /^https?:\/\/([^/]+)$/.exec(origin);
  return parts !== null && loopbackOnly.allows(parts[1], undefined);
}

/** Headers of answers to a page that may read them; none for others. */
export function corsHeaders({ table }: RequestHead): Readonly<Record<string, string>> {
  const origin = table.get('origin');
  if (origin === undefined || !isAllowedOrigin(origin)) return {};
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed, vary: 'origin' };
}

export function isPreflight({ method, table }: RequestHead): boolean {
  return method === 'OPTIONS' && table.has('origin') && table.has('access-control-request-method');
}

/** What a page may send: undefined for one that may not. */
export function preflightHeaders(head: RequestHead): Readonly<Record<string, string>> | undefined {
  const headers = corsHeaders(head);
  if (Object.keys(headers).length === 0) return undefined;
  return {
    ...headers,
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
    'access-control-allow-headers': head.table.get('access-control-request-headers') ?? '*',
    'access-control-max-age': String(preflightSeconds),
  };
}
