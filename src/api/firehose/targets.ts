import type { Resources } from '../../resource/index.ts';
import {
  type DeliveryStreamResource,
  type DeliveryStreams,
  deliveryStreams,
  notFound,
  streamArn,
} from '../../stream/index.ts';
import type { Call, Target } from '../action.ts';

/** What Firehose's actions work on. */
export interface FirehoseParts {
  readonly resources: Resources;
  readonly streams: DeliveryStreams;
}

export interface NamesStream {
  readonly DeliveryStreamName: string;
}

export interface GivenTag {
  readonly Key: string;
  readonly Value?: string | undefined;
}

/** @throws ServiceError `ResourceNotFoundException` */
export function streamOf(
  view: Pick<Resources, 'get'>,
  { DeliveryStreamName: name }: NamesStream,
  { place }: Call,
): DeliveryStreamResource {
  const found = view.get(deliveryStreams, place, name);
  if (!found) throw notFound({ place, name });
  return found;
}

/** The stream that a request names, with its tags. */
export function streamTarget(
  { resources }: FirehoseParts,
  { DeliveryStreamName: name }: NamesStream,
  { place }: Call,
  keys: NonNullable<Target['keys']> = {},
): Target {
  const tags = resources.get(deliveryStreams, place, name)?.tags ?? [];
  const own = tags.map(({ Key, Value = '' }) => [`aws:ResourceTag/${Key}`, Value]);
  return { resource: streamArn({ place, name }), keys: { ...Object.fromEntries(own), ...keys } };
}

/** Condition keys of a request that gives tags. */
export function requestTagKeys(tags: readonly GivenTag[]): NonNullable<Target['keys']> {
  if (tags.length === 0) return {};
  const values = tags.map(({ Key, Value = '' }) => [`aws:RequestTag/${Key}`, Value]);
  return { 'aws:TagKeys': tags.map(({ Key }) => Key), ...Object.fromEntries(values) };
}

/** Roles that Firehose is to take on. */
export function passedRoles(roleArns: readonly (string | undefined)[]): Target[] {
  const named = new Set(roleArns.filter((arn) => arn !== undefined));
  const keys = { 'iam:PassedToService': 'firehose.amazonaws.com' };
  return [...named].map((resource) => ({ action: 'iam:PassRole', resource, keys }));
}
