import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { SubnetAccount } from './subnet-account.ts';

let account: SubnetAccount;
beforeAll(async () => {
  account = await SubnetAccount.open();
});
afterEach(() => account.clean());
afterAll(() => account.close());

async function create(GroupName = account.served.name('group')): Promise<string> {
  const { vpcId: VpcId, ec2 } = account;
  const input = { GroupName, Description: 'made by a test', VpcId };
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(input));
  account.later(() => ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
  return GroupId ?? '';
}

const ssh: IpPermission = {
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  IpRanges: [{ CidrIp: '203.0.113.7/24', Description: 'the office' }],
  Ipv6Ranges: [{ CidrIpv6: '2001:DB8::/32' }],
};

describe('security groups: serialization', () => {
  it('reads and writes every member of a permission', async () => {
    const { ec2 } = account;
    const GroupId = await create();
    const own = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, Description: 'each other' }] };
    const answer = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [ssh, own],
        TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'a', Value: 'b & <c>' }] }],
      }),
    );
    expect(answer.Return).toBe(true);
    expect(answer.SecurityGroupRules).toHaveLength(3);
    expect(answer.SecurityGroupRules?.[0]).toMatchObject({
      SecurityGroupRuleId: expect.stringMatching(/^sgr-[0-9a-f]{17}$/),
      GroupId,
      GroupOwnerId: account.served.accountId,
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      CidrIpv4: '203.0.113.0/24',
      Description: 'the office',
      Tags: [{ Key: 'a', Value: 'b & <c>' }],
    });
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    const permissions = SecurityGroups?.[0].IpPermissions ?? [];
    expect(permissions.find(({ IpProtocol }) => IpProtocol === 'tcp')).toEqual({
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      IpRanges: [{ CidrIp: '203.0.113.0/24', Description: 'the office' }],
      Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
      PrefixListIds: [],
      UserIdGroupPairs: [],
    });
    expect(permissions.find(({ IpProtocol }) => IpProtocol === '-1')).toEqual({
      IpProtocol: '-1',
      IpRanges: [],
      Ipv6Ranges: [],
      PrefixListIds: [],
      UserIdGroupPairs: [{ GroupId, UserId: account.served.accountId, Description: 'each other' }],
    });
  });

  it('finds rules of a group, and changes one', async () => {
    const { ec2 } = account;
    const GroupId = await create();
    const { SecurityGroupRules: [rule] = [] } = await ec2.send(
      new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [ssh] }),
    );
    const { SecurityGroupRuleId } = rule;
    const SecurityGroupRule = { IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIpv4: '10.0.0.0/8' };
    const SecurityGroupRules = [{ SecurityGroupRuleId, SecurityGroupRule }];
    await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules }));
    const found = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
    );
    expect(found.SecurityGroupRules).toHaveLength(3);
    expect(found.SecurityGroupRules).toContainEqual(
      expect.objectContaining({ ...SecurityGroupRule, SecurityGroupRuleId, IsEgress: true }),
    );
  });
});

describe('security groups: validation', () => {
  it.each([
    {
      name: 'an id that is none',
      input: { GroupId: 'group', IpPermissions: [ssh] },
      code: 'InvalidGroupId.Malformed',
    },
    {
      name: 'a group that is not there',
      input: { GroupId: 'sg-0123456789abcdef0', IpPermissions: [ssh] },
      code: 'InvalidGroup.NotFound',
    },
    { name: 'no group', input: { IpPermissions: [ssh] }, code: 'MissingParameter' },
  ])('refuses $name', async ({ input, code }) => {
    const refused = await refusal(account.ec2.send(new AuthorizeSecurityGroupIngressCommand(input)));
    expect(refused).toMatchObject({ code, status: 400 });
  });

  it.each([
    { permission: { ...ssh, FromPort: 23 }, sentence: 'Invalid TCP/UDP port range (23:22)' },
    { permission: { ...ssh, ToPort: 65_536 }, sentence: 'TCP/UDP port (65536) out of range' },
    {
      permission: { ...ssh, IpRanges: [{ CidrIp: '10.0.0.1' }] },
      sentence: 'CIDR block 10.0.0.1 is malformed',
    },
  ])('refuses $sentence', async ({ permission, sentence }) => {
    const GroupId = await create();
    const input = { GroupId, IpPermissions: [permission] };
    expect(await refusal(account.ec2.send(new AuthorizeSecurityGroupIngressCommand(input)))).toEqual({
      code: 'InvalidParameterValue',
      message: sentence,
      status: 400,
    });
  });
});

describe('security groups: behaviour', () => {
  it('refuses a rule twice, and a name twice', async () => {
    const { ec2, vpcId } = account;
    const name = account.served.name('group');
    const GroupId = await create(name);
    const authorize = () =>
      ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpProtocol: 'tcp',
          FromPort: 22,
          ToPort: 22,
          CidrIp: '0.0.0.0/0',
        }),
      );
    await authorize();
    expect(await refusal(authorize())).toEqual({
      code: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW" already exists',
      status: 400,
    });
    const again = new CreateSecurityGroupCommand({ GroupName: name, Description: 'd', VpcId: vpcId });
    expect(await refusal(ec2.send(again))).toMatchObject({
      code: 'InvalidGroup.Duplicate',
      message: `The security group '${name}' already exists for VPC '${vpcId}'`,
    });
  });

  it('revokes by permission, and tells that there is none', async () => {
    const { ec2 } = account;
    const GroupId = await create();
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh] }));
    const revoke = () => ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh] }));
    expect((await revoke()).Return).toBe(true);
    expect(await refusal(revoke())).toMatchObject({ code: 'InvalidPermission.NotFound' });
  });

  it('keeps a group that another one names', async () => {
    const { ec2 } = account;
    const GroupId = await create();
    const other = await create();
    const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: other, IpPermissions }));
    expect(await refusal(ec2.send(new DeleteSecurityGroupCommand({ GroupId })))).toMatchObject({
      code: 'DependencyViolation',
      message: `resource ${GroupId} has a dependent object`,
    });
    account.later(() => ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: other, IpPermissions })));
  });
});
