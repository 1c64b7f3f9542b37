/**
 * What the network is: VPCs, subnets, network interfaces, security groups, network ACLs and route tables in AWS's own
 * shapes; where they come from (the AWS CLI's files, this host's devices, a file's addresses); who owns an address;
 * which way packets go. It is not what the rules say about a packet: that is `policy`.
 */
export { AddressNetwork, defaultLocalPrefixes, everyUnicastPrefixes } from './address-network.ts';
export { AddressTable } from './address-table.ts';
export { type DeviceDescription, deviceInterfaceId, deviceNetwork } from './device-network.ts';
export { type IdentityOptions, keepIdentity, resolveIdentity } from './identity.ts';
export { interfaceAddresses, interfacePrefixes, primaryIpv4 } from './interface-addresses.ts';
export {
  type InterfaceFacts,
  interfaceFacts,
  interfaceTypeName,
  regionOf,
  type SublocationType,
} from './interface-facts.ts';
export { InterfaceRegistry } from './interface-registry.ts';
export { loadNetwork } from './load-network.ts';
export { formatMac, type MacAddress, MacTable, parseMac } from './mac-table.ts';
export { madeUpId } from './made-up-id.ts';
export type { Identity, Network } from './network.ts';
export { networkAclOf, routeTableOf } from './network-index.ts';
export { type NextHop, type Path, PathFinder } from './path-finder.ts';
export { protocolNumber } from './protocol-number.ts';
export { VpcAddresses } from './vpc-addresses.ts';
export { writeNetwork } from './write-network.ts';
