import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';
import { zonesOf } from './regions.ts';

let ec2: OpenedEc2;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

const identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };

describe('DescribeRegions', () => {
  it('lists all, and says where accounts opt in', async () => {
    const { Regions } = await ec2.run('DescribeRegions');
    expect(Regions.length).toBeGreaterThan(30);
    expect(Regions).toContainEqual({
      RegionName: 'eu-central-1',
      Endpoint: 'ec2.eu-central-1.amazonaws.com',
      OptInStatus: 'opt-in-not-required',
    });
    expect(Regions).toContainEqual(
      expect.objectContaining({ RegionName: 'me-south-1', OptInStatus: 'opted-in' }),
    );
  });

  it('finds by name and filter', async () => {
    const Filters = [{ Name: 'endpoint', Values: ['*us*'] }];
    const { Regions } = await ec2.run('DescribeRegions', {
      RegionNames: ['us-east-1', 'eu-west-1'],
      Filters,
    });
    expect(Regions).toMatchObject([{ RegionName: 'us-east-1' }]);
    expect(await ec2.refused('DescribeRegions', { RegionNames: ['mars-1'] })).toMatch(
      /^InvalidParameterValue: /,
    );
  });
});

describe('DescribeAvailabilityZones', () => {
  it.each([
    ['us-east-1', 'us-east-1a', 'use1-az1'],
    ['eu-central-1', 'eu-central-1a', 'euc1-az1'],
    ['ap-southeast-2', 'ap-southeast-2a', 'apse2-az1'],
    ['ap-northeast-1', 'ap-northeast-1a', 'apne1-az1'],
    ['us-gov-west-1', 'us-gov-west-1a', 'usgw1-az1'],
    ['sa-east-1', 'sa-east-1a', 'sae1-az1'],
  ])('names the zones of %s as AWS does', (region, ZoneName, ZoneId) => {
    const zones = zonesOf(region, identity);
    expect(zones).toHaveLength(3);
    expect(zones[0]).toMatchObject({ ZoneName, ZoneId, RegionName: region, State: 'available' });
  });

  it('has the zone of this host in the home Region', () => {
    const zones = zonesOf('us-east-1', { ...identity, azId: 'use1-az6' });
    expect(zones.at(-1)).toMatchObject({ ZoneName: 'us-east-1d', ZoneId: 'use1-az6' });
  });

  it('finds by name, id and filter', async () => {
    const idsOf = async (input: object) =>
      (await ec2.run('DescribeAvailabilityZones', input)).AvailabilityZones.map(
        ({ ZoneId }: { ZoneId: string }) => ZoneId,
      );
    expect(await idsOf({ ZoneNames: ['us-east-1b'] })).toEqual(['use1-az2']);
    expect(await idsOf({ ZoneIds: ['use1-az3'] })).toEqual(['use1-az3']);
    expect(await idsOf({ Filters: [{ Name: 'zone-name', Values: ['*c'] }] })).toEqual(['use1-az3']);
    expect(await ec2.refused('DescribeAvailabilityZones', { ZoneNames: ['us-east-1z'] })).toBe(
      'InvalidParameterValue: Invalid availability zone: [us-east-1z]',
    );
  });
});

describe('what there is none of', () => {
  it.each([
    ['DescribeInstanceTypes', { InstanceTypes: [] }],
    ['DescribeImages', { Images: [] }],
    ['DescribeVolumes', { Volumes: [] }],
    ['DescribeKeyPairs', { KeyPairs: [] }],
    ['DescribeVpcEndpoints', { VpcEndpoints: [] }],
    ['DescribeVpcPeeringConnections', { VpcPeeringConnections: [] }],
    ['DescribeTransitGateways', { TransitGateways: [] }],
    ['DescribeTransitGatewayAttachments', { TransitGatewayAttachments: [] }],
    ['DescribeVpcClassicLink', { Vpcs: [] }],
    ['DescribeIpamPools', { IpamPools: [] }],
  ])('%s lists nothing', async (action, expected) => {
    expect(await ec2.run(action)).toEqual(expected);
  });

  it.each([
    [
      'DescribeImages',
      { ImageIds: ['ami-1'] },
      "InvalidAMIID.NotFound: The image id '[ami-1]' does not exist",
    ],
    [
      'DescribeVpcEndpoints',
      { VpcEndpointIds: ['vpce-1'] },
      "InvalidVpcEndpointId.NotFound: The Vpc Endpoint Id 'vpce-1' does not exist",
    ],
    [
      'DescribeTransitGateways',
      { TransitGatewayIds: ['tgw-0123456789abcdef0'] },
      'InvalidTransitGatewayID.NotFound: Transit Gateway tgw-0123456789abcdef0 was deleted or does not exist.',
    ],
    [
      'DescribeDhcpOptions',
      { DhcpOptionsIds: ['dopt-0123456789abcdef0'] },
      "InvalidDhcpOptionID.NotFound: The dhcpOption ID 'dopt-0123456789abcdef0' does not exist",
    ],
  ])('%s does not know ids', async (action, input, expected) => {
    expect(await ec2.refused(action, input)).toBe(expected);
  });

  it('each Region has one set of DHCP options', async () => {
    const { DhcpOptions } = await ec2.run('DescribeDhcpOptions', {
      Filters: [{ Name: 'value', Values: ['Amazon*'] }],
    });
    const { Vpc } = await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' });
    expect(DhcpOptions).toHaveLength(1);
    expect(DhcpOptions[0].DhcpOptionsId).toBe(Vpc.DhcpOptionsId);
  });
});
