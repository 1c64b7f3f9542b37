import type { ResourceType, Tag } from '@aws-sdk/client-ec2';
import { flowLogs } from '../../flowlog/kinds.ts';
import type { Kind } from '../../resource/index.ts';
import {
  addresses,
  egressOnlyInternetGateways,
  instances,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroupRules,
  securityGroups,
  subnets,
  transitGatewayAttachments,
  transitGateways,
  vpcs,
} from '../../vpc/index.ts';

/** What EC2 calls a kind of resource in ids, ARNs, tags and errors; its words are not derivable from each other. */
export interface ResourceTypeOf<T extends object> {
  readonly kind: Kind<T>;
  /** Of ARNs and of tag specifications. */
  readonly type: ResourceType;
  readonly idPrefix: string;
  /** The code and the sentence for ids that nobody has. */
  readonly notFound: string;
  readonly missing: (id: string) => string;
  /** The sentence for several; without it, it is the one about the first. */
  readonly missingSeveral?: (ids: string) => string;
  /** The code for what is no id of this kind; without it, such an id is just not found. */
  readonly malformed?: string;
  /** Where the resource has its tags. */
  readonly tags: 'Tags' | 'TagSet';
}

/** `The vpc ID 'vpc-…' does not exist`: how EC2 speaks of most kinds. */
function named(noun: string): Pick<ResourceTypeOf<object>, 'missing' | 'missingSeveral'> {
  return {
    missing: (id) => `The ${noun} ID '${id}' does not exist`,
    missingSeveral: (ids) => `The ${noun} IDs '${ids}' do not exist`,
  };
}

function resourceType<T extends object>(entry: Omit<ResourceTypeOf<T>, 'tags'>): ResourceTypeOf<T> {
  return { tags: 'Tags', ...entry };
}

/**
 * Codes: EC2's list of client error codes. Sentences: as AWS's users quote them. An id that is none is `Malformed` where
 * the resource is what the action is about; where it is only referred to, most kinds say `NotFound`.
 */
export const resourceTypes = {
  vpc: resourceType({
    kind: vpcs,
    type: 'vpc',
    idPrefix: 'vpc',
    notFound: 'InvalidVpcID.NotFound',
    malformed: 'InvalidVpcID.Malformed',
    ...named('vpc'),
  }),
  subnet: resourceType({
    kind: subnets,
    type: 'subnet',
    idPrefix: 'subnet',
    notFound: 'InvalidSubnetID.NotFound',
    malformed: 'InvalidSubnetID.Malformed',
    ...named('subnet'),
  }),
  routeTable: resourceType({
    kind: routeTables,
    type: 'route-table',
    idPrefix: 'rtb',
    notFound: 'InvalidRouteTableID.NotFound',
    malformed: 'InvalidRouteTableId.Malformed',
    ...named('routeTable'),
  }),
  internetGateway: resourceType({
    kind: internetGateways,
    type: 'internet-gateway',
    idPrefix: 'igw',
    notFound: 'InvalidInternetGatewayID.NotFound',
    malformed: 'InvalidInternetGatewayId.Malformed',
    ...named('internetGateway'),
  }),
  egressOnlyInternetGateway: resourceType({
    kind: egressOnlyInternetGateways,
    type: 'egress-only-internet-gateway',
    idPrefix: 'eigw',
    notFound: 'InvalidGatewayID.NotFound',
    ...named('eigw'),
  }),
  natGateway: resourceType({
    kind: natGateways,
    type: 'natgateway',
    idPrefix: 'nat',
    notFound: 'NatGatewayNotFound',
    malformed: 'NatGatewayMalformed',
    missing: (id) => `NAT gateway ${id} was not found`,
  }),
  address: resourceType({
    kind: addresses,
    type: 'elastic-ip',
    idPrefix: 'eipalloc',
    notFound: 'InvalidAllocationID.NotFound',
    ...named('allocation'),
  }),
  securityGroup: resourceType({
    kind: securityGroups,
    type: 'security-group',
    idPrefix: 'sg',
    notFound: 'InvalidGroup.NotFound',
    malformed: 'InvalidGroupId.Malformed',
    missing: (id) => `The security group '${id}' does not exist`,
    missingSeveral: (ids) => `The security groups '${ids}' do not exist`,
  }),
  securityGroupRule: resourceType({
    kind: securityGroupRules,
    type: 'security-group-rule',
    idPrefix: 'sgr',
    notFound: 'InvalidSecurityGroupRuleId.NotFound',
    malformed: 'InvalidSecurityGroupRuleId.Malformed',
    ...named('security group rule'),
  }),
  networkAcl: resourceType({
    kind: networkAcls,
    type: 'network-acl',
    idPrefix: 'acl',
    notFound: 'InvalidNetworkAclID.NotFound',
    malformed: 'InvalidNetworkAclId.Malformed',
    ...named('networkAcl'),
  }),
  networkInterface: {
    ...resourceType({
      kind: networkInterfaces,
      type: 'network-interface',
      idPrefix: 'eni',
      notFound: 'InvalidNetworkInterfaceID.NotFound',
      malformed: 'InvalidNetworkInterfaceId.Malformed',
      ...named('networkInterface'),
    }),
    tags: 'TagSet',
  },
  instance: resourceType({
    kind: instances,
    type: 'instance',
    idPrefix: 'i',
    notFound: 'InvalidInstanceID.NotFound',
    malformed: 'InvalidInstanceID.Malformed',
    ...named('instance'),
  }),
  prefixList: resourceType({
    kind: prefixLists,
    type: 'prefix-list',
    idPrefix: 'pl',
    notFound: 'InvalidPrefixListID.NotFound',
    malformed: 'InvalidPrefixListId.Malformed',
    ...named('prefix list'),
  }),
  flowLog: resourceType({
    kind: flowLogs,
    type: 'vpc-flow-log',
    idPrefix: 'fl',
    notFound: 'InvalidFlowLogId.NotFound',
    malformed: 'InvalidFlowLogId.Malformed',
    ...named('flow log'),
  }),
  transitGateway: resourceType({
    kind: transitGateways,
    type: 'transit-gateway',
    idPrefix: 'tgw',
    notFound: 'InvalidTransitGatewayID.NotFound',
    malformed: 'InvalidTransitGatewayID.Malformed',
    missing: (id) => `Transit Gateway ${id} was deleted or does not exist.`,
  }),
  transitGatewayAttachment: resourceType({
    kind: transitGatewayAttachments,
    type: 'transit-gateway-attachment',
    idPrefix: 'tgw-attach',
    notFound: 'InvalidTransitGatewayAttachmentID.NotFound',
    malformed: 'InvalidTransitGatewayAttachmentID.Malformed',
    missing: (id) => `Transit Gateway Attachment ${id} was deleted or does not exist.`,
  }),
} as const satisfies Readonly<Record<string, ResourceTypeOf<object>>>;

/** Any of them; what is read through it is only known to be a resource. */
export type AnyResourceType = ResourceTypeOf<object>;

/** All kinds, to look for one by an id or a name. */
export const allResourceTypes: readonly AnyResourceType[] = Object.values(resourceTypes);

/** The kind that an id is of, by its prefix: `tgw-attach-…` is no `tgw-…`. */
export function resourceTypeOf(id: string): AnyResourceType | undefined {
  return allResourceTypes.find((entry) => isIdOf(entry, id));
}

/** As EC2 makes them now: 17 hex digits; older ones have 8. */
export function isIdOf({ idPrefix }: Pick<AnyResourceType, 'idPrefix'>, id: string): boolean {
  const prefix = `${idPrefix}-`;
  return id.startsWith(prefix) && /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id.slice(prefix.length));
}

export function tagsOf(entry: Pick<AnyResourceType, 'tags'>, resource: object): readonly Tag[] {
  return (resource as { Tags?: Tag[]; TagSet?: Tag[] })[entry.tags] ?? [];
}
