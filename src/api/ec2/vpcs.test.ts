import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

const inVpc = (vpcId: string) => ({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] });
const newVpc = async (input: object = {}) =>
  (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16', ...input })).Vpc;
const nobody = 'vpc-0123456789abcdef0';

describe('CreateVpc', () => {
  it('makes a VPC with a default group, a default network ACL and a main route table', async () => {
    const tags = [{ Key: 'Name', Value: 'one' }];
    const vpc = await newVpc({ TagSpecifications: [{ ResourceType: 'vpc', Tags: tags }] });
    expect(vpc).toMatchObject({
      VpcId: expect.stringMatching(/^vpc-[0-9a-f]{17}$/),
      OwnerId: '123456789012',
      CidrBlock: '10.0.0.0/16',
      State: 'available',
      InstanceTenancy: 'default',
      IsDefault: false,
      DhcpOptionsId: expect.stringMatching(/^dopt-/),
      CidrBlockAssociationSet: [{ CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } }],
      Tags: tags,
    });
    const { RouteTables } = await ec2.run('DescribeRouteTables', inVpc(vpc.VpcId));
    expect(RouteTables).toMatchObject([
      {
        Associations: [{ Main: true }],
        Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' }],
      },
    ]);
    const { SecurityGroups } = await ec2.run('DescribeSecurityGroups', inVpc(vpc.VpcId));
    expect(SecurityGroups).toMatchObject([
      {
        GroupName: 'default',
        Description: 'default VPC security group',
        IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: SecurityGroups[0].GroupId }] }],
        IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      },
    ]);
    const { NetworkAcls } = await ec2.run('DescribeNetworkAcls', inVpc(vpc.VpcId));
    expect(NetworkAcls).toHaveLength(1);
    expect(NetworkAcls[0].Entries.map((entry: { RuleNumber: number }) => entry.RuleNumber)).toEqual([
      100, 32_767, 100, 32_767,
    ]);
  });

  it('gives each an IPv6 block of its own, with the rules that AWS adds', async () => {
    const one = await newVpc({ AmazonProvidedIpv6CidrBlock: true });
    const two = await newVpc({ AmazonProvidedIpv6CidrBlock: true });
    const blockOf = (vpc: { Ipv6CidrBlockAssociationSet: { Ipv6CidrBlock: string }[] }) =>
      vpc.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock;
    expect(blockOf(one)).toMatch(/^2001:db8:[0-9a-f:]+::\/56$/);
    expect(blockOf(two)).not.toBe(blockOf(one));
    const { NetworkAcls } = await ec2.run('DescribeNetworkAcls', inVpc(one.VpcId));
    const numbers = NetworkAcls[0].Entries.map((entry: { RuleNumber: number }) => entry.RuleNumber);
    expect(numbers.toSorted((a: number, b: number) => a - b)).toEqual([
      100, 100, 101, 101, 32_767, 32_767, 32_768, 32_768,
    ]);
    const { RouteTables } = await ec2.run('DescribeRouteTables', inVpc(one.VpcId));
    expect(RouteTables[0].Routes.at(-1)).toMatchObject({ DestinationIpv6CidrBlock: blockOf(one) });
  });

  it.each([
    ['cuts host bits', '10.1.2.3/16', '10.1.0.0/16'],
    ['takes the largest', '172.16.0.0/16', '172.16.0.0/16'],
    ['takes the smallest', '192.168.1.16/28', '192.168.1.16/28'],
  ])('%s', async (_name, CidrBlock, expected) => {
    expect((await newVpc({ CidrBlock })).CidrBlock).toBe(expected);
  });

  it.each([
    [
      'no block',
      { CidrBlock: undefined },
      "MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
    ],
    [
      'what is no block',
      { CidrBlock: '10.0.0.0' },
      'InvalidParameterValue: Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    ],
    [
      'an IPv6 block',
      { CidrBlock: '2001:db8::/56' },
      'InvalidParameterValue: Value (2001:db8::/56) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    ],
    [
      'a block too large',
      { CidrBlock: '10.0.0.0/15' },
      "InvalidVpc.Range: The CIDR '10.0.0.0/15' is invalid.",
    ],
    [
      'a block too small',
      { CidrBlock: '10.0.0.0/29' },
      "InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid.",
    ],
    [
      'tenancy host',
      { InstanceTenancy: 'host' },
      'UnsupportedTenancy: The tenancy value host is not supported.',
    ],
    [
      'tags of another type',
      { TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'a', Value: 'b' }] }] },
      "InvalidParameterValue: 'subnet' is not a valid taggable resource type for this operation.",
    ],
    [
      'a pool',
      { Ipv4IpamPoolId: 'ipam-pool-1' },
      "InvalidIpamPoolId.NotFound: The IPAM pool ID 'ipam-pool-1' does not exist",
    ],
  ])('refuses %s, and leaves nothing', async (_name, input, expected) => {
    const before = (await ec2.run('DescribeVpcs')).Vpcs.length;
    expect(await ec2.refused('CreateVpc', { CidrBlock: '10.0.0.0/16', ...input })).toBe(expected);
    expect((await ec2.run('DescribeVpcs')).Vpcs).toHaveLength(before);
  });

  it('asks IAM for the VPC, and for its tags', async () => {
    const Tags = [{ Key: 'team', Value: 'net' }];
    const keys = {
      'ec2:Region': 'us-east-1',
      'ec2:Tenancy': 'default',
      'aws:RequestTag/team': 'net',
      'aws:TagKeys': ['team'],
    };
    const resource = 'arn:aws:ec2:us-east-1:123456789012:vpc/*';
    expect(ec2.targets('CreateVpc', { TagSpecifications: [{ ResourceType: 'vpc', Tags }] })).toEqual([
      { resource, keys },
      { resource, action: 'ec2:CreateTags', keys: { ...keys, 'ec2:CreateAction': 'CreateVpc' } },
    ]);
  });
});

describe('DeleteVpc', () => {
  it('takes away what was made with it', async () => {
    const { VpcId } = await newVpc();
    expect(await ec2.run('DeleteVpc', { VpcId })).toEqual({});
    expect(await ec2.refused('DescribeVpcs', { VpcIds: [VpcId] })).toBe(
      `InvalidVpcID.NotFound: The vpc ID '${VpcId}' does not exist`,
    );
    for (const [action, list] of [
      ['DescribeSecurityGroups', 'SecurityGroups'],
      ['DescribeNetworkAcls', 'NetworkAcls'],
      ['DescribeRouteTables', 'RouteTables'],
    ]) {
      expect((await ec2.run(action, inVpc(VpcId)))[list], action).toEqual([]);
    }
  });

  it.each([
    ['a subnet', (VpcId: string) => ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' })],
    ['a route table', (VpcId: string) => ec2.run('CreateRouteTable', { VpcId })],
    ['an egress-only gateway', (VpcId: string) => ec2.run('CreateEgressOnlyInternetGateway', { VpcId })],
    [
      'an internet gateway',
      async (VpcId: string) => {
        const { InternetGateway } = await ec2.run('CreateInternetGateway');
        await ec2.run('AttachInternetGateway', {
          VpcId,
          InternetGatewayId: InternetGateway.InternetGatewayId,
        });
      },
    ],
    ['a network ACL', (VpcId: string) => ec2.run('CreateNetworkAcl', { VpcId })],
    [
      'a security group',
      (VpcId: string) => ec2.run('CreateSecurityGroup', { VpcId, GroupName: 'g', Description: 'd' }),
    ],
  ])('refuses while there is %s', async (_name, make) => {
    const { VpcId } = await newVpc();
    await make(VpcId);
    expect(await ec2.refused('DeleteVpc', { VpcId })).toBe(
      `DependencyViolation: The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    );
    expect((await ec2.run('DescribeSecurityGroups', inVpc(VpcId))).SecurityGroups).not.toEqual([]);
  });

  it.each([
    ['nobody has', nobody, `InvalidVpcID.NotFound: The vpc ID '${nobody}' does not exist`],
    ['are none', 'my-vpc', 'InvalidVpcID.Malformed: Invalid id: "my-vpc" (expecting "vpc-...")'],
  ])('refuses ids that %s', async (_name, VpcId, expected) => {
    expect(await ec2.refused('DeleteVpc', { VpcId })).toBe(expected);
  });
});

describe('DescribeVpcs', () => {
  it('names all ids that nobody has', async () => {
    const { VpcId } = await newVpc();
    const other = 'vpc-0123456789abcdef1';
    expect(await ec2.refused('DescribeVpcs', { VpcIds: [nobody, VpcId, other] })).toBe(
      `InvalidVpcID.NotFound: The vpc IDs '${nobody}, ${other}' do not exist`,
    );
  });

  it('refuses ids with MaxResults', async () => {
    expect(await ec2.refused('DescribeVpcs', { VpcIds: [nobody], MaxResults: 5 })).toBe(
      'InvalidParameterCombination: The parameter vpcSet cannot be used with the parameter maxResults',
    );
  });

  it('pages through all, each once, with tokens that are good for the same filters only', async () => {
    const all = (await ec2.run('DescribeVpcs')).Vpcs.map(({ VpcId }: { VpcId: string }) => VpcId);
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ec2.run('DescribeVpcs', { MaxResults: 5, ...(NextToken ? { NextToken } : {}) });
      expect(page.Vpcs.length).toBeLessThanOrEqual(5);
      seen.push(...page.Vpcs.map(({ VpcId }: { VpcId: string }) => VpcId));
      NextToken = page.NextToken ?? undefined;
    } while (NextToken);
    expect(seen).toEqual(all);
    const first = await ec2.run('DescribeVpcs', { MaxResults: 5 });
    const filtered = { Filters: [{ Name: 'state', Values: ['available'] }], NextToken: first.NextToken };
    expect(await ec2.refused('DescribeVpcs', filtered)).toMatch(/^InvalidNextToken: /);
  });

  it.each([
    ['cidr', '10.77.*'],
    ['cidr-block-association.cidr-block', '10.77.0.0/1?'],
    ['cidr-block-association.state', 'associated'],
    ['is-default', 'false'],
    ['owner-id', '123456789012'],
    ['state', 'available'],
    ['dhcp-options-id', 'dopt-*'],
    ['tag:Name', 'filtered'],
    ['tag-key', 'Na*'],
    ['tag-value', 'filtered'],
  ])('filters by %s', async (Name, value) => {
    const specification = { ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'filtered' }] };
    const { VpcId } = await newVpc({ CidrBlock: '10.77.0.0/16', TagSpecifications: [specification] });
    const both = [
      { Name: 'vpc-id', Values: [VpcId] },
      { Name, Values: [value] },
    ];
    expect((await ec2.run('DescribeVpcs', { Filters: both })).Vpcs).toHaveLength(1);
    both[1].Values = ['something else'];
    expect((await ec2.run('DescribeVpcs', { Filters: both })).Vpcs).toEqual([]);
  });

  it('refuses filters that it does not know', async () => {
    expect(await ec2.refused('DescribeVpcs', { Filters: [{ Name: 'colour', Values: ['red'] }] })).toBe(
      "InvalidParameterValue: The filter 'colour' is invalid",
    );
  });

  it('keeps accounts and Regions apart', async () => {
    expect((await ec2.at({ region: 'eu-west-1' }).run('DescribeVpcs')).Vpcs).toEqual([]);
    expect((await ec2.at({ accountId: '210987654321' }).run('DescribeVpcs')).Vpcs).toEqual([]);
  });
});

describe('DescribeVpcAttribute and ModifyVpcAttribute', () => {
  it('have the defaults of AWS, and change one attribute', async () => {
    const { VpcId } = await newVpc();
    const attribute = (Attribute: string) => ec2.run('DescribeVpcAttribute', { VpcId, Attribute });
    expect(await attribute('enableDnsSupport')).toEqual({ VpcId, EnableDnsSupport: { Value: true } });
    expect(await attribute('enableDnsHostnames')).toEqual({ VpcId, EnableDnsHostnames: { Value: false } });
    await ec2.run('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
    expect(await attribute('enableDnsHostnames')).toEqual({ VpcId, EnableDnsHostnames: { Value: true } });
    expect(
      await ec2.refused('ModifyVpcAttribute', {
        VpcId,
        EnableDnsHostnames: { Value: true },
        EnableDnsSupport: { Value: true },
      }),
    ).toMatch(/^InvalidParameterCombination: /);
    expect(await ec2.refused('DescribeVpcAttribute', { VpcId, Attribute: 'colour' })).toBe(
      'InvalidParameterValue: Value (colour) for parameter attribute is invalid. Unknown attribute.',
    );
  });
});

describe('AssociateVpcCidrBlock and DisassociateVpcCidrBlock', () => {
  it('give further blocks, local in every route table, and take them back', async () => {
    const { VpcId } = await newVpc();
    await ec2.run('CreateRouteTable', { VpcId });
    const { CidrBlockAssociation } = await ec2.run('AssociateVpcCidrBlock', {
      VpcId,
      CidrBlock: '10.2.0.0/16',
    });
    expect(CidrBlockAssociation).toMatchObject({
      CidrBlock: '10.2.0.0/16',
      CidrBlockState: { State: 'associated' },
    });
    const routesOf = async () => {
      const { RouteTables } = await ec2.run('DescribeRouteTables', inVpc(VpcId));
      return RouteTables.map(({ Routes }: { Routes: { DestinationCidrBlock: string }[] }) =>
        Routes.map(({ DestinationCidrBlock }) => DestinationCidrBlock),
      );
    };
    expect(await routesOf()).toEqual([
      ['10.0.0.0/16', '10.2.0.0/16'],
      ['10.0.0.0/16', '10.2.0.0/16'],
    ]);
    const AssociationId = CidrBlockAssociation.AssociationId;
    const { Subnet } = await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.2.1.0/24' });
    expect(await ec2.refused('DisassociateVpcCidrBlock', { AssociationId })).toMatch(
      /^DependencyViolation: /,
    );
    await ec2.run('DeleteSubnet', { SubnetId: Subnet.SubnetId });
    await ec2.run('DisassociateVpcCidrBlock', { AssociationId });
    expect(await routesOf()).toEqual([['10.0.0.0/16'], ['10.0.0.0/16']]);
  });

  it('keep the first block', async () => {
    const { CidrBlockAssociationSet } = await newVpc();
    const { AssociationId } = CidrBlockAssociationSet[0];
    expect(await ec2.refused('DisassociateVpcCidrBlock', { AssociationId })).toBe(
      `OperationNotPermitted: The vpc CIDR block with association ID ${AssociationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
    );
    expect(await ec2.refused('DisassociateVpcCidrBlock', { AssociationId: 'vpc-cidr-assoc-1' })).toMatch(
      /^InvalidVpcCidrBlockAssociationID\.NotFound: /,
    );
  });

  it.each([
    ['overlap', '10.0.128.0/20', /^CidrConflict: /],
    [
      'are of another private range',
      '192.168.0.0/16',
      /^InvalidVpc\.Range: The CIDR '192.168.0.0\/16' is restricted\./,
    ],
    ['are too large', '10.0.0.0/8', /^InvalidVpc\.Range: /],
  ])('refuse blocks that %s', async (_name, CidrBlock, expected) => {
    const { VpcId } = await newVpc();
    expect(await ec2.refused('AssociateVpcCidrBlock', { VpcId, CidrBlock })).toMatch(expected);
  });

  it('refuse a block that takes in where a route leads', async () => {
    const { VpcId } = await newVpc();
    const { RouteTableId } = (await ec2.run('CreateRouteTable', { VpcId })).RouteTable;
    const { InternetGatewayId: GatewayId } = (await ec2.run('CreateInternetGateway')).InternetGateway;
    await ec2.run('AttachInternetGateway', { InternetGatewayId: GatewayId, VpcId });
    await ec2.run('CreateRoute', { RouteTableId, DestinationCidrBlock: '10.1.0.0/20', GatewayId });
    for (const CidrBlock of ['10.1.0.0/16', '10.1.0.0/20']) {
      expect(await ec2.refused('AssociateVpcCidrBlock', { VpcId, CidrBlock })).toMatch(/^CidrConflict: /);
    }
    await ec2.run('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.1.0.0/24' });
  });

  it('refuse a sixth block', async () => {
    const { VpcId } = await newVpc();
    for (const number of [1, 2, 3, 4]) {
      await ec2.run('AssociateVpcCidrBlock', { VpcId, CidrBlock: `10.${number}.0.0/16` });
    }
    expect(await ec2.refused('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.5.0.0/16' })).toBe(
      `CidrLimitExceeded: This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`,
    );
  });

  it('give IPv6 to a VPC that had none', async () => {
    const { VpcId } = await newVpc();
    const { Ipv6CidrBlockAssociation } = await ec2.run('AssociateVpcCidrBlock', {
      VpcId,
      AmazonProvidedIpv6CidrBlock: true,
    });
    expect(Ipv6CidrBlockAssociation.Ipv6CidrBlockState).toEqual({ State: 'associated' });
    const { SecurityGroups } = await ec2.run('DescribeSecurityGroups', inVpc(VpcId));
    expect(SecurityGroups[0].IpPermissionsEgress[0].Ipv6Ranges).toEqual([{ CidrIpv6: '::/0' }]);
    const { AssociationId } = Ipv6CidrBlockAssociation;
    await ec2.run('DisassociateVpcCidrBlock', { AssociationId });
    const { Vpcs } = await ec2.run('DescribeVpcs', { VpcIds: [VpcId] });
    expect(Vpcs[0].Ipv6CidrBlockAssociationSet).toEqual([]);
  });
});

describe('CreateDefaultVpc', () => {
  it('makes the VPC with a subnet for each zone, once', async () => {
    const elsewhere = ec2.at({ region: 'eu-central-1' });
    const { Vpc } = await elsewhere.run('CreateDefaultVpc');
    expect(Vpc).toMatchObject({ CidrBlock: '172.31.0.0/16', IsDefault: true });
    const { Subnets } = await elsewhere.run('DescribeSubnets');
    expect(
      Subnets.map(({ CidrBlock, AvailabilityZone }: Record<string, string>) => [AvailabilityZone, CidrBlock]),
    ).toEqual(
      expect.arrayContaining([
        ['eu-central-1a', '172.31.0.0/20'],
        ['eu-central-1b', '172.31.16.0/20'],
        ['eu-central-1c', '172.31.32.0/20'],
      ]),
    );
    const { AccountAttributes } = await elsewhere.run('DescribeAccountAttributes', {
      AttributeNames: ['default-vpc'],
    });
    expect(AccountAttributes[0].AttributeValues).toEqual([{ AttributeValue: Vpc.VpcId }]);
    expect(await elsewhere.refused('CreateDefaultVpc')).toBe(
      'DefaultVpcAlreadyExists: A Default VPC already exists for this account in this region.',
    );
  });
});
