import type {
  CreateNatGatewayRequest,
  DeleteNatGatewayRequest,
  DescribeNatGatewaysRequest,
  NatGateway,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import { natGateways, networkInterfaces, type SubnetResource } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { disassociateAddress, putAssociation } from './address-associations.ts';
import { createdTargets, existingTargets, ofNothing, vpcKey } from './arns.ts';
import { madeBefore, madeBy } from './client-token.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { gatewayOf } from './internet-gateways.ts';
import { checkIds, existing } from './lookup.ts';
import { natGatewayInterface } from './nat-gateway-interface.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { settleRoutes } from './route-states.ts';
import { SubnetAddresses } from './subnet-addresses.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

type Gateway = Stored<NatGateway>;

/** A deleted or failed gateway is shown for an hour, as in AWS. */
const shownAfterEndMs = 3_600_000;

export function natGatewayActions({ resources }: Ec2Parts): Actions {
  const type = resourceTypes.natGateway;
  return {
    CreateNatGateway: {
      targets: (input: CreateNatGatewayRequest, call: Call) => {
        const subnet = resources.get(resourceTypes.subnet.kind, call.place, input.SubnetId ?? '');
        return [
          ...existingTargets(resources, resourceTypes.subnet, call, [input.SubnetId]),
          ...existingTargets(resources, resourceTypes.address, call, [input.AllocationId]),
          ...createdTargets(type.type, call, input.TagSpecifications, vpcKey(call.place, subnet?.VpcId)),
        ];
      },
      run: (input: CreateNatGatewayRequest, call: Call) =>
        resources.write((draft) => createGateway(draft, input, call)),
    },
    DeleteNatGateway: {
      targets: ({ NatGatewayId }: DeleteNatGatewayRequest, call: Call) =>
        existingTargets(resources, type, call, [NatGatewayId]),
      run: ({ NatGatewayId }: DeleteNatGatewayRequest, call: Call) =>
        resources.write((draft) => deleteGateway(draft, NatGatewayId, call)),
    },
    DescribeNatGateways: {
      targets: ofNothing,
      run: (input: DescribeNatGatewaysRequest, call: Call) => describeGateways(resources, input, call),
    },
  };
}

/** `available` at once: nothing has to be started. */
function createGateway(draft: Draft, input: CreateNatGatewayRequest, call: Call) {
  const { place, nowMs } = call;
  forgetEnded(draft, place, nowMs);
  const tags = tagsFromSpecifications(input.TagSpecifications, 'natgateway');
  const before = madeBefore(draft, natGateways, place, input);
  if (before) return { NatGateway: before, ClientToken: input.ClientToken };
  checkRequest(input);
  const subnet = existing(draft, resourceTypes.subnet, place, input.SubnetId);
  const isPrivate = input.ConnectivityType === 'private';
  const base: Gateway = {
    NatGatewayId: newId('nat'),
    SubnetId: subnet.SubnetId!,
    VpcId: subnet.VpcId!,
    CreateTime: new Date(nowMs).toISOString(),
    ConnectivityType: isPrivate ? 'private' : 'public',
    AvailabilityMode: 'zonal',
    NatGatewayAddresses: [],
    Tags: tags,
    ...madeBy(input),
  };
  const failure = failureOf(draft, place, subnet, input);
  const gateway = failure ? failed(base, nowMs, failure) : started(draft, place, base, subnet, input);
  draft.put(natGateways, place, gateway.NatGatewayId!, gateway);
  settleRoutes(draft, place);
  return { NatGateway: gateway, ClientToken: input.ClientToken };
}

/** @throws ServiceError for what does not fit together, and for what only loaded gateways have */
function checkRequest(input: CreateNatGatewayRequest): void {
  if (input.AvailabilityMode === 'regional' || input.VpcId !== undefined) {
    throw new ServiceError(
      'UnsupportedOperation',
      'Regional NAT gateways can be described and loaded, not created.',
    );
  }
  if (input.SubnetId === undefined) throw ec2Errors.missingParameter('SubnetId');
  const isPrivate = input.ConnectivityType === 'private';
  if (!isPrivate && input.AllocationId === undefined) {
    throw new ServiceError(
      'MissingParameter',
      'The request must include the AllocationId parameter. Add the required parameter and retry the request.',
    );
  }
  if (isPrivate && (input.AllocationId !== undefined || input.SecondaryAllocationIds?.length)) {
    throw ec2Errors.invalidCombination('A private NAT gateway can have no AllocationId');
  }
  const hasSecondary =
    input.SecondaryAllocationIds?.length ||
    input.SecondaryPrivateIpAddresses?.length ||
    input.SecondaryPrivateIpAddressCount;
  if (hasSecondary) {
    throw new ServiceError('UnsupportedOperation', 'Secondary addresses of NAT gateways are not supported.');
  }
}

/** With its interface, and the Elastic IP address of a public one. */
function started(
  draft: Draft,
  place: Place,
  base: Gateway,
  subnet: SubnetResource,
  { AllocationId, PrivateIpAddress }: CreateNatGatewayRequest,
): Gateway {
  const address = AllocationId ? existing(draft, resourceTypes.address, place, AllocationId) : undefined;
  const free = new SubnetAddresses(draft, place, subnet);
  const privateIp = PrivateIpAddress === undefined ? free.nextIpv4() : free.take(PrivateIpAddress);
  const created = natGatewayInterface(place, base, subnet, privateIp);
  const interfaceId = created.NetworkInterfaceId!;
  draft.put(networkInterfaces, place, interfaceId, created);
  const associationId = address && putAssociation(draft, place, address, created, privateIp);
  return {
    ...base,
    State: 'available',
    NatGatewayAddresses: [
      {
        NetworkInterfaceId: interfaceId,
        PrivateIp: privateIp,
        IsPrimary: true,
        Status: 'succeeded',
        ...(address
          ? {
              AllocationId: address.AllocationId!,
              PublicIp: address.PublicIp!,
              AssociationId: associationId!,
            }
          : {}),
      },
    ],
  };
}

type Failure = Required<Pick<Gateway, 'FailureCode' | 'FailureMessage'>>;

/**
 * Why a gateway cannot be started: AWS answers the request all the same, and shows a gateway that failed.
 * @throws ServiceError `InvalidAllocationID.NotFound`
 */
function failureOf(
  view: ResourceView,
  place: Place,
  subnet: SubnetResource,
  { AllocationId, ConnectivityType, PrivateIpAddress }: CreateNatGatewayRequest,
): Failure | undefined {
  const address = AllocationId && existing(view, resourceTypes.address, place, AllocationId);
  if (ConnectivityType !== 'private' && !gatewayOf(view, place, subnet.VpcId)) {
    return {
      FailureCode: 'Gateway.NotAttached',
      FailureMessage: `Network ${subnet.VpcId} has no Internet gateway attached`,
    };
  }
  if (address && address.AssociationId !== undefined) {
    return {
      FailureCode: 'Resource.AlreadyAssociated',
      FailureMessage: `Elastic IP address [${AllocationId}] is already associated`,
    };
  }
  if (PrivateIpAddress !== undefined || new SubnetAddresses(view, place, subnet).hasFreeIpv4)
    return undefined;
  return {
    FailureCode: 'InsufficientFreeAddressesInSubnet',
    FailureMessage: 'Subnet has insufficient free addresses to create this NAT gateway',
  };
}

function failed(base: Gateway, nowMs: number, failure: Failure): Gateway {
  return {
    ...base,
    ...failure,
    State: 'failed',
    DeleteTime: new Date(nowMs).toISOString(),
  };
}

function deleteGateway(draft: Draft, id: string | undefined, { place, nowMs }: Call) {
  forgetEnded(draft, place, nowMs);
  const type = resourceTypes.natGateway;
  const gateway = draft.get(natGateways, place, id ?? '');
  if (!gateway) {
    checkIds(type, [id ?? '']);
    throw ec2Errors.notFound(type, [id ?? '']);
  }
  if (gateway.State === 'deleted') throw ec2Errors.notFound(type, [id!]);
  for (const { AssociationId, NetworkInterfaceId } of gateway.NatGatewayAddresses ?? []) {
    if (AssociationId) disassociateAddress(draft, place, AssociationId);
    if (NetworkInterfaceId) draft.remove(networkInterfaces, place, NetworkInterfaceId);
  }
  const DeleteTime = new Date(nowMs).toISOString();
  draft.put(natGateways, place, id!, { ...gateway, State: 'deleted', DeleteTime });
  settleRoutes(draft, place);
  return { NatGatewayId: id };
}

function isOver({ State, DeleteTime }: Gateway, nowMs: number): boolean {
  const hasEnded = State === 'deleted' || State === 'failed';
  return hasEnded && DeleteTime !== undefined && Date.parse(DeleteTime) + shownAfterEndMs <= nowMs;
}

function forgetEnded(draft: Draft, place: Place, nowMs: number): void {
  for (const gateway of [...draft.list(natGateways, place)]) {
    if (isOver(gateway, nowMs)) draft.remove(natGateways, place, gateway.NatGatewayId!);
  }
}

function describeGateways(view: ResourceView, input: DescribeNatGatewaysRequest, call: Call) {
  const shown = [...view.list(natGateways, call.place)].filter((gateway) => !isOver(gateway, call.nowMs));
  const options = {
    type: resourceTypes.natGateway,
    ids: input.NatGatewayIds,
    idsName: 'natGatewayIdSet',
    idOf: ({ NatGatewayId }: Gateway) => NatGatewayId,
    filters: gatewayFilters,
  };
  const { items, next } = describeItems(shown, { ...input, Filters: input.Filter }, options, call);
  return { NatGateways: items, ...next };
}

const gatewayFilters: FilterTable<Gateway> = {
  'nat-gateway-id': ({ NatGatewayId }) => [NatGatewayId],
  state: ({ State }) => [State],
  'subnet-id': ({ SubnetId }) => [SubnetId],
  'vpc-id': ({ VpcId }) => [VpcId],
};
