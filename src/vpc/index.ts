/**
 * What the network is: VPCs, subnets, network interfaces, security groups, network ACLs and route tables in AWS's own
 * shapes; where they come from (the AWS CLI's files, this host's devices, a file's addresses); who owns an address;
 * which way packets go. It is not what the rules say about a packet: that is `policy`.
 */
export { AddressNetwork, defaultLocalPrefixes, everyUnicastPrefixes } from './address-network.ts';

export { deviceTag } from './described-parts.ts';
export { type DeviceDescription, deviceInterfaceId, deviceNetwork } from './device-network.ts';
export { dhcpOptionsId } from './dhcp-options-id.ts';
export { followDevices } from './follow-devices.ts';
export { keepIdentity, resolveIdentity } from './identity.ts';
export { interfaceAddresses } from './interface-addresses.ts';
export {
  type InterfaceFacts,
  interfaceFacts,
  regionOf,
} from './interface-facts.ts';
export { formerInterfaces, InterfaceRegistry } from './interface-registry.ts';
export {
  groupPermissions,
  hasPorts,
  peerKey,
  protocolName,
  type RuleTerms,
  ruleKey,
  ruleTerms,
} from './ip-permissions.ts';
export { joinNetworks } from './join-networks.ts';
export * from './kinds.ts';
export { isNetworkKind } from './kinds.ts';
export { loadNetwork } from './load-network.ts';

export type { Identity, Network } from './network.ts';
export { type NetworkChange, networkDifference, putNetwork } from './network-difference.ts';
export { describedGroups, networkOf } from './network-of-resources.ts';

export { type Path, PathFinder } from './path-finder.ts';

export { protocolNumber } from './protocol-number.ts';
export { VpcAddresses, type VpcAddressesOptions } from './vpc-addresses.ts';
export { writeNetwork } from './write-network.ts';
