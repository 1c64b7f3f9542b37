import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FlowRecords } from '../record/index.ts';
import type { DeliveryAttempts } from './delivery-attempts.ts';
import type { ObjectDestination } from './destination.ts';
import type { KeptRun } from './kept-run.ts';
import { ObjectUnit, type ObjectUnitOptions } from './object-unit.ts';
import type { PendingObject } from './run-state.ts';
import type { Position, SegmentEnd, UnitDelivery, Waiting } from './unit-delivery.ts';

export interface ObjectDeliveryOptions
  extends Omit<ObjectUnitOptions, 'prefix' | 'spoolId' | 'segment' | 'firstBatch'> {
  readonly destination: ObjectDestination;
  readonly attempts: DeliveryAttempts;
  readonly kept: KeptRun;
  readonly windowSeconds: number;
  /** What one unit spans. */
  readonly unitSeconds: number;
  readonly nowMs: () => number;
  readonly onKept: () => void;
  readonly onNotice: (line: string) => void;
}

/** Clocks that are set back make no unit larger than so many times what fills one. */
const largestUnit = 4;
const fewestSegments = 64;

/** Records to a destination that takes objects, in units that end with the five minutes that AWS puts into one. */
export class ObjectDelivery implements UnitDelivery {
  readonly #options: ObjectDeliveryOptions;
  #unit: ObjectUnit | undefined;

  constructor(options: ObjectDeliveryOptions) {
    this.#options = options;
  }

  get waiting(): Waiting {
    const { objects } = this.#options.kept.state;
    const records = objects.reduce((sum, object) => sum + object.records, this.#unit?.records ?? 0);
    return { records, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  async resume(): Promise<boolean> {
    const { folder, kept } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const known = new Set(kept.state.objects.map(({ name }) => name));
    for (const name of await readdir(folder)) {
      if (!known.has(name)) await rm(path.join(folder, name), { recursive: true, force: true });
    }
    return this.#putAll();
  }

  async take(records: FlowRecords): Promise<boolean> {
    this.#unit ??= this.#begin();
    await this.#unit.write(records);
    return true;
  }

  async endSegment(segment: SegmentEnd, position: Position): Promise<boolean> {
    return this.#endsWith(segment) ? this.endUnit(position) : true;
  }

  async beginFlush(): Promise<void> {}

  async endUnit(position: Position): Promise<boolean> {
    const { kept, nowMs, onKept } = this.#options;
    const objects = (await this.#unit?.finish(nowMs())) ?? [];
    if (!(await kept.keep({ position, objects, batches: objects.length }))) return false;
    this.#unit = undefined;
    onKept();
    return this.#putAll();
  }

  async abort(): Promise<void> {
    const unit = this.#unit;
    this.#unit = undefined;
    await unit?.discard();
  }

  #begin(): ObjectUnit {
    const { destination, kept, flowLog, folder, place, inTurn } = this.#options;
    const { spoolId, segment, nextBatch: firstBatch } = kept.state;
    const { prefix } = destination;
    return new ObjectUnit({ flowLog, folder, place, inTurn, prefix, spoolId, segment, firstBatch });
  }

  #endsWith({ number, before, previousBefore }: SegmentEnd): boolean {
    if (!Number.isFinite(before)) return true;
    const { kept, windowSeconds, unitSeconds } = this.#options;
    const unitOf = (window: number) => Math.floor((window * windowSeconds) / unitSeconds);
    const most = Math.max(fewestSegments, largestUnit * (unitSeconds / windowSeconds));
    return unitOf(before) > unitOf(previousBefore) || number + 1 - kept.state.segment >= most;
  }

  /** One after the other: the order of the objects is that of their slots. */
  async #putAll(): Promise<boolean> {
    const { kept, onKept } = this.#options;
    for (let object = kept.state.objects.at(0); object; object = kept.state.objects.at(0)) {
      if (!(await this.#put(object))) return false;
      if (!(await kept.keep({ objects: kept.state.objects.slice(1) }))) return false;
      await rm(this.#fileOf(object), { force: true });
      onKept();
    }
    return true;
  }

  async #put(object: PendingObject): Promise<boolean> {
    const { destination, attempts, onNotice, flowLog } = this.#options;
    const { key, bytes, records } = object;
    const file = this.#fileOf(object);
    const size = await sizeOf(file);
    if (size !== bytes) {
      attempts.sums.undelivered += records;
      const found = size === undefined ? 'is gone' : `has ${size} bytes instead of ${bytes}`;
      onNotice(`flow log ${flowLog.id}: ${records} records are lost: the file of object ${key} ${found}`);
      return true;
    }
    return attempts.deliver(records, () => destination.put({ key, file, bytes, records }));
  }

  #fileOf({ name }: PendingObject): string {
    return path.join(this.#options.folder, name);
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
