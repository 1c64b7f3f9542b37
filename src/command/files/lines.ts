/** Bytes of an event at AWS. */
export const maxEventBytes = 1024 * 1024;
const lineFeed = 10;
const carriageReturn = 13;

/** The lines of a text that comes in pieces. */
export class LineReader {
  /** Lines that were left out because they are longer than an event may be. */
  tooLong = 0;
  readonly #bytes: AsyncIterable<Buffer>;

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#bytes = bytes;
  }

  /** Lines without their ends, empty ones left out, as many at a time as a piece of the text ends. */
  async *pieces(): AsyncGenerator<string[]> {
    /** The beginning of a line; undefined while one is passed over. */
    let begun: Buffer | undefined = Buffer.alloc(0);
    for await (const bytes of this.#bytes) {
      const end = bytes.lastIndexOf(lineFeed) + 1;
      if (end > 0) {
        const lines: Buffer = begun
          ? joined(begun, bytes.subarray(0, end))
          : bytes.subarray(bytes.indexOf(lineFeed) + 1, end);
        yield this.#split(lines);
        begun = Buffer.alloc(0);
      }
      begun &&= joined(begun, bytes.subarray(end));
      if (!begun || begun.length <= maxEventBytes) continue;
      begun = undefined;
      this.tooLong++;
    }
    if (begun && begun.length > 0) yield this.#split(begun);
  }

  #split(bytes: Buffer): string[] {
    // Asked of the bytes: asked of the text, V8 looks for it again at every line.
    const hasReturns = bytes.includes(carriageReturn);
    const text = bytes.toString('utf8');
    const lines: string[] = [];
    for (let at = 0; at < text.length; ) {
      const feed = text.indexOf('\n', at);
      const next = feed < 0 ? text.length : feed;
      const end = hasReturns && next > at && text.charCodeAt(next - 1) === carriageReturn ? next - 1 : next;
      if (isTooLong(text, at, end)) this.tooLong++;
      else if (end > at) lines.push(text.slice(at, end));
      at = next + 1;
    }
    return lines;
  }
}

function joined(begun: Buffer, more: Buffer): Buffer {
  return begun.length === 0 ? more : Buffer.concat([begun, more]);
}

/** A UTF-16 unit is up to three bytes. */
function isTooLong(text: string, from: number, to: number): boolean {
  if (to - from <= maxEventBytes / 3) return false;
  return Buffer.byteLength(text.slice(from, to)) > maxEventBytes;
}
