export const anyText: unique symbol = Symbol('*');
export const anyCharacter: unique symbol = Symbol('?');

/** What a pattern is made of: text for itself, any text, any character. */
export type GlobToken = string | typeof anyText | typeof anyCharacter;

/** Text between two `*`. */
interface Piece {
  readonly text: string;
  /** Whether `text` has `?`, and where; what `text` holds there does not count. */
  readonly any: readonly boolean[] | undefined;
}

/**
 * A pattern with `*` and `?`. Each piece between stars is looked for once, from where the one before it was found: no
 * going back, however many stars a hostile pattern has.
 */
export class Glob {
  readonly #pieces: readonly Piece[];
  readonly #length: number;

  constructor(tokens: readonly GlobToken[]) {
    this.#pieces = piecesOf(tokens);
    this.#length = this.#pieces.reduce((length, { text }) => length + text.length, 0);
  }

  matches(text: string): boolean {
    const pieces = this.#pieces;
    const first = pieces[0];
    if (pieces.length === 1) return text.length === this.#length && standsAt(first, text, 0);
    if (text.length < this.#length || !standsAt(first, text, 0)) return false;
    const last = pieces[pieces.length - 1];
    const end = text.length - last.text.length;
    if (!standsAt(last, text, end)) return false;
    let at = first.text.length;
    for (let i = 1; i < pieces.length - 1; i++) {
      at = found(pieces[i], text, at, end);
      if (at < 0) return false;
      at += pieces[i].text.length;
    }
    return at <= end;
  }
}

/** `*` and `?` are wildcards, all else is itself. */
export function globOf(text: string): Glob {
  return new Glob(globTokens(text));
}

export function globTokens(text: string): GlobToken[] {
  const parts = text.split(/([*?])/);
  return parts
    .map((part) => (part === '*' ? anyText : part === '?' ? anyCharacter : part))
    .filter((part) => part !== '');
}

function piecesOf(tokens: readonly GlobToken[]): Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  let any: boolean[] = [];
  const close = () => {
    pieces.push({ text, any: any.length > 0 ? any : undefined });
    text = '';
    any = [];
  };
  for (const token of tokens) {
    if (token === anyText) close();
    else if (token === anyCharacter) {
      any[text.length] = true;
      text += '?';
    } else text += token;
  }
  close();
  return pieces;
}

function standsAt({ text, any }: Piece, whole: string, at: number): boolean {
  if (at < 0 || at + text.length > whole.length) return false;
  if (!any) return whole.startsWith(text, at);
  for (let i = 0; i < text.length; i++) {
    if (!any[i] && text.charCodeAt(i) !== whole.charCodeAt(at + i)) return false;
  }
  return true;
}

/** Where the piece stands first, from `from`, ending at `end` or before; -1 when it does not. */
function found(piece: Piece, whole: string, from: number, end: number): number {
  const last = end - piece.text.length;
  if (!piece.any) {
    const at = whole.indexOf(piece.text, from);
    return at > last ? -1 : at;
  }
  for (let at = from; at <= last; at++) if (standsAt(piece, whole, at)) return at;
  return -1;
}
