import type {
  CreateEgressOnlyInternetGatewayRequest,
  DeleteEgressOnlyInternetGatewayRequest,
  DescribeEgressOnlyInternetGatewaysRequest,
  EgressOnlyInternetGateway,
} from '@aws-sdk/client-ec2';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import { egressOnlyInternetGateways } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, existingTargets, ofNothing, vpcKey } from './arns.ts';
import { madeBefore, madeBy } from './client-token.ts';
import { describeItems } from './describe.ts';
import { existing, subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { settleRoutes } from './route-states.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

type Gateway = Stored<EgressOnlyInternetGateway>;

export function egressOnlyInternetGatewayActions({ resources }: Ec2Parts): Actions {
  const type = resourceTypes.egressOnlyInternetGateway;
  return {
    CreateEgressOnlyInternetGateway: {
      targets: ({ VpcId, TagSpecifications }: CreateEgressOnlyInternetGatewayRequest, call: Call) => [
        ...existingTargets(resources, resourceTypes.vpc, call, [VpcId]),
        ...createdTargets(type.type, call, TagSpecifications, vpcKey(call.place, VpcId)),
      ],
      run: (input: CreateEgressOnlyInternetGatewayRequest, { place }: Call) =>
        resources.write((draft) => createGateway(draft, place, input)),
    },
    DeleteEgressOnlyInternetGateway: {
      targets: (input: DeleteEgressOnlyInternetGatewayRequest, call: Call) =>
        existingTargets(resources, type, call, [input.EgressOnlyInternetGatewayId]),
      run: ({ EgressOnlyInternetGatewayId: id }: DeleteEgressOnlyInternetGatewayRequest, { place }: Call) =>
        resources.write((draft) => {
          subject(draft, type, place, id);
          draft.remove(egressOnlyInternetGateways, place, id!);
          settleRoutes(draft, place);
          return { ReturnCode: true };
        }),
    },
    DescribeEgressOnlyInternetGateways: {
      targets: ofNothing,
      run: (input: DescribeEgressOnlyInternetGatewaysRequest, call: Call) =>
        describeGateways(resources, input, call),
    },
  };
}

function createGateway(draft: Draft, place: Place, input: CreateEgressOnlyInternetGatewayRequest) {
  const { ClientToken, TagSpecifications, VpcId } = input;
  const tags = tagsFromSpecifications(TagSpecifications, 'egress-only-internet-gateway');
  const before = madeBefore(draft, egressOnlyInternetGateways, place, input);
  if (before) return { EgressOnlyInternetGateway: before, ClientToken };
  existing(draft, resourceTypes.vpc, place, VpcId);
  const id = newId('eigw');
  const gateway: Gateway = {
    EgressOnlyInternetGatewayId: id,
    Attachments: [{ State: 'attached', VpcId: VpcId! }],
    Tags: tags,
    ...madeBy(input),
  };
  draft.put(egressOnlyInternetGateways, place, id, gateway);
  return { EgressOnlyInternetGateway: gateway, ClientToken };
}

/** Ids that nobody has are left out: Terraform's provider asks for what is gone, and knows no error for it. */
function describeGateways(view: ResourceView, input: DescribeEgressOnlyInternetGatewaysRequest, call: Call) {
  const options = {
    type: resourceTypes.egressOnlyInternetGateway,
    ids: undefined,
    idsName: 'egressOnlyInternetGatewayIdSet',
    idOf: ({ EgressOnlyInternetGatewayId }: Gateway) => EgressOnlyInternetGatewayId,
    filters: {},
  };
  const { EgressOnlyInternetGatewayIds: ids = [] } = input;
  const all = [...view.list(egressOnlyInternetGateways, call.place)];
  const named = ids.length === 0 ? all : all.filter((gateway) => ids.includes(options.idOf(gateway)!));
  const { items, next } = describeItems(named, input, options, call);
  return { EgressOnlyInternetGateways: items, ...next };
}
