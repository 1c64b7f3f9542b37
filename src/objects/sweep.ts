import type { Archive } from './archive.ts';
import type { BucketGates } from './bucket-gates.ts';
import { afterPrefix, justAfter, keyStart } from './index-key.ts';
import type { BucketResource } from './kinds.ts';
import { dayMs, isUploadOver, type LifecycleRules, lifecycleAction } from './lifecycle.ts';
import type { ObjectIndex } from './object-index.ts';
import type { Placement } from './placement.ts';
import type { SweepReport } from './shapes.ts';
import { type StoredEntry, versioned } from './stored-entry.ts';
import type { Uploads } from './uploads.ts';

/** Others have their turns after so many. */
const sliceEntries = 500;
/** They share commits. */
const together = 20;

export interface SweepOptions {
  readonly index: ObjectIndex;
  readonly gates: BucketGates;
  readonly placement: Placement;
  readonly archive: Archive;
  readonly uploads: Uploads;
  readonly clock: () => number;
  readonly report: (line: string) => void;
}

/** Applies the lifecycle rules of buckets, and ends what is over: restored copies, remembered uploads. */
export async function sweep(options: SweepOptions, buckets: Iterable<BucketResource>): Promise<SweepReport> {
  const run = new Sweep(options);
  for (const bucket of buckets) if (options.gates.has(bucket.Name)) await run.bucket(bucket);
  await run.forgetCompleted();
  return run.report;
}

class Sweep {
  readonly report = { expired: 0, transitioned: 0, abortedUploads: 0, endedRestores: 0, failed: 0 };
  readonly #options: SweepOptions;
  readonly #nowMs: number;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#nowMs = options.clock();
  }

  async bucket({ Name: bucket, lifecycle = [], transitionDefaultMinimumObjectSize }: BucketResource) {
    const rules: LifecycleRules = {
      rules: lifecycle,
      ...(transitionDefaultMinimumObjectSize && { minimumSize: transitionDefaultMinimumObjectSize }),
    };
    if (lifecycle.length > 0) await this.#uploads(bucket, rules);
    await this.#objects(bucket, rules);
  }

  async forgetCompleted(): Promise<void> {
    const { index } = this.#options;
    const old: Buffer[] = [];
    for (const { key, value } of index.completed.getRange({})) {
      if (value.completedMs + dayMs <= this.#nowMs) old.push(Buffer.from(key));
    }
    await index.commit(() => {
      for (const key of old) index.completed.remove(key);
    });
  }

  async #objects(bucket: string, rules: LifecycleRules): Promise<void> {
    const first = Buffer.from(`${bucket}\0`);
    const end = afterPrefix(first);
    for (let start: Buffer = first; ; ) {
      const slice = [...this.#options.index.objects.getRange({ start, end, limit: sliceEntries })];
      for (let at = 0; at < slice.length; at += together) {
        const few = slice.slice(at, at + together).map(({ key }) => {
          return this.#try(bucket, () => this.#object(bucket, key, rules));
        });
        await Promise.all(few);
      }
      const last = slice.at(-1);
      if (!last) return;
      start = justAfter(last.key);
      await new Promise(setImmediate);
    }
  }

  async #object(bucket: string, indexKey: Buffer, rules: LifecycleRules): Promise<void> {
    const { archive, gates, placement, index } = this.#options;
    const key = indexKey.toString('utf8', keyStart(bucket));
    const dueFor = (entry: StoredEntry) => lifecycleAction(rules, versioned(key, entry), this.#nowMs);
    const entry = index.objects.get(indexKey);
    const action = entry && dueFor(entry);
    if (action?.kind === 'expire') {
      // What has other bytes or tags since may be meant by no rule any more.
      const isGone = await gates.within(bucket, () =>
        placement.withdraw(bucket, key, (there) => dueFor(there)?.kind === 'expire'),
      );
      if (isGone) this.report.expired += 1;
      return;
    }
    if (action) {
      const isDone = await archive.transition(bucket, key, entry, action.storageClass);
      if (isDone) this.report.transitioned += 1;
      return;
    }
    if (!entry?.restore || this.#nowMs < entry.restore.expiresMs) return;
    const isEnded = await archive.change(bucket, key, ({ restore, ...rest }) =>
      restore && this.#nowMs >= restore.expiresMs ? rest : undefined,
    );
    if (isEnded) this.report.endedRestores += 1;
  }

  async #uploads(bucket: string, rules: LifecycleRules): Promise<void> {
    const { uploads } = this.#options;
    let looked = 0;
    for (const upload of uploads.of(bucket)) {
      looked += 1;
      if (looked % sliceEntries === 0) await new Promise(setImmediate);
      if (!isUploadOver(rules, upload, this.#nowMs)) continue;
      await this.#try(bucket, async () => {
        await uploads.abort(bucket, upload.key, upload.uploadId);
        this.report.abortedUploads += 1;
      });
    }
  }

  /** One that cannot be dealt with keeps none of the others from it. */
  async #try(bucket: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (this.report.failed === 0) {
        this.#options.report(
          `Lifecycle of bucket ${bucket}: ${error instanceof Error ? error.message : error}`,
        );
      }
      this.report.failed += 1;
    }
  }
}
