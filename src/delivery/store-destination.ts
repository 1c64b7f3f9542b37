import { ServiceError } from '../fault/index.ts';
import type { FlowLog, RecordSink } from '../flowlog/index.ts';
import type { Logs } from '../logs/index.ts';
import type { FlowRecords } from '../record/index.ts';
import { StreamNames } from './stream-names.ts';

export interface StoreDestinationOptions {
  readonly logs: Pick<Logs, 'putRecords' | 'ensureLogGroup'>;
  readonly logGroup: string;
  readonly flowLog: Pick<FlowLog, 'format' | 'trafficType'>;
  readonly onNotice: (line: string) => void;
}

/**
 * Records as events of a log group, durable when written. Streams are named as AWS names them: `eni-…-all`. A store that
 * refuses once (a full disk) takes nothing more in this run; the capture goes on, and what is missing there is counted.
 */
export class StoreDestination implements RecordSink {
  /** Records that the store did not take. */
  refused = 0;
  readonly #options: StoreDestinationOptions;
  readonly #streams: StreamNames;
  #isClosed = false;

  private constructor(options: StoreDestinationOptions) {
    this.#options = options;
    this.#streams = new StreamNames(options.flowLog.trafficType);
  }

  /** The log group knows from then on what its records' format is. */
  static async open(options: StoreDestinationOptions): Promise<StoreDestination> {
    const { logs, logGroup, flowLog } = options;
    await logs.ensureLogGroup(logGroup, { deliveryFormat: flowLog.format });
    return new StoreDestination(options);
  }

  async write(records: FlowRecords): Promise<void> {
    if (this.#isClosed) {
      this.refused += records.length;
      return;
    }
    const { logs, logGroup, onNotice } = this.#options;
    try {
      await logs.putRecords({ logGroupName: logGroup, logStreamName: this.#streams.of(records), records });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#isClosed = true;
      this.refused += records.length;
      onNotice(`the log store takes no more records: ${error.message}`);
    }
  }

  endWindow(): void {}
}
