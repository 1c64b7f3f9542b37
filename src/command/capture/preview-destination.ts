import { type FlowRecords, headerLine } from '../../record/index.ts';
import type { OutputStream } from '../../report/index.ts';
import type { Destination } from './flow-log-outlet.ts';
import { RecordPreview } from './record-preview.ts';

/** A file's records on a terminal: of each window the most telling. */
export class PreviewDestination implements Destination {
  readonly #out: OutputStream;
  readonly #preview: RecordPreview;
  #needsHeader: boolean;

  constructor(out: OutputStream, header: boolean) {
    this.#out = out;
    this.#preview = new RecordPreview(out);
    this.#needsHeader = header;
  }

  async write(records: FlowRecords): Promise<void> {
    if (this.#needsHeader) void this.#out.write(`${headerLine(records.format)}\n`);
    this.#needsHeader = false;
    this.#preview.print(records, '(--output - prints all, --output DIR writes files)');
  }
}
