import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader, maxEventBytes } from './lines.ts';

async function* pieces(text: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += length) yield text.subarray(at, at + length);
}

async function linesOf(text: string, pieceLength = 1024): Promise<{ lines: string[]; tooLong: number }> {
  const reader = new LineReader(pieces(Buffer.from(text), pieceLength));
  const lines: string[] = [];
  for await (const some of reader.pieces()) lines.push(...some);
  return { lines, tooLong: reader.tooLong };
}

describe('LineReader', () => {
  it.each([
    { name: 'nothing', text: '', lines: [] },
    { name: 'a line', text: 'a\n', lines: ['a'] },
    { name: 'a last line without its end', text: 'a\nb', lines: ['a', 'b'] },
    { name: 'empty lines', text: '\n\na\n\n', lines: ['a'] },
    { name: 'the ends of Windows', text: 'a\r\nb\r\n\r\n', lines: ['a', 'b'] },
    { name: 'spaces as they are', text: ' a \n', lines: [' a '] },
  ])('reads $name', async ({ text, lines }) => {
    for (const length of [1, 2, 100]) expect(await linesOf(text, length)).toEqual({ lines, tooLong: 0 });
  });

  it('reads any text as splitting it does, however it is cut in pieces', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n', ' ') });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (whole, length) => {
        const expected = whole.split('\n').filter((line) => line !== '');
        expect((await linesOf(whole, length)).lines).toEqual(expected);
      }),
    );
  });

  it.each([
    { name: 'that ends', end: '\n' },
    { name: 'that does not', end: '' },
  ])('leaves out and counts a long line $name', async ({ end }) => {
    const long = 'é'.repeat(maxEventBytes / 2 + 1);
    const just = 'x'.repeat(maxEventBytes);
    for (const length of [60_000, 10_000_000]) {
      const { lines, tooLong } = await linesOf(`a\n${just}\n${long}\nb\n${long}${end}`, length);
      expect(lines.map((line) => line.length)).toEqual([1, maxEventBytes, 1]);
      expect(tooLong).toBe(2);
    }
  });

  it('keeps no more than an event of a line that never ends', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const endless = (async function* () {
      for (let i = 0; i < 64; i++) yield piece;
    })();
    const reader = new LineReader(endless);
    for await (const _ of reader.pieces()) expect.unreachable();
    expect(reader.tooLong).toBe(1);
  });
});
