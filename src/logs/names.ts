import type { Place } from '../resource/place.ts';
import { errors } from './errors.ts';
import { validate } from './validation.ts';

export const groupNamePattern = '[\\.\\-_/#A-Za-z0-9]+';
export const streamNamePattern = '[^:*]*';
const maxNameLength = 512;

/** @throws ServiceError `InvalidParameterException` for a name that no log group can have */
export function checkGroupName(logGroupName: string): void {
  validate({ logGroupName }, { logGroupName: { required: true, minLength: 1 } });
  if (logGroupName.length > maxNameLength) throw errors.nameTooLong();
  validate({ logGroupName }, { logGroupName: { pattern: groupNamePattern } });
  if (/^aws\//i.test(logGroupName)) throw errors.nameReserved();
}

/** @throws ServiceError `InvalidParameterException` for a name that no log stream can have */
export function checkStreamName(logStreamName: string): void {
  validate({ logStreamName }, { logStreamName: { required: true, minLength: 1 } });
  if (logStreamName.length > maxNameLength) throw errors.nameTooLong();
  validate({ logStreamName }, { logStreamName: { pattern: streamNamePattern } });
}

/** Without `:*`. */
export function groupArn({ region, accountId }: Place, group: string): string {
  return `arn:aws:logs:${region}:${accountId}:log-group:${group}`;
}

export function streamArn(place: Place, group: string, stream: string): string {
  return `${groupArn(place, group)}:log-stream:${stream}`;
}

/**
 * What IAM is asked about, as AWS's denials name it: the log group with `:log-stream:` and the stream, or nothing, after
 * it. So a policy has to end in `:*` to allow anything but tags.
 */
export function authorizedResource(place: Place, group = '', stream = ''): string {
  return `${groupArn(place, group)}:log-stream:${stream}`;
}

export function lookupTableArn({ region, accountId }: Place, table: string): string {
  return `arn:aws:logs:${region}:${accountId}:lookup-table:${table}`;
}

/** The name in an ARN of a log group, with or without `:*`; a name is its own. ARNs of other accounts name nothing here. */
export function groupNameOf(place: Place, identifier: string): string | undefined {
  if (!identifier.startsWith('arn:')) return identifier;
  const beginning = groupArn(place, '');
  if (!identifier.startsWith(beginning)) return undefined;
  return identifier.slice(beginning.length).replace(/:\*$/, '');
}

/** By code units, as AWS lists names. */
export function byName<Item>(name: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => {
    const left = name(a);
    const right = name(b);
    return left < right ? -1 : left > right ? 1 : 0;
  };
}
