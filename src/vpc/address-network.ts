/** `isLocal` is asked for every packet whose owner is unknown and does not allocate; the rest is for new addresses. */
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { formatPrefix, type IpAddress, type Prefix, PrefixMap, parsePrefix } from '../ip/index.ts';
import { AddressTable } from './address-table.ts';
import { addressKey } from './interface-addresses.ts';
import { madeUpId } from './made-up-id.ts';
import { type MadeUpNetwork, makeUpNetwork } from './made-up-network.ts';
import type { Identity, Network } from './network.ts';

/** RFC 1918, 6598, 3927 and 1122; RFC 4193 and 4291. */
export const defaultLocalPrefixes: readonly Prefix[] = prefixes(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
);

/** All but multicast: 224.0.0.0/4 and ff00::/8. */
export const everyUnicastPrefixes: readonly Prefix[] = prefixes(
  '0.0.0.0/1',
  '128.0.0.0/2',
  '192.0.0.0/3',
  '240.0.0.0/4',
  '::/1',
  '8000::/2',
  'c000::/3',
  'e000::/4',
  'f000::/5',
  'f800::/6',
  'fc00::/7',
  'fe00::/8',
);

const none: never[] = [];

/** A network whose interfaces are made when an address is first seen: for captures that come without a description. */
export class AddressNetwork {
  /** The VPC, its subnets, group and ACL; without interfaces, which are made one by one. */
  readonly network: Network;
  readonly #madeUp: MadeUpNetwork;
  readonly #identity: Identity;
  readonly #limit: number;
  readonly #local = new AddressTable();
  readonly #subnetIds = new PrefixMap<string>();
  readonly #made = new Map<string, NetworkInterface>();
  /** One list for all interfaces: thousands of them go to another thread, and what they share goes once. */
  readonly #groups: { readonly GroupId: string; readonly GroupName: string }[];

  constructor(localPrefixes: readonly Prefix[], identity: Identity, limit = 65_536) {
    this.#identity = identity;
    this.#limit = limit;
    this.#madeUp = makeUpNetwork('addresses', localPrefixes, identity);
    this.network = this.#madeUp.network;
    this.#groups = [{ ...this.#madeUp.group }];
    for (const prefix of localPrefixes) {
      this.#local.addPrefix(prefix, 0);
      this.#subnetIds.add(prefix, this.#madeUp.subnetIds.get(formatPrefix(prefix))!);
    }
  }

  /** Whether an address would be an interface. Multicast, broadcast and unspecified ones are never. IPv4 is in `w3`. */
  isLocal(family: number, w0: number, w1: number, w2: number, w3: number): boolean {
    if (family === 4) return isUnicast4(w3) && this.#local.find4(w3) >= 0;
    return isUnicast6(w0, w1, w2, w3) && this.#local.find6(w0, w1, w2, w3) >= 0;
  }

  /**
   * The interface of a local address, made when it is first asked for, with an id that is always the same for the
   * address. `undefined` for an address that is not local, and for a new one beyond the limit.
   */
  interfaceFor(address: IpAddress): NetworkInterface | undefined {
    if (!this.isLocal(address.family, ...address.words)) return undefined;
    const key = addressKey(address);
    const known = this.#made.get(key);
    if (known || this.#made.size >= this.#limit) return known;
    const networkInterface = this.#make(address, key);
    this.#made.set(key, networkInterface);
    return networkInterface;
  }

  #make(address: IpAddress, text: string): NetworkInterface {
    const ipv4 = address.family === 4;
    return {
      NetworkInterfaceId: madeUpId('eni', 'address', this.#identity, text),
      Description: text,
      InterfaceType: 'interface',
      RequesterManaged: false,
      OwnerId: this.#identity.accountId,
      VpcId: this.#madeUp.vpcId,
      SubnetId: this.#subnetIds.find(address)!,
      Groups: this.#groups,
      ...(ipv4 ? { PrivateIpAddress: text } : {}),
      PrivateIpAddresses: ipv4 ? [{ PrivateIpAddress: text, Primary: true }] : none,
      Ipv6Addresses: ipv4 ? none : [{ Ipv6Address: text }],
      Status: 'in-use',
      TagSet: none,
    };
  }
}

/** Not 224.0.0.0/4, 255.255.255.255 or 0.0.0.0. */
function isUnicast4(word: number): boolean {
  return word !== 0 && word !== -1 && word >>> 28 !== 14;
}

/** Not ff00::/8 or ::. */
function isUnicast6(w0: number, w1: number, w2: number, w3: number): boolean {
  return w0 >>> 24 !== 0xff && (w0 | w1 | w2 | w3) !== 0;
}

function prefixes(...texts: string[]): Prefix[] {
  return texts.map((text) => parsePrefix(text)!);
}
