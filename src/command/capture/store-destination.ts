import { ServiceError } from '../../fault/index.ts';
import type { FlowLog } from '../../flowlog/index.ts';
import type { Logs } from '../../logs/index.ts';
import type { FlowRecords } from '../../record/index.ts';
import type { Destination } from './flow-log-outlet.ts';

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
export class StoreDestination implements Destination {
  /** Records that the store did not take. */
  refused = 0;
  readonly #options: StoreDestinationOptions;
  readonly #streams = new Map<string, string>();
  #isClosed = false;

  private constructor(options: StoreDestinationOptions) {
    this.#options = options;
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
      await logs.putRecords({ logGroupName: logGroup, logStreamName: this.#streamsOf(records), records });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#isClosed = true;
      this.refused += records.length;
      onNotice(`the log store takes no more records: ${error.message}`);
    }
  }

  endWindow(): void {}

  #streamsOf({ interfaceIds }: FlowRecords): string | string[] {
    const [first] = interfaceIds;
    if (interfaceIds.every((id) => id === first)) return this.#streamOf(first);
    return interfaceIds.map((id) => this.#streamOf(id));
  }

  #streamOf(interfaceId: string): string {
    let name = this.#streams.get(interfaceId);
    if (name === undefined) {
      name = `${interfaceId}-${this.#options.flowLog.trafficType.toLowerCase()}`;
      this.#streams.set(interfaceId, name);
    }
    return name;
  }
}
