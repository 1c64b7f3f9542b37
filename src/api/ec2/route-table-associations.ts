import type {
  AssociateRouteTableRequest,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  RouteTableAssociation,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView } from '../../resource/index.ts';
import { routeTables } from '../../vpc/index.ts';
import type { Call, Target } from '../action.ts';
import { existingTargets, ofNothing } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { isAttachedTo } from './route-states.ts';
import { putAssociations, routeTablesOf, type StoredRouteTable } from './route-table.ts';

export function routeTableAssociationActions({ resources }: Ec2Parts): Actions {
  return {
    AssociateRouteTable: {
      targets: (input: AssociateRouteTableRequest, call: Call) => [
        ...existingTargets(resources, resourceTypes.routeTable, call, [input.RouteTableId]),
        ...existingTargets(resources, resourceTypes.subnet, call, [input.SubnetId]),
        ...existingTargets(resources, resourceTypes.internetGateway, call, [input.GatewayId]),
      ],
      run: (input: AssociateRouteTableRequest, { place }: Call) =>
        resources.write((draft) => associate(draft, place, input)),
    },
    DisassociateRouteTable: {
      targets: ({ AssociationId }: DisassociateRouteTableRequest, call: Call) =>
        associationTargets(resources, call, AssociationId),
      run: ({ AssociationId }: DisassociateRouteTableRequest, { place }: Call) =>
        resources.write((draft) => disassociate(draft, place, AssociationId)),
    },
    ReplaceRouteTableAssociation: {
      targets: (input: ReplaceRouteTableAssociationRequest, call: Call) => [
        ...associationTargets(resources, call, input.AssociationId),
        ...existingTargets(resources, resourceTypes.routeTable, call, [input.RouteTableId]),
      ],
      run: (input: ReplaceRouteTableAssociationRequest, { place }: Call) =>
        resources.write((draft) => replace(draft, place, input)),
    },
  };
}

interface FoundAssociation {
  readonly table: StoredRouteTable;
  readonly association: RouteTableAssociation;
}

function findAssociation(
  view: ResourceView,
  place: Place,
  isIt: (association: RouteTableAssociation) => boolean,
): FoundAssociation | undefined {
  for (const table of view.list(routeTables, place)) {
    const association = table.Associations?.find(isIt);
    if (association) return { table, association };
  }
  return undefined;
}

function existingAssociation(view: ResourceView, place: Place, id: string | undefined): FoundAssociation {
  const found = findAssociation(view, place, (entry) => entry.RouteTableAssociationId === id);
  if (found) return found;
  throw new ServiceError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

function associationTargets(view: ResourceView, call: Call, id: string | undefined): readonly Target[] {
  const found = findAssociation(view, call.place, (entry) => entry.RouteTableAssociationId === id);
  if (!found) return ofNothing({}, call);
  return [
    ...existingTargets(view, resourceTypes.routeTable, call, [found.table.RouteTableId]),
    ...existingTargets(view, resourceTypes.subnet, call, [found.association.SubnetId]),
  ];
}

function newAssociation(
  table: StoredRouteTable,
  of: Pick<RouteTableAssociation, 'SubnetId' | 'GatewayId' | 'Main'>,
): RouteTableAssociation {
  return {
    Main: false,
    ...of,
    RouteTableAssociationId: newId('rtbassoc'),
    RouteTableId: table.RouteTableId!,
    AssociationState: { State: 'associated' },
  };
}

function answerOf({ RouteTableAssociationId, AssociationState }: RouteTableAssociation) {
  return { AssociationId: RouteTableAssociationId, AssociationState };
}

function associate(draft: Draft, place: Place, input: AssociateRouteTableRequest) {
  const table = existing(draft, resourceTypes.routeTable, place, input.RouteTableId);
  const of = associated(draft, place, table, input);
  const before = findAssociation(draft, place, (entry) =>
    of.SubnetId === undefined ? entry.GatewayId === of.GatewayId : entry.SubnetId === of.SubnetId,
  );
  if (before?.table.RouteTableId === table.RouteTableId) return answerOf(before!.association);
  if (before) {
    throw new ServiceError(
      'Resource.AlreadyAssociated',
      `the specified association for route table ${table.RouteTableId} conflicts with an existing association`,
    );
  }
  const association = newAssociation(table, of);
  putAssociations(draft, place, table, [...(table.Associations ?? []), association]);
  return answerOf(association);
}

/** The subnet or the gateway of a request, which is in the table's VPC. */
function associated(
  view: ResourceView,
  place: Place,
  table: StoredRouteTable,
  { SubnetId, GatewayId }: AssociateRouteTableRequest,
): Pick<RouteTableAssociation, 'SubnetId' | 'GatewayId'> {
  if (SubnetId !== undefined && GatewayId !== undefined) {
    throw ec2Errors.invalidCombination('The parameters subnetId and gatewayId cannot be used together');
  }
  if (SubnetId !== undefined) {
    const { VpcId } = existing(view, resourceTypes.subnet, place, SubnetId);
    if (VpcId !== table.VpcId) throw elsewhere(table, 'subnet', SubnetId);
    return { SubnetId };
  }
  if (GatewayId === undefined) throw ec2Errors.missingParameter('subnetId or gatewayId');
  const gateway = view.get(resourceTypes.internetGateway.kind, place, GatewayId);
  if (!gateway) {
    throw new ServiceError('InvalidGatewayID.NotFound', `The gateway ID '${GatewayId}' does not exist`);
  }
  if (!isAttachedTo(gateway, table.VpcId)) throw elsewhere(table, 'network gateway', GatewayId);
  return { GatewayId };
}

function elsewhere({ RouteTableId }: StoredRouteTable, noun: string, id: string): ServiceError {
  return ec2Errors.invalidValue(`Route table ${RouteTableId} and ${noun} ${id} belong to different networks`);
}

function disassociate(draft: Draft, place: Place, id: string | undefined): object {
  const { table, association } = existingAssociation(draft, place, id);
  if (association.Main) {
    throw ec2Errors.invalidValue(`cannot disassociate the main route table association ${id}`);
  }
  removeAssociation(draft, place, table, association);
  return {};
}

function removeAssociation(
  draft: Draft,
  place: Place,
  table: StoredRouteTable,
  association: RouteTableAssociation,
): void {
  const rest = (table.Associations ?? []).filter((entry) => entry !== association);
  putAssociations(draft, place, table, rest);
}

/** The association gets a new id, also with the table that it had; a main one makes the other table the main one. */
function replace(draft: Draft, place: Place, input: ReplaceRouteTableAssociationRequest) {
  const found = existingAssociation(draft, place, input.AssociationId);
  const { VpcId } = existing(draft, resourceTypes.routeTable, place, input.RouteTableId);
  if (VpcId !== found.table.VpcId) {
    throw elsewhere(found.table, 'route table', input.RouteTableId!);
  }
  removeAssociation(draft, place, found.table, found.association);
  const table = existing(draft, resourceTypes.routeTable, place, input.RouteTableId);
  const { SubnetId, GatewayId, Main = false } = found.association;
  const association = newAssociation(table, {
    Main,
    ...(SubnetId ? { SubnetId } : {}),
    ...(GatewayId ? { GatewayId } : {}),
  });
  putAssociations(draft, place, table, [...(table.Associations ?? []), association]);
  return {
    NewAssociationId: association.RouteTableAssociationId,
    AssociationState: association.AssociationState,
  };
}

/** When a subnet goes, so does what associates it with a table. */
export function forgetSubnet(draft: Draft, place: Place, vpcId: string | undefined, subnetId: string): void {
  for (const table of routeTablesOf(draft, place, vpcId)) {
    const rest = (table.Associations ?? []).filter(({ SubnetId }) => SubnetId !== subnetId);
    if (rest.length < (table.Associations?.length ?? 0)) putAssociations(draft, place, table, rest);
  }
}
