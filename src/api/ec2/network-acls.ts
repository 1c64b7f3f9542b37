import type {
  CreateNetworkAclRequest,
  DeleteNetworkAclRequest,
  DescribeNetworkAclsRequest,
  NetworkAcl,
  ReplaceNetworkAclAssociationRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import { networkAcls } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, existingTargets, ofNothing, vpcKey } from './arns.ts';
import { madeBefore, madeBy } from './client-token.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import { existing, subject } from './lookup.ts';
import { aclFilters } from './network-acl-filters.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

export type AclResource = Stored<NetworkAcl>;

/** Per VPC ("Amazon VPC quotas"). */
const mostAcls = 200;

export function networkAclActions({ resources }: Ec2Parts): Actions {
  return {
    CreateNetworkAcl: {
      targets: (input: CreateNetworkAclRequest, call: Call) => [
        ...createdTargets('network-acl', call, input.TagSpecifications, vpcKey(call.place, input.VpcId)),
        ...existingTargets(resources, resourceTypes.vpc, call, [input.VpcId]),
      ],
      run: (input: CreateNetworkAclRequest, { place }: Call) =>
        resources.write((draft) => ({
          NetworkAcl: createAcl(draft, place, input),
          ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
        })),
    },
    DeleteNetworkAcl: {
      targets: ({ NetworkAclId }: DeleteNetworkAclRequest, call: Call) =>
        existingTargets(resources, resourceTypes.networkAcl, call, [NetworkAclId]),
      run: ({ NetworkAclId }: DeleteNetworkAclRequest, { place }: Call) =>
        resources.write((draft) => deleteAcl(draft, place, NetworkAclId)),
    },
    DescribeNetworkAcls: {
      targets: ofNothing,
      run: (input: DescribeNetworkAclsRequest, call: Call) => describeAcls(resources, input, call),
    },
    ReplaceNetworkAclAssociation: {
      targets: ({ NetworkAclId, AssociationId }: ReplaceNetworkAclAssociationRequest, call: Call) => {
        const association = findAssociation(resources, call.place, AssociationId);
        return [
          ...existingTargets(resources, resourceTypes.networkAcl, call, [
            NetworkAclId,
            association?.acl.NetworkAclId,
          ]),
          ...existingTargets(resources, resourceTypes.subnet, call, [association?.subnetId]),
        ];
      },
      run: (input: ReplaceNetworkAclAssociationRequest, { place }: Call) =>
        resources.write((draft) => replaceAssociation(draft, place, input)),
    },
  };
}

function createAcl(draft: Draft, place: Place, input: CreateNetworkAclRequest): AclResource {
  const before = madeBefore(draft, networkAcls, place, input);
  if (before) return before;
  const tags = tagsFromSpecifications(input.TagSpecifications, 'network-acl');
  const vpc = existing(draft, resourceTypes.vpc, place, input.VpcId);
  const siblings = [...draft.list(networkAcls, place)].filter(({ VpcId }) => VpcId === vpc.VpcId);
  if (siblings.length >= mostAcls) {
    throw ec2Errors.limitExceeded(
      'NetworkAclLimitExceeded',
      'The maximum number of network ACLs has been reached.',
    );
  }
  const hasIpv6 = (vpc.Ipv6CidrBlockAssociationSet ?? []).length > 0;
  const acl: AclResource = {
    NetworkAclId: newId('acl'),
    VpcId: vpc.VpcId!,
    OwnerId: place.accountId,
    IsDefault: false,
    Associations: [],
    Entries: lastEntries(hasIpv6),
    Tags: tags,
    ...madeBy(input),
  };
  draft.put(networkAcls, place, acl.NetworkAclId!, acl);
  return acl;
}

/** What every ACL ends with: what no entry lets through is denied. */
function lastEntries(hasIpv6: boolean): NonNullable<AclResource['Entries']> {
  const denied = [
    { RuleNumber: 32_767, CidrBlock: '0.0.0.0/0' },
    ...(hasIpv6 ? [{ RuleNumber: 32_768, Ipv6CidrBlock: '::/0' }] : []),
  ];
  return [true, false].flatMap((Egress) =>
    denied.map((entry) => ({ ...entry, Egress, Protocol: '-1', RuleAction: 'deny' as const })),
  );
}

function deleteAcl(draft: Draft, place: Place, id: string | undefined): object {
  const {
    NetworkAclId = '',
    IsDefault,
    Associations = [],
  } = subject(draft, resourceTypes.networkAcl, place, id);
  if (IsDefault) throw ec2Errors.invalidValue(`cannot delete default network ACL ${NetworkAclId}`);
  if (Associations.length > 0) throw ec2Errors.hasDependencies('networkAcl', NetworkAclId);
  draft.remove(networkAcls, place, NetworkAclId);
  return {};
}

function findAssociation(
  view: ResourceView,
  place: Place,
  associationId: string | undefined,
): { acl: AclResource; subnetId: string } | undefined {
  for (const acl of view.list(networkAcls, place)) {
    const found = acl.Associations?.find((one) => one.NetworkAclAssociationId === associationId);
    if (found) return { acl, subnetId: found.SubnetId ?? '' };
  }
  return undefined;
}

function replaceAssociation(
  draft: Draft,
  place: Place,
  { AssociationId = '', NetworkAclId }: ReplaceNetworkAclAssociationRequest,
) {
  const found = findAssociation(draft, place, AssociationId);
  if (!found) {
    throw new ServiceError(
      'InvalidAssociationID.NotFound',
      `The association ID '${AssociationId}' does not exist`,
    );
  }
  const target = subject(draft, resourceTypes.networkAcl, place, NetworkAclId);
  if (target.VpcId !== found.acl.VpcId) {
    throw ec2Errors.invalidValue('You have specified two resources that belong to different networks.');
  }
  disassociate(draft, place, found.acl, AssociationId);
  return { NewAssociationId: associate(draft, place, target.NetworkAclId!, found.subnetId) };
}

function disassociate(draft: Draft, place: Place, acl: AclResource, associationId: string): void {
  const Associations = (acl.Associations ?? []).filter(
    (one) => one.NetworkAclAssociationId !== associationId,
  );
  draft.put(networkAcls, place, acl.NetworkAclId!, { ...acl, Associations });
}

function associate(draft: Draft, place: Place, aclId: string, subnetId: string): string {
  const acl = draft.get(networkAcls, place, aclId)!;
  const NetworkAclAssociationId = newId('aclassoc');
  const association = { NetworkAclAssociationId, NetworkAclId: aclId, SubnetId: subnetId };
  draft.put(networkAcls, place, aclId, {
    ...acl,
    Associations: [...(acl.Associations ?? []), association],
  });
  return NetworkAclAssociationId;
}

function describeAcls(view: ResourceView, input: DescribeNetworkAclsRequest, call: Call) {
  const { items, next } = describeItems(
    view.list(networkAcls, call.place),
    input,
    {
      type: resourceTypes.networkAcl,
      ids: input.NetworkAclIds,
      idsName: 'networkAclIdSet',
      idOf: ({ NetworkAclId }) => NetworkAclId,
      filters: aclFilters,
    },
    call,
  );
  return { NetworkAcls: items.map(withSortedEntries), ...next };
}

/** By direction, egress first, and by number, as EC2 lists them. */
function withSortedEntries(acl: AclResource): AclResource {
  const Entries = [...(acl.Entries ?? [])].sort(
    (a, b) => Number(b.Egress) - Number(a.Egress) || (a.RuleNumber ?? 0) - (b.RuleNumber ?? 0),
  );
  return { ...acl, Entries };
}
