import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { Loss } from '../../flow/index.ts';
import type { CoveredWindow } from '../../flowlog/index.ts';
import type { Prefix } from '../../ip/index.ts';
import type { DeviceDescription, Identity, Network } from '../../vpc/index.ts';
import type { DeviceSource } from './options.ts';

/** What the capture thread is started with. */
export interface ThreadSetup {
  readonly files: readonly string[];
  readonly devices: readonly DeviceSource[];
  /** The described network; without it one is made up. */
  readonly network?: Network;
  readonly vpcId?: string;
  readonly localPrefixes?: readonly Prefix[];
  readonly identity: Identity;
  readonly windowSeconds: number;
  readonly maxFlows: number;
  readonly includesExcluded: boolean;
  /**
   * For a service: the devices of this host are told whenever they change, so that the described network can follow
   * them; having none to capture is no failure, and VPCs may have addresses in common.
   */
  readonly tellsDevices?: boolean;
  /** Times of files are shifted so that the last packet is now. */
  readonly shiftsToNow?: boolean;
  readonly sums: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

/** From the capture thread; their order is the order of what happened. */
export type ThreadMessage =
  /** The network that flows are judged by from here on: the described one, or one that the thread made up. */
  | { readonly kind: 'network'; readonly network: Network }
  /** Interfaces in the order of their numbers, from the first that was not told yet. */
  | { readonly kind: 'interfaces'; readonly interfaces: readonly NetworkInterface[] }
  /** Rows of flows, transferred, with the decided-by texts that were not told yet. */
  | {
      readonly kind: 'flows';
      readonly buffer: ArrayBuffer;
      readonly count: number;
      readonly causes: readonly string[];
    }
  | { readonly kind: 'losses'; readonly losses: readonly Loss[] }
  /**
   * Windows in which something was captured and that are over, each with the interfaces that its sources cover; every
   * window before `before` is over.
   */
  | { readonly kind: 'windowsOver'; readonly windows: readonly CoveredWindow[]; readonly before: number }
  | { readonly kind: 'notice'; readonly line: string }
  /** The devices of this host that are captured or would be, at host vantage; when they change. */
  | { readonly kind: 'hostDevices'; readonly devices: readonly DeviceDescription[] }
  /** What is captured, as it is to be told to the user, when it begins and whenever it changes. */
  | { readonly kind: 'devices'; readonly captured: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly details: readonly string[];
    }
  | { readonly kind: 'end' };

/** To the capture thread; it looks when the generation in the shared control has changed. */
export interface NetworkUpdate {
  readonly network: Network;
}

const slot = {
  stop: 0,
  generation: 1,
  handedOverKib: 2,
  inputReadKib: 3,
  inputTotalKib: 4,
  confirmed: 5,
} as const;
const slots = 8;

/** The words in shared memory through which the main thread steers the capture thread, and reads how far it is. */
export class ThreadControl {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(slots * 4)) {
    this.#words = new Int32Array(buffer);
  }

  get buffer(): SharedArrayBuffer {
    return this.#words.buffer as SharedArrayBuffer;
  }

  stop(): void {
    Atomics.store(this.#words, slot.stop, 1);
    // The thread may be waiting for room.
    Atomics.notify(this.#words, slot.handedOverKib);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, slot.stop) !== 0;
  }

  /** Tells the thread that a new network lies in its message queue; gives the generation that will be confirmed. */
  announceNetwork(): number {
    return Atomics.add(this.#words, slot.generation, 1) + 1;
  }

  /** By the capture thread: every packet from here on is judged by the network of this generation, or a later one. */
  confirm(generation: number): void {
    Atomics.store(this.#words, slot.confirmed, generation);
    Atomics.notify(this.#words, slot.confirmed);
  }

  /** Whether a generation was confirmed within the time. Does not block. */
  async confirmed(generation: number, timeoutMs: number): Promise<boolean> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const confirmed = Atomics.load(this.#words, slot.confirmed);
      const leftMs = endMs - performance.now();
      if (confirmed >= generation) return true;
      if (leftMs <= 0) return false;
      await Atomics.waitAsync(this.#words, slot.confirmed, confirmed, leftMs).value;
    }
  }

  get generation(): number {
    return Atomics.load(this.#words, slot.generation);
  }

  /** Bytes that were handed over and are not written yet. */
  get handedOverBytes(): number {
    return Atomics.load(this.#words, slot.handedOverKib) * 1024;
  }

  handOver(bytes: number): void {
    Atomics.add(this.#words, slot.handedOverKib, Math.ceil(bytes / 1024));
  }

  release(bytes: number): void {
    Atomics.sub(this.#words, slot.handedOverKib, Math.ceil(bytes / 1024));
    Atomics.notify(this.#words, slot.handedOverKib);
  }

  /** Blocks the capture thread until less than `bytes` are handed over, or it is told to stop. */
  waitForRoom(bytes: number): void {
    for (;;) {
      const kib = Atomics.load(this.#words, slot.handedOverKib);
      if (kib * 1024 < bytes || this.isStopped) return;
      Atomics.wait(this.#words, slot.handedOverKib, kib, 1000);
    }
  }

  setProgress(read: number, total: number | undefined): void {
    Atomics.store(this.#words, slot.inputReadKib, Math.floor(read / 1024));
    Atomics.store(this.#words, slot.inputTotalKib, total === undefined ? 0 : Math.ceil(total / 1024));
  }

  /** Part of the input that has been read, 0 to 1; undefined when its size is unknown. */
  get progress(): number | undefined {
    const total = Atomics.load(this.#words, slot.inputTotalKib);
    return total > 0 ? Math.min(1, Atomics.load(this.#words, slot.inputReadKib) / total) : undefined;
  }
}
