import type {
  Address,
  EgressOnlyInternetGateway,
  Instance,
  InternetGateway,
  ManagedPrefixList,
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  PrefixListEntry,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  TransitGateway,
  TransitGatewayAttachment,
  Vpc,
} from '@aws-sdk/client-ec2';
import { type Kind, kind, type Stored } from '../resource/index.ts';

/** Members in small letters are ours: answers leave them out. */
export interface VpcResource extends Stored<Vpc> {
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  readonly enableNetworkAddressUsageMetrics: boolean;
  /** Nobody configured it: it stands for this host, or for the addresses of capture files. */
  readonly madeUp?: true;
}

export interface SubnetResource extends Stored<Subnet> {
  /** Nobody configured it, so no address of it is reserved; a prefix of devices goes with the last of them. */
  readonly madeUp?: true;
}

/** Its rules are resources of their own: `IpPermissions` is made of them. */
export type SecurityGroupResource = Omit<Stored<SecurityGroup>, 'IpPermissions' | 'IpPermissionsEgress'>;

export interface PrefixListResource extends Stored<ManagedPrefixList> {
  /** By version, the newest last. */
  readonly versions: readonly {
    readonly version: number;
    readonly entries: readonly Stored<PrefixListEntry>[];
  }[];
}

export interface NetworkInterfaceResource extends Stored<NetworkInterface> {
  /** The device of this host that it is; then it is also the tag `headgate:device`. */
  readonly device?: string;
}

/** Its network interfaces are resources of their own: `NetworkInterfaces` is made of them. */
export interface InstanceResource extends Omit<Stored<Instance>, 'NetworkInterfaces'> {
  /** Instances that were run together have one: `r-…`. */
  readonly reservationId?: string;
  readonly disableApiTermination?: boolean;
  readonly disableApiStop?: boolean;
  readonly instanceInitiatedShutdownBehavior?: 'stop' | 'terminate';
  readonly userData?: string;
  /** Epoch milliseconds: it is forgotten an hour later. */
  readonly terminatedMs?: number;
}

/** The network, at the place of its account and Region, by EC2's ids; addresses by their allocation id. */
export const vpcs: Kind<VpcResource> = kind('vpc');
export const subnets: Kind<SubnetResource> = kind('subnet');
export const networkInterfaces: Kind<NetworkInterfaceResource> = kind('network-interface');
export const securityGroups: Kind<SecurityGroupResource> = kind('security-group');
export const securityGroupRules: Kind<Stored<SecurityGroupRule>> = kind('security-group-rule');
export const networkAcls: Kind<Stored<NetworkAcl>> = kind('network-acl');
export const routeTables: Kind<Stored<RouteTable>> = kind('route-table');
export const internetGateways: Kind<Stored<InternetGateway>> = kind('internet-gateway');
export const egressOnlyInternetGateways: Kind<Stored<EgressOnlyInternetGateway>> = kind(
  'egress-only-internet-gateway',
);
export const natGateways: Kind<Stored<NatGateway>> = kind('nat-gateway');
export const addresses: Kind<Stored<Address>> = kind('elastic-ip');
export const prefixLists: Kind<PrefixListResource> = kind('prefix-list');
export const instances: Kind<InstanceResource> = kind('instance');
/** These are only ever loaded, never made. */
export const transitGateways: Kind<Stored<TransitGateway>> = kind('transit-gateway');
export const transitGatewayAttachments: Kind<Stored<TransitGatewayAttachment>> = kind(
  'transit-gateway-attachment',
);

const judged: ReadonlySet<string> = new Set(
  [
    vpcs,
    subnets,
    networkInterfaces,
    securityGroups,
    securityGroupRules,
    networkAcls,
    routeTables,
    prefixLists,
    instances,
  ].map(({ name }) => name),
);

/** Whether packets may be judged differently, or shown differently in records, when a resource of this kind changes. */
export function isNetworkKind(name: string): boolean {
  return judged.has(name);
}
