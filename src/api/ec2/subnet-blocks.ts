import type {
  AssociateSubnetCidrBlockRequest,
  CreateSubnetRequest,
  DisassociateSubnetCidrBlockRequest,
  SubnetIpv6CidrBlockAssociation,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix, type Prefix, parseAddress, prefixContains } from '../../ip/index.ts';
import { type Draft, newId, type Place, type ResourceView } from '../../resource/index.ts';
import { networkInterfaces, type SubnetResource, subnets, type VpcResource } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets, ofNothing } from './arns.ts';
import { contains, ipv4Block, ipv6Block, overlaps, prefixesOf } from './cidr.ts';
import { ec2Errors } from './errors.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { ipv4BlocksOf, ipv6BlocksOf } from './vpc-blocks.ts';

export function subnetBlockActions({ resources }: Ec2Parts): Actions {
  return {
    AssociateSubnetCidrBlock: {
      targets: ({ SubnetId }: AssociateSubnetCidrBlockRequest, call: Call) =>
        existingTargets(resources, resourceTypes.subnet, call, [SubnetId]),
      run: (input: AssociateSubnetCidrBlockRequest, { place }: Call) =>
        resources.write((draft) => associate(draft, place, input)),
    },
    DisassociateSubnetCidrBlock: {
      targets: ({ AssociationId }: DisassociateSubnetCidrBlockRequest, call: Call) => {
        const subnet = subnetWith(resources, call.place, AssociationId);
        if (!subnet) return ofNothing({}, call);
        return existingTargets(resources, resourceTypes.subnet, call, [subnet.SubnetId]);
      },
      run: ({ AssociationId }: DisassociateSubnetCidrBlockRequest, { place }: Call) =>
        resources.write((draft) => disassociate(draft, place, AssociationId)),
    },
  };
}

/**
 * The IPv4 block of a new subnet: of the VPC, and free. Host bits are cut.
 * @throws ServiceError `MissingParameter`, `InvalidParameterValue`, `InvalidSubnet.Range`, `InvalidSubnet.Conflict`
 */
export function freeSubnetBlock(
  view: ResourceView,
  place: Place,
  vpc: VpcResource,
  { CidrBlock, Ipv4IpamPoolId }: CreateSubnetRequest,
): string {
  if (CidrBlock === undefined || Ipv4IpamPoolId !== undefined) {
    throw new ServiceError('MissingParameter', "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
  }
  const block = ipv4Block(CidrBlock, 'cidrBlock');
  const isInVpc = prefixesOf(ipv4BlocksOf(vpc)).some((outer) => contains(outer, block));
  if (block.length < 16 || block.length > 28 || !isInVpc) throw invalidRange(CidrBlock);
  checkFree(view, place, vpc, block, ({ CidrBlock }) => [CidrBlock]);
  return formatPrefix(block);
}

/**
 * An IPv6 block for a subnet: /44 to /64 in steps of four, of the VPC, and free.
 * @throws ServiceError as `freeSubnetBlock`
 */
export function freeIpv6SubnetBlock(
  view: ResourceView,
  place: Place,
  vpc: VpcResource,
  text: string,
): SubnetIpv6CidrBlockAssociation {
  const block = ipv6Block(text, 'ipv6CidrBlock');
  const isInVpc = prefixesOf(ipv6BlocksOf(vpc)).some((outer) => contains(outer, block));
  const isSized = block.length >= 44 && block.length <= 64 && block.length % 4 === 0;
  if (!isSized || !isInVpc) throw invalidRange(text);
  checkFree(view, place, vpc, block, ipv6TextsOf);
  return {
    AssociationId: newId('subnet-cidr-assoc'),
    Ipv6CidrBlock: formatPrefix(block),
    Ipv6CidrBlockState: { State: 'associated' },
    Ipv6AddressAttribute: 'public',
    IpSource: 'amazon',
  };
}

function ipv6TextsOf({ Ipv6CidrBlockAssociationSet }: SubnetResource): (string | undefined)[] {
  return (Ipv6CidrBlockAssociationSet ?? []).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock);
}

function checkFree(
  view: ResourceView,
  place: Place,
  { VpcId }: VpcResource,
  block: Prefix,
  blocksOf: (subnet: SubnetResource) => (string | undefined)[],
): void {
  for (const subnet of view.list(subnets, place)) {
    if (subnet.VpcId !== VpcId) continue;
    if (!prefixesOf(blocksOf(subnet)).some((other) => overlaps(other, block))) continue;
    throw new ServiceError(
      'InvalidSubnet.Conflict',
      `The CIDR '${formatPrefix(block)}' conflicts with another subnet`,
    );
  }
}

function invalidRange(text: string): ServiceError {
  return new ServiceError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`);
}

function associate(draft: Draft, place: Place, input: AssociateSubnetCidrBlockRequest) {
  const subnet = existing(draft, resourceTypes.subnet, place, input.SubnetId);
  const vpc = existing(draft, resourceTypes.vpc, place, subnet.VpcId);
  if (input.Ipv6CidrBlock === undefined) throw ec2Errors.missingParameter('ipv6CidrBlock');
  const before = subnet.Ipv6CidrBlockAssociationSet ?? [];
  if (before.length > 0) {
    throw ec2Errors.limitExceeded(
      'CidrLimitExceeded',
      `This subnet '${subnet.SubnetId}' has met its maximum number of allowed CIDRs: 1`,
    );
  }
  const association = freeIpv6SubnetBlock(draft, place, vpc, input.Ipv6CidrBlock);
  draft.put(subnets, place, subnet.SubnetId!, {
    ...subnet,
    Ipv6CidrBlockAssociationSet: [...before, association],
  });
  return { SubnetId: subnet.SubnetId, Ipv6CidrBlockAssociation: association };
}

function subnetWith(
  view: ResourceView,
  place: Place,
  associationId: string | undefined,
): SubnetResource | undefined {
  return [...view.list(subnets, place)].find(({ Ipv6CidrBlockAssociationSet }) =>
    Ipv6CidrBlockAssociationSet?.some(({ AssociationId }) => AssociationId === associationId),
  );
}

function disassociate(draft: Draft, place: Place, associationId: string | undefined) {
  const subnet = subnetWith(draft, place, associationId);
  if (!subnet) {
    throw new ServiceError(
      'InvalidSubnetCidrBlockAssociationID.NotFound',
      `The subnet CIDR block with association ID '${associationId}' does not exist`,
    );
  }
  const all = subnet.Ipv6CidrBlockAssociationSet ?? [];
  const association = all.find(({ AssociationId }) => AssociationId === associationId)!;
  checkUnused(draft, place, subnet, association.Ipv6CidrBlock ?? '');
  draft.put(subnets, place, subnet.SubnetId!, {
    ...subnet,
    Ipv6CidrBlockAssociationSet: all.filter((entry) => entry !== association),
  });
  return {
    SubnetId: subnet.SubnetId,
    Ipv6CidrBlockAssociation: { ...association, Ipv6CidrBlockState: { State: 'disassociating' } },
  };
}

/** @throws ServiceError `DependencyViolation` when an interface has an address of the block */
function checkUnused(draft: Draft, place: Place, { SubnetId }: SubnetResource, text: string): void {
  const [block] = prefixesOf([text]);
  for (const networkInterface of draft.list(networkInterfaces, place)) {
    if (networkInterface.SubnetId !== SubnetId) continue;
    const addresses = (networkInterface.Ipv6Addresses ?? []).flatMap(
      ({ Ipv6Address }) => parseAddress(Ipv6Address ?? '') ?? [],
    );
    if (!addresses.some(({ words }) => prefixContains(block, 6, ...words))) continue;
    throw ec2Errors.dependencyViolation(
      `The CIDR block ${text} is in use by network interface ${networkInterface.NetworkInterfaceId} and cannot be disassociated.`,
    );
  }
}
