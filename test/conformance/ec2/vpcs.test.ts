import { paginateDescribeVpcs } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal } from '../server.ts';
import { ServedNetwork } from './served-network.ts';

let account: ServedNetwork;
beforeAll(async () => {
  account = await ServedNetwork.open();
});
afterEach(() => account.removeMade());
afterAll(() => account.close());

const nobody = 'vpc-0123456789abcdef0';

describe('VPCs: serialization', () => {
  it('shows one as it was made, without members of our own', async () => {
    const { VpcId } = await account.vpc();
    const { Vpcs = [] } = await account.ec2.describeVpcs({ VpcIds: [VpcId] });
    expect(Vpcs).toHaveLength(1);
    expect(Vpcs[0]).toMatchObject({
      VpcId,
      CidrBlock: '10.0.0.0/16',
      State: 'available',
      IsDefault: false,
      InstanceTenancy: 'default',
      OwnerId: account.served.accountId,
    });
    expect(Object.keys(Vpcs[0]).filter((name) => !/^[A-Z]/.test(name))).toEqual([]);
  });

  it('has booleans as attributes', async () => {
    const { VpcId } = await account.vpc();
    const attribute = await account.ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsSupport' });
    expect(attribute).toMatchObject({ VpcId, EnableDnsSupport: { Value: true } });
    expect(attribute.EnableDnsHostnames).toBeUndefined();
  });
});

describe('VPCs: validation', () => {
  it.each([
    [
      'a block too large',
      { CidrBlock: '10.0.0.0/8' },
      'InvalidVpc.Range',
      "The CIDR '10.0.0.0/8' is invalid.",
    ],
    [
      'what is no block',
      { CidrBlock: 'x' },
      'InvalidParameterValue',
      'Value (x) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    ],
    ['no block', {}, 'MissingParameter', "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."],
  ])('CreateVpc: %s', async (_name, input, code, message) => {
    expect(await refusal(account.ec2.createVpc(input))).toEqual({ code, message, status: 400 });
  });

  it('DeleteVpc: nobody has it; none is named', async () => {
    expect(await refusal(account.ec2.deleteVpc({ VpcId: nobody }))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: `The vpc ID '${nobody}' does not exist`,
      status: 400,
    });
    expect(await refusal(account.ec2.deleteVpc({ VpcId: undefined }))).toMatchObject({
      code: 'MissingParameter',
    });
  });

  it('DescribeVpcs: filters and sizes of pages', async () => {
    const colour = account.ec2.describeVpcs({ Filters: [{ Name: 'colour', Values: ['red'] }] });
    expect(await refusal(colour)).toMatchObject({
      code: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
    expect(await refusal(account.ec2.describeVpcs({ MaxResults: 2 }))).toMatchObject({ status: 400 });
    expect(await refusal(account.ec2.describeVpcs({ NextToken: 'none' }))).toMatchObject({ status: 400 });
  });
});

describe('VPCs: behaviour', () => {
  it('makes what belongs to one, and takes it away', async () => {
    const { VpcId } = await account.vpc();
    const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
    const { RouteTables } = await account.ec2.describeRouteTables({ Filters });
    const { SecurityGroups } = await account.ec2.describeSecurityGroups({ Filters });
    const { NetworkAcls } = await account.ec2.describeNetworkAcls({ Filters });
    expect(RouteTables).toMatchObject([{ Associations: [{ Main: true }] }]);
    expect(SecurityGroups).toMatchObject([{ GroupName: 'default' }]);
    expect(NetworkAcls).toMatchObject([{ IsDefault: true }]);
    await account.ec2.deleteVpc({ VpcId });
    expect((await account.ec2.describeRouteTables({ Filters })).RouteTables).toEqual([]);
    expect((await account.ec2.describeSecurityGroups({ Filters })).SecurityGroups).toEqual([]);
    expect((await account.ec2.describeNetworkAcls({ Filters })).NetworkAcls).toEqual([]);
  });

  it('refuses to delete one in use', async () => {
    const { VpcId } = await account.vpc();
    await account.subnet(VpcId);
    expect(await refusal(account.ec2.deleteVpc({ VpcId }))).toEqual({
      code: 'DependencyViolation',
      message: `The vpc '${VpcId}' has dependencies and cannot be deleted.`,
      status: 400,
    });
  });

  it('gives further blocks', async () => {
    const { VpcId } = await account.vpc();
    const { CidrBlockAssociation } = await account.ec2.associateVpcCidrBlock({
      VpcId,
      CidrBlock: '10.1.0.0/16',
    });
    expect(CidrBlockAssociation?.CidrBlock).toBe('10.1.0.0/16');
    const { Ipv6CidrBlockAssociation } = await account.ec2.associateVpcCidrBlock({
      VpcId,
      AmazonProvidedIpv6CidrBlock: true,
    });
    expect(Ipv6CidrBlockAssociation?.AssociationId).toMatch(/^vpc-cidr-assoc-/);
  });

  it.skipIf(isRemote)('pages through all', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, () => account.vpc()));
    const seen: (string | undefined)[] = [];
    for await (const page of paginateDescribeVpcs({ client: account.ec2, pageSize: 5 }, {})) {
      expect(page.Vpcs?.length).toBeLessThanOrEqual(5);
      seen.push(...(page.Vpcs ?? []).map(({ VpcId }) => VpcId));
    }
    expect(seen.toSorted()).toEqual(made.map(({ VpcId }) => VpcId).sort());
  });

  it.skipIf(isRemote)('answers DryRun without doing anything', async () => {
    const asked = account.ec2.createVpc({ CidrBlock: '10.0.0.0/16', DryRun: true });
    expect(await refusal(asked)).toMatchObject({ code: 'DryRunOperation', status: 412 });
    expect((await account.ec2.describeVpcs({})).Vpcs).toEqual([]);
  });
});
