import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { formatAddress, type IpAddress, type Prefix, parseAddress, parsePrefix } from '../ip/index.ts';

/** The primary private IPv4 address, the one that stands in records for the interface; none on an IPv6-only one. */
export function primaryIpv4(networkInterface: NetworkInterface): IpAddress | undefined {
  const listed = networkInterface.PrivateIpAddresses?.find((entry) => entry.Primary)?.PrivateIpAddress;
  const text = networkInterface.PrivateIpAddress ?? listed;
  const address = text === undefined ? undefined : parseAddress(text);
  return address?.family === 4 ? address : undefined;
}

/** Every address that the interface itself has, each once: the primary first, then secondary ones, then IPv6. */
export function interfaceAddresses(networkInterface: NetworkInterface): IpAddress[] {
  const texts = [
    networkInterface.PrivateIpAddress,
    ...(networkInterface.PrivateIpAddresses ?? []).map((entry) => entry.PrivateIpAddress),
    ...(networkInterface.Ipv6Addresses ?? []).map((entry) => entry.Ipv6Address),
  ];
  const addresses = new Map<string, IpAddress>();
  const primary = primaryIpv4(networkInterface);
  if (primary) addresses.set(addressKey(primary), primary);
  for (const text of texts) {
    const address = text === undefined ? undefined : parseAddress(text);
    if (address) addresses.set(addressKey(address), address);
  }
  return [...addresses.values()];
}

/** The prefixes delegated to the interface: AWS gives IPv4 /28 and IPv6 /80. */
export function interfacePrefixes(networkInterface: NetworkInterface): Prefix[] {
  const texts = [
    ...(networkInterface.Ipv4Prefixes ?? []).map((entry) => entry.Ipv4Prefix),
    ...(networkInterface.Ipv6Prefixes ?? []).map((entry) => entry.Ipv6Prefix),
  ];
  return texts.flatMap((text) => (text === undefined ? [] : (parsePrefix(text) ?? [])));
}

/** One text for one address, whatever way it was written. */
export function addressKey({ family, words }: IpAddress): string {
  return formatAddress(family, ...words);
}
