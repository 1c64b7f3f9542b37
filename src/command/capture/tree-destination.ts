import { relative } from 'node:path';
import type { S3Tree, WrittenObject } from '../../delivery/index.ts';
import { DeliveryError } from '../../fault/index.ts';
import type { RecordSink } from '../../flowlog/index.ts';
import type { FlowRecords } from '../../record/index.ts';
import { RecordPreview } from './record-preview.ts';

const retryMs = 1000;

export interface TreeDestinationOptions {
  readonly tree: S3Tree;
  /** Takes the preview of each window; none is made without it. */
  readonly print?: (text: string) => void;
  /** While this is false, a write that may succeed later is tried again. */
  readonly isStopping: () => boolean;
  readonly onNotice: (line: string) => void;
}

/** Records as objects in the layout of a bucket, with a preview of each window. */
export class TreeDestination implements RecordSink {
  /** Objects written so far. */
  objects = 0;
  readonly #options: TreeDestinationOptions;
  readonly #preview = new RecordPreview();
  #lastPath = '';

  constructor(options: TreeDestinationOptions) {
    this.#options = options;
  }

  async write(records: FlowRecords): Promise<void> {
    const written = await this.#writePersistently(records);
    this.objects += written.length;
    this.#lastPath = written.at(-1)?.path ?? this.#lastPath;
    if (this.#options.print) this.#preview.add(records);
  }

  endWindow(): void {
    const text = this.#preview.take(`in ${relative('', this.#lastPath)}`);
    if (text !== undefined) this.#options.print?.(text);
  }

  async #writePersistently(records: FlowRecords): Promise<WrittenObject[]> {
    const { tree, isStopping, onNotice } = this.#options;
    for (let failures = 0; ; failures++) {
      const isLastTry = isStopping();
      try {
        const written = await tree.write(records);
        if (failures > 0) onNotice('records can be written again');
        return written;
      } catch (error) {
        if (!(error instanceof DeliveryError) || !error.retryable || isLastTry) throw error;
        if (failures === 0) onNotice(`${error.message}; trying again every second`);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }
}
