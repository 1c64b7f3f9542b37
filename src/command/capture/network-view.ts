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
} from '../../vpc/index.ts';
import { capturedAddresses } from './captured-addresses.ts';

/** What records are made of besides flows, kept in step with the capture thread by its messages. */
export class NetworkView implements RecordContext {
  readonly causes: string[] = [];
  readonly registry = new InterfaceRegistry();
  readonly awsService: (address: IpAddress) => string | undefined;
  network: Network | undefined;

  readonly #identity: Identity;
  readonly #vpcId: string | undefined;
  readonly #facts = new Map<number, InterfaceFacts>();
  #addresses: VpcAddresses | undefined;
  #paths: PathFinder | undefined;

  constructor(
    identity: Identity,
    vpcId: string | undefined,
    awsService: (address: IpAddress) => string | undefined,
  ) {
    this.#identity = identity;
    this.#vpcId = vpcId;
    this.awsService = awsService;
  }

  load(network: Network): void {
    this.network = network;
    this.#facts.clear();
    this.#addresses = capturedAddresses(network, this.registry, this.#vpcId);
    this.#paths = new PathFinder(network, this.#addresses, this.registry, this.#identity.region);
  }

  /** Takes interfaces in the order of their numbers. */
  addInterfaces(interfaces: readonly NetworkInterface[]): void {
    for (const networkInterface of interfaces) {
      const index = this.registry.put(networkInterface);
      this.#addresses?.join(index);
    }
  }

  facts(index: number): InterfaceFacts {
    const known = this.#facts.get(index);
    if (known) return known;
    const facts = interfaceFacts(index, this.#loaded(), this.registry, this.#identity);
    this.#facts.set(index, facts);
    return facts;
  }

  pathTo(index: number, direction: Direction, peer: IpAddress): Path {
    this.#loaded();
    return (this.#paths as PathFinder).pathTo(index, direction, peer);
  }

  #loaded(): Network {
    if (!this.network) throw new Error('bug: flows came before their network');
    return this.network;
  }
}
