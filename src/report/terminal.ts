import { OutputStream } from './output-stream.ts';

/** A terminal that does not read on is not worth remembering more for. */
const maxPendingBytes = 256 * 1024;
const clearLine = '\r\x1b[2K';

/**
 * Standard error for people: lines, and on a terminal one status line below them. Never waits: where the reader does
 * not keep up, or the disk that it is on is full, text is dropped.
 */
export class Terminal {
  readonly isTerminal: boolean;
  readonly #out: OutputStream;
  readonly #columns: () => number;
  #status = '';

  constructor(
    stream: { readonly fd: number; readonly isTTY?: boolean; readonly columns?: number } = process.stderr,
  ) {
    this.isTerminal = stream.isTTY ?? false;
    this.#out = new OutputStream(stream.fd);
    this.#columns = () => stream.columns ?? 80;
  }

  line(text: string): void {
    const shown = printable(text);
    this.#write(this.#status === '' ? `${shown}\n` : `${clearLine}${shown}\n${this.#status}`);
  }

  /** Shows the text in the last line until the next; only on a terminal. */
  status(text: string): void {
    if (!this.isTerminal || text === this.#status) return;
    this.#status = text.slice(0, Math.max(0, this.#columns() - 1));
    this.#write(`${clearLine}${this.#status}`);
  }

  clearStatus(): void {
    if (this.#status !== '') this.#write(clearLine);
    this.#status = '';
  }

  flush(): Promise<void> {
    return this.#out.flush();
  }

  #write(text: string): void {
    if (this.#out.pendingBytes >= maxPendingBytes) return;
    // There is nobody else to tell, and the capture goes on.
    this.#out.write(text).catch(() => undefined);
  }
}

/** Lines may tell what others have sent: what would steer the terminal is written out. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
