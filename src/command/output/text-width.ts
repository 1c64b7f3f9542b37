/** East Asian wide letters and most emoji take two cells of a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const zeroWidth = /[\p{Mn}\p{Me}\u200b-\u200f\u2060\ufeff]/u;
const ascii = /^[\x20-\x7e]*$/;

/** How many cells of a terminal a text without control characters takes. */
export function textWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const letter of text) width += letterWidth(letter);
  return width;
}

/** The beginning of the text in at most so many cells, ended by `…` where something is left out. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let taken = '';
  let left = width - 1;
  for (const letter of text) {
    left -= letterWidth(letter);
    if (left < 0) break;
    taken += letter;
  }
  return `${taken}…`;
}

function letterWidth(letter: string): number {
  if (zeroWidth.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}

/** What a terminal would take as a command, and what would break a line, is shown as JSON writes it. */
const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text of anybody, fit to be printed in one line. */
export function printable(text: string): string {
  return text.replace(control, (letter) => {
    if (letter === '\n') return '\\n';
    if (letter === '\r') return '\\r';
    if (letter === '\t') return '\\t';
    return `\\u{${letter.codePointAt(0)?.toString(16)}}`;
  });
}
