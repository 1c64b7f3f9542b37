import { ServiceError } from '../../fault/index.ts';
import { vpcs } from '../../vpc/index.ts';
import type { Action, Call } from '../action.ts';
import { ofNothing } from './arns.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';

/** How a kind of resource is asked for of which Headgate has none. */
interface AbsentKind {
  /** The list in the answer. */
  readonly list: string;
  /** The member of the request that may name some, and what is said of them. */
  readonly ids?: string;
  readonly notFound?: string;
  readonly missing?: (id: string) => string;
}

function absent(list: string, ids?: string, notFound?: string, missing?: (id: string) => string): AbsentKind {
  return {
    list,
    ...(ids ? { ids } : {}),
    ...(notFound ? { notFound } : {}),
    ...(missing ? { missing } : {}),
  };
}

/** What tools ask about before they do anything else, and what surrounds the network that Headgate knows. */
const absentKinds: Readonly<Record<string, AbsentKind>> = {
  DescribeInstanceTypes: absent('InstanceTypes'),
  DescribeInstanceTypeOfferings: absent('InstanceTypeOfferings'),
  DescribeImages: absent(
    'Images',
    'ImageIds',
    'InvalidAMIID.NotFound',
    (id) => `The image id '[${id}]' does not exist`,
  ),
  DescribeVolumes: absent(
    'Volumes',
    'VolumeIds',
    'InvalidVolume.NotFound',
    (id) => `The volume '${id}' does not exist.`,
  ),
  DescribeSnapshots: absent(
    'Snapshots',
    'SnapshotIds',
    'InvalidSnapshot.NotFound',
    (id) => `The snapshot '${id}' does not exist.`,
  ),
  DescribeKeyPairs: absent(
    'KeyPairs',
    'KeyNames',
    'InvalidKeyPair.NotFound',
    (name) => `The key pair '${name}' does not exist`,
  ),
  DescribeVpcEndpoints: absent(
    'VpcEndpoints',
    'VpcEndpointIds',
    'InvalidVpcEndpointId.NotFound',
    (id) => `The Vpc Endpoint Id '${id}' does not exist`,
  ),
  DescribeVpcPeeringConnections: absent(
    'VpcPeeringConnections',
    'VpcPeeringConnectionIds',
    'InvalidVpcPeeringConnectionID.NotFound',
    (id) => `The vpcPeeringConnection ID '${id}' does not exist`,
  ),
  DescribePrefixLists: absent(
    'PrefixLists',
    'PrefixListIds',
    'InvalidPrefixListId.NotFound',
    (id) => `The prefix list ID '${id}' does not exist`,
  ),
  DescribeVpnGateways: absent(
    'VpnGateways',
    'VpnGatewayIds',
    'InvalidVpnGatewayID.NotFound',
    (id) => `The vpnGateway ID '${id}' does not exist`,
  ),
  DescribeTransitGatewayVpcAttachments: absent('TransitGatewayVpcAttachments'),
  DescribeIpamPools: absent('IpamPools'),
  DescribeInstanceCreditSpecifications: absent('InstanceCreditSpecifications'),
  DescribeIamInstanceProfileAssociations: absent('IamInstanceProfileAssociations'),
  DescribeSecurityGroupVpcAssociations: absent('SecurityGroupVpcAssociations'),
};

export function absentKindActions({ resources }: Ec2Parts): Actions {
  const empty = Object.entries(absentKinds).map(([action, kind]) => [action, answerOf(kind)] as const);
  return {
    ...Object.fromEntries(empty),
    GetSubnetCidrReservations: {
      targets: ofNothing,
      run: ({ SubnetId }: { SubnetId?: string }, { place }: Call) => {
        existing(resources, resourceTypes.subnet, place, SubnetId);
        return { SubnetIpv4CidrReservations: [], SubnetIpv6CidrReservations: [] };
      },
    },
    DescribeVpcClassicLink: classicLink(resources, { ClassicLinkEnabled: false, Tags: [] }),
    DescribeVpcClassicLinkDnsSupport: classicLink(resources, { ClassicLinkDnsSupported: false }),
    DescribeVpcBlockPublicAccessOptions: {
      targets: ofNothing,
      run: (_input: object, { place }: Call) => ({
        VpcBlockPublicAccessOptions: {
          AwsAccountId: place.accountId,
          AwsRegion: place.region,
          State: 'default-state',
          InternetGatewayBlockMode: 'off',
          ManagedBy: 'account',
          ExclusionsAllowed: 'allowed',
        },
      }),
    },
  };
}

function answerOf({ list, ids, notFound, missing }: AbsentKind): Action {
  return {
    targets: ofNothing,
    run: (input: Readonly<Record<string, unknown>>) => {
      const named = ids === undefined ? undefined : input[ids];
      if (notFound && missing && Array.isArray(named) && named.length > 0) {
        throw new ServiceError(notFound, missing(String(named[0])));
      }
      return { [list]: [] };
    },
  };
}

/** No VPC takes part in what EC2-Classic was. */
function classicLink(resources: Ec2Parts['resources'], state: object): Action {
  return {
    targets: ofNothing,
    run: ({ VpcIds }: { VpcIds?: string[] }, { place }: Call) => {
      for (const id of VpcIds ?? []) existing(resources, resourceTypes.vpc, place, id);
      const ids = [...resources.list(vpcs, place)].map(({ VpcId }) => VpcId ?? '');
      const named = VpcIds?.length ? ids.filter((id) => VpcIds.includes(id)) : ids;
      return { Vpcs: named.map((VpcId) => ({ VpcId, ...state })) };
    },
  };
}
