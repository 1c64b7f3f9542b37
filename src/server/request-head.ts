import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type HeaderTable, headerTable, type WireRequest } from '../wire/index.ts';
import { canonicalHost } from './allowed-hosts.ts';

/** A request without its body. */
export interface RequestHead extends Omit<WireRequest, 'body'> {
  readonly table: HeaderTable;
  /** As the client calls us: of an absolute URL, or the `Host` header. */
  readonly host: string | undefined;
  readonly path: string;
  readonly clientAddress: string;
  readonly localAddress: string | undefined;
  readonly isSecure: boolean;
}

/** Undefined for what names two hosts at once. */
export function requestHead(request: IncomingMessage): RequestHead | undefined {
  const headers = headerPairs(request.rawHeaders);
  const table = headerTable(headers);
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(request.url ?? '');
  const url = absolute ? originForm(absolute[2]) : (request.url ?? '/');
  const named = headers.filter(([name]) => name.toLowerCase() === 'host').map(([, value]) => value.trim());
  const hosts = new Set([...named, ...(absolute ? [absolute[1]] : [])]);
  if (hosts.size > 1 || named.length > 1) return undefined;
  return {
    method: request.method ?? 'GET',
    url,
    headers,
    table,
    host: [...hosts][0],
    path: url.split('?', 1)[0],
    clientAddress: canonicalHost(request.socket.remoteAddress ?? ''),
    localAddress: request.socket.localAddress,
    isSecure: (request.socket as TLSSocket).encrypted === true,
  };
}

function originForm(rest: string): string {
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function headerPairs(raw: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at], raw[at + 1]]);
  return pairs;
}
