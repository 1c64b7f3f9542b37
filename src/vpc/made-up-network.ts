import type {
  IpPermission,
  NetworkAcl,
  NetworkAclEntry,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Vpc,
} from '@aws-sdk/client-ec2';
import { formatPrefix, type Prefix } from '../ip/index.ts';
import { partitionOf } from './described-resource.ts';
import { madeUpId } from './made-up-id.ts';
import type { Identity, Network } from './network.ts';

/** A network that lets everything through, with the ids that its interfaces need. */
export interface MadeUpNetwork {
  readonly network: Network;
  readonly vpcId: string;
  readonly group: { readonly GroupId: string; readonly GroupName: string };
  /** By the text of the prefix. */
  readonly subnetIds: ReadonlyMap<string, string>;
}

const groupName = 'allow-all';

/**
 * One VPC with the prefixes as CIDR blocks, a subnet for each distinct one, an allow-all security group and an
 * allow-all network ACL. `naturalKey` names the VPC among those of the same account and Region.
 */
export function makeUpNetwork(
  naturalKey: string,
  prefixes: readonly Prefix[],
  identity: Identity,
): MadeUpNetwork {
  const vpcId = madeUpId('vpc', 'vpc', identity, naturalKey);
  const groupId = madeUpId('sg', 'security-group', identity, vpcId);
  const distinct = new Map(prefixes.map((prefix) => [formatPrefix(prefix), prefix]));
  const subnets = [...distinct.values()].map((prefix) => subnetOf(prefix, vpcId, identity));
  const network: Network = {
    origin: 'made-up',
    vpcs: [vpcOf([...distinct.values()], vpcId, identity)],
    subnets,
    networkInterfaces: [],
    securityGroups: [allowAllGroup(groupId, vpcId, identity)],
    networkAcls: [allowAllAcl(subnets, vpcId, identity)],
    routeTables: [],
    securityGroupRules: allowAllGroupRules(groupId, identity),
    instances: [],
    prefixLists: new Map(),
  };
  const subnetIds = new Map([...distinct.keys()].map((text, i) => [text, subnets[i].SubnetId!]));
  return { network, vpcId, group: { GroupId: groupId, GroupName: groupName }, subnetIds };
}

function vpcOf(prefixes: readonly Prefix[], vpcId: string, { accountId }: Identity): Vpc {
  const ipv4 = prefixes.filter((prefix) => prefix.family === 4).map(formatPrefix);
  const ipv6 = prefixes.filter((prefix) => prefix.family === 6).map(formatPrefix);
  return {
    VpcId: vpcId,
    OwnerId: accountId,
    State: 'available',
    IsDefault: false,
    ...(ipv4.length > 0 ? { CidrBlock: ipv4[0] } : {}),
    CidrBlockAssociationSet: ipv4.map((block) => ({
      CidrBlock: block,
      CidrBlockState: { State: 'associated' },
    })),
    Ipv6CidrBlockAssociationSet: ipv6.map((block) => ({
      Ipv6CidrBlock: block,
      Ipv6CidrBlockState: { State: 'associated' },
    })),
    Tags: [],
  };
}

function subnetOf(prefix: Prefix, vpcId: string, identity: Identity): Subnet {
  const { accountId, region, azId } = identity;
  const block = formatPrefix(prefix);
  const subnetId = madeUpId('subnet', 'subnet', identity, `${vpcId} ${block}`);
  const ipv6 = { Ipv6CidrBlock: block, Ipv6CidrBlockState: { State: 'associated' as const } };
  return {
    SubnetId: subnetId,
    SubnetArn: `arn:${partitionOf(region)}:ec2:${region}:${accountId}:subnet/${subnetId}`,
    VpcId: vpcId,
    OwnerId: accountId,
    State: 'available',
    AvailabilityZoneId: azId,
    ...(prefix.family === 4 ? { CidrBlock: block } : {}),
    Ipv6CidrBlockAssociationSet: prefix.family === 6 ? [ipv6] : [],
    Tags: [],
  };
}

function allowAllGroup(groupId: string, vpcId: string, { accountId }: Identity): SecurityGroup {
  const everything = (): IpPermission => ({
    IpProtocol: '-1',
    IpRanges: [{ CidrIp: '0.0.0.0/0' }],
    Ipv6Ranges: [{ CidrIpv6: '::/0' }],
    PrefixListIds: [],
    UserIdGroupPairs: [],
  });
  return {
    GroupId: groupId,
    GroupName: groupName,
    Description: 'Made up by Headgate: lets everything through',
    VpcId: vpcId,
    OwnerId: accountId,
    IpPermissions: [everything()],
    IpPermissionsEgress: [everything()],
    Tags: [],
  };
}

function allowAllGroupRules(groupId: string, identity: Identity): SecurityGroupRule[] {
  return [false, true].flatMap((isEgress) =>
    [{ CidrIpv4: '0.0.0.0/0' }, { CidrIpv6: '::/0' }].map((peer) => ({
      SecurityGroupRuleId: madeUpId('sgr', 'security-group-rule', identity, ruleKey(groupId, isEgress, peer)),
      GroupId: groupId,
      GroupOwnerId: identity.accountId,
      IsEgress: isEgress,
      IpProtocol: '-1',
      FromPort: -1,
      ToPort: -1,
      ...peer,
      Tags: [],
    })),
  );
}

function ruleKey(groupId: string, isEgress: boolean, peer: { CidrIpv4?: string; CidrIpv6?: string }): string {
  return `${groupId} ${isEgress ? 'egress' : 'ingress'} -1 ${peer.CidrIpv4 ?? peer.CidrIpv6}`;
}

/** Entries as AWS makes them for a default network ACL: 100 and 101 allow, the last two deny what is left. */
const aclEntries = [
  { RuleNumber: 100, RuleAction: 'allow', CidrBlock: '0.0.0.0/0' },
  { RuleNumber: 101, RuleAction: 'allow', Ipv6CidrBlock: '::/0' },
  { RuleNumber: 32_767, RuleAction: 'deny', CidrBlock: '0.0.0.0/0' },
  { RuleNumber: 32_768, RuleAction: 'deny', Ipv6CidrBlock: '::/0' },
] as const satisfies readonly NetworkAclEntry[];

function allowAllAcl(subnets: readonly Subnet[], vpcId: string, identity: Identity): NetworkAcl {
  const aclId = madeUpId('acl', 'network-acl', identity, vpcId);
  return {
    NetworkAclId: aclId,
    VpcId: vpcId,
    OwnerId: identity.accountId,
    IsDefault: true,
    Associations: subnets.map(({ SubnetId }) => ({
      NetworkAclAssociationId: madeUpId(
        'aclassoc',
        'network-acl-association',
        identity,
        `${aclId} ${SubnetId}`,
      ),
      NetworkAclId: aclId,
      SubnetId,
    })),
    Entries: [true, false].flatMap((egress) =>
      aclEntries.map((entry) => ({ ...entry, Egress: egress, Protocol: '-1' })),
    ),
    Tags: [],
  };
}
