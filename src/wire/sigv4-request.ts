import { hash } from 'node:crypto';
import type { WireRequest } from './http.ts';

/** Values by names in lower case; those of repeated names joined by commas, as they are signed. */
export type HeaderTable = ReadonlyMap<string, string>;

/** By the headers of requests under way, which are asked for it more than once. */
const tables = new WeakMap<WireRequest['headers'], HeaderTable>();

export function headerTable(headers: WireRequest['headers']): HeaderTable {
  const known = tables.get(headers);
  if (known) return known;
  const table = newHeaderTable(headers);
  tables.set(headers, table);
  return table;
}

function newHeaderTable(headers: WireRequest['headers']): HeaderTable {
  const table = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = table.get(key);
    const trimmed = trimmedSpaces(
      value.includes('  ') || value.includes('\t') ? value.replace(/[ \t]+/g, ' ') : value,
    );
    table.set(key, before === undefined ? trimmed : `${before},${trimmed}`);
  }
  return table;
}

/** Without HTTP's white space around it; 0xa0 is a byte like others: the last one of `à`. */
export function trimmedSpaces(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text[start])) start += 1;
  while (start < end && isSpace(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

const isSpace = (character: string): boolean => character === ' ' || character === '\t';

/** Names and values of a query, decoded. */
export function queryParameters(url: string): (readonly [name: string, value: string])[] {
  const at = url.indexOf('?');
  if (at === -1) return [];
  return url
    .slice(at + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [name, value].map((part) => percentDecoded(plusAsSpace(part)).toString('utf8')) as [
        string,
        string,
      ];
    });
}

/**
 * A `+` in a query is a space, as it is where its parameters are read: a plus sign must be `%2B`. If it were signed as
 * one, whoever puts it in the place of `%2B` would change a value without breaking the signature.
 */
function plusAsSpace(text: string): string {
  return text.includes('+') ? text.replaceAll('+', ' ') : text;
}

/** How a service wants the path to be signed: S3's keys may hold what others take for `..` and doubled slashes. */
export type PathRule = 'verbatim' | 'normalized';

export function canonicalPath(path: string, rule: PathRule): string {
  if (path === '/') return path;
  if (rule === 'verbatim') return path.split('/').map(reencoded).join('/') || '/';
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(percentEncoded(Buffer.from(segment, 'utf8')));
  }
  const isFolder = segments.length > 0 && path.endsWith('/');
  return `/${segments.join('/')}${isFolder ? '/' : ''}`;
}

/** Sorted by encoded names, then values; without the signature itself. */
export function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? ([reencoded(plusAsSpace(pair)), ''] as const)
        : ([
            reencoded(plusAsSpace(pair.slice(0, equals))),
            reencoded(plusAsSpace(pair.slice(equals + 1))),
          ] as const);
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export interface CanonicalParts {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderTable;
  readonly signedHeaders: readonly string[];
  /** A hash in hex, or the word that stands for one. */
  readonly payload: string;
  readonly pathRule: PathRule;
}

/** SHA-256 in hex of the request in the form that is signed. Header values are bytes, kept as Latin-1. */
export function canonicalHash({
  method,
  url,
  headers,
  signedHeaders,
  payload,
  pathRule,
}: CanonicalParts): string {
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const query = at === -1 ? '' : canonicalQuery(url.slice(at + 1));
  const lines = signedHeaders.map((name) => `${name}:${headers.get(name) ?? ''}\n`).join('');
  const text = `${method}\n${canonicalPath(path, pathRule)}\n${query}\n${lines}\n${signedHeaders.join(';')}\n${payload}`;
  return sha256Hex(Buffer.from(text, 'latin1'));
}

export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const unreservedOnly = /^[\w.~-]*$/;

/** Encoded once, whatever it was before. */
function reencoded(text: string): string {
  return unreservedOnly.test(text) ? text : percentEncoded(percentDecoded(text));
}

/** A percent sign that begins no escape stands for itself. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (!text.includes('%')) return bytes;
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const escaped = bytes[at] === 0x25 ? hexPair(bytes, at + 1) : -1;
    bytes[length] = escaped === -1 ? bytes[at] : escaped;
    length += 1;
    if (escaped !== -1) at += 2;
  }
  return bytes.subarray(0, length);
}

function hexPair(bytes: Uint8Array, at: number): number {
  if (at + 1 >= bytes.length) return -1;
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What each byte is written as: letters, digits, `-`, `.`, `_` and `~` as themselves. */
const escapes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const isPlain = byte < 0x80 && unreservedOnly.test(character);
  return isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

function percentEncoded(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += escapes[byte];
  return text;
}
