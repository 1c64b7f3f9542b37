import type { ResourceChange, Resources } from '../../resource/index.ts';
import {
  type DeviceDescription,
  followDevices,
  type Identity,
  isNetworkKind,
  type Network,
  networkOf,
} from '../../vpc/index.ts';

export interface NetworkFollowerOptions {
  readonly resources: Resources;
  /** Home: where the captured network is. */
  readonly identity: Identity;
  /** What a change waits for the capture thread. */
  readonly confirmationMs: number;
  /** Between tries to store what the devices are. */
  readonly retryMs: number;
  readonly report: (sentence: string) => void;
}

/** What takes a network to judge by: a running capture. */
export interface Judging {
  update(network: Network): number;
  confirmed(update: number, timeoutMs: number): Promise<boolean>;
}

/**
 * Keeps the capture at the stored network, and the stored network at the devices of this host. A change of it is
 * answered when the capture judges by it, or after a while: that is counted.
 */
export class NetworkFollower {
  /** Changes that were answered before the capture had confirmed them. */
  unconfirmed = 0;
  readonly #options: NetworkFollowerOptions;
  #judging: Judging | undefined;
  /** As they were told last. */
  #devices: readonly DeviceDescription[] = [];
  #retry: NodeJS.Timeout | undefined;
  /** Why the devices are not followed; empty when they are. */
  #told = '';

  constructor(options: NetworkFollowerOptions) {
    this.#options = options;
    options.resources.onChange((changes) => this.#take(changes));
  }

  get network(): Network {
    return networkOf(this.#options.resources, this.#options.identity);
  }

  /** From now on; undefined: nobody judges. */
  tell(judging: Judging | undefined): void {
    this.#judging = judging;
    if (!judging) clearTimeout(this.#retry);
    // The network may have changed since the capture was given one.
    judging?.update(this.network);
  }

  /** Interfaces that were made of devices become what these devices are now; tried until it is stored. */
  async followDevices(devices: readonly DeviceDescription[]): Promise<void> {
    const { resources, identity, report, retryMs } = this.#options;
    clearTimeout(this.#retry);
    this.#devices = devices;
    try {
      await resources.write((draft) => followDevices(draft, identity, identity, devices));
      this.#told = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#told) report(`the network cannot follow the devices: ${message}`);
      this.#told = message;
      // Devices are told once: unless others are by now, these are still to be followed.
      if (this.#devices !== devices) return;
      this.#retry = setTimeout(() => void this.followDevices(devices), retryMs).unref();
    }
  }

  async #take(changes: readonly ResourceChange[]): Promise<void> {
    if (!this.#judging || !changes.some((change) => this.#isOfNetwork(change))) return;
    const update = this.#judging.update(this.network);
    if (!(await this.#judging.confirmed(update, this.#options.confirmationMs))) this.unconfirmed++;
  }

  #isOfNetwork({ kind, place }: ResourceChange): boolean {
    const { accountId, region } = this.#options.identity;
    return isNetworkKind(kind) && place.accountId === accountId && place.region === region;
  }
}
