import type {
  AllocateAddressRequest,
  DescribeAddressesAttributeRequest,
  DescribeAddressesRequest,
  ReleaseAddressRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { parseAddress, parsePrefix } from '../../ip/index.ts';
import { type Draft, newId, type Place, type ResourceView } from '../../resource/index.ts';
import { addresses } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { addressAt, checkNotNatGateways, noAddress, type StoredAddress } from './address-associations.ts';
import { createdTargets, existingTargets, ofNothing } from './arns.ts';
import { addressAt as addressInBlock, ipv4Size } from './cidr.ts';
import { pageOf } from './describe.ts';
import { ec2Errors } from './errors.ts';
import { applyFilters, type FilterTable } from './filters.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

/** The ranges of RFC 5737: nobody's, so that what Headgate gives out is nobody else's either. */
const pool = ['203.0.113.0/24', '198.51.100.0/24', '192.0.2.0/24'].map((text) => parsePrefix(text)!);

export function addressActions({ resources }: Ec2Parts): Actions {
  return {
    AllocateAddress: {
      targets: ({ TagSpecifications }: AllocateAddressRequest, call: Call) =>
        createdTargets('elastic-ip', call, TagSpecifications),
      run: (input: AllocateAddressRequest, { place }: Call) =>
        resources.write((draft) => allocate(draft, place, input)),
    },
    ReleaseAddress: {
      targets: ({ AllocationId, PublicIp }: ReleaseAddressRequest, call: Call) =>
        existingTargets(resources, resourceTypes.address, call, [
          AllocationId ?? addressAt(resources, call.place, PublicIp)?.AllocationId,
        ]),
      run: (input: ReleaseAddressRequest, { place }: Call) =>
        resources.write((draft) => release(draft, place, input)),
    },
    DescribeAddresses: {
      targets: ofNothing,
      run: (input: DescribeAddressesRequest, { place }: Call) => ({
        Addresses: describedAddresses(resources, place, input),
      }),
    },
    DescribeAddressesAttribute: {
      targets: ofNothing,
      run: (input: DescribeAddressesAttributeRequest, call: Call) => attributesOf(resources, input, call),
    },
  };
}

function allocate(draft: Draft, place: Place, input: AllocateAddressRequest) {
  const tags = tagsFromSpecifications(input.TagSpecifications, 'elastic-ip');
  checkPool(place, input);
  const PublicIp = freePublicAddress(draft, input.Address);
  const address: StoredAddress = {
    AllocationId: newId('eipalloc'),
    PublicIp,
    Domain: 'vpc',
    PublicIpv4Pool: 'amazon',
    NetworkBorderGroup: place.region,
    Tags: tags,
  };
  draft.put(addresses, place, address.AllocationId!, address);
  const { Tags: _, ...answer } = address;
  return answer;
}

/** @throws ServiceError for pools and groups that are not Amazon's own in this Region */
function checkPool(place: Place, input: AllocateAddressRequest): void {
  const { Domain, PublicIpv4Pool, NetworkBorderGroup, CustomerOwnedIpv4Pool, IpamPoolId } = input;
  if (Domain !== undefined && Domain !== 'vpc') {
    throw ec2Errors.invalidParameterValue(Domain, 'domain', 'Only vpc is supported.');
  }
  const foreign = [PublicIpv4Pool, CustomerOwnedIpv4Pool, IpamPoolId].find(
    (id) => id !== undefined && id !== 'amazon',
  );
  if (foreign !== undefined) {
    throw new ServiceError('InvalidPublicIpv4PoolID.NotFound', `The pool ID '${foreign}' does not exist`);
  }
  if (NetworkBorderGroup !== undefined && NetworkBorderGroup !== place.region) {
    throw ec2Errors.invalidParameterValue(
      NetworkBorderGroup,
      'networkBorderGroup',
      `The network border group of this Region is ${place.region}.`,
    );
  }
}

/** Public addresses are unique over all accounts and Regions. */
function freePublicAddress(view: ResourceView, asked: string | undefined): string {
  const taken = new Set<string | undefined>();
  for (const place of view.places(addresses)) {
    for (const { PublicIp } of view.list(addresses, place)) taken.add(PublicIp);
  }
  if (asked !== undefined && (taken.has(asked) || !isInPool(asked))) throw noAddress(asked);
  if (asked !== undefined) return asked;
  for (const block of pool) {
    for (let offset = 1; offset < ipv4Size(block) - 1; offset++) {
      const address = addressInBlock(block, offset);
      if (!taken.has(address)) return address;
    }
  }
  throw ec2Errors.limitExceeded('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
}

function isInPool(text: string): boolean {
  return pool.some((block) => {
    const prefix = parsePrefix(`${text}/${block.length}`);
    return prefix?.words[3] === block.words[3];
  });
}

function release(draft: Draft, place: Place, { AllocationId, PublicIp }: ReleaseAddressRequest): object {
  if (AllocationId === undefined && PublicIp !== undefined) {
    throw ec2Errors.invalidValue('You must specify an allocation id when releasing a VPC elastic IP address');
  }
  if (AllocationId === undefined) {
    throw new ServiceError('MissingParameter', 'Either public IP or allocation id must be specified');
  }
  const address = existing(draft, resourceTypes.address, place, AllocationId);
  if (address.AssociationId !== undefined) {
    checkNotNatGateways(draft, place, address);
    throw new ServiceError('InvalidIPAddress.InUse', `Address ${address.PublicIp} is in use.`);
  }
  draft.remove(addresses, place, AllocationId);
  return {};
}

function describedAddresses(
  view: ResourceView,
  place: Place,
  { AllocationIds = [], PublicIps = [], Filters }: DescribeAddressesRequest,
): StoredAddress[] {
  const unknown = AllocationIds.filter((id) => !view.get(addresses, place, id));
  if (unknown.length > 0) throw ec2Errors.notFound(resourceTypes.address, unknown);
  for (const publicIp of PublicIps) {
    if (!parseAddress(publicIp)) {
      throw new ServiceError('InvalidAddress.Malformed', `Invalid address: "${publicIp}"`);
    }
    if (!addressAt(view, place, publicIp)) throw noAddress(publicIp);
  }
  const isNamed = ({ AllocationId, PublicIp }: StoredAddress) =>
    (AllocationIds.length === 0 || AllocationIds.includes(AllocationId!)) &&
    (PublicIps.length === 0 || PublicIps.includes(PublicIp!));
  const named = [...view.list(addresses, place)].filter(isNamed);
  return applyFilters(named, Filters, addressFilters, ({ Tags }) => Tags);
}

const addressFilters: FilterTable<StoredAddress> = {
  'allocation-id': ({ AllocationId }) => [AllocationId],
  'association-id': ({ AssociationId }) => [AssociationId],
  domain: ({ Domain }) => [Domain],
  'instance-id': ({ InstanceId }) => [InstanceId],
  'network-border-group': ({ NetworkBorderGroup }) => [NetworkBorderGroup],
  'network-interface-id': ({ NetworkInterfaceId }) => [NetworkInterfaceId],
  'network-interface-owner-id': ({ NetworkInterfaceOwnerId }) => [NetworkInterfaceOwnerId],
  'private-ip-address': ({ PrivateIpAddress }) => [PrivateIpAddress],
  'public-ip': ({ PublicIp }) => [PublicIp],
};

/** No address has a name of its own. */
function attributesOf(view: ResourceView, input: DescribeAddressesAttributeRequest, call: Call) {
  const { AllocationIds } = input;
  const named = describedAddresses(view, call.place, AllocationIds ? { AllocationIds } : {});
  const request = { MaxResults: input.MaxResults, NextToken: input.NextToken };
  const { items, next } = pageOf(named, ({ AllocationId }) => AllocationId ?? '', request, call);
  return { Addresses: items.map(({ PublicIp, AllocationId }) => ({ PublicIp, AllocationId })), ...next };
}
