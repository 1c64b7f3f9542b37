import type {
  AttachInternetGatewayRequest,
  AttachmentStatus,
  CreateInternetGatewayRequest,
  DeleteInternetGatewayRequest,
  DescribeInternetGatewaysRequest,
  DetachInternetGatewayRequest,
  InternetGateway,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import { internetGateways, networkInterfaces, routeTables } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, existingTargets, ofNothing } from './arns.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { existing, subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { isAttachedTo, settleRoutes } from './route-states.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

type Gateway = Stored<InternetGateway>;

/** What EC2 says, though its model has no such state. */
const available = 'available' as string as AttachmentStatus;

export function internetGatewayActions({ resources }: Ec2Parts): Actions {
  const withVpc = (input: AttachInternetGatewayRequest | DetachInternetGatewayRequest, call: Call) => [
    ...existingTargets(resources, resourceTypes.internetGateway, call, [input.InternetGatewayId]),
    ...existingTargets(resources, resourceTypes.vpc, call, [input.VpcId]),
  ];
  return {
    CreateInternetGateway: {
      targets: ({ TagSpecifications }: CreateInternetGatewayRequest, call: Call) =>
        createdTargets('internet-gateway', call, TagSpecifications),
      run: (input: CreateInternetGatewayRequest, { place }: Call) =>
        resources.write((draft) => ({ InternetGateway: createGateway(draft, place, input) })),
    },
    DeleteInternetGateway: {
      targets: ({ InternetGatewayId }: DeleteInternetGatewayRequest, call: Call) =>
        existingTargets(resources, resourceTypes.internetGateway, call, [InternetGatewayId]),
      run: ({ InternetGatewayId }: DeleteInternetGatewayRequest, { place }: Call) =>
        resources.write((draft) => deleteGateway(draft, place, InternetGatewayId)),
    },
    AttachInternetGateway: {
      targets: withVpc,
      run: (input: AttachInternetGatewayRequest, { place }: Call) =>
        resources.write((draft) => attach(draft, place, input)),
    },
    DetachInternetGateway: {
      targets: withVpc,
      run: (input: DetachInternetGatewayRequest, { place }: Call) =>
        resources.write((draft) => detach(draft, place, input)),
    },
    DescribeInternetGateways: {
      targets: ofNothing,
      run: (input: DescribeInternetGatewaysRequest, call: Call) => describeGateways(resources, input, call),
    },
  };
}

export function createGateway(
  draft: Draft,
  place: Place,
  { TagSpecifications }: CreateInternetGatewayRequest,
): Gateway {
  const id = newId('igw');
  const gateway: Gateway = {
    InternetGatewayId: id,
    OwnerId: place.accountId,
    Attachments: [],
    Tags: tagsFromSpecifications(TagSpecifications, 'internet-gateway'),
  };
  draft.put(internetGateways, place, id, gateway);
  return gateway;
}

function deleteGateway(draft: Draft, place: Place, id: string | undefined): object {
  const gateway = subject(draft, resourceTypes.internetGateway, place, id);
  if (gateway.Attachments?.length) throw ec2Errors.hasDependencies('internetGateway', id!);
  draft.remove(internetGateways, place, id!);
  return {};
}

/** The internet gateway of a VPC. */
export function gatewayOf(view: ResourceView, place: Place, vpcId: string | undefined): Gateway | undefined {
  return [...view.list(internetGateways, place)].find((gateway) => isAttachedTo(gateway, vpcId));
}

export function attach(
  draft: Draft,
  place: Place,
  { InternetGatewayId, VpcId }: AttachInternetGatewayRequest,
): object {
  const gateway = subject(draft, resourceTypes.internetGateway, place, InternetGatewayId);
  existing(draft, resourceTypes.vpc, place, VpcId);
  const before = gateway.Attachments?.[0]?.VpcId;
  if (before !== undefined) {
    throw new ServiceError(
      'Resource.AlreadyAssociated',
      `resource ${InternetGatewayId} is already attached to network ${before}`,
    );
  }
  if (gatewayOf(draft, place, VpcId)) {
    throw ec2Errors.invalidValue(`Network ${VpcId} already has an internet gateway attached`);
  }
  const attachment = { State: available, VpcId: VpcId! };
  draft.put(internetGateways, place, InternetGatewayId!, { ...gateway, Attachments: [attachment] });
  settleRoutes(draft, place);
  return {};
}

function detach(
  draft: Draft,
  place: Place,
  { InternetGatewayId, VpcId }: DetachInternetGatewayRequest,
): object {
  const gateway = subject(draft, resourceTypes.internetGateway, place, InternetGatewayId);
  existing(draft, resourceTypes.vpc, place, VpcId);
  if (!isAttachedTo(gateway, VpcId)) {
    throw new ServiceError(
      'Gateway.NotAttached',
      `resource ${InternetGatewayId} is not attached to network ${VpcId}`,
    );
  }
  const isMapped = [...draft.list(networkInterfaces, place)].some(
    (entry) => entry.VpcId === VpcId && hasPublicAddress(entry),
  );
  if (isMapped) {
    throw ec2Errors.dependencyViolation(
      `Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
  }
  checkNoTable(draft, place, InternetGatewayId!);
  draft.put(internetGateways, place, InternetGatewayId!, { ...gateway, Attachments: [] });
  settleRoutes(draft, place);
  return {};
}

/** @throws ServiceError `DependencyViolation` when a route table is associated with the gateway */
function checkNoTable(view: ResourceView, place: Place, gatewayId: string): void {
  for (const { Associations, RouteTableId } of view.list(routeTables, place)) {
    if (!Associations?.some(({ GatewayId }) => GatewayId === gatewayId)) continue;
    throw ec2Errors.dependencyViolation(
      `The route table ${RouteTableId} is associated with the gateway ${gatewayId}.`,
    );
  }
}

function hasPublicAddress(entry: {
  readonly Association?: { readonly PublicIp?: string | undefined } | undefined;
  readonly PrivateIpAddresses?:
    | readonly { readonly Association?: { readonly PublicIp?: string | undefined } | undefined }[]
    | undefined;
}): boolean {
  const all = [entry.Association, ...(entry.PrivateIpAddresses ?? []).map(({ Association }) => Association)];
  return all.some((association) => association?.PublicIp !== undefined);
}

function describeGateways(view: ResourceView, input: DescribeInternetGatewaysRequest, call: Call) {
  const options = {
    type: resourceTypes.internetGateway,
    ids: input.InternetGatewayIds,
    idsName: 'internetGatewayIdSet',
    idOf: ({ InternetGatewayId }: Gateway) => InternetGatewayId,
    filters: gatewayFilters,
  };
  const { items, next } = describeItems(view.list(internetGateways, call.place), input, options, call);
  return { InternetGateways: items, ...next };
}

const gatewayFilters: FilterTable<Gateway> = {
  'attachment.state': ({ Attachments }) => (Attachments ?? []).map(({ State }) => State),
  'attachment.vpc-id': ({ Attachments }) => (Attachments ?? []).map(({ VpcId }) => VpcId),
  'internet-gateway-id': ({ InternetGatewayId }) => [InternetGatewayId],
  'owner-id': ({ OwnerId }) => [OwnerId],
};
