import type { NetworkInterface, Route } from '@aws-sdk/client-ec2';
import { type IpAddress, parsePrefix, prefixContains } from '../ip/index.ts';
import { definedMembers } from './defined-members.ts';
import { azIdOf, interfaceTypeName, regionOf } from './interface-facts.ts';
import type { InterfaceRegistry } from './interface-registry.ts';
import type { Network } from './network.ts';
import { networkIndex } from './network-index.ts';
import { vpcsByConnection } from './peered-vpcs.ts';
import { RouteLookup } from './route-lookup.ts';
import type { VpcAddresses } from './vpc-addresses.ts';

/** The network interface that gets what is sent, or sent what is received; what is not known is left out. */
export interface NextHop {
  readonly interfaceId?: string;
  readonly subnetId?: string;
  readonly azId?: string;
  readonly vpcId?: string;
  readonly interfaceType?: string;
}

export interface Path {
  /** The value of the `traffic-path` field, egress only. */
  readonly trafficPath?: number;
  readonly nextHop?: NextHop;
}

/** Values of the `traffic-path` field (VPC User Guide, "Flow log records"). */
const trafficPath = {
  sameVpc: 1,
  virtualPrivateGateway: 3,
  peeringInRegion: 4,
  peeringBetweenRegions: 5,
  localOrWavelengthZone: 6,
  gatewayEndpoint: 7,
  internetGateway: 8,
} as const;

const noPath: Path = {};
const sameVpc: Path = { trafficPath: trafficPath.sameVpc };
const mostRemembered = 65_536;
/** What is addressed to every host, or to the link, takes no route. */
const unrouted = ['224.0.0.0/4', '255.255.255.255/32', '169.254.0.0/16', 'ff00::/8', 'fe80::/10'].map(
  (text) => parsePrefix(text)!,
);

/** Which way packets go between an interface and a peer, by the route tables and by who owns the peer's address. */
export class PathFinder {
  readonly #network: Network;
  readonly #addresses: VpcAddresses;
  readonly #registry: InterfaceRegistry;
  readonly #region: string;
  readonly #routes: RouteLookup;
  readonly #connections: Map<string, Set<string>>;
  readonly #remembered = new Map<string, Path>();
  #rememberedJoins = 0;

  /** `region` is that of subnets that do not say theirs. */
  constructor(network: Network, addresses: VpcAddresses, registry: InterfaceRegistry, region: string) {
    this.#network = network;
    this.#addresses = addresses;
    this.#registry = registry;
    this.#region = region;
    this.#routes = new RouteLookup(network);
    this.#connections = vpcsByConnection(network);
  }

  /** The path between interface `index` and the peer's address; `direction` is 0 for ingress, 1 for egress. */
  pathTo(index: number, direction: 0 | 1, peer: IpAddress): Path {
    if (this.#rememberedJoins !== this.#addresses.joins) this.#forget();
    const key = `${index} ${direction} ${peer.family} ${peer.words.join()}`;
    const known = this.#remembered.get(key);
    if (known) return known;
    const path = direction === 1 ? this.#egress(index, peer) : this.#ingress(index, peer);
    if (this.#remembered.size >= mostRemembered)
      this.#remembered.delete(this.#remembered.keys().next().value!);
    this.#remembered.set(key, path);
    return path;
  }

  #forget(): void {
    this.#remembered.clear();
    this.#rememberedJoins = this.#addresses.joins;
  }

  #egress(index: number, peer: IpAddress): Path {
    const from = this.#registry.get(index);
    const owner = this.#ownerOf(index, peer);
    if (owner && owner.SubnetId === from.SubnetId) return this.#via(from, owner);
    if (isUnrouted(peer)) return noPath;
    const route = this.#routes.find(from.VpcId ?? '', from.SubnetId ?? '', peer);
    if (route === undefined) return owner && owner.VpcId === from.VpcId ? this.#via(from, owner) : noPath;
    return route.State === 'blackhole' ? noPath : this.#along(route, from, owner);
  }

  #along(route: Route, from: NetworkInterface, owner: NetworkInterface | undefined): Path {
    if (route.VpcPeeringConnectionId !== undefined)
      return this.#peering(route.VpcPeeringConnectionId, from, owner);
    const appliance = this.#appliance(route, from);
    if (appliance !== undefined) return appliance === 'unknown' ? sameVpc : this.#via(from, appliance);
    if (route.GatewayId === 'local')
      return owner && owner.VpcId === from.VpcId ? this.#via(from, owner) : sameVpc;
    const value = gatewayPath(route);
    return value === undefined ? noPath : { trafficPath: value };
  }

  /**
   * The interface in the VPC that the route leads to: a NAT gateway's, an instance's, a transit gateway's in the same
   * zone, a Gateway Load Balancer endpoint's. `unknown` when the route leads to one that the files do not show.
   */
  #appliance(route: Route, from: NetworkInterface): NetworkInterface | 'unknown' | undefined {
    const { NetworkInterfaceId, InstanceId, NatGatewayId, GatewayId, TransitGatewayId, CoreNetworkArn } =
      route;
    if (NetworkInterfaceId !== undefined) return this.#interfaceById(NetworkInterfaceId) ?? 'unknown';
    if (InstanceId !== undefined) return this.#primaryInterfaceOf(InstanceId) ?? 'unknown';
    if (NatGatewayId !== undefined) return this.#describedAs(from, NatGatewayId) ?? 'unknown';
    if (TransitGatewayId !== undefined || GatewayId?.startsWith('tgw-'))
      return this.#attachmentNear(from) ?? 'unknown';
    if (CoreNetworkArn !== undefined) return 'unknown';
    const loadBalancer = GatewayId?.startsWith('vpce-') && route.DestinationPrefixListId === undefined;
    return loadBalancer ? (this.#describedAs(from, GatewayId!) ?? 'unknown') : undefined;
  }

  /** Of a peered VPC that the files do not hold the Region is unknown, and so is the path. */
  #peering(connectionId: string, from: NetworkInterface, owner: NetworkInterface | undefined): Path {
    const other = [...(this.#connections.get(connectionId) ?? [])].find((vpcId) => vpcId !== from.VpcId);
    if (other === undefined) return noPath;
    const isNear = this.#regionOfVpc(other) === this.#regionOfInterface(from);
    if (!isNear) return { trafficPath: trafficPath.peeringBetweenRegions };
    const nextHop = owner?.VpcId === other ? this.#nextHop(from, owner) : undefined;
    return { trafficPath: trafficPath.peeringInRegion, ...(nextHop ? { nextHop } : {}) };
  }

  /**
   * Who sent it: the owner of the address, unless it is a transit gateway or Network Load Balancer, for which AWS
   * gives none, or in another Region; what comes back through a NAT gateway was sent by the gateway.
   */
  #ingress(index: number, peer: IpAddress): Path {
    const to = this.#registry.get(index);
    const sender = this.#ownerOf(index, peer) ?? this.#natGatewayTo(to, peer);
    if (!sender || this.#regionOfInterface(sender) !== this.#regionOfInterface(to)) return noPath;
    const type = interfaceTypeName(sender);
    if (type === 'transit_gateway' || type === 'network_load_balancer') return noPath;
    if (sender.VpcId !== to.VpcId && !this.#isPeered(to, sender)) return noPath;
    return { nextHop: this.#nextHop(to, sender) };
  }

  #natGatewayTo(to: NetworkInterface, peer: IpAddress): NetworkInterface | undefined {
    if (isUnrouted(peer)) return undefined;
    const route = this.#routes.find(to.VpcId ?? '', to.SubnetId ?? '', peer);
    const id = route?.State === 'blackhole' ? undefined : route?.NatGatewayId;
    return id === undefined ? undefined : this.#describedAs(to, id);
  }

  /** By a peering connection; through a transit gateway the sender is the gateway's attachment. */
  #isPeered(one: NetworkInterface, other: NetworkInterface): boolean {
    for (const [id, vpcIds] of this.#connections) {
      if (id.startsWith('pcx-') && vpcIds.has(one.VpcId ?? '') && vpcIds.has(other.VpcId ?? '')) return true;
    }
    return false;
  }

  #via(from: NetworkInterface, hop: NetworkInterface): Path {
    return { trafficPath: trafficPath.sameVpc, nextHop: this.#nextHop(from, hop) };
  }

  /** Of another account's interface only the zone is told. */
  #nextHop(from: NetworkInterface, hop: NetworkInterface): NextHop {
    const azId = azIdOf(hop, networkIndex(this.#network).subnets.get(hop.SubnetId ?? ''));
    if (hop.OwnerId !== from.OwnerId) return definedMembers({ azId });
    return definedMembers({
      interfaceId: hop.NetworkInterfaceId,
      subnetId: hop.SubnetId,
      azId,
      vpcId: hop.VpcId,
      interfaceType: interfaceTypeName(hop),
    });
  }

  #ownerOf(index: number, { family, words }: IpAddress): NetworkInterface | undefined {
    const owner = this.#addresses.findPeer(index, family, ...words);
    return owner < 0 ? undefined : this.#registry.get(owner);
  }

  #interfaceById(id: string): NetworkInterface | undefined {
    const index = this.#registry.indexOf(id);
    return index === undefined ? undefined : this.#registry.get(index);
  }

  #primaryInterfaceOf(instanceId: string): NetworkInterface | undefined {
    const interfaces = networkIndex(this.#network).interfacesByInstance.get(instanceId) ?? [];
    return interfaces.find(({ Attachment }) => Attachment?.DeviceIndex === 0) ?? interfaces[0];
  }

  /** AWS names the NAT gateway or endpoint in the description of the interface that it makes. */
  #describedAs(from: NetworkInterface, id: string): NetworkInterface | undefined {
    const found = this.#interfacesNear(from).filter(({ Description }) =>
      Description?.split(' ').includes(id),
    );
    return found.find(({ SubnetId }) => SubnetId === from.SubnetId) ?? found[0];
  }

  /** The only one in the zone: a description names the attachment, not the gateway. */
  #attachmentNear(from: NetworkInterface): NetworkInterface | undefined {
    const attachments = this.#interfacesNear(from).filter(
      (candidate) =>
        interfaceTypeName(candidate) === 'transit_gateway' && this.#zoneOf(candidate) === this.#zoneOf(from),
    );
    return attachments.length === 1 ? attachments[0] : undefined;
  }

  #interfacesNear(from: NetworkInterface): readonly NetworkInterface[] {
    return networkIndex(this.#network).interfacesByVpc.get(from.VpcId ?? '') ?? [];
  }

  #zoneOf(networkInterface: NetworkInterface): string | undefined {
    const subnet = networkIndex(this.#network).subnets.get(networkInterface.SubnetId ?? '');
    return subnet?.AvailabilityZoneId ?? subnet?.AvailabilityZone ?? networkInterface.AvailabilityZone;
  }

  #regionOfInterface(networkInterface: NetworkInterface): string {
    const subnet = networkIndex(this.#network).subnets.get(networkInterface.SubnetId ?? '');
    return regionOf(networkInterface, subnet) ?? this.#region;
  }

  #regionOfVpc(vpcId: string): string {
    const subnet = this.#network.subnets.find((candidate) => candidate.VpcId === vpcId);
    return regionOf(undefined, subnet) ?? this.#region;
  }
}

function isUnrouted({ family, words }: IpAddress): boolean {
  return unrouted.some((prefix) => prefixContains(prefix, family, ...words));
}

/** Gateways that have no network interface in the VPC. */
function gatewayPath(route: Route): number | undefined {
  if (route.LocalGatewayId !== undefined) return trafficPath.sameVpc;
  if (route.CarrierGatewayId !== undefined) return trafficPath.localOrWavelengthZone;
  if (route.EgressOnlyInternetGatewayId !== undefined) return trafficPath.internetGateway;
  const id = route.GatewayId ?? '';
  if (id.startsWith('igw-') || id.startsWith('eigw-')) return trafficPath.internetGateway;
  if (id.startsWith('vgw-')) return trafficPath.virtualPrivateGateway;
  if (id.startsWith('vpce-')) return trafficPath.gatewayEndpoint;
  if (id.startsWith('lgw-')) return trafficPath.sameVpc;
  return undefined;
}
