import type { ModifySubnetAttributeRequest } from '@aws-sdk/client-ec2';
import type { Draft, Place } from '../../resource/index.ts';
import { type SubnetResource, subnets } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';

type Attribute = Exclude<keyof ModifySubnetAttributeRequest, 'SubnetId'>;
type Change = (subnet: SubnetResource, input: ModifySubnetAttributeRequest) => SubnetResource;

/** What each attribute of a request makes of a subnet. */
const changes: Readonly<Record<Attribute, Change>> = {
  AssignIpv6AddressOnCreation: (subnet, { AssignIpv6AddressOnCreation: wanted }) => {
    if (wanted?.Value && !subnet.Ipv6CidrBlockAssociationSet?.length) throw noIpv6(subnet);
    return { ...subnet, AssignIpv6AddressOnCreation: wanted?.Value ?? false };
  },
  MapPublicIpOnLaunch: (subnet, { MapPublicIpOnLaunch: wanted }) => ({
    ...subnet,
    MapPublicIpOnLaunch: wanted?.Value ?? false,
  }),
  MapCustomerOwnedIpOnLaunch: (subnet, { MapCustomerOwnedIpOnLaunch: wanted }) => {
    if (wanted?.Value) throw notOnOutpost('mapCustomerOwnedIpOnLaunch');
    return subnet;
  },
  CustomerOwnedIpv4Pool: () => {
    throw notOnOutpost('customerOwnedIpv4Pool');
  },
  EnableLniAtDeviceIndex: () => {
    throw notOnOutpost('enableLniAtDeviceIndex');
  },
  DisableLniAtDeviceIndex: () => {
    throw notOnOutpost('disableLniAtDeviceIndex');
  },
  EnableDns64: (subnet, { EnableDns64: wanted }) => ({ ...subnet, EnableDns64: wanted?.Value ?? false }),
  PrivateDnsHostnameTypeOnLaunch: (subnet, { PrivateDnsHostnameTypeOnLaunch: wanted }) =>
    withDns(subnet, { HostnameType: wanted! }),
  EnableResourceNameDnsARecordOnLaunch: (subnet, { EnableResourceNameDnsARecordOnLaunch: wanted }) =>
    withDns(subnet, { EnableResourceNameDnsARecord: wanted?.Value ?? false }),
  EnableResourceNameDnsAAAARecordOnLaunch: (subnet, { EnableResourceNameDnsAAAARecordOnLaunch: wanted }) =>
    withDns(subnet, { EnableResourceNameDnsAAAARecord: wanted?.Value ?? false }),
};

export function subnetAttributeActions({ resources }: Ec2Parts): Actions {
  return {
    ModifySubnetAttribute: {
      targets: ({ SubnetId }: ModifySubnetAttributeRequest, call: Call) =>
        existingTargets(resources, resourceTypes.subnet, call, [SubnetId]),
      run: (input: ModifySubnetAttributeRequest, { place }: Call) =>
        resources.write((draft) => modify(draft, place, input)),
    },
  };
}

/** One attribute with each request, as in AWS; the two that belong to an Outpost's device index go together. */
function modify(draft: Draft, place: Place, input: ModifySubnetAttributeRequest): object {
  const subnet = existing(draft, resourceTypes.subnet, place, input.SubnetId);
  const given = (Object.keys(changes) as Attribute[]).filter((name) => input[name] !== undefined);
  if (given.length === 0) throw ec2Errors.invalidCombination('No attributes specified.');
  if (given.length > 1) {
    const names = given.map((name) => name[0].toLowerCase() + name.slice(1)).join(', ');
    throw ec2Errors.invalidCombination(`Fields for multiple attribute types specified: ${names}`);
  }
  draft.put(subnets, place, subnet.SubnetId!, changes[given[0]](subnet, input));
  return {};
}

function withDns(
  subnet: SubnetResource,
  changed: NonNullable<SubnetResource['PrivateDnsNameOptionsOnLaunch']>,
): SubnetResource {
  const before = subnet.PrivateDnsNameOptionsOnLaunch ?? { HostnameType: 'ip-name' };
  return { ...subnet, PrivateDnsNameOptionsOnLaunch: { ...before, ...changed } };
}

function noIpv6({ SubnetId }: SubnetResource) {
  return ec2Errors.invalidValue(
    `Invalid value 'true' for assignIpv6AddressOnCreation. Subnet '${SubnetId}' has no IPv6 CIDR block associated`,
  );
}

function notOnOutpost(parameter: string) {
  return ec2Errors.invalidCombination(`The parameter ${parameter} is only for subnets of an Outpost`);
}
