import type { CreateDefaultSubnetRequest } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../ip/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import {
  type Identity,
  routeTables,
  type SubnetResource,
  subnets,
  type VpcResource,
  vpcs,
} from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets } from './arns.ts';
import { overlaps, prefixesOf } from './cidr.ts';
import { ec2Errors } from './errors.ts';
import { attach, createGateway } from './internet-gateways.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { zonesOf } from './regions.ts';
import { isMain, putRoutes } from './route-table.ts';
import { createSubnet } from './subnets.ts';
import { putVpcDefaults } from './vpc-defaults.ts';
import { newVpc } from './vpcs.ts';

/** AWS's own: the VPC, and how large the subnet of each zone is. */
const defaultBlock = '172.31.0.0/16';
const subnetLength = 20;

export function defaultVpcActions({ resources, identity }: Ec2Parts): Actions {
  return {
    CreateDefaultVpc: {
      targets: (_input: object, call: Call) => createdTargets('vpc', call, undefined),
      run: (_input: object, { place }: Call) =>
        resources.write((draft) => ({ Vpc: createDefaultVpc(draft, place, identity) })),
    },
    CreateDefaultSubnet: {
      targets: (_input: object, call: Call) => createdTargets('subnet', call, undefined),
      run: (input: CreateDefaultSubnetRequest, { place }: Call) =>
        resources.write((draft) => ({ Subnet: createDefaultSubnet(draft, place, identity, input) })),
    },
  };
}

function defaultVpcOf(view: ResourceView, place: Place): VpcResource | undefined {
  return [...view.list(vpcs, place)].find(({ IsDefault }) => IsDefault);
}

/** With an internet gateway, the route to it, and a subnet for each zone. */
function createDefaultVpc(draft: Draft, place: Place, identity: Identity): VpcResource {
  if (defaultVpcOf(draft, place)) {
    throw new ServiceError(
      'DefaultVpcAlreadyExists',
      'A Default VPC already exists for this account in this region.',
    );
  }
  const vpc = { ...newVpc(place, defaultBlock, []), IsDefault: true, enableDnsHostnames: true };
  const vpcId = vpc.VpcId!;
  draft.put(vpcs, place, vpcId, vpc);
  putVpcDefaults(draft, place, vpc);
  const { InternetGatewayId } = createGateway(draft, place, {});
  attach(draft, place, { InternetGatewayId: InternetGatewayId!, VpcId: vpcId });
  const table = [...draft.list(routeTables, place)].find((entry) => entry.VpcId === vpcId && isMain(entry))!;
  putRoutes(draft, place, table, [
    ...(table.Routes ?? []),
    {
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: InternetGatewayId!,
      Origin: 'CreateRoute',
      State: 'active',
    },
  ]);
  for (const { ZoneName } of zonesOf(place.region, identity)) {
    createDefaultSubnet(draft, place, identity, { AvailabilityZone: ZoneName });
  }
  return vpc;
}

function createDefaultSubnet(
  draft: Draft,
  place: Place,
  identity: Identity,
  input: CreateDefaultSubnetRequest,
): SubnetResource {
  const vpc = defaultVpcOf(draft, place);
  if (!vpc) {
    throw new ServiceError(
      'DefaultVpcDoesNotExist',
      'No default VPC exists for this account in this region.',
    );
  }
  const zones = zonesOf(place.region, identity);
  const zone = zones.find(
    ({ ZoneName, ZoneId }) => ZoneName === input.AvailabilityZone || ZoneId === input.AvailabilityZoneId,
  );
  if (!zone) {
    const asked = input.AvailabilityZone ?? input.AvailabilityZoneId ?? '';
    throw ec2Errors.invalidParameterValue(asked, 'availabilityZone', 'There is no such Availability Zone.');
  }
  const others = [...draft.list(subnets, place)].filter(({ VpcId }) => VpcId === vpc.VpcId);
  if (others.some((subnet) => subnet.DefaultForAz && subnet.AvailabilityZone === zone.ZoneName)) {
    throw new ServiceError(
      'DefaultSubnetAlreadyExistsInAvailabilityZone',
      `'${zone.ZoneName}' already has a default subnet.`,
    );
  }
  const block = formatPrefix(freeBlock(prefixesOf(others.map(({ CidrBlock }) => CidrBlock))));
  const subnet = {
    ...createSubnet(draft, place, identity, {
      VpcId: vpc.VpcId,
      CidrBlock: block,
      AvailabilityZone: zone.ZoneName,
    }),
    DefaultForAz: true,
    MapPublicIpOnLaunch: true,
  };
  draft.put(subnets, place, subnet.SubnetId!, subnet);
  return subnet;
}

function freeBlock(taken: readonly Prefix[]): Prefix {
  const { words } = parsePrefix(defaultBlock)!;
  for (let i = 0; i < 2 ** (subnetLength - 16); i++) {
    const third = words[3] | (i << (32 - subnetLength));
    const block: Prefix = { family: 4, words: [0, 0, 0, third], length: subnetLength };
    if (!taken.some((other) => overlaps(other, block))) return block;
  }
  throw new ServiceError('InvalidSubnet.Conflict', 'There is no free CIDR block in the default VPC');
}
