import type { RecordSink } from '../../flowlog/index.ts';
import { type FlowRecords, headerLine } from '../../record/index.ts';
import { RecordPreview } from './record-preview.ts';

/** A file's records on a terminal: of each window the most telling. */
export class PreviewDestination implements RecordSink {
  readonly #print: (text: string) => void;
  readonly #preview = new RecordPreview();
  #needsHeader: boolean;

  constructor(print: (text: string) => void, header: boolean) {
    this.#print = print;
    this.#needsHeader = header;
  }

  async write(records: FlowRecords): Promise<void> {
    if (this.#needsHeader) this.#print(headerLine(records.format));
    this.#needsHeader = false;
    this.#preview.add(records);
  }

  endWindow(): void {
    const text = this.#preview.take('(--output - prints all, --output DIR writes files)');
    if (text !== undefined) this.#print(text);
  }
}
