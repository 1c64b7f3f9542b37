import type { NetworkInterface } from '@aws-sdk/client-ec2';
import {
  formatPrefix,
  type IpAddress,
  maskAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
} from '../ip/index.ts';
import { addressKey } from './interface-addresses.ts';
import { formatMac, parseMac } from './mac-table.ts';
import { madeUpId } from './made-up-id.ts';
import { type MadeUpNetwork, makeUpNetwork } from './made-up-network.ts';
import type { Identity, Network } from './network.ts';

/** A network device of this host, as the kernel describes it. */
export interface DeviceDescription {
  readonly name: string;
  readonly macAddress?: string | undefined;
  /** The address burnt into the hardware, for devices that have hardware. */
  readonly permanentMac?: string | undefined;
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
}

interface DeviceAddress {
  readonly address: IpAddress;
  readonly prefix: Prefix;
}

interface Device {
  readonly description: DeviceDescription;
  readonly addresses: readonly DeviceAddress[];
}

/** The VPC that stands for this host. */
export function hostVpcId(identity: Pick<Identity, 'accountId' | 'region'>): string {
  return madeUpId('vpc', 'vpc', identity, hostKey);
}

const hostKey = 'host';
const ipv6LinkLocal = parsePrefix('fe80::/10')!;

/**
 * This host as a VPC: a subnet for each prefix of a device, a network interface for each device that has an address,
 * with everything allowed. The interface is in the subnet of its first IPv4 address, else of its first global IPv6
 * one. The link-local prefix is a subnet only for devices that have nothing else. An address that two devices have is
 * the first one's.
 */
export function deviceNetwork(descriptions: readonly DeviceDescription[], identity: Identity): Network {
  const taken = new Set<string>();
  const devices = descriptions.map((description) => ({
    description,
    addresses: addressesOf(description, taken),
  }));
  const addressed = devices.filter((device) => device.addresses.length > 0);
  const madeUp = makeUpNetwork(hostKey, addressed.flatMap(subnetPrefixes), identity);
  const networkInterfaces = addressed.map((device) => interfaceOf(device, madeUp, identity));
  return { ...madeUp.network, networkInterfaces };
}

/**
 * The id of a device's interface: by its permanent MAC address if it has hardware, else by its name; so that a new
 * lease, or another address given by hand, changes nothing.
 */
export function deviceInterfaceId(
  device: Pick<DeviceDescription, 'name' | 'permanentMac'>,
  identity: Identity,
): string {
  const mac = parseMac(device.permanentMac ?? '');
  const hasHardware = mac !== undefined && (mac.high !== 0 || mac.low !== 0);
  return madeUpId('eni', 'device', identity, hasHardware ? formatMac(mac) : device.name);
}

function addressesOf(description: DeviceDescription, taken: Set<string>): DeviceAddress[] {
  const addresses: DeviceAddress[] = [];
  for (const { address: text, prefixLength } of description.addresses) {
    const address = parseAddress(text);
    if (!address || taken.has(addressKey(address))) continue;
    taken.add(addressKey(address));
    const prefix = {
      family: address.family,
      words: maskAddress(address, prefixLength),
      length: prefixLength,
    };
    addresses.push({ address, prefix });
  }
  return addresses;
}

function subnetPrefixes({ addresses }: Device): Prefix[] {
  const routed = addresses.filter((entry) => !isLinkLocal(entry));
  return (routed.length > 0 ? routed : addresses).map((entry) => entry.prefix);
}

function isLinkLocal({ address }: DeviceAddress): boolean {
  return prefixContains(ipv6LinkLocal, address.family, ...address.words);
}

function interfaceOf(
  { description, addresses }: Device,
  madeUp: MadeUpNetwork,
  identity: Identity,
): NetworkInterface {
  const ipv4 = addresses
    .filter(({ address }) => address.family === 4)
    .map(({ address }) => addressKey(address));
  const ipv6 = addresses
    .filter(({ address }) => address.family === 6)
    .map(({ address }) => addressKey(address));
  const home =
    addresses.find(({ address }) => address.family === 4) ?? addresses.find((entry) => !isLinkLocal(entry));
  const mac = parseMac(description.macAddress ?? '');
  return {
    NetworkInterfaceId: deviceInterfaceId(description, identity),
    Description: description.name,
    InterfaceType: 'interface',
    RequesterManaged: false,
    OwnerId: identity.accountId,
    VpcId: madeUp.vpcId,
    SubnetId: madeUp.subnetIds.get(formatPrefix((home ?? addresses[0]).prefix))!,
    Groups: [{ ...madeUp.group }],
    ...(mac ? { MacAddress: formatMac(mac) } : {}),
    ...(ipv4.length > 0 ? { PrivateIpAddress: ipv4[0] } : {}),
    PrivateIpAddresses: ipv4.map((text, i) => ({ PrivateIpAddress: text, Primary: i === 0 })),
    Ipv6Addresses: ipv6.map((text) => ({ Ipv6Address: text })),
    Status: 'in-use',
    TagSet: [{ Key: 'Name', Value: description.name }],
  };
}
