import type { NetworkInterface, Subnet } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../test/network-folder.ts';
import { type InterfaceFacts, interfaceFacts, interfaceTypeName } from './interface-facts.ts';
import { InterfaceRegistry } from './interface-registry.ts';
import type { Identity } from './network.ts';

const identity: Identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };
const base: NetworkInterface = { NetworkInterfaceId: 'eni-1', VpcId: 'vpc-1', SubnetId: 'subnet-1' };

function factsOf(networkInterface: Partial<NetworkInterface>, subnet: Subnet = {}): InterfaceFacts {
  const network = networkOf({
    subnets: [{ SubnetId: 'subnet-1', ...subnet }],
    instances: [{ InstanceId: 'i-1', Tags: [{ Key: 'Name', Value: 'web' }, { Key: '__proto__' }] }],
  });
  const registry = new InterfaceRegistry();
  return interfaceFacts(registry.put({ ...base, ...networkInterface }), network, registry, identity);
}

describe('interfaceFacts', () => {
  it('leaves out what is unknown', () => {
    expect(factsOf({})).toStrictEqual({
      accountId: '123456789012',
      interfaceId: 'eni-1',
      vpcId: 'vpc-1',
      subnetId: 'subnet-1',
      region: 'us-east-1',
      instanceTags: {},
      interfaceTags: {},
    });
  });

  it('says all that is known', () => {
    const networkInterface: Partial<NetworkInterface> = {
      OwnerId: '111111111111',
      Attachment: { InstanceId: 'i-1', InstanceOwnerId: '111111111111' },
      PrivateIpAddress: '10.0.0.5',
      TagSet: [{ Key: 'team', Value: 'net' }],
    };
    const subnet = {
      SubnetArn: 'arn:aws:ec2:ap-southeast-2:111111111111:subnet/subnet-1',
      AvailabilityZoneId: 'apse2-az3',
    };
    expect(factsOf(networkInterface, subnet)).toStrictEqual({
      accountId: '111111111111',
      interfaceId: 'eni-1',
      vpcId: 'vpc-1',
      subnetId: 'subnet-1',
      instanceId: 'i-1',
      region: 'ap-southeast-2',
      azId: 'apse2-az3',
      primaryIpv4: 0x0a000005,
      instanceTags: Object.fromEntries([
        ['Name', 'web'],
        ['__proto__', ''],
      ]),
      interfaceTags: { team: 'net' },
    });
  });

  it.each([
    {
      name: 'a requester-managed interface',
      more: { RequesterManaged: true, Attachment: { InstanceId: 'i-1' } },
    },
    {
      name: "another account's instance",
      more: { OwnerId: '1', Attachment: { InstanceId: 'i-1', InstanceOwnerId: '2' } },
    },
    { name: 'no attachment', more: {} },
  ])('names no instance: $name', ({ more }) => {
    expect(factsOf(more)).not.toHaveProperty('instanceId');
  });

  it.each([
    {
      name: 'the ARN',
      subnet: { SubnetArn: 'arn:aws-cn:ec2:cn-north-1:1:subnet/subnet-1' },
      expected: 'cn-north-1',
    },
    { name: 'the zone', subnet: { AvailabilityZone: 'us-gov-west-1b' }, expected: 'us-gov-west-1' },
    { name: 'a Local Zone', subnet: { AvailabilityZone: 'us-west-2-lax-1a' }, expected: 'us-west-2' },
    { name: 'the identity', subnet: { AvailabilityZone: 'nova' }, expected: 'us-east-1' },
  ])('takes the Region from $name', ({ subnet, expected }) => {
    expect(factsOf({}, subnet).region).toBe(expected);
  });

  it.each([
    {
      name: 'an Outpost',
      subnet: { OutpostArn: 'arn:aws:outposts:us-west-2:1:outpost/op-1', AvailabilityZoneId: 'usw2-az1' },
      expected: { sublocationType: 'outpost', sublocationId: 'op-1' },
    },
    {
      name: 'a Local Zone by its id',
      subnet: { AvailabilityZone: 'us-west-2-lax-1a', AvailabilityZoneId: 'usw2-lax1-az1' },
      expected: { sublocationType: 'localzone', sublocationId: 'usw2-lax1-az1' },
    },
    {
      name: 'a Local Zone by its name',
      subnet: { AvailabilityZone: 'us-west-2-lax-1a' },
      expected: { sublocationType: 'localzone', sublocationId: 'us-west-2-lax-1a' },
    },
    {
      name: 'a Wavelength Zone',
      subnet: { AvailabilityZone: 'us-east-1-wl1-bos-wlz-1', AvailabilityZoneId: 'use1-wl1-bos-wlz1' },
      expected: { sublocationType: 'wavelength', sublocationId: 'use1-wl1-bos-wlz1' },
    },
  ])('knows $name, which has no zone id', ({ subnet, expected }) => {
    const facts = factsOf({}, subnet);
    expect(facts).toMatchObject(expected);
    expect(facts).not.toHaveProperty('azId');
  });

  it.each([
    { name: 'by its name', subnet: { AvailabilityZone: 'us-west-2a' } },
    { name: 'by its id', subnet: { AvailabilityZoneId: 'usw2-az1' } },
  ])('takes an Availability Zone $name for no sublocation', ({ subnet }) => {
    expect(factsOf({}, subnet)).not.toHaveProperty('sublocationType');
  });
});

describe('interfaceTypeName', () => {
  it.each<{ name: string; networkInterface: object; expected: string | undefined }>([
    { name: 'an instance', networkInterface: { InterfaceType: 'interface' }, expected: undefined },
    { name: 'nothing', networkInterface: {}, expected: undefined },
    {
      name: 'a NAT gateway as the SDK says',
      networkInterface: { InterfaceType: 'natGateway' },
      expected: 'nat_gateway',
    },
    {
      name: 'a NAT gateway as AWS prints',
      networkInterface: { InterfaceType: 'nat_gateway' },
      expected: 'nat_gateway',
    },
    {
      name: 'a load balancer',
      networkInterface: { InterfaceType: 'network_load_balancer' },
      expected: 'network_load_balancer',
    },
    {
      name: 'a transit gateway',
      networkInterface: { InterfaceType: 'transit_gateway' },
      expected: 'transit_gateway',
    },
    { name: 'an endpoint', networkInterface: { InterfaceType: 'vpc_endpoint' }, expected: 'vpc_endpoint' },
    {
      name: 'a GWLB endpoint',
      networkInterface: { InterfaceType: 'gateway_load_balancer_endpoint' },
      expected: 'vpc_endpoint',
    },
    { name: 'a Lambda function', networkInterface: { InterfaceType: 'lambda' }, expected: undefined },
    {
      name: 'an old NAT gateway',
      networkInterface: {
        InterfaceType: 'interface',
        RequesterManaged: true,
        Description: 'Interface for NAT Gateway nat-1',
      },
      expected: 'nat_gateway',
    },
    {
      name: 'an instance that someone described so',
      networkInterface: { InterfaceType: 'interface', Description: 'Interface for NAT Gateway nat-1' },
      expected: undefined,
    },
  ])('$name', ({ networkInterface, expected }) => {
    expect(interfaceTypeName(networkInterface)).toBe(expected);
  });
});
