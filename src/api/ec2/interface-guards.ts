import type { Place, ResourceView } from '../../resource/index.ts';
import type { NetworkInterfaceResource } from '../../vpc/index.ts';
import { ec2Errors } from './errors.ts';
import { subject } from './lookup.ts';
import { resourceTypes } from './resource-types.ts';

/**
 * An interface that a request changes.
 * @throws ServiceError `…Malformed`, `…NotFound`; `OperationNotPermitted` for one that a service of AWS manages
 */
export function ownInterface(
  view: ResourceView,
  place: Place,
  id: string | undefined,
): NetworkInterfaceResource {
  const found = subject(view, resourceTypes.networkInterface, place, id);
  if (found.RequesterManaged) throw ec2Errors.requesterManaged(found.NetworkInterfaceId!);
  return found;
}

/**
 * As `ownInterface`, for what a device of this host decides: its addresses, whether it is there, what it is part of.
 * @throws ServiceError `OperationNotPermitted`
 */
export function interfaceOfNoDevice(
  view: ResourceView,
  place: Place,
  id: string | undefined,
): NetworkInterfaceResource {
  const found = ownInterface(view, place, id);
  if (found.device === undefined) return found;
  throw ec2Errors.operationNotPermitted(
    `The network interface '${found.NetworkInterfaceId}' is device ${found.device} of this host (tag headgate:device): ` +
      'it is there as long as the device is, with the addresses of the device.',
  );
}
