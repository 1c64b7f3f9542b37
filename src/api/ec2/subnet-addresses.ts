import { randomBytes } from 'node:crypto';
import { ServiceError } from '../../fault/index.ts';
import {
  formatAddress,
  type IpAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
} from '../../ip/index.ts';
import type { Place, ResourceView } from '../../resource/index.ts';
import { type NetworkInterfaceResource, networkInterfaces, type SubnetResource } from '../../vpc/index.ts';
import { addressAt, ipv4Size, isReserved, isReservedIpv6 } from './cidr.ts';
import { ec2Errors } from './errors.ts';

/** How often chance may fail to find a free address of an IPv6 block. */
const mostTries = 100;

/** The addresses of a subnet that are given out during one change. */
export class SubnetAddresses {
  readonly subnet: SubnetResource;
  readonly #block: Prefix | undefined;
  readonly #ipv6Block: Prefix | undefined;
  readonly #taken: Set<string>;
  /** No address below this place of the block is free. */
  #next = 4;

  constructor(view: ResourceView, place: Place, subnet: SubnetResource) {
    this.subnet = subnet;
    this.#block = parsePrefix(subnet.CidrBlock ?? '');
    this.#ipv6Block = ipv6BlockOf(subnet);
    this.#taken = new Set(interfacesIn(view, place, subnet.SubnetId!).flatMap(addressesOf));
  }

  get hasIpv6(): boolean {
    return this.#ipv6Block !== undefined;
  }

  get hasIpv4(): boolean {
    return this.#block !== undefined;
  }

  /** Whether `nextIpv4` finds one. */
  get hasFreeIpv4(): boolean {
    const block = this.#block;
    const size = block ? ipv4Size(block) : 0;
    while (block && this.#next < size - 1 && this.#taken.has(addressAt(block, this.#next))) this.#next++;
    return this.#next < size - 1;
  }

  /**
   * The address that was asked for, in canonical form.
   * @throws ServiceError `InvalidParameterValue`, `InvalidIPAddress.InUse`
   */
  take(text: string): string {
    const address = parseAddress(text);
    if (!address)
      throw ec2Errors.invalidParameterValue(text, 'privateIpAddress', 'It is not a valid address.');
    this.#checkRange(text, address);
    const canonical = formatAddress(address.family, ...address.words);
    if (this.#taken.has(canonical)) {
      throw new ServiceError('InvalidIPAddress.InUse', 'The specified address is already in use.');
    }
    this.#taken.add(canonical);
    return canonical;
  }

  /** Makes an address of another interface free for `take`. */
  release(address: string): void {
    this.#taken.delete(address);
  }

  /** @throws ServiceError `InsufficientFreeAddressesInSubnet` */
  nextIpv4(): string {
    if (!this.#block || !this.hasFreeIpv4) throw noFreeAddress();
    const address = addressAt(this.#block, this.#next);
    this.#taken.add(address);
    return address;
  }

  /**
   * Any address of the IPv6 block, as AWS picks them. A block so small that chance does not find a free one is full:
   * AWS's are /64.
   * @throws ServiceError `InvalidParameterValue` for a subnet without one, `InsufficientFreeAddressesInSubnet`
   */
  nextIpv6(): string {
    const block = this.#ipv6Block;
    if (!block) throw noIpv6(this.subnet.SubnetId!);
    for (let tries = 0; tries < mostTries; tries++) {
      const words = randomIn(block);
      const address = formatAddress(6, ...words);
      if (this.#taken.has(address) || isReservedIpv6(block, words)) continue;
      this.#taken.add(address);
      return address;
    }
    throw noFreeAddress();
  }

  #checkRange(text: string, address: IpAddress): void {
    const block = address.family === 4 ? this.#block : this.#ipv6Block;
    if (address.family === 6 && !block) throw noIpv6(this.subnet.SubnetId!);
    if (!block || !prefixContains(block, address.family, ...address.words)) {
      throw ec2Errors.invalidValue(`Address ${text} does not fall within the subnet's address range`);
    }
    if (this.subnet.madeUp) return;
    const isKept = address.family === 4 ? isReserved(block, address) : isReservedIpv6(block, address.words);
    if (isKept) {
      throw ec2Errors.invalidValue(`Address ${text} is in subnet's reserved address range`);
    }
  }
}

function noFreeAddress(): ServiceError {
  return new ServiceError(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  );
}

function noIpv6(subnetId: string): ServiceError {
  return ec2Errors.invalidValue(`Subnet ${subnetId} does not have an IPv6 CIDR block associated with it`);
}

function ipv6BlockOf({ Ipv6CidrBlockAssociationSet = [] }: SubnetResource): Prefix | undefined {
  const current = Ipv6CidrBlockAssociationSet.find(
    ({ Ipv6CidrBlockState }) => (Ipv6CidrBlockState?.State ?? 'associated') === 'associated',
  );
  return parsePrefix(current?.Ipv6CidrBlock ?? '');
}

/** Interface identifiers of 64 random bits; a prefix that is longer keeps its own bits. */
function randomIn({ words, length }: Prefix): Prefix['words'] {
  const random = randomBytes(8);
  const bits = [0, 0, random.readInt32BE(0), random.readInt32BE(4)];
  const [w0, w1, w2, w3] = words.map((word, i) => {
    const fixed = Math.min(32, Math.max(0, length - 32 * i));
    const mask = fixed === 0 ? 0 : -1 << (32 - fixed);
    return (word & mask) | (bits[i] & ~mask);
  });
  return [w0, w1, w2, w3];
}

function interfacesIn(view: ResourceView, place: Place, subnetId: string): NetworkInterfaceResource[] {
  return [...view.list(networkInterfaces, place)].filter(({ SubnetId }) => SubnetId === subnetId);
}

function addressesOf(one: NetworkInterfaceResource): string[] {
  return [
    one.PrivateIpAddress,
    ...(one.PrivateIpAddresses ?? []).map(({ PrivateIpAddress }) => PrivateIpAddress),
    ...(one.Ipv6Addresses ?? []).map(({ Ipv6Address }) => Ipv6Address),
  ].filter((address) => address !== undefined);
}
