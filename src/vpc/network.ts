import type {
  Instance,
  NetworkAcl,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Vpc,
} from '@aws-sdk/client-ec2';

/**
 * What the network is, in AWS's own shapes: what `aws ec2 describe-…` prints. It can be cloned to another thread.
 * Times in it are the text that the CLI prints, whatever the SDK's types say; nothing here reads them.
 */
export interface Network {
  /**
   * `described`: the user's own files. `made-up`: from the devices of this host or the addresses of a file; then no
   * address is reserved (router, Amazon DNS), because nobody configured a subnet.
   */
  readonly origin: 'described' | 'made-up';
  readonly vpcs: readonly Vpc[];
  readonly subnets: readonly Subnet[];
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly networkAcls: readonly NetworkAcl[];
  readonly routeTables: readonly RouteTable[];
  readonly securityGroupRules: readonly SecurityGroupRule[];
  readonly instances: readonly Instance[];
  /** CIDR texts by managed prefix list id. */
  readonly prefixLists: ReadonlyMap<string, readonly string[]>;
}

/** The account, Region and zone that made-up parts belong to. */
export interface Identity {
  readonly accountId: string;
  readonly region: string;
  readonly azId: string;
}
