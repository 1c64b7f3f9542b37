import { authorizedResource, groupArn, groupNameOf } from '../../logs/index.ts';
import type { Call, Target } from '../action.ts';

/** Members by which requests name what they are about. */
export interface NamesGroups {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
  readonly logGroupNames?: readonly string[];
  readonly logGroupIdentifiers?: readonly string[];
  readonly logStreamName?: string;
  readonly resourceArn?: string;
  /** Keys alone where tags are removed. */
  readonly tags?: Readonly<Record<string, string>> | readonly string[];
  readonly tagKeys?: readonly string[];
  /** Of a role that CloudWatch Logs is to assume. */
  readonly roleArn?: string;
}

export type TargetsOf = (input: NamesGroups, call: Call) => readonly Target[];

/** The log groups that a request names; all of them when it names none. */
export const ofGroups: TargetsOf = (input, { place }) => {
  const { logGroupName, logGroupIdentifier, logGroupNames = [], logGroupIdentifiers = [] } = input;
  const identifiers = [logGroupName, logGroupIdentifier, ...logGroupNames, ...logGroupIdentifiers];
  const named = identifiers.filter((identifier) => identifier !== undefined);
  const groups = named.length > 0 ? named : [''];
  return groups.map((identifier) => ({
    resource: identifier.startsWith('arn:')
      ? arnTarget(identifier)
      : authorizedResource(place, groupNameOf(place, identifier)),
    ...requestKeys(input),
  }));
};

/** Who gives tags to a new log group must be allowed to tag it. */
export const ofNewGroup: TargetsOf = (input, call) => {
  const groups = ofGroups(input, call);
  if (input.tags === undefined || Object.keys(input.tags).length === 0) return groups;
  return [...groups, ...ofTags(input, call).map((tagged) => ({ ...tagged, action: 'logs:TagResource' }))];
};

/** The role that is handed over, besides the log group. */
export const ofSubscription: TargetsOf = (input, call) => {
  const groups = ofGroups(input, call);
  if (input.roleArn === undefined) return groups;
  const keys = { 'iam:PassedToService': 'logs.amazonaws.com' };
  return [...groups, { action: 'iam:PassRole', resource: input.roleArn, keys }];
};

export function groupTarget(place: Call['place'], name: string): Target {
  return { resource: authorizedResource(place, name) };
}

/** The log stream that a request names. */
export const ofStream: TargetsOf = ({ logGroupName, logGroupIdentifier, logStreamName }, { place }) => {
  const identifier = logGroupName ?? logGroupIdentifier ?? '';
  const resource = identifier.startsWith('arn:')
    ? `${arnTarget(identifier)}${logStreamName}`
    : authorizedResource(place, identifier, logStreamName);
  return [{ resource }];
};

/** With the tags of the log group that it is about. */
export function withGroupTags(
  target: Target,
  place: Call['place'],
  tagsOf: (name: string) => Readonly<Record<string, string>>,
): Target {
  const beginning = groupArn(place, '');
  if (!target.resource.startsWith(beginning)) return target;
  const tags = Object.entries(tagsOf(target.resource.slice(beginning.length).split(':', 1)[0]));
  if (tags.length === 0) return target;
  const keys = Object.fromEntries(tags.map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
  return { ...target, keys: { ...keys, ...target.keys } };
}

/** Tags are of the group's ARN itself. */
export const ofTags: TargetsOf = (input, { place }) => {
  const { resourceArn, logGroupName } = input;
  return [{ resource: resourceArn ?? groupArn(place, logGroupName ?? ''), ...requestKeys(input) }];
};

/** Actions that IAM is asked about without a resource. */
export const ofNothing: TargetsOf = () => [{ resource: '*' }];

function arnTarget(arn: string): string {
  return `${arn.replace(/:\*$/, '')}:log-stream:`;
}

function requestKeys({ tags = {}, tagKeys }: NamesGroups): Pick<Target, 'keys'> {
  const given = Array.isArray(tags) ? [] : Object.entries(tags);
  const keys = tagKeys ?? (Array.isArray(tags) ? tags : given.map(([key]) => key));
  if (keys.length === 0) return {};
  const values = given.map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return { keys: { 'aws:TagKeys': keys, ...Object.fromEntries(values) } };
}
