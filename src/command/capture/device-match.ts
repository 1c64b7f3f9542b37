import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { Device } from '../../capture/index.ts';
import { formatAddress } from '../../ip/index.ts';
import { deviceInterfaceId, type Identity, interfaceAddresses, type Network } from '../../vpc/index.ts';

/**
 * Which network interface a device of this host is: the one that the user named, else the one that was made of it, else
 * the one with its MAC address,
 * else the one with one of its addresses. A sentence says why none is.
 */
export function matchDevice(
  device: Device,
  interfaceId: string | undefined,
  network: Network,
  identity: Identity,
): NetworkInterface | string {
  const all = network.networkInterfaces;
  if (network.origin === 'made-up') {
    const id = deviceInterfaceId(device, identity);
    return all.find(({ NetworkInterfaceId }) => NetworkInterfaceId === id) ?? 'it has no address';
  }
  if (interfaceId !== undefined) {
    const named = all.find(({ NetworkInterfaceId }) => NetworkInterfaceId === interfaceId);
    return named ?? `the network has no ${interfaceId}`;
  }
  const made = deviceInterfaceId(device, identity);
  const byDevice = all.find(({ NetworkInterfaceId }) => NetworkInterfaceId === made);
  if (byDevice) return byDevice;
  const macs = [device.macAddress, device.permanentMac].filter((mac) => mac !== undefined);
  const byMac = all.find(({ MacAddress }) => macs.includes(MacAddress?.toLowerCase() ?? ''));
  if (byMac) return byMac;
  const addresses = new Set(device.addresses.map(({ address }) => address));
  const byAddress = all.find((candidate) =>
    interfaceAddresses(candidate).some(({ family, words }) => addresses.has(formatAddress(family, ...words))),
  );
  return (
    byAddress ??
    `no network interface has its MAC address or one of its addresses (interface:${device.name}=eni-… says which it is)`
  );
}
