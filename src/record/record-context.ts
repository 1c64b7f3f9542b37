import type { IpAddress } from '../ip/index.ts';
import type { Direction } from '../policy/answer.ts';
import type { TrafficType } from './traffic-type.ts';

/** What the network description says about an interface. */
export interface InterfaceFacts {
  readonly accountId: string;
  readonly interfaceId: string;
  readonly vpcId?: string;
  readonly subnetId?: string;
  readonly instanceId?: string;
  readonly region?: string;
  readonly azId?: string;
  readonly sublocationType?: string;
  readonly sublocationId?: string;
  readonly interfaceType?: string;
  /** Signed 32-bit word. */
  readonly primaryIpv4?: number;
  readonly instanceTags: Readonly<Record<string, string>>;
  readonly interfaceTags: Readonly<Record<string, string>>;
}

/** How traffic leaves or came. */
export interface Path {
  readonly trafficPath?: number;
  readonly nextHop?: {
    readonly interfaceId?: string;
    readonly subnetId?: string;
    readonly azId?: string;
    readonly vpcId?: string;
    readonly interfaceType?: string;
  };
}

/** What records are made of besides the flows themselves. Interfaces go by their index in the registry. */
export interface RecordContext {
  /** The `decided-by` texts that the flows' cause words count. */
  readonly causes: readonly string[];
  facts(interfaceIndex: number): InterfaceFacts;
  /** Egress: the way to `peer`, the packet's destination; ingress: the way from `peer`, its source. */
  pathTo(interfaceIndex: number, direction: Direction, peer: IpAddress): Path;
  /** The AWS service that the address belongs to: see `loadIpRanges`. */
  awsService(address: IpAddress): string | undefined;
}

/** The first and second tag key of each resource type: `TagFieldSpecifications` of CreateFlowLogs. */
export interface TagKeys {
  readonly instance?: readonly string[];
  readonly 'network-interface'?: readonly string[];
}

export interface RecordOptions {
  /** ALL when absent. */
  readonly trafficType?: TrafficType;
  readonly tagKeys?: TagKeys;
}
