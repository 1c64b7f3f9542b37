import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  type RunInstancesRequest,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal } from '../server.ts';
import { SubnetAccount } from './subnet-account.ts';

let account: SubnetAccount;
beforeAll(async () => {
  account = await SubnetAccount.open();
});
afterEach(() => account.clean());
afterAll(() => account.close());

/** Instances cost money at AWS, and need an image of the Region: these run here only. */
const request = (more: Partial<RunInstancesRequest> = {}): RunInstancesRequest => ({
  ImageId: 'ami-12345678',
  InstanceType: 't3.micro',
  MinCount: 1,
  MaxCount: 1,
  SubnetId: account.subnetId,
  ...more,
});

async function run(more: Partial<RunInstancesRequest> = {}): Promise<string> {
  const { Instances } = await account.ec2.send(new RunInstancesCommand(request(more)));
  const InstanceIds = [Instances?.[0].InstanceId ?? ''];
  account.later(() => account.ec2.send(new TerminateInstancesCommand({ InstanceIds })));
  return InstanceIds[0];
}

const described = async (id: string) =>
  (await account.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations?.[0]
    .Instances?.[0];

describe.skipIf(isRemote)('instances: serialization', () => {
  it('reads and writes what a record has', async () => {
    const id = await run({
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
      DisableApiTermination: false,
      Monitoring: { Enabled: true },
    });
    expect(await described(id)).toMatchObject({
      InstanceId: id,
      ImageId: 'ami-12345678',
      InstanceType: 't3.micro',
      State: { Code: 16, Name: 'running' },
      Monitoring: { State: 'enabled' },
      LaunchTime: expect.any(Date),
      SubnetId: account.subnetId,
      VpcId: account.vpcId,
      SecurityGroups: [{ GroupName: 'default' }],
      NetworkInterfaces: [
        {
          Attachment: { DeviceIndex: 0, Status: 'attached', AttachTime: expect.any(Date) },
          PrivateIpAddresses: [{ Primary: true }],
        },
      ],
      Tags: [{ Key: 'Name', Value: 'web' }],
    });
  });

  it('tells the status', async () => {
    const id = await run();
    const { InstanceStatuses } = await account.ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds: [id] }),
    );
    expect(InstanceStatuses).toMatchObject([
      {
        InstanceId: id,
        InstanceState: { Code: 16, Name: 'running' },
        InstanceStatus: { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] },
      },
    ]);
  });
});

describe('instances: validation', () => {
  it.each([
    { name: 'an image id that is none', more: { ImageId: 'image' }, code: 'InvalidAMIID.Malformed' },
    {
      name: 'a subnet that is not there',
      more: { SubnetId: 'subnet-0123456789abcdef0' },
      code: 'InvalidSubnetID.NotFound',
    },
  ])('refuses $name', async ({ more, code }) => {
    const refused = await refusal(account.ec2.send(new RunInstancesCommand(request(more))));
    expect(refused).toMatchObject({ code, status: 400 });
  });

  it('names instances that are not there', async () => {
    const InstanceIds = ['i-0123456789abcdef0', 'i-0123456789abcdef1'];
    expect(await refusal(account.ec2.send(new DescribeInstancesCommand({ InstanceIds })))).toEqual({
      code: 'InvalidInstanceID.NotFound',
      message: `The instance IDs '${InstanceIds.join(', ')}' do not exist`,
      status: 400,
    });
  });
});

describe.skipIf(isRemote)('instances: behaviour', () => {
  it('stops, and is protected from being terminated', async () => {
    const InstanceId = await run();
    const { ec2 } = account;
    const { StoppingInstances } = await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
    expect(StoppingInstances).toMatchObject([
      { CurrentState: { Name: 'stopping' }, PreviousState: { Name: 'running' } },
    ]);
    const guard = (Value: boolean) =>
      ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value } }));
    await guard(true);
    const terminate = new TerminateInstancesCommand({ InstanceIds: [InstanceId] });
    expect(await refusal(ec2.send(terminate))).toMatchObject({ code: 'OperationNotPermitted' });
    await guard(false);
  });
});
