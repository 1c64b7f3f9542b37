import type {
  AssociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockRequest,
  Route,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../ip/index.ts';
import type { Draft, Place } from '../../resource/index.ts';
import { routeTables, subnets, type VpcResource, vpcs } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets, ofNothing } from './arns.ts';
import { contains, overlaps, prefixesOf } from './cidr.ts';
import { ec2Errors } from './errors.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { routeTablesOf } from './route-table.ts';
import {
  checkFurtherBlock,
  checkFurtherIpv6Block,
  ipv4Association,
  ipv6Association,
  requestedIpv4Block,
  wantsIpv6,
} from './vpc-blocks.ts';
import { allowIpv6, localRoute } from './vpc-defaults.ts';

export function vpcCidrBlockActions({ resources }: Ec2Parts): Actions {
  return {
    AssociateVpcCidrBlock: {
      targets: ({ VpcId }: AssociateVpcCidrBlockRequest, call: Call) =>
        existingTargets(resources, resourceTypes.vpc, call, [VpcId]),
      run: (input: AssociateVpcCidrBlockRequest, { place }: Call) =>
        resources.write((draft) => associate(draft, place, input)),
    },
    DisassociateVpcCidrBlock: {
      targets: ({ AssociationId }: DisassociateVpcCidrBlockRequest, call: Call) => {
        const vpc = [...resources.list(vpcs, call.place)].find((entry) => hasBlock(entry, AssociationId));
        return vpc ? existingTargets(resources, resourceTypes.vpc, call, [vpc.VpcId]) : ofNothing({}, call);
      },
      run: ({ AssociationId }: DisassociateVpcCidrBlockRequest, { place }: Call) =>
        resources.write((draft) => disassociate(draft, place, AssociationId)),
    },
  };
}

function associate(draft: Draft, place: Place, input: AssociateVpcCidrBlockRequest) {
  const vpc = existing(draft, resourceTypes.vpc, place, input.VpcId);
  if (wantsIpv6(input)) {
    if (input.CidrBlock !== undefined) {
      throw ec2Errors.invalidCombination(
        'The parameters cidrBlock and amazonProvidedIpv6CidrBlock cannot be used together',
      );
    }
    return associateIpv6(draft, place, vpc);
  }
  const block = requestedIpv4Block(input);
  checkFurtherBlock(vpc, block);
  checkRoutes(draft, place, vpc, block);
  const association = ipv4Association(formatPrefix(block));
  const associations = [...(vpc.CidrBlockAssociationSet ?? []), association];
  draft.put(vpcs, place, vpc.VpcId!, { ...vpc, CidrBlockAssociationSet: associations });
  changeRoutes(draft, place, vpc, (routes) => [
    ...routes,
    localRoute({ DestinationCidrBlock: association.CidrBlock! }),
  ]);
  return { VpcId: vpc.VpcId, CidrBlockAssociation: association };
}

/**
 * "IP addressing for your VPCs and subnets": a block is smaller than the destinations of the routes that there are.
 * @throws ServiceError `CidrConflict`
 */
function checkRoutes(draft: Draft, place: Place, { VpcId }: VpcResource, block: Prefix): void {
  for (const { Routes = [], RouteTableId } of routeTablesOf(draft, place, VpcId)) {
    const destinations = prefixesOf(Routes.map(({ DestinationCidrBlock }) => DestinationCidrBlock));
    const found = destinations.find((destination) => contains(block, destination));
    if (!found) continue;
    throw new ServiceError(
      'CidrConflict',
      `The CIDR '${formatPrefix(block)}' conflicts with the route to '${formatPrefix(found)}' in route table ${RouteTableId}`,
    );
  }
}

function associateIpv6(draft: Draft, place: Place, vpc: VpcResource) {
  checkFurtherIpv6Block(vpc);
  const association = ipv6Association(draft, place.region);
  const associations = [...(vpc.Ipv6CidrBlockAssociationSet ?? []), association];
  draft.put(vpcs, place, vpc.VpcId!, { ...vpc, Ipv6CidrBlockAssociationSet: associations });
  changeRoutes(draft, place, vpc, (routes) => [
    ...routes,
    localRoute({ DestinationIpv6CidrBlock: association.Ipv6CidrBlock! }),
  ]);
  allowIpv6(draft, place, vpc.VpcId!);
  return { VpcId: vpc.VpcId, Ipv6CidrBlockAssociation: association };
}

function hasBlock(vpc: VpcResource, associationId: string | undefined): boolean {
  return associationsOf(vpc).some(({ AssociationId }) => AssociationId === associationId);
}

function associationsOf({ CidrBlockAssociationSet, Ipv6CidrBlockAssociationSet }: VpcResource) {
  return [...(CidrBlockAssociationSet ?? []), ...(Ipv6CidrBlockAssociationSet ?? [])];
}

function disassociate(draft: Draft, place: Place, associationId: string | undefined) {
  const vpc = [...draft.list(vpcs, place)].find((entry) => hasBlock(entry, associationId));
  if (!vpc) {
    throw new ServiceError(
      'InvalidVpcCidrBlockAssociationID.NotFound',
      `The vpc CIDR block association ID '${associationId}' does not exist`,
    );
  }
  const isIt = ({ AssociationId }: { AssociationId?: string | undefined }) => AssociationId === associationId;
  const ipv4 = vpc.CidrBlockAssociationSet?.find(isIt);
  const ipv6 = vpc.Ipv6CidrBlockAssociationSet?.find(isIt);
  if (ipv4 && ipv4.CidrBlock === vpc.CidrBlock) {
    throw ec2Errors.operationNotPermitted(
      `The vpc CIDR block with association ID ${associationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
    );
  }
  const block = ipv4?.CidrBlock ?? ipv6?.Ipv6CidrBlock ?? '';
  checkUnused(draft, place, vpc, block);
  draft.put(vpcs, place, vpc.VpcId!, {
    ...vpc,
    CidrBlockAssociationSet: (vpc.CidrBlockAssociationSet ?? []).filter((entry) => !isIt(entry)),
    Ipv6CidrBlockAssociationSet: (vpc.Ipv6CidrBlockAssociationSet ?? []).filter((entry) => !isIt(entry)),
  });
  changeRoutes(draft, place, vpc, (routes) => routes.filter((route) => destinationOf(route) !== block));
  return {
    VpcId: vpc.VpcId,
    ...(ipv4 ? { CidrBlockAssociation: { ...ipv4, CidrBlockState: { State: 'disassociating' } } } : {}),
    ...(ipv6
      ? { Ipv6CidrBlockAssociation: { ...ipv6, Ipv6CidrBlockState: { State: 'disassociating' } } }
      : {}),
  };
}

/** @throws ServiceError `DependencyViolation` when a subnet has addresses of the block */
function checkUnused(draft: Draft, place: Place, { VpcId }: VpcResource, block: string): void {
  const prefix = parsePrefix(block);
  for (const subnet of draft.list(subnets, place)) {
    if (subnet.VpcId !== VpcId) continue;
    const ipv6 = (subnet.Ipv6CidrBlockAssociationSet ?? []).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock);
    const isUsed = prefixesOf([subnet.CidrBlock, ...ipv6]).some((used) => prefix && overlaps(used, prefix));
    if (!isUsed) continue;
    throw ec2Errors.dependencyViolation(
      `The CIDR block ${block} is in use by subnet ${subnet.SubnetId} and cannot be disassociated.`,
    );
  }
}

/** In every route table of a VPC. */
function changeRoutes(
  draft: Draft,
  place: Place,
  { VpcId }: VpcResource,
  change: (routes: Route[]) => Route[],
): void {
  for (const table of [...draft.list(routeTables, place)]) {
    if (table.VpcId !== VpcId) continue;
    draft.put(routeTables, place, table.RouteTableId!, { ...table, Routes: change(table.Routes ?? []) });
  }
}

function destinationOf({ DestinationCidrBlock, DestinationIpv6CidrBlock }: Route): string | undefined {
  return DestinationCidrBlock ?? DestinationIpv6CidrBlock;
}
