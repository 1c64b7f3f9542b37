import type { IpAddress } from '../ip/index.ts';
import type { Direction } from '../policy/answer.ts';
import type { InterfaceFacts } from '../vpc/interface-facts.ts';
import type { Path } from '../vpc/path-finder.ts';
import type { TrafficType } from './traffic-type.ts';

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
