/** JSON of a policy, with where each value stands in the text: answers name statements by their positions. */
export type PolicyJson = JsonObject | JsonList | JsonScalar;

export interface JsonObject {
  readonly type: 'object';
  readonly members: ReadonlyMap<string, PolicyJson>;
  /** Offset after what precedes it: `[`, `,` or `:`. */
  readonly start: number;
  readonly end: number;
}

export interface JsonList {
  readonly type: 'list';
  readonly items: readonly PolicyJson[];
}

export interface JsonScalar {
  readonly type: 'string' | 'number' | 'boolean' | 'null';
  /** What a string says; of the others what the text has. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Deeper than any element of a policy goes. */
const greatestDepth = 12;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** Control characters may not stand in a string; escapes are left to `JSON.parse`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them
const quoted = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const space = /[ \t\r\n]*/y;

/**
 * Reads a policy's JSON. Unlike `JSON.parse` it refuses a member that is given twice: of two Effects none may be
 * dropped in silence. `undefined` when the text is no JSON, deeper than a policy can be, or not an object.
 */
export function parsePolicyJson(text: string): JsonObject | undefined {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  return value?.type === 'object' && reader.isAtEnd() ? value : undefined;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    this.#take(space);
    return this.#at === this.#text.length;
  }

  value(depth: number): PolicyJson | undefined {
    const before = this.#at;
    this.#take(space);
    const character = this.#text[this.#at];
    if (character === '{') return depth < greatestDepth ? this.#object(before, depth + 1) : undefined;
    if (character === '[') return depth < greatestDepth ? this.#list(depth + 1) : undefined;
    return character === '"' ? this.#string() : this.#scalar();
  }

  #object(start: number, depth: number): JsonObject | undefined {
    const members = new Map<string, PolicyJson>();
    const isRead = this.#items('}', () => {
      this.#take(space);
      const name = this.#string();
      if (!name || members.has(name.text) || !this.#skip(':')) return false;
      const value = this.value(depth);
      if (value) members.set(name.text, value);
      return value !== undefined;
    });
    return isRead ? { type: 'object', members, start, end: this.#at } : undefined;
  }

  #list(depth: number): JsonList | undefined {
    const items: PolicyJson[] = [];
    const isRead = this.#items(']', () => {
      const value = this.value(depth);
      if (value) items.push(value);
      return value !== undefined;
    });
    return isRead ? { type: 'list', items } : undefined;
  }

  /** From the opening bracket to behind the closing one; false when something is wrong in between. */
  #items(closing: string, item: () => boolean): boolean {
    this.#at++;
    if (this.#skip(closing)) return true;
    while (item()) {
      if (this.#skip(closing)) return true;
      if (!this.#skip(',')) return false;
    }
    return false;
  }

  /** Stays where it is when something else comes: white space belongs to the value behind it. */
  #skip(character: string): boolean {
    const before = this.#at;
    this.#take(space);
    if (this.#text[this.#at] === character) {
      this.#at++;
      return true;
    }
    this.#at = before;
    return false;
  }

  #string(): JsonScalar | undefined {
    const start = this.#at;
    const found = this.#take(quoted);
    if (found === undefined) return undefined;
    return { type: 'string', text: JSON.parse(found) as string, start, end: this.#at };
  }

  #scalar(): JsonScalar | undefined {
    const start = this.#at;
    const text = this.#take(scalar);
    if (text === undefined) return undefined;
    const type = text === 'null' ? 'null' : text === 'true' || text === 'false' ? 'boolean' : 'number';
    return { type, text, start, end: this.#at };
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
