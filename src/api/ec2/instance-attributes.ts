import type { DescribeInstanceAttributeRequest, ModifyInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import {
  type InstanceResource,
  instances,
  type NetworkInterfaceResource,
  networkInterfaces,
} from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { describedInstance } from './instance-view.ts';
import { interfacesOf } from './interface-attachments.ts';
import { ownInterface } from './interface-guards.ts';
import { subject } from './lookup.ts';
import { groupsOf } from './new-interface.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { severalInterfaces } from './route-targets.ts';

export function instanceAttributeActions({ resources }: Ec2Parts): Actions {
  return {
    DescribeInstanceAttribute: {
      targets: ({ InstanceId }: DescribeInstanceAttributeRequest, call: Call) =>
        existingTargets(resources, resourceTypes.instance, call, [InstanceId]),
      run: (input: DescribeInstanceAttributeRequest, { place }: Call) =>
        describeAttribute(resources, place, input),
    },
    ModifyInstanceAttribute: {
      targets: ({ InstanceId, Groups = [] }: ModifyInstanceAttributeRequest, call: Call) => [
        ...existingTargets(resources, resourceTypes.instance, call, [InstanceId]),
        ...existingTargets(resources, resourceTypes.securityGroup, call, Groups),
      ],
      run: (input: ModifyInstanceAttributeRequest, { place }: Call) =>
        resources.write((draft) => modifyAttribute(draft, place, input)),
    },
  };
}

type AttributeOf = (instance: ReturnType<typeof describedInstance>) => object;

const attributes: Readonly<Record<string, AttributeOf>> = {
  instanceType: ({ InstanceType }) => ({ InstanceType: { Value: InstanceType } }),
  kernel: () => ({ KernelId: {} }),
  ramdisk: () => ({ RamdiskId: {} }),
  userData: ({ userData }) => ({ UserData: userData === undefined ? {} : { Value: userData } }),
  disableApiTermination: (one) => ({ DisableApiTermination: { Value: one.disableApiTermination ?? false } }),
  disableApiStop: (one) => ({ DisableApiStop: { Value: one.disableApiStop ?? false } }),
  instanceInitiatedShutdownBehavior: (one) => ({
    InstanceInitiatedShutdownBehavior: { Value: one.instanceInitiatedShutdownBehavior ?? 'stop' },
  }),
  rootDeviceName: ({ RootDeviceName }) => ({ RootDeviceName: { Value: RootDeviceName } }),
  blockDeviceMapping: () => ({ BlockDeviceMappings: [] }),
  productCodes: () => ({ ProductCodes: [] }),
  sourceDestCheck: ({ SourceDestCheck }) => ({ SourceDestCheck: { Value: SourceDestCheck ?? true } }),
  groupSet: ({ SecurityGroups = [] }) => ({ Groups: SecurityGroups }),
  ebsOptimized: ({ EbsOptimized }) => ({ EbsOptimized: { Value: EbsOptimized ?? false } }),
  sriovNetSupport: () => ({ SriovNetSupport: {} }),
  enaSupport: ({ EnaSupport }) => ({ EnaSupport: { Value: EnaSupport ?? false } }),
  enclaveOptions: () => ({ EnclaveOptions: { Enabled: false } }),
};

function describeAttribute(
  view: ResourceView,
  place: Place,
  { InstanceId, Attribute: asked }: DescribeInstanceAttributeRequest,
) {
  const Attribute: string = asked ?? '';
  const instance = subject(view, resourceTypes.instance, place, InstanceId);
  if (!Object.hasOwn(attributes, Attribute)) {
    throw ec2Errors.invalidParameterValue(Attribute, 'attribute', 'Unknown attribute.');
  }
  const own = interfacesOf(view, place, instance.InstanceId!);
  return { InstanceId, ...attributes[Attribute](describedInstance(instance, own)) };
}

/** `--attribute disableApiTermination --value true`: the older way to say it. */
function withNamedValue(input: ModifyInstanceAttributeRequest): ModifyInstanceAttributeRequest {
  const { Attribute, Value, ...rest } = input;
  if (Attribute === undefined || Value === undefined) return input;
  switch (Attribute) {
    case 'disableApiTermination':
      return { ...rest, DisableApiTermination: { Value: Value === 'true' } };
    case 'disableApiStop':
      return { ...rest, DisableApiStop: { Value: Value === 'true' } };
    case 'sourceDestCheck':
      return { ...rest, SourceDestCheck: { Value: Value === 'true' } };
    case 'instanceType':
      return { ...rest, InstanceType: { Value } };
    case 'instanceInitiatedShutdownBehavior':
      return { ...rest, InstanceInitiatedShutdownBehavior: { Value } };
    default:
      throw new ServiceError('UnsupportedOperation', `The attribute '${Attribute}' cannot be modified.`);
  }
}

function modifyAttribute(draft: Draft, place: Place, request: ModifyInstanceAttributeRequest): object {
  const input = withNamedValue(request);
  const instance = subject(draft, resourceTypes.instance, place, input.InstanceId);
  const { Groups, SourceDestCheck } = input;
  if (Groups) {
    const primary = onlyInterface(draft, place, instance);
    putInterface(draft, place, { ...primary, Groups: groupsOf(draft, place, primary, Groups) });
  }
  if (SourceDestCheck) {
    const primary = onlyInterface(draft, place, instance);
    putInterface(draft, place, { ...primary, SourceDestCheck: SourceDestCheck.Value ?? true });
  }
  draft.put(instances, place, instance.InstanceId!, { ...instance, ...changedMembers(instance, input) });
  return {};
}

function putInterface(draft: Draft, place: Place, one: NetworkInterfaceResource): void {
  draft.put(networkInterfaces, place, one.NetworkInterfaceId!, one);
}

/** @throws ServiceError when there are several: then it must be said which is meant */
function onlyInterface(
  view: ResourceView,
  place: Place,
  { InstanceId = '' }: InstanceResource,
): NetworkInterfaceResource {
  const own = interfacesOf(view, place, InstanceId);
  if (own.length !== 1) throw severalInterfaces(InstanceId);
  return ownInterface(view, place, own[0].NetworkInterfaceId);
}

function changedMembers(
  instance: InstanceResource,
  input: ModifyInstanceAttributeRequest,
): Partial<InstanceResource> {
  const { DisableApiTermination, DisableApiStop, InstanceInitiatedShutdownBehavior, InstanceType } = input;
  if (InstanceType?.Value !== undefined && instance.State?.Name !== 'stopped') {
    throw new ServiceError(
      'IncorrectInstanceState',
      `The instance '${instance.InstanceId}' is not in the 'stopped' state.`,
    );
  }
  return {
    ...(DisableApiTermination ? { disableApiTermination: DisableApiTermination.Value ?? false } : {}),
    ...(DisableApiStop ? { disableApiStop: DisableApiStop.Value ?? false } : {}),
    ...(InstanceType?.Value === undefined
      ? {}
      : { InstanceType: InstanceType.Value as NonNullable<InstanceResource['InstanceType']> }),
    ...shutdownBehavior(InstanceInitiatedShutdownBehavior?.Value),
  };
}

function shutdownBehavior(
  value: string | undefined,
): Pick<InstanceResource, 'instanceInitiatedShutdownBehavior'> {
  if (value === undefined) return {};
  if (value === 'stop' || value === 'terminate') return { instanceInitiatedShutdownBehavior: value };
  throw ec2Errors.invalidParameterValue(
    value,
    'instanceInitiatedShutdownBehavior',
    'Expected stop or terminate.',
  );
}
