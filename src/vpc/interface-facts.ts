import type { NetworkInterface, Subnet, Tag } from '@aws-sdk/client-ec2';
import { definedMembers } from './defined-members.ts';
import { primaryIpv4 } from './interface-addresses.ts';
import type { InterfaceRegistry } from './interface-registry.ts';
import type { Identity, Network } from './network.ts';
import { networkIndex } from './network-index.ts';

export type SublocationType = 'wavelength' | 'outpost' | 'localzone';

/** What records say about the interface itself; what is unknown or does not apply is left out. */
export interface InterfaceFacts {
  readonly accountId: string;
  readonly interfaceId: string;
  readonly vpcId?: string;
  readonly subnetId?: string;
  readonly instanceId?: string;
  readonly region: string;
  readonly azId?: string;
  readonly sublocationType?: SublocationType;
  readonly sublocationId?: string;
  readonly interfaceType?: string;
  /** A signed big-endian word. */
  readonly primaryIpv4?: number;
  readonly instanceTags: Readonly<Record<string, string>>;
  readonly interfaceTags: Readonly<Record<string, string>>;
}

export function interfaceFacts(
  index: number,
  network: Network,
  registry: InterfaceRegistry,
  identity: Identity,
): InterfaceFacts {
  const networkInterface = registry.get(index);
  const { subnets, instances } = networkIndex(network);
  const subnet = subnets.get(networkInterface.SubnetId ?? '');
  const instanceId = ownInstanceId(networkInterface);
  const sublocation = sublocationOf(networkInterface, subnet);
  return definedMembers({
    accountId: networkInterface.OwnerId ?? identity.accountId,
    interfaceId: networkInterface.NetworkInterfaceId ?? '',
    vpcId: networkInterface.VpcId,
    subnetId: networkInterface.SubnetId,
    instanceId,
    region: regionOf(networkInterface, subnet) ?? identity.region,
    azId: azIdOf(networkInterface, subnet),
    sublocationType: sublocation?.type,
    sublocationId: sublocation?.id,
    interfaceType: interfaceTypeName(networkInterface),
    primaryIpv4: primaryIpv4(networkInterface)?.words[3],
    instanceTags: tagRecord(instances.get(instanceId ?? '')?.Tags),
    interfaceTags: tagRecord(networkInterface.TagSet),
  });
}

/**
 * The word of the `interface-type` field: only AWS's own appliances have one. AWS prints `nat_gateway` where its SDK
 * says `natGateway`; older output says `interface`, and the description tells.
 */
export function interfaceTypeName(networkInterface: NetworkInterface): string | undefined {
  const type: string | undefined = networkInterface.InterfaceType;
  const named = type === undefined ? undefined : typeNames.get(type);
  if (named !== undefined || !networkInterface.RequesterManaged) return named;
  const description = networkInterface.Description ?? '';
  return describedTypes.find(({ begin }) => description.startsWith(begin))?.name;
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ['natGateway', 'nat_gateway'],
  ['nat_gateway', 'nat_gateway'],
  ['regional_nat_gateway', 'regional_nat_gateway'],
  ['network_load_balancer', 'network_load_balancer'],
  ['transit_gateway', 'transit_gateway'],
  ['vpc_endpoint', 'vpc_endpoint'],
  ['gateway_load_balancer_endpoint', 'vpc_endpoint'],
]);

const describedTypes = [
  { begin: 'Interface for NAT Gateway', name: 'nat_gateway' },
  { begin: 'ELB net/', name: 'network_load_balancer' },
  { begin: 'Network Interface for Transit Gateway', name: 'transit_gateway' },
  { begin: 'VPC Endpoint Interface', name: 'vpc_endpoint' },
] as const;

/** The zone of an interface by its id; none in a sublocation, which has fields of its own. */
export function azIdOf(networkInterface: NetworkInterface, subnet: Subnet | undefined): string | undefined {
  if (sublocationOf(networkInterface, subnet)) return undefined;
  return subnet?.AvailabilityZoneId ?? networkInterface.AvailabilityZoneId;
}

/** From the subnet's ARN, else from the name of the Availability Zone. */
export function regionOf(
  networkInterface: NetworkInterface | undefined,
  subnet: Subnet | undefined,
): string | undefined {
  const fromArn = /^arn:[^:]*:ec2:([a-z0-9-]+):/.exec(subnet?.SubnetArn ?? '')?.[1];
  const zone = subnet?.AvailabilityZone ?? networkInterface?.AvailabilityZone ?? '';
  return fromArn ?? /^[a-z]+(?:-[a-z]+)+-[0-9]+(?=[a-z-])/.exec(zone)?.[0];
}

/** An instance of another account, or of the service that manages the interface, is not named. */
function ownInstanceId({ Attachment, OwnerId, RequesterManaged }: NetworkInterface): string | undefined {
  if (RequesterManaged) return undefined;
  const owner = Attachment?.InstanceOwnerId;
  return owner === undefined || OwnerId === undefined || owner === OwnerId
    ? Attachment?.InstanceId
    : undefined;
}

/**
 * An Outpost by the ARN of the subnet; a Local Zone (`us-west-2-lax-1a`, `usw2-lax1-az1`) or Wavelength Zone
 * (`us-east-1-wl1-bos-wlz-1`, `use1-wl1-bos-wlz1`) by the name or id of the zone.
 */
function sublocationOf(
  networkInterface: NetworkInterface,
  subnet: Subnet | undefined,
): { type: SublocationType; id: string } | undefined {
  const outpost = subnet?.OutpostArn ?? networkInterface.OutpostArn;
  if (outpost !== undefined) return { type: 'outpost', id: outpost.slice(outpost.lastIndexOf('/') + 1) };
  const name = subnet?.AvailabilityZone ?? networkInterface.AvailabilityZone;
  const zoneId = subnet?.AvailabilityZoneId ?? networkInterface.AvailabilityZoneId;
  const id = zoneId ?? name ?? '';
  if (/-wlz-?[0-9]+$/.test(id)) return { type: 'wavelength', id };
  const local =
    /^[a-z]+[0-9]+-[a-z]+[0-9]+-az[0-9]+$/.test(id) || /-[0-9]+-[a-z]+-[0-9]+[a-z]$/.test(name ?? '');
  return local ? { type: 'localzone', id } : undefined;
}

function tagRecord(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])),
  );
}
