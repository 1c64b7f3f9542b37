const space = 0x20;
const tab = 0x09;
const quote = 0x22;
const openBracket = 0x5b;

/**
 * A message cut at spaces and tabs; a run in double quotes or brackets is one token, without them. One object cuts many
 * messages, one after the other, and makes a string only of a token that is asked for: a tail asks this of every line.
 */
export class EventTokens {
  #message = '';
  /** Where each token begins and ends, by turns. */
  readonly #bounds: number[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  text(index: number): string {
    return this.#message.slice(this.#bounds[2 * index], this.#bounds[2 * index + 1]);
  }

  /** Cuts into `most` tokens at most, the last of which is then the rest of the line. Gives how many there are. */
  cut(message: string, most: number): number {
    this.#message = message;
    this.#count = 0;
    const end = endOf(message);
    let at = skipSpaces(message, 0);
    while (at < end) {
      const isQuoted = this.#take(message, at, end);
      const next = skipSpaces(message, this.#bounds[2 * this.#count - 1] + (isQuoted ? 1 : 0));
      if (this.#count === most && next < end) {
        this.#count--;
        this.#push(at, end);
        break;
      }
      at = next;
    }
    return this.#count;
  }

  /** Takes the token that begins here; whether it has delimiters, which are left out. */
  #take(message: string, at: number, end: number): boolean {
    const first = message.charCodeAt(at);
    if (first === quote || first === openBracket) {
      const close = message.indexOf(first === quote ? '"' : ']', at + 1);
      if (close >= 0 && (close + 1 >= end || isSpace(message.charCodeAt(close + 1)))) {
        this.#push(at + 1, close);
        return true;
      }
    }
    let stop = at + 1;
    while (stop < end && !isSpace(message.charCodeAt(stop))) stop++;
    this.#push(at, stop);
    return false;
  }

  #push(start: number, end: number): void {
    this.#bounds[2 * this.#count] = start;
    this.#bounds[2 * this.#count + 1] = end;
    this.#count++;
  }
}

function isSpace(code: number): boolean {
  return code === space || code === tab;
}

function skipSpaces(message: string, start: number): number {
  let at = start;
  while (at < message.length && isSpace(message.charCodeAt(at))) at++;
  return at;
}

/** Where trailing spaces and line ends begin. */
function endOf(message: string): number {
  let end = message.length;
  while (end > 0 && message.charCodeAt(end - 1) <= space) end--;
  return end;
}
