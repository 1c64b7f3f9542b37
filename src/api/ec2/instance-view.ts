import type { Instance, InstanceNetworkInterface } from '@aws-sdk/client-ec2';
import type { Place, ResourceView } from '../../resource/index.ts';
import { type InstanceResource, type NetworkInterfaceResource, networkInterfaces } from '../../vpc/index.ts';

/** An instance as it is described: with its network interfaces, and what follows from the primary one. */
export type DescribedInstance = InstanceResource & Pick<Instance, 'NetworkInterfaces'>;

/** Epoch milliseconds after which a terminated instance is described no more: AWS says "a short while", an hour. */
const rememberedMs = 3_600_000;

export function isForgotten({ terminatedMs }: InstanceResource, nowMs: number): boolean {
  return terminatedMs !== undefined && terminatedMs + rememberedMs <= nowMs;
}

/** Interfaces of all instances, by instance id and in the order of their device indexes. */
export function interfacesByInstance(
  view: ResourceView,
  place: Place,
): Map<string, NetworkInterfaceResource[]> {
  const byInstance = new Map<string, NetworkInterfaceResource[]>();
  for (const one of view.list(networkInterfaces, place)) {
    const id = one.Attachment?.InstanceId;
    if (id === undefined) continue;
    const own = byInstance.get(id);
    if (own) own.push(one);
    else byInstance.set(id, [one]);
  }
  for (const own of byInstance.values()) own.sort((a, b) => indexOf(a) - indexOf(b));
  return byInstance;
}

function indexOf({ Attachment }: NetworkInterfaceResource): number {
  return Attachment?.DeviceIndex ?? 0;
}

export function describedInstance(
  instance: InstanceResource,
  own: readonly NetworkInterfaceResource[],
): DescribedInstance {
  const isGone = instance.State?.Name === 'terminated';
  return {
    ...instance,
    NetworkInterfaces: isGone ? [] : own.map(ofInstance),
    ...(own.length > 0 && !isGone ? primaryMembers(own[0]) : {}),
  };
}

function primaryMembers(primary: NetworkInterfaceResource): Partial<DescribedInstance> {
  const { PrivateIpAddress, Association, Groups = [], SubnetId, VpcId, SourceDestCheck } = primary;
  const ipv6 = primary.Ipv6Addresses?.[0]?.Ipv6Address;
  return {
    SecurityGroups: Groups,
    SourceDestCheck: SourceDestCheck ?? true,
    ...(PrivateIpAddress === undefined ? {} : { PrivateIpAddress }),
    ...(SubnetId === undefined ? {} : { SubnetId }),
    ...(VpcId === undefined ? {} : { VpcId }),
    ...(ipv6 === undefined ? {} : { Ipv6Address: ipv6 }),
    ...(Association?.PublicIp === undefined ? {} : { PublicIpAddress: Association.PublicIp }),
    PublicDnsName: Association?.PublicDnsName ?? '',
  };
}

/** Times are texts, as in every resource. */
function ofInstance(one: NetworkInterfaceResource): InstanceNetworkInterface {
  const { Attachment, TagSet: _, ...rest } = one;
  const { InstanceId: __, InstanceOwnerId: ___, ...attachment } = Attachment ?? {};
  return { ...rest, Attachment: attachment } as unknown as InstanceNetworkInterface;
}
