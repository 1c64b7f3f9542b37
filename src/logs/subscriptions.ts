import { invariant } from '../fault/index.ts';
import type { Place } from '../resource/place.ts';
import type { Change, Drop, RowBatch, Store } from '../store/index.ts';
import { Arrivals } from './arrivals.ts';
import { type Catalog, ownedBy } from './catalog.ts';
import { SubscriptionFollower } from './subscription-follower.ts';
import {
  type SubscriptionBounds,
  type SubscriptionSink,
  type SubscriptionStatus,
  subscriptionBounds,
} from './subscription-shapes.ts';

export interface SubscriptionsOptions {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly clock: () => number;
  readonly report: (sentence: string) => void;
}

/** Followers that read at the same time. */
const maxReading = 2;
/** Of records that wait for all destinations together; more are read again. */
const maxHeldBytes = 64 * 1024 * 1024;

/** The subscription filters of all accounts and Regions, at work from when there is somebody to deliver to. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #followers = new Map<string, SubscriptionFollower>();
  /** By the number of their group. */
  readonly #byGroup = new Map<number, Set<SubscriptionFollower>>();
  /** What has ended or is about to, by the key of its filter. */
  readonly #ending = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #reading = 0;
  #sink: SubscriptionSink | undefined;
  #bounds = subscriptionBounds;
  #isClosed = false;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Undefined: nothing can be delivered. */
  get sink(): SubscriptionSink | undefined {
    return this.#sink;
  }

  begin(sink: SubscriptionSink, bounds: Partial<SubscriptionBounds> = {}): void {
    invariant(!this.#sink, 'subscription filters deliver already');
    this.#sink = sink;
    this.#bounds = { ...subscriptionBounds, ...bounds };
    for (const [key] of this.#options.catalog.subscriptionFilters.entries()) this.follow(key);
  }

  /** To be called when the batches are durable. */
  publish(batches: readonly RowBatch[]): void {
    if (this.#byGroup.size === 0) return;
    for (const { group, timestampsMs } of batches) {
      for (const follower of this.#byGroup.get(group) ?? []) follower.news(timestampsMs.length);
    }
  }

  /** To be called when a filter has come to be, is another one, or is gone. */
  follow(key: string): void {
    const { catalog } = this.#options;
    this.#end(key);
    const filter = catalog.subscriptionFilters.get(key);
    const group = catalog.groupByNumber(Number.parseInt(key, 10));
    if (!filter || !group || !this.#sink || this.#isClosed) return;
    const before = this.#ending.get(key) ?? Promise.resolve();
    const follower = new SubscriptionFollower(this.#context(this.#sink), { key, group, filter }, before);
    this.#followers.set(key, follower);
    const known = this.#byGroup.get(group.number);
    if (known) known.add(follower);
    else this.#byGroup.set(group.number, new Set([follower]));
  }

  /** To be called when a group is gone, and its filters with it. */
  leave(group: number): void {
    for (const key of [...this.#followers.keys()]) if (Number.parseInt(key, 10) === group) this.#end(key);
  }

  /** The event up to which a filter has delivered; a new one begins behind all that there is. */
  deliveredId(key: string): number {
    const { catalog, store } = this.#options;
    const saved = catalog.subscriptionCursors.get(key)?.after;
    return this.#followers.get(key)?.deliveredId ?? saved ?? store.lastId;
  }

  /** Of an account and Region; of all when absent. */
  statuses(place?: Place): readonly SubscriptionStatus[] {
    return [...this.#followers.values()]
      .map((follower) => follower.status())
      .filter(
        ({ accountId, region }) => !place || (accountId === place.accountId && region === place.region),
      );
  }

  /**
   * What old events mean to filters that have not come to them yet, before they go.
   * @returns to be called in the turn in which they go: changes for the same commit
   */
  async losing(drops: readonly Drop[]): Promise<() => Change[]> {
    const { store, catalog, report } = this.#options;
    const losses: { readonly key: string; readonly events: number }[] = [];
    for (const { group: number, ...drop } of drops) {
      const group = catalog.groupByNumber(number);
      if (!group || !('beforeMs' in drop)) continue;
      for (const [key] of ownedBy(group, catalog.subscriptionCursors)) {
        const arrivals = new Arrivals(store, catalog, group);
        const events = await arrivals.countAfter(this.#readId(key), drop.beforeMs);
        if (events > 0) losses.push({ key, events });
      }
    }
    return () =>
      losses.flatMap(({ key, events }) => {
        const cursor = catalog.subscriptionCursors.get(key);
        const filter = catalog.subscriptionFilters.get(key);
        if (!cursor || !filter) return [];
        report(
          `subscription filter ${filter.filterName} of ${filter.logGroupName} had not come to ${events} events that the group does not keep any longer`,
        );
        return [catalog.subscriptionCursors.put(key, { ...cursor, lost: cursor.lost + events })];
      });
  }

  /** Waits for what is being delivered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const key of [...this.#followers.keys()]) this.#end(key);
    await Promise.all(this.#ending.values());
  }

  #readId(key: string): number {
    return this.#followers.get(key)?.readId ?? this.deliveredId(key);
  }

  #end(key: string): void {
    const follower = this.#followers.get(key);
    if (!follower) return;
    follower.end();
    this.#followers.delete(key);
    const group = Number.parseInt(key, 10);
    const others = this.#byGroup.get(group);
    others?.delete(follower);
    if (others?.size === 0) this.#byGroup.delete(group);
    const { done } = follower;
    this.#ending.set(key, done);
    void done.then(() => {
      if (this.#ending.get(key) === done) this.#ending.delete(key);
    });
  }

  #context(sink: SubscriptionSink) {
    return {
      ...this.#options,
      sink,
      bounds: this.#bounds,
      inTurn: <T>(read: () => Promise<T>) => this.#inTurn(read),
      mayHold: (bytes: number) => bytes <= maxHeldBytes && this.#heldBytes() <= maxHeldBytes,
    };
  }

  #heldBytes(): number {
    let sum = 0;
    for (const { heldBytes } of this.#followers.values()) sum += heldBytes;
    return sum;
  }

  async #inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reading < maxReading) this.#reading++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#reading--;
    }
  }
}
