import { ServiceError } from '../fault/index.ts';

export interface RoomBounds {
  /** Bytes that one stream may have on the disk, waiting for delivery. */
  readonly streamBytes: number;
  /** Of all streams together. */
  readonly totalBytes: number;
}

/** What Firehose answers to who sends more than it takes. */
export function slowDown(): ServiceError {
  return new ServiceError('ServiceUnavailableException', 'Slow down.', { status: 503 });
}

/** How much may wait for delivery: of one stream, and of all. */
export class IntakeRoom {
  readonly #most: number;
  readonly #all: IntakeRoom | undefined;
  #used = 0;

  constructor(most: number, all?: IntakeRoom) {
    this.#most = most;
    this.#all = all;
  }

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return Math.min(this.#most - this.#used, this.#all?.free ?? Number.POSITIVE_INFINITY);
  }

  /** Also beyond what is free: what is on the disk is there. */
  add(bytes: number): void {
    this.#used += bytes;
    this.#all?.add(bytes);
  }
}
