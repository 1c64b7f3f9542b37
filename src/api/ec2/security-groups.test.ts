import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
let VpcId: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  VpcId = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
});
afterAll(() => ec2.close());

const create = async (GroupName = 'web', more: object = {}): Promise<string> =>
  (await ec2.run('CreateSecurityGroup', { GroupName, Description: 'd', VpcId, ...more })).GroupId;
const described = async (GroupId: string) =>
  (await ec2.run('DescribeSecurityGroups', { GroupIds: [GroupId] })).SecurityGroups[0];
const tcp = (port: number, CidrIp = '10.0.0.0/8') => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
});
const ingress = (GroupId: string, ...IpPermissions: object[]) =>
  ec2.run('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions });
const rulesOf = async (GroupId: string) =>
  (await ec2.run('DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: [GroupId] }] }))
    .SecurityGroupRules;
const noGroup = 'sg-0123456789abcdef0';

describe('CreateSecurityGroup', () => {
  it('makes a group that lets everything out', async () => {
    const answer = await ec2.run('CreateSecurityGroup', {
      GroupName: 'web',
      Description: 'web servers',
      VpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    const GroupId: string = answer.GroupId;
    expect(answer).toEqual({
      GroupId: expect.stringMatching(/^sg-[0-9a-f]{17}$/),
      SecurityGroupArn: `arn:aws:ec2:us-east-1:123456789012:security-group/${GroupId}`,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    const none = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] };
    expect(await described(GroupId)).toMatchObject({
      GroupName: 'web',
      Description: 'web servers',
      VpcId,
      OwnerId: '123456789012',
      IpPermissions: [],
      IpPermissionsEgress: [{ ...none, IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
  });

  it('lets IPv6 out as well where the VPC has it', async () => {
    const { Vpc } = await ec2.run('CreateVpc', {
      CidrBlock: '10.9.0.0/16',
      AmazonProvidedIpv6CidrBlock: true,
    });
    const [rule] = (await described(await create('web', { VpcId: Vpc.VpcId }))).IpPermissionsEgress;
    expect(rule.Ipv6Ranges).toEqual([{ CidrIpv6: '::/0' }]);
  });

  it.each([
    {
      GroupName: 'default',
      error: 'InvalidParameterValue: Cannot use reserved security group name: default',
    },
    {
      GroupName: 'sg-x',
      error:
        'InvalidParameterValue: Value (sg-x) for parameter GroupName is invalid. Group names may not be in the format sg-*.',
    },
    {
      GroupName: 'grün',
      error:
        'InvalidParameterValue: Value (grün) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.',
    },
    {
      GroupName: 'fine',
      VpcId: 'vpc-0123456789abcdef0',
      error: "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist",
    },
    { GroupName: 'fine', VpcId: undefined, error: 'VPCIdNotSpecified: No default VPC for this user' },
  ])('refuses $error', async ({ error, ...input }) => {
    expect(await ec2.refused('CreateSecurityGroup', { Description: 'd', VpcId, ...input })).toBe(error);
  });

  it('refuses a name that another group of the VPC has', async () => {
    await create();
    expect(await ec2.refused('CreateSecurityGroup', { GroupName: 'web', Description: 'd', VpcId })).toBe(
      `InvalidGroup.Duplicate: The security group 'web' already exists for VPC '${VpcId}'`,
    );
  });
});

describe('DeleteSecurityGroup', () => {
  it('takes the rules with it', async () => {
    const GroupId = await create();
    expect(await ec2.run('DeleteSecurityGroup', { GroupId })).toEqual({ Return: true, GroupId });
    expect(await rulesOf(GroupId)).toEqual([]);
    expect(await ec2.refused('DeleteSecurityGroup', { GroupId })).toBe(
      `InvalidGroup.NotFound: The security group '${GroupId}' does not exist`,
    );
  });

  it('refuses what is in use', async () => {
    const GroupId = await create();
    const other = await create('other');
    await ingress(other, { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] });
    expect(await ec2.refused('DeleteSecurityGroup', { GroupId })).toBe(
      `DependencyViolation: resource ${GroupId} has a dependent object`,
    );
  });

  it('refuses the default group, no id and no group', async () => {
    const { SecurityGroups } = await ec2.run('DescribeSecurityGroups', {
      Filters: [
        { Name: 'vpc-id', Values: [VpcId] },
        { Name: 'group-name', Values: ['default'] },
      ],
    });
    const [{ GroupId }] = SecurityGroups;
    expect(await ec2.refused('DeleteSecurityGroup', { GroupId })).toBe(
      `CannotDelete: the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
    );
    expect(await ec2.refused('DeleteSecurityGroup', { GroupId: 'web' })).toMatch(/^InvalidGroupId.Malformed/);
    expect(await ec2.refused('DeleteSecurityGroup', {})).toBe(
      'MissingParameter: The request must contain the parameter groupName or groupId',
    );
  });
});

describe('AuthorizeSecurityGroupIngress', () => {
  it('makes a rule for each peer, with canonical blocks', async () => {
    const GroupId = await create();
    const { SecurityGroupRules } = await ingress(GroupId, {
      ...tcp(22, '100.68.0.18/18'),
      Ipv6Ranges: [{ CidrIpv6: '2001:DB8:0::/32', Description: 'us' }],
      UserIdGroupPairs: [{ GroupId }],
    });
    expect(SecurityGroupRules).toMatchObject([
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv4: '100.68.0.0/18', IsEgress: false, GroupId },
      { CidrIpv6: '2001:db8::/32', Description: 'us' },
      { ReferencedGroupInfo: { GroupId, UserId: '123456789012' } },
    ]);
    expect(SecurityGroupRules[0].SecurityGroupRuleId).toMatch(/^sgr-[0-9a-f]{17}$/);
    expect((await described(GroupId)).IpPermissions).toHaveLength(1);
  });

  it('reads the members of one rule, and protocols by number', async () => {
    const GroupId = await create();
    await ec2.run('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpProtocol: '17',
      FromPort: 53,
      ToPort: 53,
      CidrIp: '10.0.0.1/32',
    });
    expect(await rulesOf(GroupId)).toContainEqual(
      expect.objectContaining({ IpProtocol: 'udp', FromPort: 53, CidrIpv4: '10.0.0.1/32' }),
    );
  });

  it.each([
    { first: tcp(22), text: '"peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW"' },
    {
      first: { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      text: '"peer: 0.0.0.0/0, ALL, ALLOW"',
    },
    {
      first: { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      text: '"peer: ::/0, ICMP, type: 8, code: ALL, ALLOW"',
    },
  ])('refuses what is there: $text', async ({ first, text }) => {
    const GroupId = await create();
    await ingress(GroupId, first);
    const sentence = `InvalidPermission.Duplicate: the specified rule ${text} already exists`;
    expect(
      await ec2.refused('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [tcp(9), first] }),
    ).toBe(sentence);
    expect(await rulesOf(GroupId)).toHaveLength(2);
  });

  it.each([
    { name: 'no permission', IpPermissions: [], error: 'MissingParameter' },
    {
      name: 'a rule twice',
      IpPermissions: [tcp(22), { ...tcp(22), IpProtocol: '6' }],
      error: 'InvalidParameterValue: The same permission must not appear multiple times',
    },
    { name: 'no peer', IpPermissions: [{ ...tcp(22), IpRanges: [] }], error: 'MissingParameter' },
    {
      name: 'no protocol',
      IpPermissions: [{ IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
      error: 'MissingParameter',
    },
    {
      name: 'an unknown protocol',
      IpPermissions: [{ ...tcp(22), IpProtocol: 'tpc' }],
      error: "InvalidParameterValue: Invalid value 'tpc' for IP protocol. Unknown protocol.",
    },
    {
      name: 'no ports',
      IpPermissions: [{ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
      error:
        "InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    },
    {
      name: 'a port out of range',
      IpPermissions: [tcp(70_000)],
      error: 'InvalidParameterValue: TCP/UDP port (70000) out of range',
    },
    {
      name: 'ports the wrong way round',
      IpPermissions: [{ ...tcp(443), ToPort: 80 }],
      error: 'InvalidParameterValue: Invalid TCP/UDP port range (443:80)',
    },
    {
      name: 'an ICMP type out of range',
      IpPermissions: [{ ...tcp(300), IpProtocol: 'icmp' }],
      error: 'InvalidParameterValue: ICMP type (300) out of range',
    },
    {
      name: 'no block',
      IpPermissions: [tcp(22, '10.0.0.1')],
      error: 'InvalidParameterValue: CIDR block 10.0.0.1 is malformed',
    },
    {
      name: 'a block of the other family',
      IpPermissions: [tcp(22, '::/0')],
      error: 'InvalidParameterValue: CIDR block ::/0 is malformed',
    },
    {
      name: 'an unknown group',
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: noGroup }] }],
      error: `InvalidGroup.NotFound: The security group '${noGroup}' does not exist`,
    },
    {
      name: 'an unknown prefix list',
      IpPermissions: [{ IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-0123456789abcdef0' }] }],
      error: "InvalidPrefixListID.NotFound: The prefix list ID 'pl-0123456789abcdef0' does not exist",
    },
    {
      name: 'a description that EC2 does not take',
      IpPermissions: [{ ...tcp(22), IpRanges: [{ CidrIp: '10.0.0.0/8', Description: '"quoted"' }] }],
      error: 'InvalidParameterValue: Invalid rule description.',
    },
  ])('refuses $name', async ({ IpPermissions, error }) => {
    const GroupId = await create();
    expect(await ec2.refused('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions })).toMatch(
      new RegExp(`^${error.replaceAll(/[()$*+.?[\\\]^{|}]/g, '\\$&')}`),
    );
  });

  it('refuses a group of another VPC', async () => {
    const other = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
    const GroupId = await create();
    const peer = await create('peer', { VpcId: other });
    const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: peer }] }];
    expect(await ec2.refused('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions })).toBe(
      'InvalidGroup.NotFound: You have specified two resources that belong to different networks.',
    );
  });

  it('refuses the 61st rule of a family', async () => {
    const GroupId = await create();
    await ingress(GroupId, ...Array.from({ length: 60 }, (_, i) => tcp(i + 1)));
    const ipv6 = { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
    await ingress(GroupId, ipv6);
    expect(await ec2.refused('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [tcp(99)] })).toBe(
      'RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.',
    );
  });
});

describe('RevokeSecurityGroupIngress', () => {
  it('takes rules by what they say and by their ids', async () => {
    const GroupId = await create();
    await ingress(GroupId, tcp(22), tcp(80));
    const answer = await ec2.run('RevokeSecurityGroupIngress', { GroupId, IpPermissions: [tcp(22)] });
    expect(answer).toMatchObject({ Return: true, RevokedSecurityGroupRules: [{ FromPort: 22 }] });
    const [rule] = (await rulesOf(GroupId)).filter(({ IsEgress }: { IsEgress: boolean }) => !IsEgress);
    await ec2.run('RevokeSecurityGroupIngress', {
      GroupId,
      SecurityGroupRuleIds: [rule.SecurityGroupRuleId],
    });
    expect((await described(GroupId)).IpPermissions).toEqual([]);
  });

  it('refuses rules that the group does not have, and revokes nothing', async () => {
    const GroupId = await create();
    await ingress(GroupId, tcp(22));
    const IpPermissions = [tcp(22), tcp(80)];
    expect(await ec2.refused('RevokeSecurityGroupIngress', { GroupId, IpPermissions })).toBe(
      'InvalidPermission.NotFound: The specified rule does not exist in this security group.',
    );
    expect((await described(GroupId)).IpPermissions).toHaveLength(1);
    const id = 'sgr-0123456789abcdef0';
    expect(await ec2.refused('RevokeSecurityGroupIngress', { GroupId, SecurityGroupRuleIds: [id] })).toBe(
      `InvalidSecurityGroupRuleId.NotFound: The security group rule ID '${id}' does not exist`,
    );
  });

  it('in the default VPC tells them in the answer', async () => {
    const elsewhere = ec2.at({ region: 'eu-west-1' });
    const { Vpc } = await elsewhere.run('CreateDefaultVpc');
    const { GroupId } = await elsewhere.run('CreateSecurityGroup', {
      GroupName: 'web',
      Description: 'd',
    });
    const [group] = (await elsewhere.run('DescribeSecurityGroups', { GroupNames: ['web'] })).SecurityGroups;
    expect(group).toMatchObject({ GroupId, VpcId: Vpc.VpcId });
    expect(
      await elsewhere.run('RevokeSecurityGroupIngress', { GroupName: 'web', IpPermissions: [tcp(80)] }),
    ).toMatchObject({ Return: true, UnknownIpPermissions: [tcp(80)] });
  });
});

describe('ModifySecurityGroupRules', () => {
  it('replaces what a rule says', async () => {
    const GroupId = await create();
    const [{ SecurityGroupRuleId }] = (await ingress(GroupId, tcp(22))).SecurityGroupRules;
    const SecurityGroupRule = { IpProtocol: 'udp', FromPort: 1, ToPort: 2, CidrIpv4: '10.1.0.0/16' };
    await ec2.run('ModifySecurityGroupRules', {
      GroupId,
      SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
    });
    const { SecurityGroupRules } = await ec2.run('DescribeSecurityGroupRules', {
      SecurityGroupRuleIds: [SecurityGroupRuleId],
    });
    expect(SecurityGroupRules).toMatchObject([{ ...SecurityGroupRule, IsEgress: false, GroupId }]);
  });

  it.each([
    {
      name: 'another kind of peer',
      SecurityGroupRule: { IpProtocol: '-1', CidrIpv6: '::/0' },
      error: /^InvalidParameterValue: The type of the source or destination of a rule cannot be changed\.$/,
    },
    {
      name: 'two peers',
      SecurityGroupRule: { IpProtocol: '-1', CidrIpv6: '::/0', CidrIpv4: '10.0.0.0/8' },
      error: /^InvalidParameterValue/,
    },
    {
      name: 'a rule that is there already',
      SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv4: '10.0.0.0/8' },
      error: /^InvalidPermission.Duplicate/,
    },
  ])('refuses $name', async ({ SecurityGroupRule, error }) => {
    const GroupId = await create();
    const [{ SecurityGroupRuleId }] = (await ingress(GroupId, tcp(22), tcp(80))).SecurityGroupRules;
    const SecurityGroupRules = [{ SecurityGroupRuleId, SecurityGroupRule }];
    expect(await ec2.refused('ModifySecurityGroupRules', { GroupId, SecurityGroupRules })).toMatch(error);
  });
});

describe('UpdateSecurityGroupRuleDescriptionsIngress', () => {
  it('sets and removes descriptions', async () => {
    const GroupId = await create();
    const [{ SecurityGroupRuleId }] = (await ingress(GroupId, tcp(22))).SecurityGroupRules;
    const descriptionNow = async () =>
      (await ec2.run('DescribeSecurityGroupRules', { SecurityGroupRuleIds: [SecurityGroupRuleId] }))
        .SecurityGroupRules[0].Description;
    const action = 'UpdateSecurityGroupRuleDescriptionsIngress';
    await ec2.run(action, {
      GroupId,
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'ssh' }],
    });
    expect(await descriptionNow()).toBe('ssh');
    const described = { ...tcp(22), IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'again' }] };
    await ec2.run(action, { GroupId, IpPermissions: [described] });
    expect(await descriptionNow()).toBe('again');
    await ec2.run(action, { GroupId, IpPermissions: [tcp(22)] });
    expect(await descriptionNow()).toBeUndefined();
    expect(await ec2.refused(action, { GroupId, IpPermissions: [tcp(80)] })).toMatch(
      /^InvalidPermission.NotFound/,
    );
  });
});

describe('DescribeSecurityGroups', () => {
  it.each([
    ['group-name', 'w?b'],
    ['description', 'd'],
    ['ip-permission.cidr', '10.0.0.0/8'],
    ['ip-permission.from-port', '22'],
    ['ip-permission.to-port', '22'],
    ['ip-permission.protocol', 'tcp'],
    ['egress.ip-permission.cidr', '0.0.0.0/0'],
    ['egress.ip-permission.protocol', '-1'],
    ['tag:a', 'b'],
    ['tag-key', 'a'],
  ])('finds by %s', async (Name, value) => {
    const GroupId = await create('web', {
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    await ingress(GroupId, tcp(22));
    const found = async (values: string[]) =>
      (
        await ec2.run('DescribeSecurityGroups', {
          Filters: [
            { Name, Values: values },
            { Name: 'vpc-id', Values: [VpcId] },
            { Name: 'group-id', Values: [GroupId] },
          ],
        })
      ).SecurityGroups.length;
    expect(await found([value])).toBe(1);
    expect(await found(['else'])).toBe(0);
  });

  it('refuses unknown filters and ids', async () => {
    expect(await ec2.refused('DescribeSecurityGroups', { Filters: [{ Name: 'x', Values: ['y'] }] })).toBe(
      "InvalidParameterValue: The filter 'x' is invalid",
    );
    expect(await ec2.refused('DescribeSecurityGroups', { GroupIds: [noGroup] })).toBe(
      `InvalidGroup.NotFound: The security group '${noGroup}' does not exist`,
    );
  });
});

describe('targets', () => {
  it('name the group with its VPC and tags, and the tags that are asked for', async () => {
    const GroupId = await create('web', {
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    expect(ec2.targets('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [tcp(22)] })).toEqual([
      {
        resource: `arn:aws:ec2:us-east-1:123456789012:security-group/${GroupId}`,
        keys: expect.objectContaining({
          'ec2:Vpc': `arn:aws:ec2:us-east-1:123456789012:vpc/${VpcId}`,
          'aws:ResourceTag/a': 'b',
        }),
      },
    ]);
  });
});
