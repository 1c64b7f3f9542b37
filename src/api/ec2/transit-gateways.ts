import type {
  DescribeTransitGatewayAttachmentsRequest,
  DescribeTransitGatewaysRequest,
  TransitGateway,
  TransitGatewayAttachment,
} from '@aws-sdk/client-ec2';
import type { ResourceView, Stored } from '../../resource/index.ts';
import { transitGatewayAttachments, transitGateways } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { ofNothing } from './arns.ts';
import { describeItems } from './describe.ts';
import type { FilterTable } from './filters.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';

type Gateway = Stored<TransitGateway>;
type Attachment = Stored<TransitGatewayAttachment>;

/** Transit gateways are only ever loaded. */
export function transitGatewayActions({ resources }: Ec2Parts): Actions {
  return {
    DescribeTransitGateways: {
      targets: ofNothing,
      run: (input: DescribeTransitGatewaysRequest, call: Call) => describeGateways(resources, input, call),
    },
    DescribeTransitGatewayAttachments: {
      targets: ofNothing,
      run: (input: DescribeTransitGatewayAttachmentsRequest, call: Call) =>
        describeAttachments(resources, input, call),
    },
  };
}

function describeGateways(view: ResourceView, input: DescribeTransitGatewaysRequest, call: Call) {
  const options = {
    type: resourceTypes.transitGateway,
    ids: input.TransitGatewayIds,
    idsName: 'transitGatewayIds',
    idOf: ({ TransitGatewayId }: Gateway) => TransitGatewayId,
    filters: gatewayFilters,
  };
  const { items, next } = describeItems(view.list(transitGateways, call.place), input, options, call);
  return { TransitGateways: items, ...next };
}

function describeAttachments(
  view: ResourceView,
  input: DescribeTransitGatewayAttachmentsRequest,
  call: Call,
) {
  const options = {
    type: resourceTypes.transitGatewayAttachment,
    ids: input.TransitGatewayAttachmentIds,
    idsName: 'transitGatewayAttachmentIds',
    idOf: ({ TransitGatewayAttachmentId }: Attachment) => TransitGatewayAttachmentId,
    filters: attachmentFilters,
  };
  const all = view.list(transitGatewayAttachments, call.place);
  const { items, next } = describeItems(all, input, options, call);
  return { TransitGatewayAttachments: items, ...next };
}

const gatewayFilters: FilterTable<Gateway> = {
  'options.amazon-side-asn': ({ Options }) =>
    Options?.AmazonSideAsn === undefined ? [] : [String(Options.AmazonSideAsn)],
  'options.association-default-route-table-id': ({ Options }) => [Options?.AssociationDefaultRouteTableId],
  'options.auto-accept-shared-attachments': ({ Options }) => [Options?.AutoAcceptSharedAttachments],
  'options.default-route-table-association': ({ Options }) => [Options?.DefaultRouteTableAssociation],
  'options.default-route-table-propagation': ({ Options }) => [Options?.DefaultRouteTablePropagation],
  'options.dns-support': ({ Options }) => [Options?.DnsSupport],
  'options.propagation-default-route-table-id': ({ Options }) => [Options?.PropagationDefaultRouteTableId],
  'options.vpn-ecmp-support': ({ Options }) => [Options?.VpnEcmpSupport],
  'owner-id': ({ OwnerId }) => [OwnerId],
  state: ({ State }) => [State],
  'transit-gateway-id': ({ TransitGatewayId }) => [TransitGatewayId],
};

const attachmentFilters: FilterTable<Attachment> = {
  'association.state': ({ Association }) => [Association?.State],
  'association.transit-gateway-route-table-id': ({ Association }) => [
    Association?.TransitGatewayRouteTableId,
  ],
  'resource-id': ({ ResourceId }) => [ResourceId],
  'resource-owner-id': ({ ResourceOwnerId }) => [ResourceOwnerId],
  'resource-type': ({ ResourceType }) => [ResourceType],
  state: ({ State }) => [State],
  'transit-gateway-attachment-id': (attachment) => [attachment.TransitGatewayAttachmentId],
  'transit-gateway-id': ({ TransitGatewayId }) => [TransitGatewayId],
  'transit-gateway-owner-id': ({ TransitGatewayOwnerId }) => [TransitGatewayOwnerId],
};
