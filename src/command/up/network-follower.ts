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
    // The network may have changed since the capture was given one.
    judging?.update(this.network);
  }

  /** Interfaces that were made of devices become what these devices are now. */
  async followDevices(devices: readonly DeviceDescription[]): Promise<void> {
    const { resources, identity, report } = this.#options;
    await resources
      .write((draft) => followDevices(draft, identity, identity, devices))
      .catch((error: Error) => report(`the network cannot follow the devices: ${error.message}`));
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
