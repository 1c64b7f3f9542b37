import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';
import { type InstanceProfileResource, instanceProfiles, type RoleResource, roles } from '../../iam/index.ts';
import { iamPlace } from '../../resource/index.ts';

let ec2: OpenedEc2;
let VpcId: string;
let SubnetId: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  VpcId = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
  SubnetId = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' })).Subnet.SubnetId;
});
afterAll(() => ec2.close());

const request = (more: object = {}) => ({
  ImageId: 'ami-12345678',
  InstanceType: 't3.micro',
  MinCount: 1,
  MaxCount: 1,
  SubnetId,
  ...more,
});
const run = async (more: object = {}) => (await ec2.run('RunInstances', request(more))).Instances;
const described = async (InstanceId: string) =>
  (await ec2.run('DescribeInstances', { InstanceIds: [InstanceId] })).Reservations[0].Instances[0];
const interfacesIn = async () =>
  (await ec2.run('DescribeNetworkInterfaces', { Filters: [{ Name: 'subnet-id', Values: [SubnetId] }] }))
    .NetworkInterfaces;
const noInstance = 'i-0123456789abcdef0';

describe('RunInstances', () => {
  const asked = (more: object) =>
    ec2.targets('RunInstances', { ...request(more) }).map(({ action, resource }) => [action, resource]);

  it('needs the subnet and the groups that follow from the request', async () => {
    const west = ec2.at({ region: 'eu-west-1' });
    const { VpcId: vpc } = (await west.run('CreateDefaultVpc')).Vpc;
    const of = { Filters: [{ Name: 'vpc-id', Values: [vpc] }] };
    const { Subnets } = await west.run('DescribeSubnets', of);
    const [{ GroupId }] = (await west.run('DescribeSecurityGroups', of)).SecurityGroups;
    const input = request({ SubnetId: undefined, SecurityGroups: ['default'] });
    const ids = west.targets('RunInstances', input).map(({ resource }) => resource.split('/')[1]);
    expect(ids).toContain(GroupId);
    expect(Subnets.map((subnet: { SubnetId: string }) => subnet.SubnetId)).toContainEqual(
      ids.find((id) => id?.startsWith('subnet-')),
    );
  });

  it('needs the interface that is used', async () => {
    const { NetworkInterfaceId } = (await ec2.run('CreateNetworkInterface', { SubnetId })).NetworkInterface;
    expect(
      asked({ SubnetId: undefined, NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] }),
    ).toContainEqual([
      undefined,
      `arn:aws:ec2:us-east-1:123456789012:network-interface/${NetworkInterfaceId}`,
    ]);
    await ec2.run('DeleteNetworkInterface', { NetworkInterfaceId });
  });

  it('passes the role of the profile, by its whole ARN', async () => {
    const place = iamPlace('123456789012');
    const Arn = 'arn:aws:iam::123456789012:role/team/cook';
    await ec2.resources.write((draft) => {
      draft.put(roles, place, 'cook', { RoleName: 'cook', Arn } as RoleResource);
      const box = {
        InstanceProfileName: 'box',
        role: 'cook',
        Arn: 'arn:aws:iam::123456789012:instance-profile/box',
      };
      draft.put(instanceProfiles, place, 'box', box as InstanceProfileResource);
    });
    expect(asked({ IamInstanceProfile: { Name: 'box' } })).toContainEqual(['iam:PassRole', Arn]);
  });

  it('makes records with an interface each', async () => {
    const answer = await ec2.run(
      'RunInstances',
      request({
        MaxCount: 2,
        TagSpecifications: [
          { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] },
          { ResourceType: 'network-interface', Tags: [{ Key: 'of', Value: 'web' }] },
        ],
      }),
    );
    expect(answer).toMatchObject({
      ReservationId: expect.stringMatching(/^r-[0-9a-f]{17}$/),
      OwnerId: '123456789012',
      Instances: [
        { AmiLaunchIndex: 0, State: { Name: 'pending' } },
        { AmiLaunchIndex: 1, State: { Name: 'pending' } },
      ],
    });
    const instance = await described(answer.Instances[0].InstanceId);
    expect(instance).toMatchObject({
      ImageId: 'ami-12345678',
      InstanceType: 't3.micro',
      State: { Code: 16, Name: 'running' },
      PrivateIpAddress: '10.0.0.4',
      PrivateDnsName: 'ip-10-0-0-4.ec2.internal',
      SubnetId,
      VpcId,
      Placement: { AvailabilityZone: 'us-east-1a' },
      SecurityGroups: [{ GroupName: 'default' }],
      Tags: [{ Key: 'Name', Value: 'web' }],
      NetworkInterfaces: [
        { PrivateIpAddress: '10.0.0.4', Attachment: { DeviceIndex: 0, DeleteOnTermination: true } },
      ],
    });
    expect((await interfacesIn())[0].TagSet).toEqual([{ Key: 'of', Value: 'web' }]);
  });

  it('takes interfaces as they are described, and one that is there', async () => {
    const { NetworkInterfaceId } = (await ec2.run('CreateNetworkInterface', { SubnetId })).NetworkInterface;
    const [{ InstanceId }] = await run({
      SubnetId: undefined,
      NetworkInterfaces: [
        { DeviceIndex: 1, SubnetId, PrivateIpAddress: '10.0.0.50', Description: 'second' },
        { DeviceIndex: 0, NetworkInterfaceId },
      ],
    });
    expect((await described(InstanceId)).NetworkInterfaces).toMatchObject([
      { NetworkInterfaceId, Attachment: { DeviceIndex: 0, DeleteOnTermination: false } },
      { PrivateIpAddress: '10.0.0.50', Attachment: { DeviceIndex: 1, DeleteOnTermination: true } },
    ]);
  });

  it('runs again nothing for the same token', async () => {
    const first = await run({ ClientToken: 'once' });
    const second = await run({ ClientToken: 'once' });
    expect(second[0].InstanceId).toBe(first[0].InstanceId);
    expect(
      await ec2.refused('RunInstances', request({ ClientToken: 'once', InstanceType: 't3.large' })),
    ).toMatch(/^IdempotentParameterMismatch/);
  });

  it('runs as many as there are addresses for, but not less than the least', async () => {
    const small = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.9.0/28' })).Subnet.SubnetId;
    expect(await ec2.refused('RunInstances', request({ SubnetId: small, MinCount: 12, MaxCount: 12 }))).toBe(
      `InsufficientFreeAddressesInSubnet: There are not enough free addresses in subnet '${small}' to satisfy the requested number of instances.`,
    );
    expect(await run({ SubnetId: small, MinCount: 5, MaxCount: 20 })).toHaveLength(11);
  });

  it('takes an interface once', async () => {
    const { NetworkInterfaceId } = (await ec2.run('CreateNetworkInterface', { SubnetId })).NetworkInterface;
    const NetworkInterfaces = [0, 1].map((DeviceIndex) => ({ DeviceIndex, NetworkInterfaceId }));
    expect(await ec2.refused('RunInstances', request({ SubnetId: undefined, NetworkInterfaces }))).toBe(
      `InvalidNetworkInterface.InUse: Interface: [${NetworkInterfaceId}] in use.`,
    );
  });

  it('leaves no interface of an instance that there was no room for', async () => {
    const small = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.9.0/28' })).Subnet.SubnetId;
    const NetworkInterfaces = [0, 1].map((DeviceIndex) => ({ DeviceIndex, SubnetId: small }));
    expect(await run({ SubnetId: undefined, NetworkInterfaces, MinCount: 1, MaxCount: 20 })).toHaveLength(5);
    const Filters = [{ Name: 'subnet-id', Values: [small] }];
    expect((await ec2.run('DescribeNetworkInterfaces', { Filters })).NetworkInterfaces).toHaveLength(10);
  });

  it.each([
    {
      name: 'no image',
      ImageId: undefined,
      error: /^MissingParameter: The request must contain the parameter ImageId$/,
    },
    {
      name: 'no id of an image',
      ImageId: 'image',
      error: /^InvalidAMIID.Malformed: Invalid id: "image" \(expecting "ami-..."\)$/,
    },
    { name: 'too few', MinCount: 2, error: /^InvalidParameterValue/ },
    { name: 'too many', MaxCount: 1001, error: /^InstanceLimitExceeded/ },
    { name: 'an unknown subnet', SubnetId: 'subnet-0123456789abcdef0', error: /^InvalidSubnetID.NotFound/ },
    {
      name: 'no default VPC',
      SubnetId: undefined,
      error: /^VPCIdNotSpecified: No default VPC for this user$/,
    },
    {
      name: 'an unknown group',
      SecurityGroupIds: ['sg-0123456789abcdef0'],
      error: /^InvalidGroup.NotFound: The security group 'sg-0123456789abcdef0' does not exist$/,
    },
    {
      name: 'an unknown profile',
      IamInstanceProfile: { Name: 'none' },
      error: /^InvalidParameterValue: Value \(none\) for parameter iamInstanceProfile.name is invalid/,
    },
    {
      name: 'interfaces and a subnet',
      NetworkInterfaces: [{ DeviceIndex: 0 }],
      error: /^InvalidParameterCombination: Network interfaces and an instance-level subnet ID/,
    },
    {
      name: 'no primary interface',
      SubnetId: undefined,
      NetworkInterfaces: [{ DeviceIndex: 1, SubnetId: 'subnet-12345678' }],
      error: /^InvalidParameterCombination/,
    },
  ])('refuses $name', async ({ name: _, error, ...input }) => {
    expect(await ec2.refused('RunInstances', request(input))).toMatch(error);
  });

  it('needs to be allowed to use the subnet, the groups and the image', () => {
    const targets = ec2.targets('RunInstances', request({ SecurityGroupIds: ['sg-12345678'] }));
    const prefix = 'arn:aws:ec2:us-east-1:123456789012:';
    expect(targets.map(({ resource }) => resource)).toEqual([
      `${prefix}instance/*`,
      `${prefix}network-interface/*`,
      `${prefix}volume/*`,
      'arn:aws:ec2:us-east-1::image/ami-12345678',
      `${prefix}subnet/${SubnetId}`,
      `${prefix}security-group/sg-12345678`,
    ]);
  });
});

describe('TerminateInstances', () => {
  it('takes the interfaces that go with it, and is forgotten after an hour', async () => {
    const { NetworkInterfaceId } = (await ec2.run('CreateNetworkInterface', { SubnetId })).NetworkInterface;
    const [{ InstanceId }] = await run();
    await ec2.run('AttachNetworkInterface', { NetworkInterfaceId, InstanceId, DeviceIndex: 1 });
    expect(await ec2.run('TerminateInstances', { InstanceIds: [InstanceId] })).toEqual({
      TerminatingInstances: [
        {
          InstanceId,
          PreviousState: { Code: 16, Name: 'running' },
          CurrentState: { Code: 32, Name: 'shutting-down' },
        },
      ],
    });
    expect(await described(InstanceId)).toMatchObject({
      State: { Name: 'terminated' },
      NetworkInterfaces: [],
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
    });
    expect(await interfacesIn()).toMatchObject([{ NetworkInterfaceId, Status: 'available' }]);
    const before = ec2.nowMs;
    ec2.nowMs += 3_600_000;
    expect(await ec2.refused('DescribeInstances', { InstanceIds: [InstanceId] })).toBe(
      `InvalidInstanceID.NotFound: The instance ID '${InstanceId}' does not exist`,
    );
    ec2.nowMs = before;
  });

  it('refuses protected and unknown ones, all or none', async () => {
    const [{ InstanceId }] = await run({ DisableApiTermination: true });
    const [other] = await run();
    expect(await ec2.refused('TerminateInstances', { InstanceIds: [other.InstanceId, InstanceId] })).toBe(
      `OperationNotPermitted: The instance '${InstanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
    expect((await described(other.InstanceId)).State.Name).toBe('running');
    expect(await ec2.refused('TerminateInstances', { InstanceIds: [noInstance] })).toBe(
      `InvalidInstanceID.NotFound: The instance ID '${noInstance}' does not exist`,
    );
    expect(await ec2.refused('TerminateInstances', { InstanceIds: ['x'] })).toMatch(
      /^InvalidInstanceID.Malformed/,
    );
    await ec2.run('ModifyInstanceAttribute', { InstanceId, DisableApiTermination: { Value: false } });
    await ec2.run('TerminateInstances', { InstanceIds: [InstanceId] });
  });
});

describe('StopInstances and StartInstances', () => {
  it('change the state', async () => {
    const [{ InstanceId }] = await run();
    const InstanceIds = [InstanceId];
    expect((await ec2.run('StopInstances', { InstanceIds })).StoppingInstances[0].CurrentState.Name).toBe(
      'stopping',
    );
    expect((await described(InstanceId)).State).toEqual({ Code: 80, Name: 'stopped' });
    await ec2.run('ModifyInstanceAttribute', { InstanceId, InstanceType: { Value: 't3.large' } });
    expect((await ec2.run('StartInstances', { InstanceIds })).StartingInstances[0].CurrentState.Name).toBe(
      'pending',
    );
    expect(await described(InstanceId)).toMatchObject({
      State: { Name: 'running' },
      InstanceType: 't3.large',
    });
    await ec2.run('TerminateInstances', { InstanceIds });
    expect(await ec2.refused('StartInstances', { InstanceIds })).toBe(
      `IncorrectInstanceState: The instance '${InstanceId}' is not in a state from which it can be started.`,
    );
  });
});

describe('attributes', () => {
  it('are those of the primary interface where it has them', async () => {
    const [{ InstanceId }] = await run();
    const { GroupId } = await ec2.run('CreateSecurityGroup', { GroupName: 'web', Description: 'd', VpcId });
    await ec2.run('ModifyInstanceAttribute', { InstanceId, Groups: [GroupId] });
    await ec2.run('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: { Value: false } });
    const attribute = (Attribute: string) => ec2.run('DescribeInstanceAttribute', { InstanceId, Attribute });
    expect(await attribute('groupSet')).toEqual({ InstanceId, Groups: [{ GroupId, GroupName: 'web' }] });
    expect(await attribute('sourceDestCheck')).toEqual({ InstanceId, SourceDestCheck: { Value: false } });
    expect(await attribute('disableApiTermination')).toEqual({
      InstanceId,
      DisableApiTermination: { Value: false },
    });
    expect((await interfacesIn())[0]).toMatchObject({ SourceDestCheck: false, Groups: [{ GroupId }] });
  });

  it('are read in the older way too', async () => {
    const [{ InstanceId }] = await run();
    await ec2.run('ModifyInstanceAttribute', {
      InstanceId,
      Attribute: 'disableApiTermination',
      Value: 'true',
    });
    expect(await ec2.refused('TerminateInstances', { InstanceIds: [InstanceId] })).toMatch(
      /^OperationNotPermitted/,
    );
  });
});

describe('DescribeInstances', () => {
  it.each([
    ['instance-state-name', 'running'],
    ['instance-type', 't3.*'],
    ['image-id', 'ami-12345678'],
    ['private-ip-address', '10.0.0.4'],
    ['network-interface.addresses.private-ip-address', '10.0.0.4'],
    ['network-interface.status', 'in-use'],
    ['instance.group-name', 'default'],
    ['reservation-id', 'r-*'],
    ['tag:Name', 'web'],
  ])('finds by %s', async (Name, value) => {
    const [{ InstanceId }] = await run({
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
    });
    const found = async (values: string[]) =>
      (
        await ec2.run('DescribeInstances', {
          Filters: [
            { Name, Values: values },
            { Name: 'instance-id', Values: [InstanceId] },
          ],
        })
      ).Reservations.length;
    expect(await found([value])).toBe(1);
    expect(await found(['else'])).toBe(0);
  });

  it('tells pages', async () => {
    await run({ MinCount: 7, MaxCount: 7 });
    const Filters = [{ Name: 'subnet-id', Values: [SubnetId] }];
    const first = await ec2.run('DescribeInstances', { MaxResults: 5, Filters });
    const second = await ec2.run('DescribeInstances', { MaxResults: 5, Filters, NextToken: first.NextToken });
    expect(first.Reservations[0].Instances).toHaveLength(5);
    expect(second.Reservations[0].Instances).toHaveLength(2);
    expect(second.NextToken).toBeUndefined();
  });
});

describe('DescribeInstanceStatus', () => {
  it('tells running ones, unless all are asked for', async () => {
    const [{ InstanceId }] = await run();
    const InstanceIds = [InstanceId];
    expect((await ec2.run('DescribeInstanceStatus', { InstanceIds })).InstanceStatuses).toMatchObject([
      { InstanceId, InstanceState: { Name: 'running' }, InstanceStatus: { Status: 'ok' } },
    ]);
    await ec2.run('StopInstances', { InstanceIds });
    expect((await ec2.run('DescribeInstanceStatus', { InstanceIds })).InstanceStatuses).toEqual([]);
    const all = await ec2.run('DescribeInstanceStatus', { InstanceIds, IncludeAllInstances: true });
    expect(all.InstanceStatuses).toMatchObject([{ InstanceState: { Name: 'stopped' } }]);
  });
});
