import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { writeDurably } from '../disk/index.ts';
import { type LogFormat, parseLines } from '../record/index.ts';

/**
 * A row group. Encoding one holds up all else: 16,384 default records take 60 ms, and 10.8 bytes each, where groups of
 * 65,536 take four times as long, and 10.5 bytes.
 */
const blockLines = 16_384;
const lineFeed = 0x0a;

/** Makes a Parquet file of a gzip file of lines, without holding more than a row group; gives its size. */
export async function writeParquet(lines: string, format: LogFormat, file: string): Promise<number> {
  // Its library is not for those who write text to wait for.
  const { ParquetEncoder } = await import('../record/parquet.ts');
  const encoder = new ParquetEncoder(format);
  async function* encoded(): AsyncGenerator<Uint8Array> {
    for await (const block of lineBlocks(lines)) {
      const records = parseLines(block, format);
      await setImmediate();
      encoder.add(records);
      yield encoder.take();
    }
    encoder.end();
    yield encoder.take();
  }
  return writeDurably(file, encoded());
}

/** Whole lines. */
async function* lineBlocks(file: string): AsyncGenerator<string> {
  const text = createGunzip();
  pipeline(createReadStream(file), text, () => undefined);
  let held: Buffer[] = [];
  let count = 0;
  for await (const chunk of text as AsyncIterable<Buffer>) {
    count += linesIn(chunk);
    const end = count < blockLines ? 0 : chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      yield Buffer.concat([...held, chunk.subarray(0, end)]).toString();
      held = [];
      count = 0;
    }
    held.push(chunk.subarray(end));
  }
  const rest = Buffer.concat(held);
  if (rest.length > 0) yield rest.toString();
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines++;
  return lines;
}
