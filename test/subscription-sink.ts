import { gunzipSync } from 'node:zlib';
import type { SubscriptionSink } from '../src/logs/index.ts';

export interface ReceivedRecord {
  readonly messageType: string;
  readonly owner: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly subscriptionFilters: readonly string[];
  readonly logEvents: readonly {
    readonly id: string;
    readonly timestamp: number;
    readonly message: string;
  }[];
}

/** The other side of subscription filters: what came, by where it was sent, and failures at will. */
export class ReceivingSink implements SubscriptionSink {
  readonly records: (ReceivedRecord & { readonly destinationArn: string })[] = [];
  /** Why a destination refuses, by its ARN. */
  readonly refusals = new Map<string, Error>();
  /** The largest of all. */
  recordBytes = 0;
  puts = 0;
  readonly #gates = new Map<string, Promise<void>>();

  async check(): Promise<void> {}

  async put(
    destinationArn: string,
    roleArn: string,
    _: unknown,
    records: readonly Uint8Array[],
  ): Promise<void> {
    this.puts += 1;
    await this.#gates.get(destinationArn);
    const refusal = this.refusals.get(destinationArn) ?? this.refusals.get(roleArn);
    if (refusal) throw refusal;
    for (const record of records) {
      this.recordBytes = Math.max(this.recordBytes, record.length);
      this.records.push({ destinationArn, ...(JSON.parse(gunzipSync(record).toString()) as ReceivedRecord) });
    }
  }

  /** A destination takes nothing until what is given is called. */
  hold(destinationArn: string): () => void {
    let open: () => void = () => undefined;
    this.#gates.set(
      destinationArn,
      new Promise((resolve) => {
        open = resolve;
      }),
    );
    return () => {
      this.#gates.delete(destinationArn);
      open();
    };
  }

  /** In the order in which they came. */
  messages(destinationArn?: string): string[] {
    return this.data(destinationArn).flatMap(({ logEvents }) => logEvents.map(({ message }) => message));
  }

  data(destinationArn?: string): ReceivedRecord[] {
    return this.records.filter(
      (record) =>
        record.messageType === 'DATA_MESSAGE' &&
        (destinationArn === undefined || record.destinationArn === destinationArn),
    );
  }
}

/** Until it holds; a failure says what was seen last. */
export async function until(holds: () => boolean, seen: () => unknown = () => ''): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`it never came: ${JSON.stringify(seen())}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
