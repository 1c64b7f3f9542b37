import type { DescribeDhcpOptionsRequest, DhcpOptions } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import type { Place } from '../../resource/index.ts';
import { dhcpOptionsId } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { ofNothing } from './arns.ts';
import { applyFilters } from './filters.ts';
import type { Actions } from './parts.ts';

export const dhcpOptionsActions: Actions = {
  DescribeDhcpOptions: {
    targets: ofNothing,
    run: (input: DescribeDhcpOptionsRequest, { place }: Call) => ({
      DhcpOptions: described(input, defaultOptions(place)),
    }),
  },
};

function defaultOptions(place: Place): DhcpOptions {
  const { region } = place;
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return {
    DhcpOptionsId: dhcpOptionsId(place),
    OwnerId: place.accountId,
    DhcpConfigurations: [
      { Key: 'domain-name', Values: [{ Value: domain }] },
      { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
    ],
    Tags: [],
  };
}

function described({ DhcpOptionsIds = [], Filters }: DescribeDhcpOptionsRequest, only: DhcpOptions) {
  for (const id of DhcpOptionsIds) {
    if (id === only.DhcpOptionsId) continue;
    if (!/^dopt-[0-9a-f]+$/.test(id)) {
      throw new ServiceError('InvalidDhcpOptionsId.Malformed', `Invalid id: "${id}" (expecting "dopt-...")`);
    }
    throw new ServiceError('InvalidDhcpOptionID.NotFound', `The dhcpOption ID '${id}' does not exist`);
  }
  const configurations = ({ DhcpConfigurations }: DhcpOptions) => DhcpConfigurations ?? [];
  return applyFilters(
    [only],
    Filters,
    {
      'dhcp-options-id': ({ DhcpOptionsId }) => [DhcpOptionsId],
      'owner-id': ({ OwnerId }) => [OwnerId],
      key: (options) => configurations(options).map(({ Key }) => Key),
      value: (options) =>
        configurations(options).flatMap(({ Values }) => (Values ?? []).map(({ Value }) => Value)),
    },
    ({ Tags }) => Tags,
  );
}
