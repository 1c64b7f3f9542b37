import { type Place, placeKey } from '../resource/place.ts';
import { Logs, type LogsOptions, type SharedLogs, sharedLogs } from './logs.ts';
import type { SubscriptionSink, SubscriptionStatus } from './subscription-shapes.ts';

/** CloudWatch Logs of every account and Region over one store; each comes to be when it is asked for. */
export class PlacedLogs {
  readonly #options: Omit<LogsOptions, keyof Place | 'shared'>;
  readonly #shared: SharedLogs;
  readonly #logs = new Map<string, Logs>();

  constructor(options: Omit<LogsOptions, keyof Place | 'shared'>) {
    this.#options = options;
    this.#shared = sharedLogs(options);
  }

  at({ accountId, region }: Place): Logs {
    const key = placeKey({ accountId, region });
    const known =
      this.#logs.get(key) ?? new Logs({ ...this.#options, accountId, region, shared: this.#shared });
    this.#logs.set(key, known);
    return known;
  }

  /** Has subscription filters deliver; until then none can be made. To be called once. */
  beginSubscriptions(sink: SubscriptionSink): void {
    this.#shared.subscriptions.begin(sink);
  }

  /** Of all accounts and Regions, once they deliver. */
  subscriptions(): readonly SubscriptionStatus[] {
    return this.#shared.subscriptions.statuses();
  }

  /** Before what they deliver to ends; fulfilled when nothing is under way. */
  endSubscriptions(): Promise<void> {
    return this.#shared.subscriptions.close();
  }

  /** Cancels queries, ends tails and deliveries. The store stays open. */
  async close(): Promise<void> {
    await this.endSubscriptions();
    for (const logs of this.#logs.values()) await logs.close();
  }
}
