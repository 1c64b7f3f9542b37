import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { moveDurably } from '../disk/index.ts';
import { ConfigError, DeliveryError } from '../fault/index.ts';
import type { FlowLog } from '../flowlog/index.ts';
import type { FlowRecords } from '../record/index.ts';
import { sizeOf } from './day-folders.ts';
import { deliveryFailure } from './delivery-failure.ts';
import { ObjectCutter } from './object-cutter.ts';
import { objectKey, regionPrefix } from './object-key.ts';
import { rowsBySlot } from './slot-rows.ts';
import { type StagedObject, stageObject } from './staged-object.ts';
import { TreeBound } from './tree-bound.ts';

/** AWS begins a new file at 75 MB; the text counts, before compression. */
const maxObjectBytes = 75_000_000;
const stagingFolder = '.headgate-staging';
/** A staged file that nobody has touched for so long was left by a process that is gone. */
const staleMs = 3_600_000;
/** How many names of this run are remembered, to tell a second object of the same content from a repetition. */
const maxNames = 8192;

export interface S3TreeOptions {
  /** Objects go below `root/AWSLogs/`. */
  readonly root: string;
  readonly flowLog: FlowLog;
  readonly accountId: string;
  readonly region: string;
  /** Of this account and Region; no bound when absent. */
  readonly keepBytes?: number;
  /** Of the disk; 0.05 when absent. */
  readonly minFreeFraction?: number;
  /** Told, as one line, what was removed and why. */
  readonly onNotice: (line: string) => void;
}

export interface WrittenObject {
  readonly key: string;
  readonly path: string;
  readonly records: number;
  /** On the disk. */
  readonly bytes: number;
}

/**
 * A directory that looks like the bucket of a flow log. Objects are written beside the tree, on the same file
 * system, and moved to their place when they are complete and on the disk: below `AWSLogs` there is never a part of
 * one. Writing the same records again in another run replaces the object; in the same run (records without times
 * can be equal in two windows) it makes another.
 */
export class S3Tree {
  readonly #options: S3TreeOptions;
  readonly #root: string;
  /** Objects by key without occurrence, of this run. */
  readonly #names = new Map<string, number>();
  #bound: TreeBound | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws ConfigError `DestinationInvalid` for an account or Region that cannot be part of a path */
  constructor(options: S3TreeOptions) {
    for (const part of [options.accountId, options.region]) {
      if (/^[A-Za-z0-9-]+$/.test(part)) continue;
      throw new ConfigError(
        'DestinationInvalid',
        `${JSON.stringify(part)} cannot be part of an object's name`,
      );
    }
    this.#options = options;
    this.#root = path.resolve(options.root);
  }

  /**
   * Writes records as one object for each five minutes of `end` and 75 MB of text. One call at a time is worked on.
   * @throws DeliveryError; then writing the same batch again gives the objects the same names
   */
  write(batch: FlowRecords): Promise<WrittenObject[]> {
    const written = this.#last.then(() => this.#write(batch));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #write(batch: FlowRecords): Promise<WrittenObject[]> {
    if (batch.length === 0) return [];
    const taken: string[] = [];
    try {
      this.#bound ??= await this.#open();
      const objects: (WrittenObject & { grownBytes: number })[] = [];
      for (const [slot, rows] of rowsBySlot(batch.endSeconds)) {
        const cutter = new ObjectCutter(batch, rows, maxObjectBytes);
        while (cutter.hasMore) objects.push(await this.#writeObject(batch, cutter, slot, taken));
      }
      await this.#keepBound(objects);
      return objects.map(({ grownBytes: _, ...object }) => object);
    } catch (error) {
      // The next call looks at the disk anew: perhaps somebody else changed the tree.
      this.#bound = undefined;
      for (const name of taken) this.#names.set(name, (this.#names.get(name) ?? 1) - 1);
      throw deliveryFailure(this.#root, error);
    }
  }

  /** What was written stays written when nothing can be removed for it. */
  async #keepBound(
    objects: readonly { readonly path: string; readonly grownBytes: number }[],
  ): Promise<void> {
    try {
      await this.#bound?.grown(objects);
    } catch (error) {
      this.#bound = undefined;
      const failure = deliveryFailure(this.#root, error);
      if (!(failure instanceof DeliveryError)) throw error;
      this.#options.onNotice(`cannot remove old days: ${failure.message}`);
    }
  }

  async #open(): Promise<TreeBound> {
    const { accountId, region, keepBytes, minFreeFraction, onNotice } = this.#options;
    const staging = path.join(this.#root, stagingFolder);
    await mkdir(staging, { recursive: true });
    await removeStale(staging);
    return TreeBound.open({
      root: this.#root,
      prefixes: [regionPrefix(accountId, region, false), regionPrefix(accountId, region, true)],
      keepBytes: keepBytes ?? Number.POSITIVE_INFINITY,
      minFreeFraction: minFreeFraction ?? 0.05,
      onNotice,
    });
  }

  async #writeObject(
    batch: FlowRecords,
    cutter: ObjectCutter,
    slot: number,
    taken: string[],
  ): Promise<WrittenObject & { grownBytes: number }> {
    const { accountId, region, flowLog } = this.#options;
    const file = path.join(this.#root, stagingFolder, `${process.pid}-${randomBytes(8).toString('hex')}`);
    const staged = await stageObject(batch, cutter, flowLog.fileFormat, file);
    try {
      const hash = this.#hashFor(slot, staged, taken);
      const key = objectKey({ accountId, region, flowLog, slot, hash });
      const target = path.join(this.#root, key);
      const before = await sizeOf(target);
      await moveDurably(file, target);
      const { records, bytes } = staged;
      return { key, path: target, records, bytes, grownBytes: bytes - before };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  /**
   * The first 8 hex digits of the SHA-256 of the text. When this run has already written that text for that slot,
   * the number of the occurrence is hashed as well, so that the second object does not replace the first.
   */
  #hashFor(slot: number, { hash }: StagedObject, taken: string[]): string {
    const name = `${slot} ${hash.copy().digest('hex')}`;
    const occurrence = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, occurrence);
    taken.push(name);
    if (this.#names.size > maxNames) this.#names.delete(this.#names.keys().next().value ?? '');
    if (occurrence > 1) hash.update(`occurrence ${occurrence}`);
    return hash.digest('hex').slice(0, 8);
  }
}

async function removeStale(staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    const file = path.join(staging, name);
    const touchedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (touchedMs !== undefined && touchedMs < Date.now() - staleMs) await rm(file, { force: true });
  }
}
