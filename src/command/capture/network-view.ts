import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { IpAddress } from '../../ip/index.ts';
import type { Direction } from '../../policy/answer.ts';
import type { RecordContext } from '../../record/index.ts';
import {
  type Identity,
  type InterfaceFacts,
  InterfaceRegistry,
  interfaceFacts,
  type Network,
  type Path,
  PathFinder,
  type VpcAddresses,
  type VpcAddressesOptions,
} from '../../vpc/index.ts';
import { capturedAddresses } from './captured-addresses.ts';

/** What records are made of besides flows, kept in step with the capture thread by its messages. */
export class NetworkView implements RecordContext {
  readonly causes: string[] = [];
  readonly registry = new InterfaceRegistry();
  readonly awsService: (address: IpAddress) => string | undefined;
  network: Network | undefined;

  readonly #identity: Identity;
  readonly #addresses: VpcAddressesOptions;
  readonly #facts: (InterfaceFacts | undefined)[] = [];
  /** Made when a format asks for paths. */
  #ways: { readonly addresses: VpcAddresses; readonly finder: PathFinder } | undefined;

  constructor(
    identity: Identity,
    addresses: VpcAddressesOptions,
    awsService: (address: IpAddress) => string | undefined,
  ) {
    this.#identity = identity;
    this.#addresses = addresses;
    this.awsService = awsService;
  }

  load(network: Network): void {
    this.network = network;
    this.#facts.length = 0;
    this.#ways = undefined;
    for (const networkInterface of network.networkInterfaces) this.registry.put(networkInterface);
  }

  /** Takes interfaces in the order of their numbers. */
  addInterfaces(interfaces: readonly NetworkInterface[]): void {
    for (const networkInterface of interfaces) {
      const index = this.registry.put(networkInterface);
      this.#ways?.addresses.join(index);
    }
  }

  facts(index: number): InterfaceFacts {
    this.#facts[index] ??= interfaceFacts(index, this.#loaded(), this.registry, this.#identity);
    return this.#facts[index];
  }

  pathTo(index: number, direction: Direction, peer: IpAddress): Path {
    this.#ways ??= this.#findWays();
    return this.#ways.finder.pathTo(index, direction, peer);
  }

  #findWays(): { addresses: VpcAddresses; finder: PathFinder } {
    const network = this.#loaded();
    const addresses = capturedAddresses(network, this.registry, this.#addresses);
    return { addresses, finder: new PathFinder(network, addresses, this.registry, this.#identity.region) };
  }

  #loaded(): Network {
    if (!this.network) throw new Error('bug: flows came before their network');
    return this.network;
  }
}
