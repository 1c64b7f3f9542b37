import { type InterfaceRegistry, type Network, VpcAddresses } from '../../vpc/index.ts';

/**
 * Who owns an address in this network. Both threads call it for the same networks in the same order, so that they give
 * the same numbers to its interfaces. Interfaces that were made up from addresses before stay known.
 */
export function capturedAddresses(
  network: Network,
  registry: InterfaceRegistry,
  vpcId: string | undefined,
): VpcAddresses {
  const addresses = new VpcAddresses(network, registry, vpcId === undefined ? {} : { vpcId });
  if (network.origin === 'made-up') {
    for (let index = 0; index < registry.size; index++) addresses.join(index);
  }
  return addresses;
}
