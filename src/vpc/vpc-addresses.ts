/**
 * `findPeer` is called for packets of new flows and does not allocate: a probe in the VPC's own table, then one in
 * each peered VPC's. The rest of the file is set-up.
 */
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { ConfigError } from '../fault/index.ts';
import { formatAddress, type IpAddress } from '../ip/index.ts';
import { AddressTable } from './address-table.ts';
import { interfaceAddresses, interfacePrefixes } from './interface-addresses.ts';
import type { InterfaceRegistry } from './interface-registry.ts';
import { MacTable, parseMac } from './mac-table.ts';
import type { Network } from './network.ts';
import { peeredVpcs } from './peered-vpcs.ts';

export interface VpcAddressesOptions {
  /** The one that was captured; all when absent. */
  readonly vpcId?: string | undefined;
  /** What becomes of an address that two captured VPCs have: it is refused, or the earlier interface's. */
  readonly sharedAddresses?: 'refuse' | 'first';
}

/** One VPC's addresses, and those of the VPCs that it reaches by peering or a transit gateway. */
interface VpcTables {
  readonly own: AddressTable;
  readonly peered: AddressTable[];
}

/** Who owns an address, in each VPC and as seen from one. */
export class VpcAddresses {
  /**
   * The addresses of the captured VPC: of the one that was named, or of all when none was. An address that two of these
   * have is refused, or the earlier interface's.
   */
  readonly captured: AddressTable;
  /** The MAC addresses of the captured VPC's interfaces, or of all. */
  readonly macs = new MacTable();
  readonly #registry: InterfaceRegistry;
  readonly #capturedVpcId: string | undefined;
  readonly #refusesShared: boolean;
  readonly #vpcs = new Map<string, VpcTables>();
  /** By interface index. */
  readonly #tables: (VpcTables | undefined)[] = [];
  #joins = 0;

  /**
   * Puts the network's interfaces into the registry. Throws ConfigError `UnknownVpc` when `vpcId` is none of the
   * network's, `AmbiguousVpc` when it is left out, two VPCs have an address in common, and that is
   * refused.
   */
  constructor(network: Network, registry: InterfaceRegistry, options: VpcAddressesOptions = {}) {
    this.#registry = registry;
    this.#capturedVpcId = options.vpcId;
    this.#refusesShared = options.sharedAddresses !== 'first';
    const vpcIds = network.vpcs.flatMap((vpc) => vpc.VpcId ?? []);
    if (options.vpcId !== undefined && !vpcIds.includes(options.vpcId))
      throw unknownVpc(options.vpcId, vpcIds);
    const single = options.vpcId ?? (vpcIds.length === 1 ? vpcIds[0] : undefined);
    if (single === undefined && this.#refusesShared) refuseSharedAddresses(network);
    for (const vpcId of vpcIds) this.#vpcs.set(vpcId, { own: new AddressTable(), peered: [] });
    for (const [vpcId, peers] of peeredVpcs(network)) this.#connect(vpcId, peers);
    this.captured = single === undefined ? new AddressTable() : this.#tablesOf(single).own;
    for (const networkInterface of network.networkInterfaces) this.join(registry.put(networkInterface));
  }

  /** How many interfaces have joined; what was derived from look-ups is stale once it has changed. */
  get joins(): number {
    return this.#joins;
  }

  /**
   * Takes in the addresses of an interface that the registry describes, also one that came later. An address that
   * another interface of its VPC has passes to this one.
   */
  join(index: number): void {
    const networkInterface = this.#registry.get(index);
    const vpcId = networkInterface.VpcId ?? '';
    const tables = this.#tablesOf(vpcId);
    this.#tables[index] = tables;
    this.#joins++;
    addInterface(tables.own, networkInterface, index);
    if (this.#capturedVpcId !== undefined && vpcId !== this.#capturedVpcId) return;
    if (this.captured !== tables.own) this.#addCaptured(networkInterface, index);
    const mac = parseMac(networkInterface.MacAddress ?? '');
    if (mac) this.macs.add(mac.high, mac.low, index);
  }

  /**
   * The index of the interface that owns the address as seen from interface `index`: in its own VPC, else in one that
   * is peered with it; -1 when none does. IPv4 is in `w3`.
   */
  findPeer(index: number, family: 4 | 6, w0: number, w1: number, w2: number, w3: number): number {
    const tables = this.#tables[index];
    if (tables === undefined) return -1;
    const own = family === 4 ? tables.own.find4(w3) : tables.own.find6(w0, w1, w2, w3);
    if (own >= 0) return own;
    for (let i = 0; i < tables.peered.length; i++) {
      const peered = tables.peered[i];
      const found = family === 4 ? peered.find4(w3) : peered.find6(w0, w1, w2, w3);
      if (found >= 0) return found;
    }
    return -1;
  }

  #addCaptured(networkInterface: NetworkInterface, index: number): void {
    const isFree = (address: IpAddress): boolean => {
      const other = this.#refusesShared ? -1 : findIn(this.captured, address);
      return other < 0 || this.#registry.get(other).VpcId === networkInterface.VpcId;
    };
    addInterface(this.captured, networkInterface, index, isFree);
  }

  #tablesOf(vpcId: string): VpcTables {
    let tables = this.#vpcs.get(vpcId);
    if (!tables) {
      tables = { own: new AddressTable(), peered: [] };
      this.#vpcs.set(vpcId, tables);
    }
    return tables;
  }

  #connect(vpcId: string, peers: Iterable<string>): void {
    for (const peer of peers) this.#tablesOf(vpcId).peered.push(this.#tablesOf(peer).own);
  }
}

function addInterface(
  table: AddressTable,
  networkInterface: NetworkInterface,
  index: number,
  isFree: (address: IpAddress) => boolean = () => true,
): void {
  for (const address of interfaceAddresses(networkInterface)) {
    if (isFree(address)) table.add(address, index);
  }
  for (const prefix of interfacePrefixes(networkInterface)) {
    if (isFree(prefix)) table.addPrefix(prefix, index);
  }
}

function unknownVpc(vpcId: string, known: readonly string[]): ConfigError {
  return new ConfigError('UnknownVpc', `--vpc-id ${vpcId}: no such VPC; expected one of ${known.join(', ')}`);
}

/** Prefixes first, so that an address inside another VPC's delegated prefix is found too. */
function refuseSharedAddresses(network: Network): void {
  const seen = new AddressTable();
  const { networkInterfaces } = network;
  const check = (address: IpAddress, index: number): void => {
    const other = findIn(seen, address);
    if (other < 0 || networkInterfaces[other].VpcId === networkInterfaces[index].VpcId) return;
    throw ambiguousVpc(address, networkInterfaces[other], networkInterfaces[index]);
  };
  for (const [index, networkInterface] of networkInterfaces.entries()) {
    for (const prefix of interfacePrefixes(networkInterface)) {
      check(prefix, index);
      seen.addPrefix(prefix, index);
    }
  }
  for (const [index, networkInterface] of networkInterfaces.entries()) {
    for (const address of interfaceAddresses(networkInterface)) {
      check(address, index);
      seen.add(address, index);
    }
  }
}

function findIn(table: AddressTable, { family, words }: IpAddress): number {
  return family === 4 ? table.find4(words[3]) : table.find6(...words);
}

function ambiguousVpc(address: IpAddress, first: NetworkInterface, second: NetworkInterface): ConfigError {
  const text = formatAddress(address.family, ...address.words);
  return new ConfigError(
    'AmbiguousVpc',
    `${text} is in ${first.VpcId} (${first.NetworkInterfaceId}) and in ${second.VpcId} (${second.NetworkInterfaceId}): ` +
      'say which VPC was captured with --vpc-id',
  );
}
