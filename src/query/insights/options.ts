import { parseField } from './expressions.ts';
import { isSymbol, isWord, type TokenReader } from './token-reader.ts';
import type { Field } from './tree.ts';

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

/** Fields up to the end of the command, with commas or only spaces between them. */
export function parseFieldsToEnd(reader: TokenReader): readonly Field[] {
  const fields: Field[] = [];
  let comma = false;
  while (comma || !reader.atEnd()) {
    fields.push(parseField(reader));
    comma = reader.acceptSymbol(',');
  }
  return fields;
}
