import { type FlowRecords, headerLine } from '../../record/index.ts';
import type { Destination } from './flow-log-outlet.ts';
import { previewText } from './record-preview.ts';

/** A file's records on a terminal: of each window the most telling. */
export class PreviewDestination implements Destination {
  readonly #print: (text: string) => void;
  #needsHeader: boolean;

  constructor(print: (text: string) => void, header: boolean) {
    this.#print = print;
    this.#needsHeader = header;
  }

  async write(records: FlowRecords): Promise<void> {
    if (this.#needsHeader) this.#print(headerLine(records.format));
    this.#needsHeader = false;
    this.#print(previewText(records, '(--output - prints all, --output DIR writes files)'));
  }
}
