import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { IpAddress } from '../../ip/index.ts';
import type { Direction } from '../../policy/answer.ts';
import type { RecordContext } from '../../record/index.ts';
import type { SpooledNames } from '../../spool/index.ts';
import {
  formerInterfaces,
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

/** Causes of earlier runs are counted from here on: those of the capture thread keep coming. */
const formerCauses = 2 ** 20;
/** A network of which nothing is known yet. */
const noNetwork: Network = {
  origin: 'described',
  vpcs: [],
  subnets: [],
  networkInterfaces: [],
  securityGroups: [],
  networkAcls: [],
  routeTables: [],
  securityGroupRules: [],
  instances: [],
  prefixLists: new Map(),
};

/**
 * What records are made of besides flows, kept in step with the capture thread by its messages; interfaces and causes of
 * earlier runs have numbers of their own.
 */
export class NetworkView implements RecordContext, SpooledNames {
  /** Sparse: the thread's from 0 on, those of earlier runs from `formerCauses` on. */
  readonly causes: string[] = [];
  readonly registry = new InterfaceRegistry();
  readonly awsService: (address: IpAddress) => string | undefined;
  network: Network | undefined;

  readonly #identity: Identity;
  readonly #addresses: VpcAddressesOptions;
  readonly #facts: (InterfaceFacts | undefined)[] = [];
  #liveCauses = 0;
  readonly #formerCauses = new Map<string, number>();
  readonly #formers = new InterfaceRegistry();
  readonly #formerFacts = new Map<number, InterfaceFacts>();
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
    this.#formerFacts.clear();
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

  /** Takes texts in the order of their numbers. */
  addCauses(causes: readonly string[]): void {
    for (const cause of causes) this.causes[this.#liveCauses++] = cause;
  }

  formerCause(text: string): number {
    const known = this.#formerCauses.get(text);
    if (known !== undefined) return known;
    const index = formerCauses + this.#formerCauses.size;
    this.#formerCauses.set(text, index);
    this.causes[index] = text;
    return index;
  }

  interfaceOf(index: number): NetworkInterface {
    return index < formerInterfaces ? this.registry.get(index) : this.#formers.get(index - formerInterfaces);
  }

  formerInterface(networkInterface: NetworkInterface): number {
    const id = networkInterface.NetworkInterfaceId ?? '';
    const former = this.#formers.indexOf(id);
    if (former !== undefined) return formerInterfaces + former;
    return this.registry.indexOf(id) ?? formerInterfaces + this.#formers.put(networkInterface);
  }

  facts(index: number): InterfaceFacts {
    if (index >= formerInterfaces) return this.#factsOfFormer(index);
    this.#facts[index] ??= interfaceFacts(index, this.#loaded(), this.registry, this.#identity);
    return this.#facts[index];
  }

  /** What is no longer in the network has no path through it. */
  pathTo(index: number, direction: Direction, peer: IpAddress): Path {
    const live = index < formerInterfaces ? index : this.#liveIndex(index);
    if (live === undefined) return {};
    this.#ways ??= this.#findWays();
    return this.#ways.finder.pathTo(live, direction, peer);
  }

  /** It may have come back since. */
  #liveIndex(former: number): number | undefined {
    const { NetworkInterfaceId = '' } = this.interfaceOf(former);
    return this.network && this.registry.indexOf(NetworkInterfaceId);
  }

  #factsOfFormer(index: number): InterfaceFacts {
    const live = this.#liveIndex(index);
    if (live !== undefined) return this.facts(live);
    const former = index - formerInterfaces;
    const facts =
      this.#formerFacts.get(former) ??
      interfaceFacts(former, this.network ?? noNetwork, this.#formers, this.#identity);
    this.#formerFacts.set(former, facts);
    return facts;
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
