import type { Draft, Place } from '../resource/index.ts';
import type { DescribedResource } from './described-resource.ts';
import { withLocalRoutes } from './described-rules.ts';
import * as kinds from './kinds.ts';
import type { Network } from './network.ts';

/** Makes the subnets of the host's VPC that are new: with a block of the VPC each, a local route, the default ACL. */
export function followSubnets(draft: Draft, place: Place, parts: readonly DescribedResource[]): void {
  for (const { kind, id, described, defaults } of parts) {
    const isStored = draft.get(kind, place, id) !== undefined;
    if (kind.name === kinds.subnets.name && !isStored)
      draft.put(kind, place, id, { ...defaults, ...described });
    if (kind.name === kinds.networkAcls.name && isStored) associate(draft, place, id, described);
    if (kind.name === kinds.vpcs.name && isStored) addBlocks(draft, place, id, described);
  }
}

/** New subnets take the VPC's default ACL; the others have one. */
function associate(draft: Draft, place: Place, aclId: string, described: object): void {
  const acl = draft.get(kinds.networkAcls, place, aclId);
  if (!acl?.IsDefault) return;
  const taken = new Set(
    [...draft.list(kinds.networkAcls, place)].flatMap(({ Associations = [] }) =>
      Associations.map(({ SubnetId }) => SubnetId),
    ),
  );
  const { Associations = [] } = described as typeof acl;
  const added = Associations.filter(({ SubnetId }) => !taken.has(SubnetId));
  if (added.length === 0) return;
  draft.put(kinds.networkAcls, place, aclId, {
    ...acl,
    Associations: [...(acl.Associations ?? []), ...added],
  });
}

function addBlocks(draft: Draft, place: Place, vpcId: string, described: object): void {
  const vpc = draft.get(kinds.vpcs, place, vpcId)!;
  const {
    CidrBlock,
    CidrBlockAssociationSet = [],
    Ipv6CidrBlockAssociationSet = [],
  } = described as typeof vpc;
  const known = new Set(vpcBlocks(vpc));
  const ipv4 = CidrBlockAssociationSet.filter((block) => !known.has(block.CidrBlock));
  const ipv6 = Ipv6CidrBlockAssociationSet.filter((block) => !known.has(block.Ipv6CidrBlock));
  if (ipv4.length + ipv6.length === 0) return;
  putBlocks(draft, place, {
    ...(CidrBlock === undefined ? {} : { CidrBlock }),
    ...vpc,
    CidrBlockAssociationSet: [...(vpc.CidrBlockAssociationSet ?? []), ...ipv4],
    Ipv6CidrBlockAssociationSet: [...(vpc.Ipv6CidrBlockAssociationSet ?? []), ...ipv6],
  });
}

function vpcBlocks({ CidrBlockAssociationSet = [], Ipv6CidrBlockAssociationSet = [] }: kinds.VpcResource) {
  return [
    ...CidrBlockAssociationSet.map(({ CidrBlock }) => CidrBlock),
    ...Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  ];
}

function putBlocks(draft: Draft, place: Place, vpc: kinds.VpcResource): void {
  draft.put(kinds.vpcs, place, vpc.VpcId!, vpc);
  for (const [id, table] of draft.entries(kinds.routeTables, place)) {
    if (table.VpcId !== vpc.VpcId) continue;
    draft.put(kinds.routeTables, place, id, { ...table, Routes: withLocalRoutes(vpc, table.Routes ?? []) });
  }
}

/**
 * Takes away the subnets that were made for devices and have none any more, each with its block of the VPC. A subnet
 * stays while an interface or gateway is in it, or the user has given it an ACL or a route table.
 */
export function dropEmptySubnets(draft: Draft, place: Place, network: Network): void {
  const wanted = new Set(network.subnets.map(({ SubnetId }) => SubnetId));
  const vpcId = network.vpcs[0].VpcId;
  const used = usedSubnets(draft, place);
  for (const [id, subnet] of draft.entries(kinds.subnets, place)) {
    if (!subnet.madeUp || subnet.VpcId !== vpcId || wanted.has(id) || used.has(id)) continue;
    draft.remove(kinds.subnets, place, id);
    disassociate(draft, place, id);
    dropBlock(draft, place, subnet);
  }
}

/** The primary block of a VPC stays, as it does in AWS. */
function dropBlock(draft: Draft, place: Place, subnet: kinds.SubnetResource): void {
  const vpc = draft.get(kinds.vpcs, place, subnet.VpcId ?? '');
  const block = subnet.CidrBlock ?? subnet.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock;
  if (!vpc || block === vpc.CidrBlock) return;
  putBlocks(draft, place, {
    ...vpc,
    CidrBlockAssociationSet: (vpc.CidrBlockAssociationSet ?? []).filter(
      ({ CidrBlock }) => CidrBlock !== block,
    ),
    Ipv6CidrBlockAssociationSet: (vpc.Ipv6CidrBlockAssociationSet ?? []).filter(
      ({ Ipv6CidrBlock }) => Ipv6CidrBlock !== block,
    ),
  });
}

function usedSubnets(draft: Draft, place: Place): Set<string | undefined> {
  const acls = [...draft.list(kinds.networkAcls, place)].filter(({ IsDefault }) => !IsDefault);
  return new Set(
    [
      ...draft.list(kinds.networkInterfaces, place),
      ...draft.list(kinds.natGateways, place),
      ...[...acls, ...draft.list(kinds.routeTables, place)].flatMap<{ SubnetId?: string | undefined }>(
        ({ Associations = [] }) => Associations,
      ),
    ].map(({ SubnetId }) => SubnetId),
  );
}

function disassociate(draft: Draft, place: Place, subnetId: string): void {
  for (const [id, acl] of draft.entries(kinds.networkAcls, place)) {
    const Associations = (acl.Associations ?? []).filter(({ SubnetId }) => SubnetId !== subnetId);
    if (Associations.length < (acl.Associations ?? []).length) {
      draft.put(kinds.networkAcls, place, id, { ...acl, Associations });
    }
  }
}
