import { readBatch } from './buffer-frames.ts';
import { framesOf } from './frame-file.ts';
import type { StreamBuffer } from './stream-buffers.ts';

/** A record of a buffer, as it was put. */
export interface SourceRecord {
  /** In its buffer, from 0. */
  readonly index: number;
  readonly arrivedMs: number;
  readonly data: Uint8Array;
}

/** The records of a closed buffer, in the order in which they came. */
export async function* sourceRecords(
  { file, fileBytes }: Pick<StreamBuffer, 'file' | 'fileBytes'>,
  from = 0,
): AsyncGenerator<SourceRecord, void> {
  let index = 0;
  for await (const { payload, end } of framesOf(file)) {
    const batch = readBatch(payload);
    for (const data of batch?.records ?? []) {
      if (index >= from) yield { index, arrivedMs: batch?.arrivedMs ?? 0, data };
      index += 1;
    }
    if (end >= fileBytes) return;
  }
}
