import type { Store } from '../store/index.ts';
import { Arrivals } from './arrivals.ts';
import type { Catalog, LogGroup } from './catalog.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { groupArn } from './names.ts';
import type { SubscriptionFilter } from './shapes.ts';
import { batchesOf, subscriptionRecords } from './subscription-records.ts';
import type { SubscriptionBounds, SubscriptionSink, SubscriptionStatus } from './subscription-shapes.ts';

/** What all followers share. */
export interface FollowerContext {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly sink: SubscriptionSink;
  readonly bounds: SubscriptionBounds;
  readonly clock: () => number;
  readonly report: (sentence: string) => void;
  /** Few read at the same time. */
  inTurn<T>(read: () => Promise<T>): Promise<T>;
  /** Whether records that could not be delivered may stay in memory. */
  mayHold(bytes: number): boolean;
}

/** What of a page is still to be delivered. */
interface Pending {
  readonly batches: Uint8Array[][];
  readonly throughId: number;
  readonly events: number;
  readonly tooLarge: number;
  readonly isLast: boolean;
}

/** How far the cursor may be ahead of the disk when nothing was delivered: a restart looks at these events again. */
const maxUnsaved = 1_000_000;

/**
 * Delivers what comes into a log group to where one of its subscription filters says, in the order of arrival. It reads
 * from the store, so that a destination may be away for as long as the group keeps its events. How far it came is
 * saved after each delivery: what was delivered between that and a crash is delivered again.
 */
export class SubscriptionFollower {
  /** Never rejected; fulfilled when it has ended and saved how far it came. */
  readonly done: Promise<void>;
  readonly #context: FollowerContext;
  readonly #key: string;
  readonly #group: LogGroup;
  readonly #filter: SubscriptionFilter;
  readonly #arrivals: Arrivals;
  #after: number;
  #savedAfter: number;
  #pending: Pending | undefined;
  /** Events that were not read when the last page was, and that came since. */
  #unread = 0;
  #hasNews = true;
  #isEnded = false;
  #failures = 0;
  #lastError: string | undefined;
  #failingSinceMs: number | undefined;
  #lastDeliveryMs: number | undefined;
  /** Ends a wait; of news only where it waits for these. */
  #wake: (() => void) | undefined;
  #waitsForNews = false;

  /** @param before what has to end first: nothing is delivered by two at the same time */
  constructor(
    context: FollowerContext,
    subject: { readonly key: string; readonly group: LogGroup; readonly filter: SubscriptionFilter },
    before: Promise<void>,
  ) {
    this.#context = context;
    this.#key = subject.key;
    this.#group = subject.group;
    this.#filter = subject.filter;
    this.#arrivals = new Arrivals(context.store, context.catalog, subject.group);
    this.#after = this.#cursor?.after ?? context.store.lastId;
    this.#savedAfter = this.#after;
    this.done = before.then(() => this.#run());
  }

  /** All up to this event is delivered. */
  get deliveredId(): number {
    return this.#after;
  }

  /** All up to this event is delivered or held. */
  get readId(): number {
    return this.#pending?.throughId ?? this.#after;
  }

  get heldBytes(): number {
    const records = this.#pending?.batches.flat() ?? [];
    return records.reduce((sum, { length }) => sum + length, 0);
  }

  status(): SubscriptionStatus {
    const { accountId, region } = this.#group;
    const { logGroupName, filterName, destinationArn } = this.#filter;
    return {
      accountId,
      region,
      logGroupName,
      filterName,
      destinationArn,
      behind: this.#unread + (this.#pending?.events ?? 0),
      lost: this.#cursor?.lost ?? 0,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#failingSinceMs === undefined ? {} : { failingSinceMs: this.#failingSinceMs }),
      ...(this.#lastDeliveryMs === undefined ? {} : { lastDeliveryMs: this.#lastDeliveryMs }),
    };
  }

  /** Events are in the group that were not there before. */
  news(events: number): void {
    this.#unread += events;
    this.#hasNews = true;
    if (this.#waitsForNews) this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  get #cursor() {
    return this.#context.catalog.subscriptionCursors.get(this.#key);
  }

  async #run(): Promise<void> {
    // Who came before may have gone further meanwhile.
    this.#after = this.#cursor?.after ?? this.#after;
    this.#savedAfter = this.#after;
    while (!this.#isEnded) {
      const hasMore = await this.#attempt();
      if (this.#failures > 0) await this.#wait(this.#retryMs());
      else if (!hasMore) {
        if (!this.#hasNews) await this.#wait();
        // Others come soon after the first.
        await this.#wait(this.#context.bounds.lingerMs);
      }
    }
    await this.#saveLast();
  }

  async #attempt(): Promise<boolean> {
    try {
      const hasMore = await this.#step();
      this.#succeed();
      return hasMore;
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return true;
    }
  }

  /** A page; false when it was the last. */
  async #step(): Promise<boolean> {
    this.#pending ??= await this.#context.inTurn(() => this.#read());
    const { batches, throughId, tooLarge, isLast } = this.#pending;
    const hasRecords = batches.length > 0;
    while (batches.length > 0 && !this.#isEnded) {
      await this.#put(batches[0]);
      batches.shift();
      this.#lastDeliveryMs = this.#context.clock();
    }
    if (batches.length > 0) return false;
    if (hasRecords || tooLarge > 0 || throughId - this.#savedAfter > maxUnsaved) {
      await this.#save(throughId, tooLarge);
    }
    this.#after = throughId;
    this.#pending = undefined;
    return !isLast;
  }

  async #read(): Promise<Pending> {
    const { bounds, report } = this.#context;
    const { filterName, logGroupName, filterPattern } = this.#filter;
    const pattern = readFilterPattern(filterPattern);
    this.#hasNews = false;
    // They are behind until it is known what of them is to be delivered.
    const looked = this.#unread;
    const page = await this.#arrivals.page(pattern, this.#after, {
      events: bounds.pageEvents,
      bytes: bounds.pageBytes,
    });
    const rest = page.isLast ? undefined : await this.#arrivals.countAfter(page.throughId);
    const passed = rest === undefined ? looked : this.#unread - rest;
    const envelope = {
      owner: this.#group.accountId,
      logGroup: logGroupName,
      subscriptionFilters: [filterName],
    };
    const { records, tooLarge } = await subscriptionRecords(envelope, page.events);
    if (tooLarge > 0) report(`${tooLarge} events are too large for ${this.#named()}`);
    const { throughId, isLast } = page;
    this.#unread -= passed;
    return { batches: batchesOf(records), throughId, isLast, events: page.events.length, tooLarge };
  }

  async #put(records: readonly Uint8Array[]): Promise<void> {
    const { destinationArn, roleArn = '' } = this.#filter;
    const { accountId, region, name } = this.#group;
    const source = { accountId, region, arn: `${groupArn(this.#group, name)}:*` };
    await this.#context.sink.put(destinationArn, roleArn, source, records);
  }

  /** Nothing when the filter is gone. */
  async #save(after: number, lost: number): Promise<void> {
    const known = this.#cursor;
    if (!known || this.#isEnded) return;
    const { catalog } = this.#context;
    const change = catalog.subscriptionCursors.put(this.#key, { after, lost: known.lost + lost });
    await catalog.commit({ documents: [change] });
    this.#savedAfter = after;
  }

  async #saveLast(): Promise<void> {
    const known = this.#cursor;
    if (!known || this.#after <= known.after) return;
    const { catalog, report } = this.#context;
    try {
      const change = catalog.subscriptionCursors.put(this.#key, { ...known, after: this.#after });
      await catalog.commit({ documents: [change] });
    } catch (error) {
      report(`${this.#named()} will look at events again: ${String(error)}`);
    }
  }

  #succeed(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#lastError = undefined;
    this.#failingSinceMs = undefined;
    this.#context.report(`${this.#named()} delivers again`);
  }

  #fail(reason: string): void {
    const { report, clock, mayHold } = this.#context;
    this.#failures++;
    this.#failingSinceMs ??= clock();
    if (reason !== this.#lastError) report(`${this.#named()} cannot deliver: ${reason}`);
    this.#lastError = reason;
    if (this.#pending && !mayHold(this.heldBytes)) {
      // They are read again.
      this.#unread += this.#pending.events;
      this.#pending = undefined;
    }
  }

  #named(): string {
    return `subscription filter ${this.#filter.filterName} of ${this.#filter.logGroupName}`;
  }

  /** Twice as long after each failure, and any time between a half of that and all of it. */
  #retryMs(): number {
    const { firstRetryMs, lastRetryMs } = this.#context.bounds;
    return Math.min(lastRetryMs, firstRetryMs * 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2);
  }

  /** Until there is news, or for a time; no longer than to the end. */
  async #wait(ms?: number): Promise<void> {
    if (this.#isEnded) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#waitsForNews = ms === undefined;
      if (ms !== undefined) timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
    this.#waitsForNews = false;
  }
}
