import type { Place, ResourceView } from '../../resource/index.ts';
import { type NetworkInterfaceResource, networkInterfaces } from '../../vpc/index.ts';
import type { FilterTable } from './filters.ts';
import type { DescribedInstance } from './instance-view.ts';
import { interfaceFilters, textsOf } from './network-interface-filters.ts';

type Member = (instance: DescribedInstance) => string | number | boolean | undefined;

function of(...members: readonly Member[]) {
  return (instance: DescribedInstance) => textsOf(...members.map((member) => member(instance)));
}

/** What a record of an instance does not have, but the API page lists. */
const unknownHere = [
  'affinity',
  'block-device-mapping.attach-time',
  'block-device-mapping.delete-on-termination',
  'block-device-mapping.device-name',
  'block-device-mapping.status',
  'block-device-mapping.volume-id',
  'boot-mode',
  'capacity-reservation-id',
  'capacity-reservation-specification.capacity-reservation-preference',
  'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id',
  'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn',
  'current-instance-boot-mode',
  'enclave-options.enabled',
  'hibernation-options.configured',
  'host-id',
  'instance-lifecycle',
  'kernel-id',
  'maintenance-options.auto-recovery',
  'network-performance-options.bandwidth-weighting',
  'operator.principal',
  'outpost-arn',
  'placement-group-name',
  'placement-partition-number',
  'platform',
  'private-dns-name-options.enable-resource-name-dns-a-record',
  'private-dns-name-options.enable-resource-name-dns-aaaa-record',
  'private-dns-name-options.hostname-type',
  'product-code',
  'product-code.type',
  'ramdisk-id',
  'requester-id',
  'spot-instance-request-id',
  'tpm-support',
  'usage-operation',
  'usage-operation-update-time',
] as const;

const ownFilters: FilterTable<DescribedInstance> = {
  ...Object.fromEntries(unknownHere.map((name) => [name, () => []])),
  architecture: of(({ Architecture }) => Architecture),
  'availability-zone': of(({ Placement }) => Placement?.AvailabilityZone),
  'availability-zone-id': of(({ Placement }) => Placement?.AvailabilityZoneId),
  'client-token': of(({ ClientToken }) => ClientToken),
  'dns-name': of(({ PublicDnsName }) => PublicDnsName),
  'ebs-optimized': of(({ EbsOptimized }) => EbsOptimized ?? false),
  'ena-support': of(({ EnaSupport }) => EnaSupport ?? false),
  hypervisor: of(({ Hypervisor }) => Hypervisor),
  'iam-instance-profile.arn': of(({ IamInstanceProfile }) => IamInstanceProfile?.Arn),
  'iam-instance-profile.id': of(({ IamInstanceProfile }) => IamInstanceProfile?.Id),
  'iam-instance-profile.name': of(({ IamInstanceProfile }) => IamInstanceProfile?.Arn?.split('/').at(-1)),
  'image-id': of(({ ImageId }) => ImageId),
  'instance-id': of(({ InstanceId }) => InstanceId),
  'instance-state-code': of(({ State }) => State?.Code),
  'instance-state-name': of(({ State }) => State?.Name),
  'instance-type': of(({ InstanceType }) => InstanceType),
  'instance.group-id': ({ SecurityGroups = [] }) => SecurityGroups.map(({ GroupId }) => GroupId),
  'instance.group-name': ({ SecurityGroups = [] }) => SecurityGroups.map(({ GroupName }) => GroupName),
  'ip-address': of(({ PublicIpAddress }) => PublicIpAddress),
  'ipv6-address': of(({ Ipv6Address }) => Ipv6Address),
  'key-name': of(({ KeyName }) => KeyName),
  'launch-index': of(({ AmiLaunchIndex }) => AmiLaunchIndex),
  'launch-time': of(({ LaunchTime }) => LaunchTime),
  'metadata-options.http-endpoint': of(({ MetadataOptions }) => MetadataOptions?.HttpEndpoint),
  'metadata-options.http-protocol-ipv4': of(() => 'enabled'),
  'metadata-options.http-protocol-ipv6': of(({ MetadataOptions }) => MetadataOptions?.HttpProtocolIpv6),
  'metadata-options.http-put-response-hop-limit': of(
    ({ MetadataOptions }) => MetadataOptions?.HttpPutResponseHopLimit,
  ),
  'metadata-options.http-tokens': of(({ MetadataOptions }) => MetadataOptions?.HttpTokens),
  'metadata-options.instance-metadata-tags': of(
    ({ MetadataOptions }) => MetadataOptions?.InstanceMetadataTags,
  ),
  'metadata-options.state': of(({ MetadataOptions }) => MetadataOptions?.State),
  'monitoring-state': of(({ Monitoring }) => Monitoring?.State),
  'operator.managed': of(() => false),
  'platform-details': of(({ PlatformDetails }) => PlatformDetails),
  'private-dns-name': of(({ PrivateDnsName }) => PrivateDnsName),
  'private-ip-address': of(({ PrivateIpAddress }) => PrivateIpAddress),
  reason: of(({ StateTransitionReason }) => StateTransitionReason),
  'reservation-id': of(({ reservationId }) => reservationId),
  'root-device-name': of(({ RootDeviceName }) => RootDeviceName),
  'root-device-type': of(({ RootDeviceType }) => RootDeviceType),
  'source-dest-check': of(({ SourceDestCheck }) => SourceDestCheck ?? true),
  'state-reason-code': of(({ StateReason }) => StateReason?.Code),
  'state-reason-message': of(({ StateReason }) => StateReason?.Message),
  'subnet-id': of(({ SubnetId }) => SubnetId),
  tenancy: of(({ Placement }) => Placement?.Tenancy),
  'virtualization-type': of(({ VirtualizationType }) => VirtualizationType),
  'vpc-id': of(({ VpcId }) => VpcId),
};

const moreInterfaceFilters: FilterTable<NetworkInterfaceResource> = {
  ...interfaceFilters,
  'addresses.association.carrier-ip': () => [],
  'addresses.association.customer-owned-ip': () => [],
  'addresses.association.ip-owner-id': interfaceFilters['addresses.association.owner-id'],
  'addresses.association.public-dns-name': ({ PrivateIpAddresses = [] }) =>
    PrivateIpAddresses.map(({ Association }) => Association?.PublicDnsName),
  'addresses.private-dns-name': ({ PrivateIpAddresses = [] }) =>
    PrivateIpAddresses.map(({ PrivateDnsName }) => PrivateDnsName),
  'attachment.network-card-index': ({ Attachment }) => textsOf(Attachment?.NetworkCardIndex),
  'deny-all-igw-traffic': () => ['false'],
  'ipv4-prefixes.ipv4-prefix': ({ Ipv4Prefixes = [] }) => Ipv4Prefixes.map(({ Ipv4Prefix }) => Ipv4Prefix),
  'ipv6-address': interfaceFilters['ipv6-addresses.ipv6-address'],
  'ipv6-addresses.is-primary-ipv6': ({ Ipv6Addresses = [] }) =>
    textsOf(...Ipv6Addresses.map(({ IsPrimaryIpv6 }) => IsPrimaryIpv6 ?? false)),
  'ipv6-native': () => ['false'],
  'ipv6-prefixes.ipv6-prefix': ({ Ipv6Prefixes = [] }) => Ipv6Prefixes.map(({ Ipv6Prefix }) => Ipv6Prefix),
  'outpost-arn': ({ OutpostArn }) => [OutpostArn],
  'public-dns-name': ({ Association }) => [Association?.PublicDnsName],
  'tag-key': ({ TagSet = [] }) => TagSet.map(({ Key }) => Key),
  'tag-value': ({ TagSet = [] }) => TagSet.map(({ Value }) => Value),
};

/** The filters of DescribeInstances; those about interfaces look at the interfaces themselves. */
export function instanceFilters(view: ResourceView, place: Place): FilterTable<DescribedInstance> {
  const interfacesOf = ({ NetworkInterfaces = [] }: DescribedInstance) =>
    NetworkInterfaces.flatMap(
      ({ NetworkInterfaceId = '' }) => view.get(networkInterfaces, place, NetworkInterfaceId) ?? [],
    );
  const overInterfaces = Object.entries(moreInterfaceFilters).map(([name, valuesOf]) => [
    `network-interface.${name}`,
    (instance: DescribedInstance) => interfacesOf(instance).flatMap(valuesOf),
  ]);
  return { ...ownFilters, 'owner-id': () => [place.accountId], ...Object.fromEntries(overInterfaces) };
}

const statusOf = ({ State }: DescribedInstance) => [State?.Name === 'running' ? 'ok' : 'not-applicable'];
const reachabilityOf = ({ State }: DescribedInstance) => (State?.Name === 'running' ? ['passed'] : []);

/** The filters of DescribeInstanceStatus: nothing is ever planned for a record. */
export const statusFilters: FilterTable<DescribedInstance> = {
  'availability-zone': ownFilters['availability-zone'],
  'availability-zone-id': ownFilters['availability-zone-id'],
  'event.code': () => [],
  'event.description': () => [],
  'event.instance-event-id': () => [],
  'event.not-after': () => [],
  'event.not-before': () => [],
  'event.not-before-deadline': () => [],
  'instance-state-code': ownFilters['instance-state-code'],
  'instance-state-name': ownFilters['instance-state-name'],
  'instance-status.reachability': reachabilityOf,
  'instance-status.status': statusOf,
  'operator.managed': () => ['false'],
  'operator.principal': () => [],
  'system-status.reachability': reachabilityOf,
  'system-status.status': statusOf,
  'attached-ebs-status.status': () => [],
};
