import { createHash, type Hash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { writeDurably } from '../disk/index.ts';
import type { FileFormat } from '../flowlog/index.ts';
import { encodeParquet, type RecordBatch } from '../record/index.ts';
import type { ObjectCutter } from './object-cutter.ts';

/**
 * Of 200,000 default records (23 MB) level 1 makes 5.2 MB, level 2 4.9 MB in about the same time, level 6 4.3 MB in
 * three times as long. Compression runs in the thread pool; some pieces ahead keep it busy while lines are made.
 */
const gzipOptions = { level: 2, chunkSize: 128 * 1024, highWaterMark: 4 * 1024 * 1024 } as const;

/** An object that is complete on the disk but has no name in the tree yet. */
export interface StagedObject {
  readonly file: string;
  readonly records: number;
  readonly bytes: number;
  /** Over the uncompressed text, header included; not digested yet. */
  readonly hash: Hash;
}

/** Writes the cutter's next object to a new file, which is removed again when that fails. */
export async function stageObject(
  batch: RecordBatch,
  cutter: ObjectCutter,
  fileFormat: FileFormat,
  file: string,
): Promise<StagedObject> {
  const hash = createHash('sha256');
  try {
    const bytes = await (fileFormat === 'parquet' ? stageParquet : stageText)(batch, cutter, hash, file);
    return { file, records: cutter.rows.length, bytes, hash };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function stageText(_: RecordBatch, cutter: ObjectCutter, hash: Hash, file: string): Promise<number> {
  let bytes = 0;
  await pipeline(hashed(cutter.text(), hash), createGzip(gzipOptions), async (compressed) => {
    bytes = await writeDurably(file, compressed);
  });
  return bytes;
}

/** The hash is that of the same records as text, so that it does not depend on the encoder. */
async function stageParquet(
  batch: RecordBatch,
  cutter: ObjectCutter,
  hash: Hash,
  file: string,
): Promise<number> {
  for (const piece of cutter.text()) hash.update(piece);
  return writeDurably(file, [encodeParquet(batch, cutter.rows)]);
}

function* hashed(pieces: Iterable<Uint8Array>, hash: Hash): Generator<Uint8Array, void, undefined> {
  for (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}
