import type { Device } from '../../capture/index.ts';
import type { HostPoint } from '../../flow/index.ts';
import {
  AddressNetwork,
  defaultLocalPrefixes,
  deviceNetwork,
  joinNetworks,
  type Network,
} from '../../vpc/index.ts';
import { matchDevice } from './device-match.ts';
import type { CaptureEngine } from './engine.ts';
import type { ThreadSetup } from './thread-protocol.ts';

/** The network that a live capture judges by: the described one, or one made up from the devices that it captures. */
export class LiveNetwork {
  readonly #engine: CaptureEngine;
  readonly #setup: ThreadSetup;
  /** Makes up interfaces for the addresses on mirror ports. */
  readonly #wire: AddressNetwork | undefined;
  #network: Network;

  constructor(engine: CaptureEngine, setup: ThreadSetup) {
    this.#engine = engine;
    this.#setup = setup;
    const needsWire = !setup.network && setup.devices.some(({ vantage }) => vantage === 'wire');
    this.#wire = needsWire
      ? new AddressNetwork(setup.localPrefixes ?? defaultLocalPrefixes, setup.identity)
      : undefined;
    this.#network = setup.network ?? this.#madeUpOf([]);
    engine.load(this.#network, this.#wire);
  }

  get isMadeUp(): boolean {
    return this.#network.origin === 'made-up';
  }

  /** The devices at host vantage are these now; a made-up network follows them. */
  follow(devices: readonly Device[]): void {
    if (!this.isMadeUp) return;
    const network = this.#madeUpOf(devices);
    if (JSON.stringify(network.networkInterfaces) === JSON.stringify(this.#network.networkInterfaces)) return;
    this.#network = network;
    this.#engine.load(network, this.#wire);
  }

  /** Takes another description of the network, and says whether it can be used. */
  replace(network: Network): boolean {
    const isTaken = this.#engine.replace(network);
    if (isTaken) this.#network = network;
    return isTaken;
  }

  /** Which network interface a device is, or a sentence that says why none. */
  pointOf(device: Device, interfaceId: string | undefined): HostPoint | string {
    const match = matchDevice(device, interfaceId, this.#network, this.#setup.identity);
    if (typeof match === 'string') return match;
    const index = this.#engine.registry.indexOf(match.NetworkInterfaceId ?? '');
    return index === undefined ? 'it has no address' : { index, vlanIds: new Set(device.vlanIds) };
  }

  /** Numbers of the described interfaces: any of them may have been seen on a mirror port. */
  describedInterfaces(): number[] {
    if (this.isMadeUp) return [];
    return this.#network.networkInterfaces.flatMap(
      ({ NetworkInterfaceId }) => this.#engine.registry.indexOf(NetworkInterfaceId ?? '') ?? [],
    );
  }

  #madeUpOf(devices: readonly Device[]): Network {
    const made = deviceNetwork(devices, this.#setup.identity);
    return this.#wire ? joinNetworks(made, this.#wire.network) : made;
  }
}
