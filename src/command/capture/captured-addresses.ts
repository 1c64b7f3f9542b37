import {
  type InterfaceRegistry,
  type Network,
  VpcAddresses,
  type VpcAddressesOptions,
} from '../../vpc/index.ts';

/**
 * Who owns an address in this network. Both threads call it for the same networks in the same order, so that they give
 * the same numbers to its interfaces. Interfaces that were made up from addresses on the wire stay known: they are in
 * a VPC of their own, and in no network that is told; those of devices that are gone do not.
 */
export function capturedAddresses(
  network: Network,
  registry: InterfaceRegistry,
  options: VpcAddressesOptions,
): VpcAddresses {
  const addresses = new VpcAddresses(network, registry, options);
  if (network.origin === 'described') return addresses;
  const deviceVpcIds = new Set(network.networkInterfaces.map((described) => described.VpcId));
  for (let index = 0; index < registry.size; index++) {
    if (!deviceVpcIds.has(registry.get(index).VpcId)) addresses.join(index);
  }
  return addresses;
}
