import type { NatGateway, NetworkInterfaceType } from '@aws-sdk/client-ec2';
import { newId, type Place, type Stored } from '../../resource/index.ts';
import type { NetworkInterfaceResource, SubnetResource } from '../../vpc/index.ts';
import { newMac, privateDnsName } from './interface-parts.ts';

/** As EC2 prints it; its model says `natGateway`. */
const natGateway = 'nat_gateway' as string as NetworkInterfaceType;

/** What AWS makes in the subnet of a NAT gateway; it lives and dies with it. */
export function natGatewayInterface(
  place: Place,
  { NatGatewayId, CreateTime }: Stored<NatGateway>,
  subnet: SubnetResource,
  address: string,
): NetworkInterfaceResource {
  const dns = { PrivateDnsName: privateDnsName(address, place.region) };
  return {
    NetworkInterfaceId: newId('eni'),
    InterfaceType: natGateway,
    Description: `Interface for NAT Gateway ${NatGatewayId}`,
    RequesterManaged: true,
    RequesterId: place.accountId,
    OwnerId: place.accountId,
    VpcId: subnet.VpcId!,
    SubnetId: subnet.SubnetId!,
    ...(subnet.AvailabilityZone ? { AvailabilityZone: subnet.AvailabilityZone } : {}),
    ...(subnet.AvailabilityZoneId ? { AvailabilityZoneId: subnet.AvailabilityZoneId } : {}),
    MacAddress: newMac(),
    PrivateIpAddress: address,
    ...dns,
    PrivateIpAddresses: [{ PrivateIpAddress: address, Primary: true, ...dns }],
    Ipv6Addresses: [],
    Groups: [],
    SourceDestCheck: false,
    Status: 'in-use',
    Attachment: {
      AttachmentId: newId('eni-attach'),
      InstanceOwnerId: 'amazon-aws',
      DeviceIndex: 1,
      DeleteOnTermination: false,
      Status: 'attached',
      AttachTime: CreateTime!,
    },
    TagSet: [],
  };
}
