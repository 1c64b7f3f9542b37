import { isAscii, isUtf8 } from 'node:buffer';
import { malformed } from './wire-faults.ts';

const deepest = 32;
const quote = 0x22;
const backslash = 0x5c;

/**
 * The value of a JSON body; of an empty one, an empty object. Of a name that is given twice the last counts, as in
 * AWS's readers.
 * @throws ServiceError SerializationException for what is not UTF-8, not JSON, or too deep
 */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw malformed('json', 'The request is not valid UTF-8.');
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (depthOf(bytes) > deepest) throw malformed('json', 'The request is nested too deeply.');
  try {
    // Bytes of ASCII are copied, in a fifth of the time that decoding takes.
    return JSON.parse(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')) as unknown;
  } catch {
    throw malformed('json', 'Unexpected token in the request: it is not JSON.');
  }
}

/**
 * How deep brackets go before anything is made of them: a few megabytes of brackets would become some hundred. Bytes
 * of strings are not looked at one by one.
 */
function depthOf(bytes: Buffer): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at + 1);
    else if (byte === 0x7b || byte === 0x5b) most = Math.max(most, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return most;
}

/** Where the quote is that ends a string, or the end of the bytes. */
function endOfString(bytes: Buffer, start: number): number {
  for (let from = start; ; ) {
    const at = bytes.indexOf(quote, from);
    if (at < 0) return bytes.length;
    if (!isEscaped(bytes, at, start)) return at;
    from = at + 1;
  }
}

/** After an odd number of backslashes. */
function isEscaped(bytes: Buffer, at: number, start: number): boolean {
  let before = at - 1;
  while (before >= start && bytes[before] === backslash) before--;
  return (at - before) % 2 === 0;
}
