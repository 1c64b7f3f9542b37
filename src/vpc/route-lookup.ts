import type { Route, RouteTable } from '@aws-sdk/client-ec2';
import { type IpAddress, PrefixMap, parsePrefix } from '../ip/index.ts';
import type { Network } from './network.ts';
import { networkIndex, routeTableOf } from './network-index.ts';

/** Which route a subnet's packets take. Route tables are compiled when they are first asked. */
export class RouteLookup {
  readonly #network: Network;
  readonly #compiled = new Map<RouteTable | string, PrefixMap<Route>>();

  constructor(network: Network) {
    this.#network = network;
  }

  /**
   * The route of the longest prefix that holds the address, from the subnet's route table, else the VPC's main one.
   * The VPC's own CIDR blocks are local routes even where the files have no route table.
   */
  find(vpcId: string, subnetId: string, address: IpAddress): Route | undefined {
    const table = routeTableOf(this.#network, subnetId);
    const key = table ?? vpcId;
    let routes = this.#compiled.get(key);
    if (!routes) {
      routes = this.#compile(table, vpcId);
      this.#compiled.set(key, routes);
    }
    return routes.find(address);
  }

  /** Of equal prefixes a static route goes before a propagated one, and a CIDR block before a prefix list. */
  #compile(table: RouteTable | undefined, vpcId: string): PrefixMap<Route> {
    const map = new PrefixMap<Route>();
    const routes = [...(table?.Routes ?? [])].sort((a, b) => precedence(a) - precedence(b));
    for (const route of routes) {
      for (const cidr of this.#destinations(route)) {
        const prefix = parsePrefix(cidr);
        if (prefix) map.add(prefix, route);
      }
    }
    for (const cidr of this.#vpcBlocks(vpcId)) {
      const prefix = parsePrefix(cidr);
      if (prefix) map.add(prefix, { GatewayId: 'local' });
    }
    return map;
  }

  #destinations(route: Route): readonly string[] {
    const listId = route.DestinationPrefixListId;
    const cidr = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock;
    if (cidr !== undefined) return [cidr];
    return listId === undefined ? [] : (this.#network.prefixLists.get(listId) ?? []);
  }

  #vpcBlocks(vpcId: string): string[] {
    const vpc = networkIndex(this.#network).vpcs.get(vpcId);
    return [
      vpc?.CidrBlock,
      ...(vpc?.CidrBlockAssociationSet ?? []).map((association) => association.CidrBlock),
      ...(vpc?.Ipv6CidrBlockAssociationSet ?? []).map((association) => association.Ipv6CidrBlock),
    ].flatMap((cidr) => cidr ?? []);
  }
}

function precedence(route: Route): number {
  if (route.Origin === 'EnableVgwRoutePropagation') return 2;
  return route.DestinationPrefixListId === undefined ? 0 : 1;
}
