import { StringDecoder } from 'node:string_decoder';

/** Values of a text with one JSON value a line, as they come. */
export async function* parseJsonLines<T>(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  for await (const piece of bytes) {
    const lines = decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)).split('\n');
    lines[0] = begun + lines[0];
    begun = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as T;
  }
}

export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
