import { isUtf8 } from 'node:buffer';
import { malformed } from './wire-faults.ts';

/** Deeper than any document of a service is. */
const deepest = 64;
const mostAttributes = 64;

const nameText = '[A-Za-z_\\u0080-\\uffff][\\w.\\u0080-\\uffff-]*';
const qualifiedName = `${nameText}(?::${nameText})?`;
const tagStart = new RegExp(`<(${qualifiedName})`, 'y');
const attribute = new RegExp(`\\s+(${qualifiedName})\\s*=\\s*(?:"([^<"]*)"|'([^<']*)')`, 'y');
const tagEnd = /\s*(\/?)>/y;
const closingTag = new RegExp(`</(${qualifiedName})\\s*>`, 'y');
const declaration =
  /^<\?xml\s+version\s*=\s*["']1\.\d["'](?:\s+encoding\s*=\s*["']utf-?8["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write them
const illegal = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

export type XmlToken = 'open' | 'text' | 'close';

/**
 * Reads an XML document piece by piece, as strictly as XML is: no DTD, so no entities but the five; names without their
 * prefixes. It keeps nothing but the names of the elements that are open.
 */
export class XmlReader {
  /** Of the element that was opened last. */
  name = '';
  attributes: ReadonlyMap<string, string> = none;
  /** What was read last. */
  text = '';
  readonly #source: string;
  #at = 0;
  /** With their prefixes: they must be closed by the same names. */
  readonly #open: string[] = [];
  #isEmpty = false;

  /** @throws ServiceError MalformedXML, here and from every method */
  constructor(bytes: Uint8Array) {
    if (!isUtf8(bytes)) throw malformedXml();
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    const unmarked = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#source = unmarked.includes('\r') ? unmarked.replace(/\r\n?/g, '\n') : unmarked;
    if (illegal.test(this.#source)) throw malformedXml();
    if (/^<\?xml\s/.test(this.#source)) this.#at = this.#lengthOf(declaration);
  }

  /** Opens the root: its name. */
  openRoot(): string {
    this.#skipOutside();
    this.#openTag();
    return this.name;
  }

  next(): XmlToken {
    if (this.#isEmpty) {
      this.#isEmpty = false;
      this.#open.pop();
      return 'close';
    }
    while (this.#skipMiscellaneous());
    if (this.#source.startsWith('<![CDATA[', this.#at)) return this.#characterData();
    if (this.#source.startsWith('</', this.#at)) return this.#closeTag();
    if (this.#source[this.#at] === '<') return this.#openTag();
    return this.#characters();
  }

  /** Passes over the rest of the element that was opened last. */
  skip(): void {
    for (const depth = this.#open.length; this.#open.length >= depth; ) this.next();
  }

  /** There may be nothing after the root. */
  end(): void {
    this.#skipOutside();
    if (this.#at < this.#source.length) throw malformedXml();
  }

  #lengthOf(pattern: RegExp): number {
    const found = pattern.exec(this.#source);
    if (!found) throw malformedXml();
    return found[0].length;
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (!found) throw malformedXml();
    this.#at += found[0].length;
    return found;
  }

  #openTag(): 'open' {
    const [, name] = this.#match(tagStart);
    this.attributes = this.#attributes();
    const [, slash] = this.#match(tagEnd);
    this.#isEmpty = slash === '/';
    if (this.#open.push(name) > deepest) throw malformedXml();
    this.name = localName(name);
    return 'open';
  }

  #attributes(): ReadonlyMap<string, string> {
    let found: Map<string, string> | undefined;
    for (;;) {
      attribute.lastIndex = this.#at;
      const parts = attribute.exec(this.#source);
      if (!parts) return found ?? none;
      const [whole, name, doubly, singly] = parts;
      found ??= new Map();
      if (found.has(name) || found.size >= mostAttributes) throw malformedXml();
      found.set(name, unescaped(doubly ?? singly));
      this.#at += whole.length;
    }
  }

  #closeTag(): 'close' {
    const [, name] = this.#match(closingTag);
    if (this.#open.pop() !== name) throw malformedXml();
    return 'close';
  }

  #characters(): 'text' {
    const end = this.#source.indexOf('<', this.#at);
    // Not even the element that is open has been closed.
    if (end < 0) throw malformedXml();
    const text = this.#source.slice(this.#at, end);
    if (text.includes(']]>')) throw malformedXml();
    this.text = unescaped(text);
    this.#at = end;
    return 'text';
  }

  #characterData(): 'text' {
    const start = this.#at + '<![CDATA['.length;
    const end = this.#source.indexOf(']]>', start);
    if (end < 0) throw malformedXml();
    this.text = this.#source.slice(start, end);
    this.#at = end + ']]>'.length;
    return 'text';
  }

  /** Outside the root: spaces, comments, instructions. */
  #skipOutside(): void {
    do {
      while (/\s/.test(this.#source[this.#at] ?? '')) this.#at += 1;
    } while (this.#skipMiscellaneous());
  }

  /** @returns whether there was a comment or an instruction */
  #skipMiscellaneous(): boolean {
    const isComment = this.#source.startsWith('<!--', this.#at);
    if (!isComment && !this.#source.startsWith('<?', this.#at)) return false;
    const mark = isComment ? '-->' : '?>';
    const end = this.#source.indexOf(mark, this.#at + (isComment ? 4 : 2));
    if (end < 0) throw malformedXml();
    this.#at = end + mark.length;
    return true;
  }
}

const none: ReadonlyMap<string, string> = new Map();

/** Without its prefix. */
export const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

export const malformedXml = () =>
  malformed(
    'rest-xml',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

/** Longer than any reference to a character is. */
const longestReference = 10;

/** One by one: all that are wrong but the first need not be found. */
function unescaped(text: string): string {
  let at = text.indexOf('&');
  if (at < 0) return text;
  const pieces: string[] = [];
  let start = 0;
  while (at >= 0) {
    const end = text.indexOf(';', at);
    if (end < 0 || end - at > longestReference) throw malformedXml();
    pieces.push(text.slice(start, at), referredTo(text.slice(at + 1, end)));
    start = end + 1;
    at = text.indexOf('&', start);
  }
  pieces.push(text.slice(start));
  return pieces.join('');
}

function referredTo(name: string): string {
  const entity = entities.get(name);
  if (entity !== undefined) return entity;
  const [, decimal, hex] = /^#(?:(\d+)|x([\da-fA-F]+))$/.exec(name) ?? [];
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  if (!isCharacter(code)) throw malformedXml();
  return String.fromCodePoint(code);
}

/** What XML has at all. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
