import { isSymbol, isWord, type TokenReader } from './token-reader.ts';

/** `name=`, if it follows; the value is the caller's to read. */
export function acceptOption(reader: TokenReader, name: string): boolean {
  reader.expecting(`${name}=`);
  const found = isWord(reader.token, name) && isSymbol(reader.ahead(1), '=');
  if (found) {
    reader.take();
    reader.take();
  }
  return found;
}

/** @throws QueryError when there is neither `true` nor `false` */
export function parseBoolean(reader: TokenReader): boolean {
  if (reader.acceptWord('true')) return true;
  reader.expectWord('false');
  return false;
}

/** Items up to the end of the command, with commas or only spaces between them. */
export function parseToEnd<T>(reader: TokenReader, item: (reader: TokenReader) => T): readonly T[] {
  const items: T[] = [];
  let comma = false;
  while (comma || !reader.atEnd()) {
    items.push(item(reader));
    comma = reader.acceptSymbol(',');
  }
  return items;
}
