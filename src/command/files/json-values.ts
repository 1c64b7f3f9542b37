import { StringDecoder } from 'node:string_decoder';
import { maxEventBytes } from './lines.ts';

/** Names of the member that holds the events in what the AWS CLI prints, and in what a subscription delivers. */
const eventsMember = /[{,]"(?:events|logEvents)":$/;
const longestMember = 16;

const quote = 34;
const backslash = 92;
const isOpen = (code: number): boolean => code === 123 || code === 91;
const isClose = (code: number): boolean => code === 125 || code === 93;
const isSpace = (code: number): boolean => code <= 32;

/**
 * Values out of JSON of any length, without reading all of it at once: the elements of an array, those of the member
 * `events` or `logEvents` of an object, and any other object as a whole, one after the other. White space between
 * tokens is left out, everything else stays as it is written. What is no JSON comes out as it may; who parses the
 * values is told.
 */
export class JsonValues {
  /** Values that were left out because they are longer than an event may be. */
  tooLong = 0;
  readonly #decoder = new StringDecoder('utf8');
  /** The value that is being read, in pieces; undefined while one that is too long is passed over. */
  #value: string[] | undefined = [];
  #length = 0;
  #depth = 0;
  /** Depth at which a value begins: 0, or 1 in an array, or 2 in the events of an object. */
  #base = 0;
  #inString = false;
  #escaped = false;
  /** The last of what was read of the value: long enough for the name of a member that holds events. */
  #last = '';

  /** The values that end in this piece. */
  take(bytes: Buffer): string[] {
    return this.#takeText(this.#decoder.write(bytes));
  }

  /** A value that is not closed at the end of the text. */
  get isOpen(): boolean {
    return this.#depth > 0;
  }

  #takeText(text: string): string[] {
    const values: string[] = [];
    let from = 0;
    const keep = (to: number): void => {
      this.#append(text.slice(from, to));
    };
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inString) {
        this.#string(code);
        continue;
      }
      if (code === quote) this.#inString = true;
      else if (isSpace(code)) {
        keep(at);
        from = at + 1;
      } else if (isOpen(code)) {
        if (code === 91 && this.#opensEvents(text.slice(from, at))) from = at + 1;
        this.#depth++;
      } else if (isClose(code) && this.#depth > 0) {
        this.#depth--;
        from = this.#close(text, from, at, values);
      } else if (code === 44 && this.#depth === this.#base) {
        keep(at);
        this.#end(values);
        from = at + 1;
      }
    }
    keep(text.length);
    return values;
  }

  #string(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === backslash) this.#escaped = true;
    else if (code === quote) this.#inString = false;
  }

  /** Whether a `[` begins a list whose elements are the values. */
  #opensEvents(before: string): boolean {
    if (this.#depth === 0) this.#base = 1;
    else if (this.#depth === 1 && this.#base === 0 && eventsMember.test(`${this.#last}${before}`))
      this.#base = 2;
    else return false;
    this.#reset();
    return true;
  }

  #close(text: string, from: number, at: number, values: string[]): number {
    if (this.#depth < this.#base) {
      this.#append(text.slice(from, at));
      this.#end(values);
      // What else the object of the events holds is no event.
      this.#base = 0;
      if (this.#depth === 1) this.#value = undefined;
      return at + 1;
    }
    if (this.#depth > this.#base) return from;
    this.#append(text.slice(from, at + 1));
    if (this.#depth === 0) this.#end(values);
    return at + 1;
  }

  #append(piece: string): void {
    if (!this.#value || piece === '') return;
    this.#value.push(piece);
    this.#length += piece.length;
    this.#last = `${this.#last}${piece}`.slice(-longestMember);
    if (this.#length <= maxEventBytes) return;
    this.#value = undefined;
    this.tooLong++;
  }

  #end(values: string[]): void {
    const value = this.#value?.join('');
    if (value) values.push(value);
    this.#reset();
  }

  #reset(): void {
    this.#value = [];
    this.#length = 0;
    this.#last = '';
  }
}
