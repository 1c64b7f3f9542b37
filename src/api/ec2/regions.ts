import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeRegionsRequest,
  Region,
} from '@aws-sdk/client-ec2';
import type { Identity } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { ofNothing } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { applyFilters } from './filters.ts';
import type { Actions, Ec2Parts } from './parts.ts';

/** AWS's Regions as of 2026, by code: whether accounts must opt in, and the name. Headgate opts in to all. */
const regionTable: Readonly<Record<string, readonly [isOptIn: boolean, name: string]>> = {
  'af-south-1': [true, 'Africa (Cape Town)'],
  'ap-east-1': [true, 'Asia Pacific (Hong Kong)'],
  'ap-east-2': [true, 'Asia Pacific (Taipei)'],
  'ap-northeast-1': [false, 'Asia Pacific (Tokyo)'],
  'ap-northeast-2': [false, 'Asia Pacific (Seoul)'],
  'ap-northeast-3': [false, 'Asia Pacific (Osaka)'],
  'ap-south-1': [false, 'Asia Pacific (Mumbai)'],
  'ap-south-2': [true, 'Asia Pacific (Hyderabad)'],
  'ap-southeast-1': [false, 'Asia Pacific (Singapore)'],
  'ap-southeast-2': [false, 'Asia Pacific (Sydney)'],
  'ap-southeast-3': [true, 'Asia Pacific (Jakarta)'],
  'ap-southeast-4': [true, 'Asia Pacific (Melbourne)'],
  'ap-southeast-5': [true, 'Asia Pacific (Malaysia)'],
  'ap-southeast-6': [true, 'Asia Pacific (New Zealand)'],
  'ap-southeast-7': [true, 'Asia Pacific (Thailand)'],
  'ca-central-1': [false, 'Canada (Central)'],
  'ca-west-1': [true, 'Canada West (Calgary)'],
  'eu-central-1': [false, 'Europe (Frankfurt)'],
  'eu-central-2': [true, 'Europe (Zurich)'],
  'eu-north-1': [false, 'Europe (Stockholm)'],
  'eu-south-1': [true, 'Europe (Milan)'],
  'eu-south-2': [true, 'Europe (Spain)'],
  'eu-west-1': [false, 'Europe (Ireland)'],
  'eu-west-2': [false, 'Europe (London)'],
  'eu-west-3': [false, 'Europe (Paris)'],
  'il-central-1': [true, 'Israel (Tel Aviv)'],
  'me-central-1': [true, 'Middle East (UAE)'],
  'me-south-1': [true, 'Middle East (Bahrain)'],
  'mx-central-1': [true, 'Mexico (Central)'],
  'sa-east-1': [false, 'South America (Sao Paulo)'],
  'us-east-1': [false, 'US East (N. Virginia)'],
  'us-east-2': [false, 'US East (Ohio)'],
  'us-west-1': [false, 'US West (N. California)'],
  'us-west-2': [false, 'US West (Oregon)'],
};

/** Regions that requests may be signed for, by code. */
export const regionCodes: readonly string[] = Object.keys(regionTable);

/** How AWS shortens directions in zone ids: `ap-southeast-1` is `apse1`. */
const directions: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
};

const zonesPerRegion = 3;

export function regionActions({ identity }: Ec2Parts): Actions {
  return {
    DescribeRegions: {
      targets: ofNothing,
      run: (input: DescribeRegionsRequest) => ({ Regions: describedRegions(input, identity) }),
    },
    DescribeAvailabilityZones: {
      targets: ofNothing,
      run: (input: DescribeAvailabilityZonesRequest, { place }: Call) => ({
        AvailabilityZones: describedZones(input, zonesOf(place.region, identity)),
      }),
    },
  };
}

/** Every Region; the home Region too when it is none of AWS's. */
function allRegions({ region: home }: Identity): Region[] {
  const names = [...new Set([...Object.keys(regionTable), home])].sort();
  return names.map((name) => ({
    RegionName: name,
    Endpoint: `ec2.${name}.amazonaws.com`,
    OptInStatus: regionTable[name]?.[0] ? 'opted-in' : 'opt-in-not-required',
  }));
}

function describedRegions({ RegionNames, Filters }: DescribeRegionsRequest, identity: Identity): Region[] {
  const all = allRegions(identity);
  const unknown = (RegionNames ?? []).filter((name) => !all.some(({ RegionName }) => RegionName === name));
  if (unknown.length > 0) throw ec2Errors.invalidValue(`Invalid region names: ${unknown.join(', ')}`);
  const named = RegionNames?.length ? all.filter(({ RegionName }) => RegionNames.includes(RegionName!)) : all;
  return applyFilters(named, Filters, {
    endpoint: ({ Endpoint }) => [Endpoint],
    'opt-in-status': ({ OptInStatus }) => [OptInStatus],
    'region-name': ({ RegionName }) => [RegionName],
  });
}

/**
 * The Availability Zones of a Region: a, b and c, and in the home Region the one that this host was said to be in, if it
 * is another.
 */
export function zonesOf(region: string, identity: Identity): AvailabilityZone[] {
  const short = zonePrefix(region);
  const ids = Array.from({ length: zonesPerRegion }, (_, i) => `${short}-az${i + 1}`);
  if (region === identity.region && !ids.includes(identity.azId)) ids.push(identity.azId);
  return ids.map((id, i) => zoneOf(region, id, 'abcd'[i]));
}

function zoneOf(region: string, zoneId: string, letter: string): AvailabilityZone {
  return {
    State: 'available',
    OptInStatus: 'opt-in-not-required',
    Messages: [],
    RegionName: region,
    ZoneName: `${region}${letter}`,
    ZoneId: zoneId,
    GroupName: `${region}-zg-1`,
    GroupLongName: `${regionTable[region]?.[1] ?? region} 1`,
    NetworkBorderGroup: region,
    ZoneType: 'availability-zone',
  };
}

function zonePrefix(region: string): string {
  const parts = region.replace('us-gov-', 'usg-').split('-');
  return parts.map((part) => directions[part] ?? part).join('');
}

function describedZones(
  { ZoneNames = [], ZoneIds = [], Filters }: DescribeAvailabilityZonesRequest,
  zones: readonly AvailabilityZone[],
): AvailabilityZone[] {
  const noName = ZoneNames.filter((name) => !zones.some(({ ZoneName }) => ZoneName === name));
  if (noName.length > 0) throw ec2Errors.invalidValue(`Invalid availability zone: [${noName.join(', ')}]`);
  const noId = ZoneIds.filter((id) => !zones.some(({ ZoneId }) => ZoneId === id));
  if (noId.length > 0) throw ec2Errors.invalidValue(`Invalid availability zone-id: [${noId.join(', ')}]`);
  const isNamed = ({ ZoneName, ZoneId }: AvailabilityZone) =>
    ZoneNames.includes(ZoneName!) || ZoneIds.includes(ZoneId!);
  const named = ZoneNames.length + ZoneIds.length > 0 ? zones.filter(isNamed) : zones;
  return applyFilters(named, Filters, {
    'group-long-name': ({ GroupLongName }) => [GroupLongName],
    'group-name': ({ GroupName }) => [GroupName],
    message: ({ Messages }) => (Messages ?? []).map(({ Message }) => Message),
    'opt-in-status': ({ OptInStatus }) => [OptInStatus],
    'parent-zone-id': ({ ParentZoneId }) => [ParentZoneId],
    'parent-zone-name': ({ ParentZoneName }) => [ParentZoneName],
    'region-name': ({ RegionName }) => [RegionName],
    state: ({ State }) => [State],
    'zone-id': ({ ZoneId }) => [ZoneId],
    'zone-name': ({ ZoneName }) => [ZoneName],
    'zone-type': ({ ZoneType }) => [ZoneType],
  });
}
