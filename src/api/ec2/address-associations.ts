import type {
  Address,
  AssociateAddressRequest,
  DisassociateAddressRequest,
  NetworkInterfaceAssociation,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import { addresses, type NetworkInterfaceResource, networkInterfaces, vpcs } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { publicDnsName } from './interface-parts.ts';
import { gatewayOf } from './internet-gateways.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { severalInterfaces } from './route-targets.ts';

export type StoredAddress = Stored<Address>;

export function addressAssociationActions({ resources }: Ec2Parts): Actions {
  return {
    AssociateAddress: {
      targets: (input: AssociateAddressRequest, call: Call) => [
        ...existingTargets(resources, resourceTypes.address, call, [
          input.AllocationId ?? addressAt(resources, call.place, input.PublicIp)?.AllocationId,
        ]),
        ...existingTargets(resources, resourceTypes.instance, call, [input.InstanceId]),
        ...existingTargets(resources, resourceTypes.networkInterface, call, [input.NetworkInterfaceId]),
      ],
      run: (input: AssociateAddressRequest, { place }: Call) =>
        resources.write((draft) => associate(draft, place, input)),
    },
    DisassociateAddress: {
      targets: ({ AssociationId, PublicIp }: DisassociateAddressRequest, call: Call) => {
        const address = associatedAddress(resources, call.place, AssociationId, PublicIp);
        return existingTargets(resources, resourceTypes.address, call, [address?.AllocationId ?? '*']);
      },
      run: (input: DisassociateAddressRequest, { place }: Call) =>
        resources.write((draft) => disassociate(draft, place, input)),
    },
  };
}

export function addressAt(
  view: ResourceView,
  place: Place,
  publicIp: string | undefined,
): StoredAddress | undefined {
  return [...view.list(addresses, place)].find(({ PublicIp }) => PublicIp === publicIp);
}

function associatedAddress(
  view: ResourceView,
  place: Place,
  associationId: string | undefined,
  publicIp: string | undefined,
): StoredAddress | undefined {
  if (associationId === undefined) return addressAt(view, place, publicIp);
  return [...view.list(addresses, place)].find(({ AssociationId }) => AssociationId === associationId);
}

export function noAddress(publicIp: string): ServiceError {
  return new ServiceError('InvalidAddress.NotFound', `Address '${publicIp}' not found.`);
}

function associate(draft: Draft, place: Place, input: AssociateAddressRequest) {
  const address = requestedAddress(draft, place, input);
  const target = requestedInterface(draft, place, input);
  if (target.RequesterManaged) throw ec2Errors.requesterManaged(target.NetworkInterfaceId!);
  checkReachable(draft, place, target);
  const privateIp = requestedPrivateAddress(target, input.PrivateIpAddress);
  const isThere =
    address.NetworkInterfaceId === target.NetworkInterfaceId && address.PrivateIpAddress === privateIp;
  if (isThere) return { AssociationId: address.AssociationId };
  const { AllocationId, AssociationId } = address;
  if (AssociationId !== undefined) {
    if (input.AllowReassociation === false) {
      throw new ServiceError(
        'Resource.AlreadyAssociated',
        `resource ${AllocationId} is already associated with associate-id ${AssociationId}`,
      );
    }
    checkNotNatGateways(draft, place, address);
    disassociateAddress(draft, place, AssociationId);
  }
  replaceOthers(draft, place, target.NetworkInterfaceId!, privateIp);
  const free = existing(draft, resourceTypes.address, place, AllocationId);
  const current = existing(draft, resourceTypes.networkInterface, place, target.NetworkInterfaceId);
  return { AssociationId: putAssociation(draft, place, free, current, privateIp) };
}

function requestedAddress(
  view: ResourceView,
  place: Place,
  { AllocationId, PublicIp }: AssociateAddressRequest,
): StoredAddress {
  if (AllocationId !== undefined && PublicIp !== undefined) {
    throw ec2Errors.invalidCombination(
      'You may specify public IP or allocation id, but not both in the same call',
    );
  }
  if (AllocationId !== undefined) return existing(view, resourceTypes.address, place, AllocationId);
  if (PublicIp === undefined) {
    throw new ServiceError('MissingParameter', 'Either public IP or allocation id must be specified');
  }
  const address = addressAt(view, place, PublicIp);
  if (!address) throw noAddress(PublicIp);
  return address;
}

function requestedInterface(
  view: ResourceView,
  place: Place,
  { InstanceId, NetworkInterfaceId }: AssociateAddressRequest,
): NetworkInterfaceResource {
  if (NetworkInterfaceId !== undefined) {
    return existing(view, resourceTypes.networkInterface, place, NetworkInterfaceId);
  }
  if (InstanceId === undefined) {
    throw new ServiceError(
      'MissingParameter',
      'Either instance ID or network interface id must be specified',
    );
  }
  existing(view, resourceTypes.instance, place, InstanceId);
  const attached = [...view.list(networkInterfaces, place)].filter(
    ({ Attachment }) => Attachment?.InstanceId === InstanceId,
  );
  if (attached.length > 1) throw severalInterfaces(InstanceId);
  if (attached.length === 0) {
    throw new ServiceError('InvalidInstanceID', `The instance '${InstanceId}' has no network interface.`);
  }
  return attached[0];
}

/** @throws ServiceError `Gateway.NotAttached`: a public address needs an internet gateway */
function checkReachable(view: ResourceView, place: Place, { VpcId }: NetworkInterfaceResource): void {
  if (gatewayOf(view, place, VpcId)) return;
  throw new ServiceError('Gateway.NotAttached', `Network ${VpcId} is not attached to any internet gateway`);
}

function requestedPrivateAddress(target: NetworkInterfaceResource, asked: string | undefined): string {
  const all = (target.PrivateIpAddresses ?? []).map(({ PrivateIpAddress }) => PrivateIpAddress);
  const primary = target.PrivateIpAddress ?? all[0];
  if (asked === undefined && primary !== undefined) return primary;
  if (asked !== undefined && (asked === primary || all.includes(asked))) return asked;
  throw ec2Errors.invalidValue(
    `The specified private IP address ${asked} is not assigned to interface ${target.NetworkInterfaceId}`,
  );
}

/** An address that has another Elastic IP address gives it back: it remains allocated. */
function replaceOthers(draft: Draft, place: Place, interfaceId: string, privateIp: string): void {
  for (const other of [...draft.list(addresses, place)]) {
    if (other.NetworkInterfaceId !== interfaceId || other.PrivateIpAddress !== privateIp) continue;
    disassociateAddress(draft, place, other.AssociationId!);
  }
}

/** Writes both ends of a new association, and gives its id. */
export function putAssociation(
  draft: Draft,
  place: Place,
  address: StoredAddress,
  target: NetworkInterfaceResource,
  privateIp: string,
): string {
  const AssociationId = newId('eipassoc');
  const instanceId = target.Attachment?.InstanceId;
  draft.put(addresses, place, address.AllocationId!, {
    ...address,
    AssociationId,
    NetworkInterfaceId: target.NetworkInterfaceId!,
    NetworkInterfaceOwnerId: target.OwnerId ?? place.accountId,
    PrivateIpAddress: privateIp,
    ...(target.SubnetId ? { SubnetId: target.SubnetId } : {}),
    ...(instanceId ? { InstanceId: instanceId } : {}),
  });
  const hasNames = draft.get(vpcs, place, target.VpcId ?? '')?.enableDnsHostnames === true;
  const association: NetworkInterfaceAssociation = {
    AllocationId: address.AllocationId!,
    AssociationId,
    IpOwnerId: place.accountId,
    PublicIp: address.PublicIp!,
    PublicDnsName: hasNames ? publicDnsName(address.PublicIp!, place.region) : '',
  };
  putInterfaceAssociation(draft, place, target, privateIp, association);
  return AssociationId;
}

/** On the private address, and on the interface itself for its primary address. */
function putInterfaceAssociation(
  draft: Draft,
  place: Place,
  target: NetworkInterfaceResource,
  privateIp: string,
  association: NetworkInterfaceAssociation | undefined,
): void {
  const { Association: before, ...rest } = target;
  const of = association ? { Association: association } : {};
  const isPrimary = target.PrivateIpAddress === privateIp;
  const kept = !isPrimary && before ? { Association: before } : {};
  draft.put(networkInterfaces, place, target.NetworkInterfaceId!, {
    ...rest,
    ...(isPrimary ? of : kept),
    PrivateIpAddresses: (target.PrivateIpAddresses ?? []).map((entry) => {
      if (entry.PrivateIpAddress !== privateIp) return entry;
      const { Association: _, ...address } = entry;
      return { ...address, ...of };
    }),
  });
}

/** Takes an association from both ends. Nothing happens where there is none. */
export function disassociateAddress(draft: Draft, place: Place, associationId: string): void {
  const address = associatedAddress(draft, place, associationId, undefined);
  if (!address) return;
  const {
    AssociationId: _,
    NetworkInterfaceId,
    NetworkInterfaceOwnerId: __,
    PrivateIpAddress,
    SubnetId: ___,
    InstanceId: ____,
    ...free
  } = address;
  draft.put(addresses, place, address.AllocationId!, free);
  const target = draft.get(networkInterfaces, place, NetworkInterfaceId ?? '');
  if (target) putInterfaceAssociation(draft, place, target, PrivateIpAddress ?? '', undefined);
}

/** When an interface goes, its Elastic IP addresses remain allocated. */
export function disassociateInterface(draft: Draft, place: Place, interfaceId: string): void {
  for (const address of [...draft.list(addresses, place)]) {
    if (address.NetworkInterfaceId === interfaceId) disassociateAddress(draft, place, address.AssociationId!);
  }
}

function disassociate(draft: Draft, place: Place, input: DisassociateAddressRequest): object {
  const { AssociationId, PublicIp } = input;
  if (AssociationId === undefined && PublicIp === undefined) {
    throw new ServiceError('MissingParameter', 'Either public IP or association id must be specified');
  }
  const address = associatedAddress(draft, place, AssociationId, PublicIp);
  if (!address && PublicIp !== undefined) throw noAddress(PublicIp);
  if (!address?.AssociationId) {
    if (AssociationId === undefined) return {};
    throw new ServiceError(
      'InvalidAssociationID.NotFound',
      `The association ID '${AssociationId}' does not exist`,
    );
  }
  checkNotNatGateways(draft, place, address);
  disassociateAddress(draft, place, address.AssociationId);
  return {};
}

/** @throws ServiceError `AuthFailure`: the address of a NAT gateway is taken from it by deleting it */
export function checkNotNatGateways(
  view: ResourceView,
  place: Place,
  { NetworkInterfaceId }: StoredAddress,
): void {
  const target = view.get(networkInterfaces, place, NetworkInterfaceId ?? '');
  if (!target?.RequesterManaged) return;
  throw new ServiceError('AuthFailure', 'You do not have permission to access the specified resource.');
}
