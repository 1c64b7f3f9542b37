import type { CreateVpcRequest, DeleteVpcRequest, DescribeVpcsRequest, Tag } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix } from '../../ip/index.ts';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import {
  dhcpOptionsId,
  egressOnlyInternetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroupRules,
  securityGroups,
  subnets,
  type VpcResource,
  vpcs,
} from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, existingTargets, ofNothing } from './arns.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { isAttachedTo } from './route-states.ts';
import { isMain } from './route-table.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';
import {
  ipv4Association,
  ipv4BlocksOf,
  ipv6Association,
  requestedIpv4Block,
  wantsIpv6,
} from './vpc-blocks.ts';
import { putVpcDefaults } from './vpc-defaults.ts';

export function vpcActions({ resources }: Ec2Parts): Actions {
  return {
    CreateVpc: {
      targets: (input: CreateVpcRequest, call: Call) =>
        createdTargets('vpc', call, input.TagSpecifications, {
          'ec2:Tenancy': input.InstanceTenancy ?? 'default',
        }),
      run: (input: CreateVpcRequest, { place }: Call) =>
        resources.write((draft) => ({ Vpc: createVpc(draft, place, input) })),
    },
    DeleteVpc: {
      targets: ({ VpcId }: DeleteVpcRequest, call: Call) =>
        existingTargets(resources, resourceTypes.vpc, call, [VpcId]),
      run: ({ VpcId }: DeleteVpcRequest, { place }: Call) =>
        resources.write((draft) => deleteVpc(draft, place, VpcId)),
    },
    DescribeVpcs: {
      targets: ofNothing,
      run: (input: DescribeVpcsRequest, call: Call) => describeVpcs(resources, input, call),
    },
  };
}

function createVpc(draft: Draft, place: Place, input: CreateVpcRequest): VpcResource {
  const tags = tagsFromSpecifications(input.TagSpecifications, 'vpc');
  const tenancy = input.InstanceTenancy ?? 'default';
  if (tenancy === 'host') {
    throw new ServiceError('UnsupportedTenancy', `The tenancy value ${tenancy} is not supported.`);
  }
  const block = formatPrefix(requestedIpv4Block(input));
  const ipv6 = wantsIpv6(input) ? [ipv6Association(draft, place.region)] : [];
  const vpc = { ...newVpc(place, block, tags), InstanceTenancy: tenancy, Ipv6CidrBlockAssociationSet: ipv6 };
  draft.put(vpcs, place, vpc.VpcId!, vpc);
  putVpcDefaults(draft, place, vpc);
  return vpc;
}

export function newVpc(place: Place, block: string, tags: Stored<Tag>[]): VpcResource {
  return {
    VpcId: newId('vpc'),
    OwnerId: place.accountId,
    State: 'available',
    CidrBlock: block,
    CidrBlockAssociationSet: [ipv4Association(block)],
    Ipv6CidrBlockAssociationSet: [],
    DhcpOptionsId: dhcpOptionsId(place),
    InstanceTenancy: 'default',
    IsDefault: false,
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
    Tags: tags,
    enableDnsSupport: true,
    enableDnsHostnames: false,
    enableNetworkAddressUsageMetrics: false,
  };
}

function deleteVpc(draft: Draft, place: Place, vpcId: string | undefined): object {
  const { VpcId: id = '' } = subject(draft, resourceTypes.vpc, place, vpcId);
  if (hasDependents(draft, place, id)) throw ec2Errors.hasDependencies('vpc', id);
  for (const { GroupId = '' } of inVpc(draft.list(securityGroups, place), id)) {
    for (const rule of [...draft.list(securityGroupRules, place)]) {
      if (rule.GroupId === GroupId) draft.remove(securityGroupRules, place, rule.SecurityGroupRuleId!);
    }
    draft.remove(securityGroups, place, GroupId);
  }
  for (const acl of inVpc(draft.list(networkAcls, place), id))
    draft.remove(networkAcls, place, acl.NetworkAclId!);
  for (const table of inVpc(draft.list(routeTables, place), id)) {
    draft.remove(routeTables, place, table.RouteTableId!);
  }
  draft.remove(vpcs, place, id);
  return {};
}

/** What AWS made with the VPC does not count, what users made does. */
function hasDependents(view: ResourceView, place: Place, vpcId: string): boolean {
  return (
    inVpc(view.list(subnets, place), vpcId).length > 0 ||
    inVpc(view.list(networkInterfaces, place), vpcId).length > 0 ||
    inVpc(view.list(natGateways, place), vpcId).some(
      ({ State }) => State !== 'deleted' && State !== 'failed',
    ) ||
    inVpc(view.list(securityGroups, place), vpcId).some(({ GroupName }) => GroupName !== 'default') ||
    inVpc(view.list(networkAcls, place), vpcId).some(({ IsDefault }) => !IsDefault) ||
    inVpc(view.list(routeTables, place), vpcId).some((table) => !isMain(table)) ||
    [...view.list(resourceTypes.internetGateway.kind, place)].some((gateway) =>
      isAttachedTo(gateway, vpcId),
    ) ||
    [...view.list(egressOnlyInternetGateways, place)].some((gateway) => isAttachedTo(gateway, vpcId))
  );
}

function inVpc<T extends { VpcId?: string | undefined }>(items: Iterable<T>, vpcId: string): T[] {
  return [...items].filter(({ VpcId }) => VpcId === vpcId);
}

function describeVpcs(view: ResourceView, input: DescribeVpcsRequest, call: Call) {
  const options = {
    type: resourceTypes.vpc,
    ids: input.VpcIds,
    idsName: 'vpcSet',
    idOf: ({ VpcId }: VpcResource) => VpcId,
    filters: vpcFilters,
  };
  const { items, next } = describeItems(view.list(vpcs, call.place), input, options, call);
  return { Vpcs: items, ...next };
}

const ipv6Of = ({ Ipv6CidrBlockAssociationSet }: VpcResource) => Ipv6CidrBlockAssociationSet ?? [];
const ipv4Of = ({ CidrBlockAssociationSet }: VpcResource) => CidrBlockAssociationSet ?? [];

const vpcFilters: FilterTable<VpcResource> = {
  cidr: ({ CidrBlock }) => [CidrBlock],
  'cidr-block': ({ CidrBlock }) => [CidrBlock],
  cidrBlock: ({ CidrBlock }) => [CidrBlock],
  'cidr-block-association.cidr-block': ipv4BlocksOf,
  'cidr-block-association.association-id': (vpc) => ipv4Of(vpc).map(({ AssociationId }) => AssociationId),
  'cidr-block-association.state': (vpc) => ipv4Of(vpc).map(({ CidrBlockState }) => CidrBlockState?.State),
  'dhcp-options-id': ({ DhcpOptionsId }) => [DhcpOptionsId],
  'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) => ipv6Of(vpc).map((entry) => entry.Ipv6CidrBlock),
  'ipv6-cidr-block-association.ipv6-pool': (vpc) => ipv6Of(vpc).map(({ Ipv6Pool }) => Ipv6Pool),
  'ipv6-cidr-block-association.association-id': (vpc) => ipv6Of(vpc).map((entry) => entry.AssociationId),
  'ipv6-cidr-block-association.state': (vpc) => ipv6Of(vpc).map((entry) => entry.Ipv6CidrBlockState?.State),
  'is-default': ({ IsDefault }) => [String(IsDefault ?? false)],
  isDefault: ({ IsDefault }) => [String(IsDefault ?? false)],
  'owner-id': ({ OwnerId }) => [OwnerId],
  state: ({ State }) => [State],
  'vpc-id': ({ VpcId }) => [VpcId],
};
