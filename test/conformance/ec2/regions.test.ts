import { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal } from '../server.ts';
import { ServedNetwork } from './served-network.ts';

let account: ServedNetwork;
beforeAll(async () => {
  account = await ServedNetwork.open();
});
afterAll(() => account.close());

describe('DescribeRegions', () => {
  it('serialization', async () => {
    const { Regions } = await account.ec2.describeRegions({ RegionNames: ['eu-west-1'] });
    expect(Regions).toMatchObject([
      {
        RegionName: 'eu-west-1',
        Endpoint: 'ec2.eu-west-1.amazonaws.com',
        OptInStatus: 'opt-in-not-required',
      },
    ]);
  });

  it('validation', async () => {
    expect(await refusal(account.ec2.describeRegions({ RegionNames: ['mars-1'] }))).toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it.skipIf(isRemote)('behaviour: each works, is its own, and has zones', async () => {
    const { VpcId } = await account.vpc();
    const { Regions = [] } = await account.ec2.describeRegions({ AllRegions: true });
    for (const { RegionName = '' } of Regions) {
      const there = new EC2(account.served.client(undefined, { region: RegionName }));
      const { Vpcs } = await there.describeVpcs({});
      expect(
        Vpcs?.map((vpc) => vpc.VpcId),
        RegionName,
      ).toEqual(RegionName === account.served.region ? [VpcId] : []);
      const { AvailabilityZones } = await there.describeAvailabilityZones({});
      expect(AvailabilityZones?.[0]).toMatchObject({ ZoneName: `${RegionName}a`, State: 'available' });
      there.destroy();
    }
  });
});

it('DescribeAccountAttributes: serialization', async () => {
  const { AccountAttributes } = await account.ec2.describeAccountAttributes({
    AttributeNames: ['supported-platforms'],
  });
  expect(AccountAttributes).toEqual([
    { AttributeName: 'supported-platforms', AttributeValues: [{ AttributeValue: 'VPC' }] },
  ]);
});

it.skipIf(isRemote)('what there is none of: empty lists', async () => {
  expect((await account.ec2.describeInstanceTypes({})).InstanceTypes).toEqual([]);
  expect((await account.ec2.describeImages({ Owners: ['self'] })).Images).toEqual([]);
  expect((await account.ec2.describeKeyPairs({})).KeyPairs).toEqual([]);
  expect((await account.ec2.describeVolumes({})).Volumes).toEqual([]);
  expect((await account.ec2.describeVpcEndpoints({})).VpcEndpoints).toEqual([]);
  expect((await account.ec2.describeTransitGateways({})).TransitGateways).toEqual([]);
});
