import type {
  CreateNetworkInterfaceRequest,
  DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfacesRequest,
} from '@aws-sdk/client-ec2';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import { networkInterfaces, subnets } from '../../vpc/index.ts';
import type { Call, Target } from '../action.ts';
import { disassociateInterface } from './address-associations.ts';
import { createdTargets, existingTargets, ofNothing, vpcKey } from './arns.ts';
import { madeBefore, madeBy } from './client-token.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import { interfaceOfNoDevice } from './interface-guards.ts';
import { interfaceFilters } from './network-interface-filters.ts';
import { putNewInterface } from './new-interface.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { settleRoutes } from './route-states.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

export function networkInterfaceActions({ resources }: Ec2Parts): Actions {
  return {
    CreateNetworkInterface: {
      targets: (input: CreateNetworkInterfaceRequest, call: Call) => creationTargets(resources, input, call),
      run: (input: CreateNetworkInterfaceRequest, { place }: Call) =>
        resources.write((draft) => ({
          NetworkInterface: createInterface(draft, place, input),
          ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
        })),
    },
    DeleteNetworkInterface: {
      targets: ({ NetworkInterfaceId }: DeleteNetworkInterfaceRequest, call: Call) =>
        existingTargets(resources, resourceTypes.networkInterface, call, [NetworkInterfaceId]),
      run: ({ NetworkInterfaceId }: DeleteNetworkInterfaceRequest, { place }: Call) =>
        resources.write((draft) => deleteInterface(draft, place, NetworkInterfaceId)),
    },
    DescribeNetworkInterfaces: {
      targets: ofNothing,
      run: (input: DescribeNetworkInterfacesRequest, call: Call) =>
        describeInterfaces(resources, input, call),
    },
  };
}

function creationTargets(view: ResourceView, input: CreateNetworkInterfaceRequest, call: Call): Target[] {
  const subnet = view.get(subnets, call.place, input.SubnetId ?? '');
  return [
    ...createdTargets('network-interface', call, input.TagSpecifications, vpcKey(call.place, subnet?.VpcId)),
    ...existingTargets(view, resourceTypes.subnet, call, [input.SubnetId]),
    ...existingTargets(view, resourceTypes.securityGroup, call, input.Groups ?? []),
  ];
}

/** The answer says `pending`; whoever looks finds it available. */
function createInterface(draft: Draft, place: Place, input: CreateNetworkInterfaceRequest): object {
  const before = madeBefore(draft, networkInterfaces, place, input);
  if (before) return before;
  const tags = tagsFromSpecifications(input.TagSpecifications, 'network-interface');
  const made = { ...putNewInterface(draft, place, input, tags), ...madeBy(input) };
  draft.put(networkInterfaces, place, made.NetworkInterfaceId!, made);
  return { ...made, Status: 'pending' };
}

function deleteInterface(draft: Draft, place: Place, id: string | undefined): object {
  const { NetworkInterfaceId = '', Attachment } = interfaceOfNoDevice(draft, place, id);
  if (Attachment) {
    throw ec2Errors.invalidValue(`Network interface '${NetworkInterfaceId}' is currently in use.`);
  }
  removeInterface(draft, place, NetworkInterfaceId);
  settleRoutes(draft, place);
  return {};
}

/** Its elastic addresses are free again. Routes are settled by who calls it. */
export function removeInterface(draft: Draft, place: Place, id: string): void {
  disassociateInterface(draft, place, id);
  draft.remove(networkInterfaces, place, id);
}

function describeInterfaces(view: ResourceView, input: DescribeNetworkInterfacesRequest, call: Call) {
  const { items, next } = describeItems(
    view.list(networkInterfaces, call.place),
    input,
    {
      type: resourceTypes.networkInterface,
      ids: input.NetworkInterfaceIds,
      idsName: 'networkInterfaceIdSet',
      idOf: ({ NetworkInterfaceId }) => NetworkInterfaceId,
      filters: interfaceFilters,
    },
    call,
  );
  return { NetworkInterfaces: items, ...next };
}
