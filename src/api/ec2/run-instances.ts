import type {
  IamInstanceProfileSpecification,
  InstanceNetworkInterfaceSpecification,
  ResourceType,
  RunInstancesRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type InstanceProfileResource, instanceProfiles, roles } from '../../iam/index.ts';
import { type Draft, iamPlace, newId, type Place, type ResourceView } from '../../resource/index.ts';
import {
  type InstanceResource,
  instances,
  type NetworkInterfaceResource,
  networkInterfaces,
  type SubnetResource,
  subnets,
} from '../../vpc/index.ts';
import type { Call, Target } from '../action.ts';
import { createdTargets, ec2Arn, existingTargets, vpcKey } from './arns.ts';
import { madeBy } from './client-token.ts';
import { ec2Errors } from './errors.ts';
import { groupInDefaultVpc, requiredDefaultVpc } from './group-lookup.ts';
import { describedInstance, interfacesByInstance } from './instance-view.ts';
import { attach } from './interface-attachments.ts';
import { interfaceOfNoDevice } from './interface-guards.ts';
import { existing, subject } from './lookup.ts';
import { addressesOf, privateDnsName, putNewInterface } from './new-interface.ts';
import { resourceTypes } from './resource-types.ts';
import { settleRoutes } from './route-states.ts';
import type { SubnetAddresses } from './subnet-addresses.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

/** In one request: records are cheap, but not free. */
const mostInstances = 1000;
const taggable: readonly ResourceType[] = [
  'instance',
  'volume',
  'network-interface',
  'spot-instances-request',
  'elastic-gpu',
];

export function runTargets(view: ResourceView, input: RunInstancesRequest, call: Call): Target[] {
  const { place } = call;
  const specifications = namedSpecifications(view, place, input);
  const subnetIds = specifications.map(({ SubnetId }) => SubnetId);
  const groupIds = specifications.flatMap(({ Groups }) => Groups ?? []);
  const interfaceIds = specifications.map(({ NetworkInterfaceId }) => NetworkInterfaceId);
  const vpcId = view.get(subnets, place, subnetIds.find((id) => id !== undefined) ?? '')?.VpcId;
  const keys = {
    'ec2:InstanceType': input.InstanceType ?? 'm1.small',
    'ec2:Tenancy': input.Placement?.Tenancy ?? 'default',
  };
  return [
    ...createdTargets('instance', call, input.TagSpecifications, keys),
    ...createdTargets('network-interface', call, input.TagSpecifications, vpcKey(place, vpcId)),
    ...createdTargets('volume', call, input.TagSpecifications),
    imageTarget(input, place),
    ...existingTargets(view, resourceTypes.subnet, call, [...new Set(subnetIds)]),
    ...existingTargets(view, resourceTypes.securityGroup, call, [...new Set(groupIds)]),
    ...existingTargets(view, resourceTypes.networkInterface, call, interfaceIds),
    ...passedRole(view, place, input.IamInstanceProfile),
  ];
}

/** With the subnet and the groups that follow from the request, too; of one that will be refused, what it names. */
function namedSpecifications(
  view: ResourceView,
  place: Place,
  input: RunInstancesRequest,
): readonly InstanceNetworkInterfaceSpecification[] {
  try {
    return specificationsOf(view, place, input);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { SubnetId, SecurityGroupIds: Groups, NetworkInterfaces = [] } = input;
    return [{ SubnetId, Groups }, ...NetworkInterfaces];
  }
}

/** Images are nobody's here: AWS leaves the account out of the ARN of an image as well. */
function imageTarget({ ImageId = '*' }: RunInstancesRequest, { region }: Place): Target {
  return { resource: ec2Arn({ accountId: '', region }, 'image', ImageId), keys: { 'ec2:Region': region } };
}

function passedRole(
  view: ResourceView,
  place: Place,
  specification: IamInstanceProfileSpecification | undefined,
): Target[] {
  const name = specification && findProfile(view, place, specification)?.role;
  const role = name === undefined ? undefined : view.get(roles, iamPlace(place.accountId), name);
  if (!role) return [];
  const keys = { 'iam:PassedToService': 'ec2.amazonaws.com' };
  return [{ action: 'iam:PassRole', resource: role.Arn, keys }];
}

function findProfile(
  view: ResourceView,
  { accountId }: Place,
  { Arn, Name }: IamInstanceProfileSpecification,
): InstanceProfileResource | undefined {
  for (const profile of view.list(instanceProfiles, iamPlace(accountId))) {
    if (profile.Arn === Arn || profile.InstanceProfileName === Name) return profile;
  }
  return undefined;
}

/** The instances are running at once; the answer says `pending`, as AWS's does. */
export function runInstances(draft: Draft, place: Place, input: RunInstancesRequest, nowMs: number) {
  const again = runBefore(draft, place, input);
  const made = again.length > 0 ? again : runNew(draft, place, input, nowMs);
  const interfaces = interfacesByInstance(draft, place);
  return {
    ReservationId: made[0].reservationId,
    OwnerId: place.accountId,
    Groups: [],
    Instances: made.map((instance) => ({
      ...describedInstance(instance, interfaces.get(instance.InstanceId!) ?? []),
      State: again.length > 0 ? instance.State : { Code: 0, Name: 'pending' },
    })),
  };
}

/** All that an earlier request with the same token has run. */
function runBefore(view: ResourceView, place: Place, input: RunInstancesRequest): InstanceResource[] {
  if (input.ClientToken === undefined || input.ClientToken === '') return [];
  const own = [...view.list(instances, place)].filter(({ ClientToken }) => ClientToken === input.ClientToken);
  const { clientRequest } = madeBy(input);
  if (own.some((instance) => (instance as { clientRequest?: string }).clientRequest !== clientRequest)) {
    throw ec2Errors.idempotencyMismatch();
  }
  return own;
}

function runNew(draft: Draft, place: Place, input: RunInstancesRequest, nowMs: number): InstanceResource[] {
  checkRequest(draft, place, input);
  const specifications = specificationsOf(draft, place, input);
  const reservationId = newId('r');
  const free = new Map<string | undefined, SubnetAddresses>();
  const made: InstanceResource[] = [];
  for (let index = 0; index < (input.MaxCount ?? 1); index++) {
    try {
      made.push(runOne(draft, place, input, specifications, { reservationId, index, nowMs, free }));
    } catch (error) {
      if (!isFull(error) || index < (input.MinCount ?? 1)) throw inWordsOfRun(error, specifications);
      break;
    }
  }
  settleRoutes(draft, place);
  return made;
}

function isFull(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'InsufficientFreeAddressesInSubnet';
}

/** This action has its own sentence for a subnet that is full. */
function inWordsOfRun(
  error: unknown,
  specifications: readonly InstanceNetworkInterfaceSpecification[],
): unknown {
  if (!isFull(error)) return error;
  const subnetId = specifications.find(({ SubnetId }) => SubnetId !== undefined)?.SubnetId;
  return new ServiceError(
    'InsufficientFreeAddressesInSubnet',
    `There are not enough free addresses in subnet '${subnetId}' to satisfy the requested number of instances.`,
  );
}

/** @throws ServiceError `InvalidGroup.NotFound`: this action says it so, others have a code of their own */
function checkGroups(view: ResourceView, place: Place, input: RunInstancesRequest): void {
  const ofInterfaces = (input.NetworkInterfaces ?? []).flatMap(({ Groups }) => Groups ?? []);
  for (const id of [...(input.SecurityGroupIds ?? []), ...ofInterfaces]) {
    subject(view, resourceTypes.securityGroup, place, id);
  }
}

function checkRequest(view: ResourceView, place: Place, input: RunInstancesRequest): void {
  const { ImageId, MinCount = 1, MaxCount = 1 } = input;
  if (ImageId === undefined && input.LaunchTemplate === undefined) {
    throw ec2Errors.missingParameter('ImageId');
  }
  const { LaunchTemplateId, LaunchTemplateName } = input.LaunchTemplate ?? {};
  if (input.LaunchTemplate && LaunchTemplateId === undefined && LaunchTemplateName === undefined) {
    throw ec2Errors.missingParameter('LaunchTemplateId or LaunchTemplateName');
  }
  if (input.LaunchTemplate) {
    throw new ServiceError(
      'InvalidLaunchTemplateId.NotFound',
      'The specified launch template, with template ID ' +
        `${LaunchTemplateId ?? LaunchTemplateName}, does not exist.`,
    );
  }
  if (!/^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(ImageId ?? '')) {
    throw new ServiceError('InvalidAMIID.Malformed', `Invalid id: "${ImageId}" (expecting "ami-...")`);
  }
  if (MinCount < 1 || MaxCount < MinCount) {
    throw ec2Errors.invalidParameterValue(
      `${MinCount}`,
      'minCount',
      'The minimum must be greater than 0, and the maximum not below it.',
    );
  }
  if (MaxCount > mostInstances) {
    throw ec2Errors.limitExceeded(
      'InstanceLimitExceeded',
      `You have requested more instances (${MaxCount}) than your current instance limit of ${mostInstances} allows.`,
    );
  }
  checkProfile(view, place, input.IamInstanceProfile);
  checkGroups(view, place, input);
}

function checkProfile(
  view: ResourceView,
  place: Place,
  specification: IamInstanceProfileSpecification | undefined,
): void {
  if (!specification || findProfile(view, place, specification)) return;
  const { Arn, Name } = specification;
  throw ec2Errors.invalidParameterValue(
    Name ?? Arn ?? '',
    Name === undefined ? 'iamInstanceProfile.arn' : 'iamInstanceProfile.name',
    `Invalid IAM Instance Profile ${Name === undefined ? 'ARN' : 'name'}`,
  );
}

/** The interfaces of each instance, the primary one first, with what the request says for all of them. */
function specificationsOf(
  view: ResourceView,
  place: Place,
  input: RunInstancesRequest,
): InstanceNetworkInterfaceSpecification[] {
  const given = input.NetworkInterfaces ?? [];
  const groups = requestedGroups(view, place, input);
  if (given.length === 0) return [primaryOf(view, place, input, groups)];
  refuseBoth(input, groups);
  const sorted = [...given].sort((a, b) => (a.DeviceIndex ?? 0) - (b.DeviceIndex ?? 0));
  const indexes = new Set(sorted.map(({ DeviceIndex = 0 }) => DeviceIndex));
  if (indexes.size < sorted.length) {
    throw ec2Errors.invalidValue('Each network interface requires a device index of its own.');
  }
  const named = sorted.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []);
  const twice = named.find((id, i) => named.indexOf(id) !== i);
  if (twice !== undefined) throw inUse(twice);
  if (!indexes.has(0)) {
    throw ec2Errors.invalidCombination(
      'When specifying network interfaces, you must include a device at index 0.',
    );
  }
  if (
    (input.MaxCount ?? 1) > 1 &&
    sorted.some(({ NetworkInterfaceId }) => NetworkInterfaceId !== undefined)
  ) {
    throw ec2Errors.invalidCombination(
      'Multiple instances creation with the network interface ID is not allowed.',
    );
  }
  return sorted.map((one) => ({
    ...one,
    SubnetId: one.SubnetId ?? defaultSubnetId(view, place, input, one),
  }));
}

function defaultSubnetId(
  view: ResourceView,
  place: Place,
  input: RunInstancesRequest,
  { NetworkInterfaceId }: InstanceNetworkInterfaceSpecification,
): string | undefined {
  return NetworkInterfaceId === undefined ? defaultSubnet(view, place, input).SubnetId : undefined;
}

function primaryOf(
  view: ResourceView,
  place: Place,
  input: RunInstancesRequest,
  groups: string[] | undefined,
): InstanceNetworkInterfaceSpecification {
  const { PrivateIpAddress, Ipv6Addresses, Ipv6AddressCount } = input;
  return {
    DeviceIndex: 0,
    SubnetId: input.SubnetId ?? defaultSubnet(view, place, input).SubnetId,
    PrivateIpAddress,
    Ipv6Addresses,
    Ipv6AddressCount,
    Groups: groups,
  };
}

function refuseBoth(input: RunInstancesRequest, groups: string[] | undefined): void {
  const both = (what: string) =>
    ec2Errors.invalidCombination(
      `Network interfaces and an instance-level ${what} may not be specified on the same request`,
    );
  if (input.SubnetId !== undefined) throw both('subnet ID');
  if (groups) throw both('security groups');
  if (input.PrivateIpAddress !== undefined) throw both('private IP address');
}

/** By ids and by names; undefined: the VPC's default one. */
function requestedGroups(view: ResourceView, place: Place, input: RunInstancesRequest): string[] | undefined {
  const { SecurityGroupIds = [], SecurityGroups = [] } = input;
  if (SecurityGroups.length > 0 && input.SubnetId !== undefined) {
    throw ec2Errors.invalidCombination('The parameter groupName cannot be used with the parameter subnet');
  }
  const named = SecurityGroups.map((name) => groupInDefaultVpc(view, place, name).GroupId!);
  const all = [...SecurityGroupIds, ...named];
  return all.length > 0 ? all : undefined;
}

/** @throws ServiceError `VPCIdNotSpecified`, `MissingInput` */
function defaultSubnet(view: ResourceView, place: Place, { Placement }: RunInstancesRequest): SubnetResource {
  const { VpcId } = requiredDefaultVpc(view, place);
  const zone = Placement?.AvailabilityZone;
  for (const subnet of view.list(subnets, place)) {
    if (subnet.VpcId !== VpcId || !subnet.DefaultForAz) continue;
    if (zone === undefined || subnet.AvailabilityZone === zone) return subnet;
  }
  throw new ServiceError(
    'MissingInput',
    `No subnets found for the default VPC '${VpcId}'. Please specify a subnet.`,
  );
}

interface Launch {
  readonly reservationId: string;
  readonly index: number;
  readonly nowMs: number;
  /** The addresses of subnets by their ids, for all instances of the request. */
  readonly free: Map<string | undefined, SubnetAddresses>;
}

function runOne(
  draft: Draft,
  place: Place,
  input: RunInstancesRequest,
  specifications: readonly InstanceNetworkInterfaceSpecification[],
  launch: Launch,
): InstanceResource {
  const interfaces = interfacesFor(draft, place, input, specifications, launch);
  const [primary] = interfaces;
  const subnet = existing(draft, resourceTypes.subnet, place, primary.SubnetId);
  const instance: InstanceResource = {
    ...newInstance(input, launch),
    Placement: {
      AvailabilityZone: subnet.AvailabilityZone ?? `${place.region}a`,
      GroupName: '',
      Tenancy: input.Placement?.Tenancy ?? 'default',
    },
    SubnetId: primary.SubnetId!,
    VpcId: primary.VpcId!,
    ...privateNames(primary, place),
    ...profileMembers(draft, place, input.IamInstanceProfile),
  };
  draft.put(instances, place, instance.InstanceId!, instance);
  for (const [i, one] of interfaces.entries()) {
    const {
      DeviceIndex = 0,
      NetworkCardIndex = 0,
      DeleteOnTermination,
      NetworkInterfaceId,
    } = specifications[i];
    attach(draft, place, one, instance, {
      deviceIndex: DeviceIndex,
      networkCardIndex: NetworkCardIndex,
      deleteOnTermination: DeleteOnTermination ?? NetworkInterfaceId === undefined,
      nowMs: launch.nowMs,
    });
  }
  return instance;
}

function privateNames(
  { PrivateIpAddress }: NetworkInterfaceResource,
  { region }: Place,
): Pick<InstanceResource, 'PrivateDnsName' | 'PrivateIpAddress'> {
  if (PrivateIpAddress === undefined) return { PrivateDnsName: '' };
  return { PrivateIpAddress, PrivateDnsName: privateDnsName(PrivateIpAddress, region) };
}

function profileMembers(
  view: ResourceView,
  place: Place,
  specification: IamInstanceProfileSpecification | undefined,
): Pick<InstanceResource, 'IamInstanceProfile'> {
  const found = specification && findProfile(view, place, specification);
  return found ? { IamInstanceProfile: { Arn: found.Arn, Id: found.InstanceProfileId } } : {};
}

/** All or none: an instance that cannot be run leaves no interface behind. */
function interfacesFor(
  draft: Draft,
  place: Place,
  input: RunInstancesRequest,
  specifications: readonly InstanceNetworkInterfaceSpecification[],
  { free }: Launch,
): NetworkInterfaceResource[] {
  const interfaces: NetworkInterfaceResource[] = [];
  try {
    for (const one of specifications) interfaces.push(interfaceFor(draft, place, input, one, free));
  } catch (error) {
    for (const [i, { NetworkInterfaceId }] of interfaces.entries()) {
      const isNew = specifications[i].NetworkInterfaceId === undefined;
      if (isNew) draft.remove(networkInterfaces, place, NetworkInterfaceId!);
    }
    throw error;
  }
  return interfaces;
}

/** A new one, or one that was made before and belongs to nobody. */
function interfaceFor(
  draft: Draft,
  place: Place,
  input: RunInstancesRequest,
  specification: InstanceNetworkInterfaceSpecification,
  free: Launch['free'],
): NetworkInterfaceResource {
  const { NetworkInterfaceId, SubnetId } = specification;
  if (NetworkInterfaceId === undefined) {
    const tags = tagsFromSpecifications(input.TagSpecifications, 'network-interface', taggable);
    const addresses = free.get(SubnetId) ?? addressesOf(draft, place, SubnetId);
    free.set(SubnetId, addresses);
    return putNewInterface(draft, place, specification, tags, addresses);
  }
  const found = interfaceOfNoDevice(draft, place, NetworkInterfaceId);
  if (found.Attachment) throw inUse(NetworkInterfaceId);
  return found;
}

function inUse(interfaceId: string): ServiceError {
  return new ServiceError('InvalidNetworkInterface.InUse', `Interface: [${interfaceId}] in use.`);
}

function newInstance(input: RunInstancesRequest, { reservationId, index, nowMs }: Launch): InstanceResource {
  return {
    InstanceId: newId('i'),
    ImageId: input.ImageId!,
    InstanceType: input.InstanceType ?? 'm1.small',
    State: { Code: 16, Name: 'running' },
    StateTransitionReason: '',
    AmiLaunchIndex: index,
    LaunchTime: new Date(nowMs).toISOString(),
    Monitoring: { State: input.Monitoring?.Enabled ? 'enabled' : 'disabled' },
    ProductCodes: [],
    Architecture: 'x86_64',
    BlockDeviceMappings: [],
    EbsOptimized: input.EbsOptimized ?? false,
    EnaSupport: true,
    Hypervisor: 'xen',
    RootDeviceName: '/dev/xvda',
    RootDeviceType: 'ebs',
    VirtualizationType: 'hvm',
    PlatformDetails: 'Linux/UNIX',
    MetadataOptions: {
      State: 'applied',
      HttpTokens: input.MetadataOptions?.HttpTokens ?? 'optional',
      HttpPutResponseHopLimit: input.MetadataOptions?.HttpPutResponseHopLimit ?? 1,
      HttpEndpoint: input.MetadataOptions?.HttpEndpoint ?? 'enabled',
      HttpProtocolIpv6: input.MetadataOptions?.HttpProtocolIpv6 ?? 'disabled',
      InstanceMetadataTags: input.MetadataOptions?.InstanceMetadataTags ?? 'disabled',
    },
    ...(input.KeyName === undefined ? {} : { KeyName: input.KeyName }),
    ...(input.ClientToken ? { ClientToken: input.ClientToken } : {}),
    ...(input.UserData === undefined ? {} : { userData: input.UserData }),
    Tags: tagsFromSpecifications(input.TagSpecifications, 'instance', taggable),
    reservationId,
    disableApiTermination: input.DisableApiTermination ?? false,
    disableApiStop: input.DisableApiStop ?? false,
    instanceInitiatedShutdownBehavior: input.InstanceInitiatedShutdownBehavior ?? 'stop',
    ...madeBy(input),
  };
}
