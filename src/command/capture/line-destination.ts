import { DeliveryError } from '../../fault/index.ts';
import type { RecordSink } from '../../flowlog/index.ts';
import { type FlowRecords, headerLine, lineChunks } from '../../record/index.ts';
import type { OutputStream } from '../../report/index.ts';

/** Every record as a line on an output stream, and nothing else. */
export class LineDestination implements RecordSink {
  readonly #out: OutputStream;
  #needsHeader: boolean;

  constructor(out: OutputStream, header: boolean) {
    this.#out = out;
    this.#needsHeader = header;
  }

  async write(records: FlowRecords): Promise<void> {
    if (this.#needsHeader) await this.#put(`${headerLine(records.format)}\n`);
    this.#needsHeader = false;
    for (const chunk of lineChunks(records)) {
      if (this.#out.isClosed) return;
      await this.#put(chunk);
    }
  }

  async #put(bytes: Uint8Array | string): Promise<void> {
    try {
      await this.#out.write(bytes);
    } catch (error) {
      throw new DeliveryError('standard output', false, (error as Error).message, { cause: error });
    }
  }

  endWindow(): void {}
}
