import type { AttachNetworkInterfaceRequest, DetachNetworkInterfaceRequest } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView } from '../../resource/index.ts';
import {
  addresses,
  type InstanceResource,
  type NetworkInterfaceResource,
  networkInterfaces,
  subnets,
} from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets, ofNothing } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { interfaceOfNoDevice } from './interface-guards.ts';
import { subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { settleRoutes } from './route-states.ts';

export function interfaceAttachmentActions({ resources }: Ec2Parts): Actions {
  return {
    AttachNetworkInterface: {
      targets: ({ NetworkInterfaceId, InstanceId }: AttachNetworkInterfaceRequest, call: Call) => [
        ...existingTargets(resources, resourceTypes.networkInterface, call, [NetworkInterfaceId]),
        ...existingTargets(resources, resourceTypes.instance, call, [InstanceId]),
      ],
      run: (input: AttachNetworkInterfaceRequest, { place, nowMs }: Call) =>
        resources.write((draft) => attachInterface(draft, place, input, nowMs)),
    },
    DetachNetworkInterface: {
      targets: ({ AttachmentId }: DetachNetworkInterfaceRequest, call: Call) => {
        const found = attachedAs(resources, call.place, AttachmentId);
        if (!found) return ofNothing({}, call);
        return [
          ...existingTargets(resources, resourceTypes.networkInterface, call, [found.NetworkInterfaceId]),
          ...existingTargets(resources, resourceTypes.instance, call, [found.Attachment?.InstanceId]),
        ];
      },
      run: ({ AttachmentId }: DetachNetworkInterfaceRequest, { place }: Call) =>
        resources.write((draft) => detachInterface(draft, place, AttachmentId)),
    },
  };
}

function attachInterface(draft: Draft, place: Place, input: AttachNetworkInterfaceRequest, nowMs: number) {
  const found = interfaceOfNoDevice(draft, place, input.NetworkInterfaceId);
  const instance = subject(draft, resourceTypes.instance, place, input.InstanceId);
  if (found.Attachment) {
    throw new ServiceError(
      'InvalidNetworkInterface.InUse',
      `Interface: [${found.NetworkInterfaceId}] in use.`,
    );
  }
  checkInstance(draft, place, instance, found, input.DeviceIndex ?? 1);
  const attached = attach(draft, place, found, instance, {
    deviceIndex: input.DeviceIndex ?? 1,
    networkCardIndex: input.NetworkCardIndex ?? 0,
    deleteOnTermination: false,
    nowMs,
  });
  settleRoutes(draft, place);
  return { AttachmentId: attached.Attachment?.AttachmentId, NetworkCardIndex: input.NetworkCardIndex ?? 0 };
}

function checkInstance(
  view: ResourceView,
  place: Place,
  { InstanceId = '', State, SubnetId }: InstanceResource,
  found: NetworkInterfaceResource,
  deviceIndex: number,
): void {
  if (State?.Name !== 'running' && State?.Name !== 'stopped') {
    throw ec2Errors.incorrectState(
      `The instance '${InstanceId}' is not in the 'running' or 'stopped' state.`,
    );
  }
  const zone = view.get(subnets, place, SubnetId ?? '')?.AvailabilityZone;
  if (zone !== undefined && found.AvailabilityZone !== undefined && zone !== found.AvailabilityZone) {
    throw ec2Errors.invalidCombination(
      'You may not attach a network interface to an instance if they are not in the same availability zone',
    );
  }
  const isTaken = interfacesOf(view, place, InstanceId).some(
    ({ Attachment }) => Attachment?.DeviceIndex === deviceIndex,
  );
  if (!isTaken) return;
  throw ec2Errors.invalidValue(
    `Instance '${InstanceId}' already has an interface attached at device index '${deviceIndex}'.`,
  );
}

export interface AttachmentOptions {
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
  readonly deleteOnTermination: boolean;
  readonly nowMs: number;
}

/** Makes an interface part of an instance. */
export function attach(
  draft: Draft,
  place: Place,
  found: NetworkInterfaceResource,
  { InstanceId }: InstanceResource,
  options: AttachmentOptions,
): NetworkInterfaceResource {
  const attached: NetworkInterfaceResource = {
    ...found,
    Status: 'in-use',
    Attachment: {
      AttachmentId: newId('eni-attach'),
      AttachTime: new Date(options.nowMs).toISOString(),
      DeleteOnTermination: options.deleteOnTermination,
      DeviceIndex: options.deviceIndex,
      NetworkCardIndex: options.networkCardIndex,
      InstanceId: InstanceId!,
      InstanceOwnerId: place.accountId,
      Status: 'attached',
    },
  };
  draft.put(networkInterfaces, place, found.NetworkInterfaceId!, attached);
  tellAddresses(draft, place, attached);
  return attached;
}

/** Elastic IP addresses say whose interface they are on. */
function tellAddresses(
  draft: Draft,
  place: Place,
  { NetworkInterfaceId, Attachment }: NetworkInterfaceResource,
): void {
  for (const [id, address] of [...draft.entries(addresses, place)]) {
    if (address.NetworkInterfaceId !== NetworkInterfaceId) continue;
    const { InstanceId: _, ...rest } = address;
    const InstanceId = Attachment?.InstanceId;
    draft.put(addresses, place, id, InstanceId === undefined ? rest : { ...rest, InstanceId });
  }
}

/** The interfaces of an instance, by device index. */
export function interfacesOf(
  view: ResourceView,
  place: Place,
  instanceId: string,
): NetworkInterfaceResource[] {
  const own = [...view.list(networkInterfaces, place)].filter(
    ({ Attachment }) => Attachment?.InstanceId === instanceId,
  );
  return own.sort((a, b) => (a.Attachment?.DeviceIndex ?? 0) - (b.Attachment?.DeviceIndex ?? 0));
}

function attachedAs(
  view: ResourceView,
  place: Place,
  attachmentId: string | undefined,
): NetworkInterfaceResource | undefined {
  for (const one of view.list(networkInterfaces, place)) {
    if (one.Attachment?.AttachmentId === attachmentId && attachmentId !== undefined) return one;
  }
  return undefined;
}

function detachInterface(draft: Draft, place: Place, attachmentId: string | undefined): object {
  const found = attachedAs(draft, place, attachmentId);
  if (!found) {
    throw new ServiceError(
      'InvalidAttachmentID.NotFound',
      `The attachment ID '${attachmentId ?? ''}' does not exist`,
    );
  }
  interfaceOfNoDevice(draft, place, found.NetworkInterfaceId);
  if (found.Attachment?.DeviceIndex === 0) {
    throw ec2Errors.operationNotPermitted('The network interface at device index 0 cannot be detached.');
  }
  detach(draft, place, found);
  settleRoutes(draft, place);
  return {};
}

export function detach(draft: Draft, place: Place, found: NetworkInterfaceResource): void {
  const { Attachment: _, ...rest } = found;
  const detached: NetworkInterfaceResource = { ...rest, Status: 'available' };
  draft.put(networkInterfaces, place, found.NetworkInterfaceId!, detached);
  tellAddresses(draft, place, detached);
}
