import { isUtf8 } from 'node:buffer';
import { malformed } from './wire-faults.ts';

/** What one name of a form has: a value, and what is below it after a dot. */
export interface FormNode {
  value?: string;
  below?: Map<string, FormNode>;
}

/** The parameters of a query request as a tree: `Filter.1.Name` is below `Filter`, below `1`. */
export type Form = FormNode;

const mostParameters = 20_000;
const deepestName = 32;
const longestName = 1024;

/**
 * Parameters of a form-encoded body or a query string.
 * @throws ServiceError for what is not UTF-8, wrongly escaped, doubled, too many or too deep
 */
export function parseForm(bytes: Uint8Array, protocol: 'ec2' | 'query'): Form {
  if (!isUtf8(bytes)) throw malformed(protocol, 'The request is not valid UTF-8.');
  const root: Form = {};
  let parameters = 0;
  for (const pair of pairsOf(textOf(bytes))) {
    if (++parameters > mostParameters) {
      throw malformed(protocol, `The request has more than ${mostParameters} parameters.`);
    }
    const equals = pair.indexOf('=');
    const name = unescapeForm(equals < 0 ? pair : pair.slice(0, equals), protocol);
    const value = equals < 0 ? '' : unescapeForm(pair.slice(equals + 1), protocol);
    const node = nodeFor(root, name, protocol);
    if (node.value !== undefined)
      throw malformed(protocol, `The parameter ${name} may be specified only once.`);
    node.value = value;
  }
  return root;
}

export function formValue(form: Form, name: string): string | undefined {
  return form.below?.get(name)?.value;
}

const plus = 0x2b;
const space = 0x20;

/** A plus is a space wherever it stands. In bytes, as megabytes of them take a third of a second in a string. */
function textOf(bytes: Uint8Array): string {
  const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!own.includes(plus)) return own.toString('utf8');
  const spaced = Buffer.from(own);
  for (let at = 0; at < spaced.length; at++) if (spaced[at] === plus) spaced[at] = space;
  return spaced.toString('utf8');
}

/** One at a time: a body of ampersands costs no memory. */
function* pairsOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('&', start);
    const stop = end < 0 ? text.length : end;
    if (stop > start) yield text.slice(start, stop);
    start = stop + 1;
  }
}

function nodeFor(root: Form, name: string, protocol: 'ec2' | 'query'): FormNode {
  if (name.length > longestName) throw malformed(protocol, 'The name of a parameter is too long.');
  const parts = name.split('.');
  if (parts.length > deepestName) throw malformed(protocol, `The parameter ${name} is nested too deeply.`);
  let node = root;
  for (const part of parts) {
    node.below ??= new Map();
    let next = node.below.get(part);
    if (!next) {
      next = {};
      node.below.set(part, next);
    }
    node = next;
  }
  return node;
}

function unescapeForm(text: string, protocol: 'ec2' | 'query'): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed(protocol, 'The query string contains a syntax error.');
  }
}
