import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { writeDurably } from '../disk/index.ts';
import { invariant } from '../fault/index.ts';
import { encodeRowGroups, LineReader, type LogFormat, rowGroupRows } from '../record/index.ts';

/** Lines that are read before others have their turn: 3 ms. */
const chunkSize = 256 * 1024;
const lineFeed = 0x0a;

/** Makes a Parquet file of a gzip file of lines, without holding more than a row group; gives its size. */
export function writeParquet(lines: string, format: LogFormat, file: string): Promise<number> {
  return writeDurably(file, encodeRowGroups(format, rowGroups(lines, format)));
}

async function* rowGroups(file: string, format: LogFormat) {
  const reader = new LineReader(format, rowGroupRows);
  for await (const text of wholeLines(file)) {
    for (let from = 0; from < text.length; ) {
      const to = text.indexOf('\n', from);
      invariant(reader.add(text, from, to), 'lines of a flow log are read back');
      if (reader.length === rowGroupRows) yield reader.take();
      from = to + 1;
    }
  }
  if (reader.length > 0) yield reader.take(0);
}

/** Each text ends with a line feed. */
async function* wholeLines(file: string): AsyncGenerator<string> {
  const chunks = createGunzip({ chunkSize });
  pipeline(createReadStream(file), chunks, () => undefined);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end === 0) rest = Buffer.concat([rest, chunk]);
    else {
      yield Buffer.concat([rest, chunk.subarray(0, end)]).toString();
      rest = chunk.subarray(end);
      await setImmediate();
    }
  }
  invariant(rest.length === 0, 'the last line of a flow log is whole');
}
