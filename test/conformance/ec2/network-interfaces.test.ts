import {
  AssignPrivateIpAddressesCommand,
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  type CreateNetworkInterfaceRequest,
  DeleteNetworkInterfaceCommand,
  DescribeNetworkInterfaceAttributeCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  ModifyNetworkInterfaceAttributeCommand,
  UnassignPrivateIpAddressesCommand,
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

async function create(input: Partial<CreateNetworkInterfaceRequest> = {}): Promise<string> {
  const { NetworkInterface } = await account.ec2.send(
    new CreateNetworkInterfaceCommand({ SubnetId: account.subnetId, ...input }),
  );
  const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId ?? '';
  account.later(() => account.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })));
  return NetworkInterfaceId;
}

const described = async (id: string) =>
  (await account.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })))
    .NetworkInterfaces?.[0];

describe('network interfaces: serialization', () => {
  it('reads and writes every member', async () => {
    const id = await create({
      Description: 'ä & b',
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.20.1.10', Primary: true },
        { PrivateIpAddress: '10.20.1.11', Primary: false },
      ],
      ConnectionTrackingSpecification: { UdpTimeout: 40 },
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'Name', Value: 'one' }] }],
    });
    expect(await described(id)).toMatchObject({
      NetworkInterfaceId: id,
      Description: 'ä & b',
      InterfaceType: 'interface',
      SubnetId: account.subnetId,
      VpcId: account.vpcId,
      OwnerId: account.served.accountId,
      PrivateIpAddress: '10.20.1.10',
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.20.1.10', Primary: true },
        { PrivateIpAddress: '10.20.1.11', Primary: false },
      ],
      MacAddress: expect.stringMatching(/^0[26](:[0-9a-f]{2}){5}$/),
      ConnectionTrackingConfiguration: { UdpTimeout: 40 },
      Groups: [{ GroupName: 'default' }],
      SourceDestCheck: true,
      RequesterManaged: false,
      Status: 'available',
      TagSet: [{ Key: 'Name', Value: 'one' }],
    });
  });

  it('writes attributes', async () => {
    const NetworkInterfaceId = await create();
    const { ec2 } = account;
    await ec2.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } }),
    );
    const attribute = new DescribeNetworkInterfaceAttributeCommand({
      NetworkInterfaceId,
      Attribute: 'sourceDestCheck',
    });
    expect(await ec2.send(attribute)).toMatchObject({
      NetworkInterfaceId,
      SourceDestCheck: { Value: false },
    });
  });
});

describe('network interfaces: validation', () => {
  it.each([
    {
      name: 'an address of another subnet',
      input: { PrivateIpAddress: '10.21.0.5' },
      code: 'InvalidParameterValue',
      message: "Address 10.21.0.5 does not fall within the subnet's address range",
    },
    {
      name: 'the address of the router',
      input: { PrivateIpAddress: '10.20.1.1' },
      code: 'InvalidParameterValue',
      message: "Address 10.20.1.1 is in subnet's reserved address range",
    },
    {
      name: 'a subnet that is not there',
      input: { SubnetId: 'subnet-0123456789abcdef0' },
      code: 'InvalidSubnetID.NotFound',
      message: "The subnet ID 'subnet-0123456789abcdef0' does not exist",
    },
  ])('refuses $name', async ({ input, code, message }) => {
    const request = { SubnetId: account.subnetId, ...input };
    expect(await refusal(account.ec2.send(new CreateNetworkInterfaceCommand(request)))).toEqual({
      code,
      message,
      status: 400,
    });
  });

  it('refuses ids that are none, and interfaces and instances that are not there', async () => {
    const { ec2 } = account;
    const malformed = new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: 'interface' });
    expect(await refusal(ec2.send(malformed))).toMatchObject({ code: 'InvalidNetworkInterfaceId.Malformed' });
    const attach = new AttachNetworkInterfaceCommand({
      NetworkInterfaceId: await create(),
      InstanceId: 'i-0123456789abcdef0',
      DeviceIndex: 1,
    });
    expect(await refusal(ec2.send(attach))).toMatchObject({ code: 'InvalidInstanceID.NotFound' });
    const detach = new DetachNetworkInterfaceCommand({ AttachmentId: 'eni-attach-0123456789abcdef0' });
    expect(await refusal(ec2.send(detach))).toMatchObject({ code: 'InvalidAttachmentID.NotFound' });
  });
});

describe('network interfaces: behaviour', () => {
  it('gives each interface addresses of its own', async () => {
    const { ec2, subnetId: SubnetId } = account;
    await create({ PrivateIpAddress: '10.20.1.30' });
    const again = new CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress: '10.20.1.30' });
    expect(await refusal(ec2.send(again))).toMatchObject({ code: 'InvalidIPAddress.InUse' });
    const NetworkInterfaceId = await create();
    const { AssignedPrivateIpAddresses = [] } = await ec2.send(
      new AssignPrivateIpAddressesCommand({ NetworkInterfaceId, SecondaryPrivateIpAddressCount: 2 }),
    );
    expect(AssignedPrivateIpAddresses).toHaveLength(2);
    const PrivateIpAddresses = [AssignedPrivateIpAddresses[0].PrivateIpAddress ?? ''];
    await ec2.send(new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses }));
    expect((await described(NetworkInterfaceId))?.PrivateIpAddresses).toHaveLength(2);
  });
});
