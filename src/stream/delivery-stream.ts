import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { BufferDelivery, type BufferOutcome, type DeliveryParts } from './buffer-delivery.ts';
import type { IntakeRoom } from './intake-room.ts';
import type { DeliveryStreamResource } from './kinds.ts';
import type { RecordOrigin } from './shapes.ts';
import { type StreamBuffer, StreamBuffers } from './stream-buffers.ts';
import { bufferLimits } from './stream-config.ts';

/** What is told of a stream to who operates it; counted since the start. */
export interface StreamStatus {
  /** Waiting for delivery, with what is written around records. */
  readonly bufferedBytes: number;
  readonly bufferedRecords: number;
  /** When the oldest of them came. */
  readonly oldestMs: number | undefined;
  readonly takenRecords: number;
  readonly deliveredRecords: number;
  readonly deliveredBytes: number;
  /** Of the delivered ones: those under an error prefix. */
  readonly failedRecords: number;
  readonly refusedDeliveries: number;
  /** Of the last attempt; undefined when that went well. */
  readonly lastError: { readonly code: string; readonly message: string; readonly atMs: number } | undefined;
}

export interface DeliveryStreamOptions {
  readonly parts: Omit<DeliveryParts, 'signal'>;
  readonly room: IntakeRoom;
  /** As it is now; undefined when it is no more, or not yet. */
  readonly resource: () => DeliveryStreamResource | undefined;
  readonly report: (line: string) => void;
}

const unknownWaitMs = 5000;
/** While there is no resource to say when a buffer is full. */
const anyBytes = 5 * 1024 * 1024;

/** One stream at work: it takes records, closes buffers when they are due, and delivers them one after the other. */
export class DeliveryStream {
  readonly #options: DeliveryStreamOptions;
  readonly #buffers: StreamBuffers;
  readonly #ending = new AbortController();
  #delivery: { readonly buffer: StreamBuffer; readonly work: BufferDelivery } | undefined;
  #working: Promise<void> | undefined;
  #notBeforeMs = 0;
  #counts = {
    takenRecords: 0,
    deliveredRecords: 0,
    deliveredBytes: 0,
    failedRecords: 0,
    refusedDeliveries: 0,
  };
  #lastError: StreamStatus['lastError'];

  private constructor(options: DeliveryStreamOptions, buffers: StreamBuffers) {
    this.#options = options;
    this.#buffers = buffers;
  }

  static async open(options: DeliveryStreamOptions): Promise<DeliveryStream> {
    const { parts, room, resource, report } = options;
    const closeAtBytes = () => {
      const found = resource();
      return found ? bufferLimits(found).bytes : anyBytes;
    };
    const { folder, clock } = parts;
    return new DeliveryStream(
      options,
      await StreamBuffers.open({ folder, room, closeAtBytes, clock, report }),
    );
  }

  get status(): StreamStatus {
    const { closed, open } = this.#buffers;
    const all = [...closed, open];
    return {
      bufferedBytes: this.#options.room.used,
      bufferedRecords: all.reduce((sum, { records }) => sum + records, 0),
      oldestMs: all.find(({ firstMs }) => firstMs !== undefined)?.firstMs,
      ...this.#counts,
      lastError: this.#lastError,
    };
  }

  /** @throws ServiceError `ServiceUnavailableException` */
  async put(records: readonly Uint8Array[], origin?: RecordOrigin): Promise<void> {
    await this.#buffers.put(records, origin);
    this.#counts.takenRecords += records.length;
  }

  forget(source: string): void {
    this.#buffers.forget(source);
  }

  /** Does what is due: closes the buffer, tries to deliver. Fulfilled when that is over. */
  poll(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  /** Whether polling would do anything. */
  get isDue(): boolean {
    if (this.#working || this.#ending.signal.aborted) return false;
    const nowMs = this.#options.parts.clock();
    return this.#isOpenDue(nowMs) || (this.#buffers.closed.length > 0 && nowMs >= this.#notBeforeMs);
  }

  /** What is on the way is broken off; it is delivered by the next run. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#working;
    await this.#buffers.end();
  }

  #isOpenDue(nowMs: number): boolean {
    // While others wait this one grows: a destination that is down leaves few large files, not many small ones.
    if (this.#buffers.closed.length > 0) return false;
    const { firstMs } = this.#buffers.open;
    const resource = this.#options.resource();
    return firstMs !== undefined && resource !== undefined && nowMs - firstMs >= bufferLimits(resource).ageMs;
  }

  async #work(): Promise<void> {
    try {
      const { clock, slots } = this.#options.parts;
      if (this.#isOpenDue(clock())) await slots.use(() => this.#buffers.close());
      while (await this.#deliverNext());
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // Files are made anew by the next attempt.
      this.#delivery = undefined;
      this.#refuse({ kind: 'refused', code: 'UnknownError', message: error.message, waitMs: unknownWaitMs });
    }
  }

  /** Whether a buffer was delivered, so that there may be another. */
  async #deliverNext(): Promise<boolean> {
    const { signal } = this.#ending;
    const [buffer] = this.#buffers.closed;
    const resource = this.#options.resource();
    if (!buffer || !resource || signal.aborted || this.#options.parts.clock() < this.#notBeforeMs)
      return false;
    if (this.#delivery?.buffer !== buffer) {
      this.#delivery = { buffer, work: new BufferDelivery(buffer, { ...this.#options.parts, signal }) };
    }
    const outcome = await this.#delivery.work.attempt(resource);
    if (signal.aborted && outcome.kind === 'refused') return false;
    if (outcome.kind === 'refused') this.#refuse(outcome);
    else await this.#finish(buffer, outcome.failedRecords);
    return outcome.kind === 'delivered';
  }

  async #finish(buffer: StreamBuffer, failedRecords: number): Promise<void> {
    // The records go first: without them nothing that is left behind is delivered again.
    await this.#buffers.remove(buffer);
    const { folder } = this.#options.parts;
    for (const name of await readdir(folder)) {
      if (name.startsWith(`${buffer.number}.`)) await rm(path.join(folder, name), { force: true });
    }
    this.#delivery = undefined;
    if (this.#lastError) this.#report('is delivered again');
    this.#lastError = undefined;
    this.#counts.deliveredRecords += buffer.records;
    this.#counts.deliveredBytes += buffer.bytes;
    this.#counts.failedRecords += failedRecords;
  }

  #refuse({ code, message, waitMs }: Extract<BufferOutcome, { kind: 'refused' }>): void {
    const atMs = this.#options.parts.clock();
    const line = oneLine(message);
    if (this.#lastError?.code !== code) this.#report(`is not delivered: ${code}: ${line}`);
    this.#lastError = { code, message: line, atMs };
    this.#notBeforeMs = atMs + waitMs;
    this.#counts.refusedDeliveries += 1;
  }

  #report(sentence: string): void {
    const { parts, resource, report } = this.#options;
    report(`delivery stream ${resource()?.DeliveryStreamName ?? parts.folder} ${sentence}`);
  }
}

/** Endpoints say what they like; a terminal shall show it, not do it. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ');
}
