import type { Kind } from './references.ts';

/** A file of a described network. */
export interface NetworkFile {
  /** Headgate's name first, then the AWS CLI's. */
  readonly names: readonly [string, string];
  /** The subcommand of `aws ec2` that prints it. */
  readonly command: string;
  /** The list at the top of it, and the list inside each of its elements where the parts are one level down. */
  readonly key: string;
  readonly within?: string;
  readonly required: boolean;
  readonly kind: Kind;
}

export type NetworkPart =
  | 'vpcs'
  | 'subnets'
  | 'networkInterfaces'
  | 'securityGroups'
  | 'networkAcls'
  | 'routeTables'
  | 'securityGroupRules'
  | 'instances';

/** The files of a described network, by what they hold. */
export const networkFiles: Readonly<Record<NetworkPart, NetworkFile>> = {
  vpcs: networkFile('Vpcs', 'describe-vpcs', true, 'VPC'),
  subnets: networkFile('Subnets', 'describe-subnets', true, 'subnet'),
  networkInterfaces: networkFile(
    'NetworkInterfaces',
    'describe-network-interfaces',
    true,
    'network interface',
  ),
  securityGroups: networkFile('SecurityGroups', 'describe-security-groups', true, 'security group'),
  networkAcls: networkFile('NetworkAcls', 'describe-network-acls', true, 'network ACL'),
  routeTables: networkFile('RouteTables', 'describe-route-tables', false, 'route table'),
  securityGroupRules: networkFile(
    'SecurityGroupRules',
    'describe-security-group-rules',
    false,
    'security group rule',
  ),
  instances: {
    names: ['Instances.json', 'describe-instances.json'],
    command: 'describe-instances',
    key: 'Reservations',
    within: 'Instances',
    required: false,
    kind: 'instance',
  },
};

/** Folders of `<pl-id>.json`, each what `aws ec2 get-managed-prefix-list-entries` prints. */
export const prefixListFolders = ['ManagedPrefixListEntries', 'get-managed-prefix-list-entries'] as const;

function networkFile(key: string, command: string, required: boolean, kind: Kind): NetworkFile {
  return { names: [`${key}.json`, `${command}.json`], command, key, required, kind };
}
