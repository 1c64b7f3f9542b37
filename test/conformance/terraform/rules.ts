import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateSecurityGroupCommand,
  DeleteNetworkAclCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  idOf,
  type Provider,
  type Replayed,
  type State,
  shownTags,
  shownTagsConfigured,
  single,
  tags,
  unlessGone,
} from './provider.ts';

const everything: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const everythingOfSix: IpPermission = { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
/** Written by the provider where the configuration says nothing. */
const description = 'Managed by Terraform';

const inline: IpPermission = {
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'inside' }],
};

async function findGroup({ ec2 }: Provider, id: string) {
  const asked = ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  const found = await unlessGone(asked, 'InvalidGroup.NotFound', 'InvalidGroupId.Malformed');
  return found?.SecurityGroups?.length ? single(found.SecurityGroups) : undefined;
}

export const securityGroup: Replayed = {
  type: 'aws_security_group',
  create: async (provider) => {
    const { ec2, name } = provider;
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: name,
        Description: description,
        VpcId: idOf(provider, 'aws_vpc'),
        TagSpecifications: [{ ResourceType: 'security-group', Tags: tags }],
      }),
    );
    if (!(await findGroup(provider, GroupId))) throw new Error('the group is not found');
    // What AWS allows by itself is taken away; for IPv6 it may never have been there.
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] }));
    await unlessGone(
      ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everythingOfSix] })),
      'InvalidPermission.NotFound',
    );
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [inline] }));
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] }));
    return GroupId;
  },
  read: async (provider, id) => {
    const group = await findGroup(provider, id);
    return (
      group && {
        name: group.GroupName,
        description: group.Description,
        vpc_id: group.VpcId,
        owner_id: typeof group.OwnerId,
        ingress: group.IpPermissions?.filter(({ FromPort }) => FromPort === 22).map(shownPermission),
        egress: group.IpPermissionsEgress?.map(shownPermission),
        tags: shownTags(group.Tags),
      }
    );
  },
  delete: async ({ ec2 }, id) => {
    await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [id] }] }));
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
  },
  configured: (provider) => ({
    name: provider.name,
    description,
    vpc_id: idOf(provider, 'aws_vpc'),
    owner_id: 'string',
    ingress: [shownPermission(inline)],
    egress: [shownPermission(everything)],
    tags: shownTagsConfigured,
  }),
};

/** An empty list and none are the same to Terraform. */
function shownPermission(permission: IpPermission): State {
  return {
    protocol: permission.IpProtocol,
    from_port: permission.FromPort ?? 0,
    to_port: permission.ToPort ?? 0,
    cidr_blocks: (permission.IpRanges ?? []).map(({ CidrIp, Description = '' }) => [CidrIp, Description]),
    ipv6_cidr_blocks: (permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
    prefix_list_ids: (permission.PrefixListIds ?? []).map(({ PrefixListId }) => PrefixListId),
    groups: (permission.UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId),
  };
}

const ofRule: IpPermission = {
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
  IpRanges: [{ CidrIp: '192.0.2.0/24' }],
};

/** Finds its rule in the group by what it allows; its id is the provider's own. */
export const securityGroupRule: Replayed = {
  type: 'aws_security_group_rule',
  create: async (provider) => {
    const GroupId = idOf(provider, 'aws_security_group');
    if (!(await findGroup(provider, GroupId))) throw new Error('the group is not found');
    await provider.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ofRule] }));
    return `sgrule-${GroupId}`;
  },
  read: async (provider) => {
    const group = await findGroup(provider, idOf(provider, 'aws_security_group'));
    const found = group?.IpPermissions?.find(({ FromPort }) => FromPort === ofRule.FromPort);
    return found && shownPermission(found);
  },
  delete: async (provider) => {
    const GroupId = idOf(provider, 'aws_security_group');
    await provider.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ofRule] }));
  },
  configured: () => shownPermission(ofRule),
};

export const ingressRule: Replayed = {
  type: 'aws_vpc_security_group_ingress_rule',
  create: async (provider) => {
    const { SecurityGroupRules } = await provider.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: idOf(provider, 'aws_security_group'),
        IpPermissions: [
          {
            IpProtocol: 'udp',
            FromPort: 53,
            ToPort: 53,
            UserIdGroupPairs: [{ GroupId: idOf(provider, 'aws_security_group') }],
          },
        ],
        TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: tags }],
      }),
    );
    return single(SecurityGroupRules).SecurityGroupRuleId ?? '';
  },
  read: async ({ ec2 }, id) => {
    const asked = ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }));
    const found = await unlessGone(asked, 'InvalidSecurityGroupRuleId.NotFound');
    if (!found?.SecurityGroupRules?.length) return undefined;
    const rule = single(found.SecurityGroupRules);
    return {
      security_group_id: rule.GroupId,
      is_egress: rule.IsEgress,
      ip_protocol: rule.IpProtocol,
      ports: [rule.FromPort, rule.ToPort],
      referenced_security_group_id: rule.ReferencedGroupInfo?.GroupId,
      description: rule.Description,
      tags: shownTags(rule.Tags),
    };
  },
  delete: async (provider, id) => {
    await provider.ec2.send(
      new RevokeSecurityGroupIngressCommand({
        GroupId: idOf(provider, 'aws_security_group'),
        SecurityGroupRuleIds: [id],
      }),
    );
  },
  configured: (provider) => ({
    security_group_id: idOf(provider, 'aws_security_group'),
    is_egress: false,
    ip_protocol: 'udp',
    ports: [53, 53],
    referenced_security_group_id: idOf(provider, 'aws_security_group'),
    description: undefined,
    tags: shownTagsConfigured,
  }),
};

const entries = [
  { RuleNumber: 100, Egress: true, Protocol: '-1', CidrBlock: '0.0.0.0/0', PortRange: { From: 0, To: 0 } },
  {
    RuleNumber: 200,
    Egress: false,
    Protocol: '6',
    CidrBlock: '10.0.0.0/8',
    PortRange: { From: 80, To: 443 },
  },
  {
    RuleNumber: 300,
    Egress: false,
    Protocol: '1',
    CidrBlock: '0.0.0.0/0',
    IcmpTypeCode: { Type: -1, Code: -1 },
    PortRange: { From: 0, To: 0 },
  },
] as const;

export const networkAcl: Replayed = {
  type: 'aws_network_acl',
  create: async (provider) => {
    const { ec2, name } = provider;
    const { NetworkAcl } = await ec2.send(
      new CreateNetworkAclCommand({
        ClientToken: name,
        VpcId: idOf(provider, 'aws_vpc'),
        TagSpecifications: [{ ResourceType: 'network-acl', Tags: tags }],
      }),
    );
    const NetworkAclId = NetworkAcl?.NetworkAclId ?? '';
    for (const entry of entries) {
      const allowed = { ...entry, NetworkAclId, RuleAction: 'allow' } as const;
      await ec2.send(new CreateNetworkAclEntryCommand(allowed));
    }
    await associate(provider, NetworkAclId);
    return NetworkAclId;
  },
  read: async ({ ec2 }, id) => {
    const asked = ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [id] }));
    const found = await unlessGone(asked, 'InvalidNetworkAclID.NotFound');
    if (!found?.NetworkAcls?.length) return undefined;
    const acl = single(found.NetworkAcls);
    const own = (acl.Entries ?? []).filter(({ RuleNumber = 0 }) => RuleNumber < 32_767);
    return {
      vpc_id: acl.VpcId,
      owner_id: typeof acl.OwnerId,
      subnet_ids: acl.Associations?.map(({ SubnetId }) => SubnetId),
      entries: own
        .map((entry) => [
          entry.RuleNumber,
          entry.Egress,
          entry.Protocol,
          entry.CidrBlock,
          entry.PortRange?.From ?? 0,
          entry.PortRange?.To ?? 0,
          entry.IcmpTypeCode?.Type ?? 0,
          entry.RuleAction,
        ])
        .sort(([a], [b]) => Number(a) - Number(b)),
      tags: shownTags(acl.Tags),
    };
  },
  delete: async (provider, id) => {
    const { ec2 } = provider;
    const acls = await ec2.send(
      new DescribeNetworkAclsCommand({
        Filters: [
          { Name: 'default', Values: ['true'] },
          { Name: 'vpc-id', Values: [idOf(provider, 'aws_vpc')] },
        ],
      }),
    );
    await associate(provider, single(acls.NetworkAcls).NetworkAclId ?? '');
    await ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: id }));
  },
  configured: (provider) => ({
    vpc_id: idOf(provider, 'aws_vpc'),
    owner_id: 'string',
    subnet_ids: [idOf(provider, 'aws_subnet')],
    entries: [
      [100, true, '-1', '0.0.0.0/0', 0, 0, 0, 'allow'],
      [200, false, '6', '10.0.0.0/8', 80, 443, 0, 'allow'],
      [300, false, '1', '0.0.0.0/0', 0, 0, -1, 'allow'],
    ],
    tags: shownTagsConfigured,
  }),
};

/** Moves the subnet from the ACL that it has. */
async function associate(provider: Provider, NetworkAclId: string): Promise<void> {
  const subnetId = idOf(provider, 'aws_subnet');
  const { NetworkAcls } = await provider.ec2.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [subnetId] }] }),
  );
  const held = single(NetworkAcls).Associations?.find(({ SubnetId }) => SubnetId === subnetId);
  const { NewAssociationId = '' } = await provider.ec2.send(
    new ReplaceNetworkAclAssociationCommand({ AssociationId: held?.NetworkAclAssociationId, NetworkAclId }),
  );
  const { NetworkAcls: now } = await provider.ec2.send(
    new DescribeNetworkAclsCommand({
      Filters: [{ Name: 'association.association-id', Values: [NewAssociationId] }],
    }),
  );
  if (single(now).NetworkAclId !== NetworkAclId) throw new Error('the subnet has another ACL');
}
