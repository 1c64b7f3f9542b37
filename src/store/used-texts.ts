/**
 * The texts that the codes name, and no more. Batches may share one long list of texts, of which each uses a few:
 * then the codes are numbered anew.
 */
export function usedTexts(
  codes: Int32Array,
  texts: readonly string[],
): { readonly codes: Int32Array; readonly texts: readonly string[] } {
  if (texts.length <= 16 + codes.length / 4) return { codes, texts };
  const numbers = new Map<number, number>();
  const used: string[] = [];
  const renumbered = codes.map((code) => {
    if (code < 0) return code;
    let number = numbers.get(code);
    if (number === undefined) {
      number = used.length;
      numbers.set(code, number);
      used.push(texts[code]);
    }
    return number;
  });
  return { codes: renumbered, texts: used };
}
