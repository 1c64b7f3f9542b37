import type { ResourceType, TagSpecification } from '@aws-sdk/client-ec2';
import type { Place, ResourceView } from '../../resource/index.ts';
import type { Call, Target } from '../action.ts';
import { type AnyResourceType, type ResourceTypeOf, tagsOf } from './resource-types.ts';

type Keys = Record<string, string | readonly string[]>;

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** `arn:aws:ec2:us-east-1:123456789012:vpc/vpc-…`; `type` as in tag specifications, or `image`, `volume` … */
export function ec2Arn(place: Place, type: string, id: string): string {
  return `arn:${partitionOf(place.region)}:ec2:${place.region}:${place.accountId}:${type}/${id}`;
}

/** Actions that IAM is asked about without a resource. */
export function ofNothing(_input: unknown, call: Call): readonly Target[] {
  return [{ resource: '*', keys: { 'ec2:Region': call.place.region } }];
}

/** A resource that is there: its tags and its VPC are conditions. One that is not there is allowed or not by its ARN. */
export function existingTarget<T extends object>(
  view: ResourceView,
  entry: ResourceTypeOf<T>,
  { place }: Call,
  id: string | undefined,
): Target {
  const resource = id === undefined ? undefined : view.get(entry.kind, place, id);
  return {
    resource: ec2Arn(place, entry.type, id ?? '*'),
    keys: { 'ec2:Region': place.region, ...(resource ? resourceKeys(entry, resource, place) : {}) },
  };
}

export function existingTargets<T extends object>(
  view: ResourceView,
  entry: ResourceTypeOf<T>,
  call: Call,
  ids: readonly (string | undefined)[],
): Target[] {
  return ids.filter((id) => id !== undefined).map((id) => existingTarget(view, entry, call, id));
}

/**
 * A resource that the request makes, and `ec2:CreateTags` for the tags that it asks for. `keys`: what else is known of
 * it: `vpcKey`, `ec2:AvailabilityZone` …
 */
export function createdTargets(
  type: ResourceType,
  { place, action }: Call,
  specifications: readonly TagSpecification[] | undefined,
  keys: Keys = {},
): Target[] {
  const tags = (specifications ?? [])
    .filter(({ ResourceType }) => ResourceType === type)
    .flatMap(({ Tags }) => Tags ?? []);
  const resource = ec2Arn(place, type, '*');
  const all = { 'ec2:Region': place.region, ...keys, ...requestTagKeys(tags) };
  const made: Target = { resource, keys: all };
  if (tags.length === 0) return [made];
  return [made, { resource, action: 'ec2:CreateTags', keys: { ...all, 'ec2:CreateAction': action } }];
}

/** `aws:RequestTag/KEY` and `aws:TagKeys`. */
export function requestTagKeys(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Keys {
  if (tags.length === 0) return {};
  const values = tags.map(({ Key = '', Value = '' }) => [`aws:RequestTag/${Key}`, Value]);
  return { ...Object.fromEntries(values), 'aws:TagKeys': tags.map(({ Key = '' }) => Key) };
}

/** `ec2:Vpc`: the ARN of the VPC that something is in. */
export function vpcKey(place: Place, vpcId: string | undefined): Keys {
  return vpcId === undefined ? {} : { 'ec2:Vpc': ec2Arn(place, 'vpc', vpcId) };
}

function resourceKeys(entry: Pick<AnyResourceType, 'tags' | 'type'>, resource: object, place: Place): Keys {
  const { VpcId } = resource as { VpcId?: string };
  const tags = tagsOf(entry, resource).flatMap(({ Key = '', Value = '' }) => [
    [`aws:ResourceTag/${Key}`, Value],
    [`ec2:ResourceTag/${Key}`, Value],
  ]);
  return { ...(entry.type === 'vpc' ? {} : vpcKey(place, VpcId)), ...Object.fromEntries(tags) };
}
