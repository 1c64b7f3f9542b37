import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import { ServiceError } from '../../fault/index.ts';
import type { Caller, NewSession } from '../../iam/index.ts';
import type { Target } from '../action.ts';
import type { Checked } from '../checked.ts';

type TagInput = Pick<Checked<AssumeRoleRequest>, 'Tags' | 'TransitiveTagKeys'>;

type SessionTags = Pick<NewSession, 'tags' | 'transitiveTagKeys'>;

/**
 * The tags of a session: those that are given, and those that the caller's own session hands on.
 * @throws ServiceError `InvalidParameterValue`
 */
export function sessionTags({ Tags = [], TransitiveTagKeys = [] }: TagInput, caller: Caller): SessionTags {
  const inherited = inheritedTags(caller);
  const given = new Set(Tags.map(({ Key }) => Key.toLowerCase()));
  if (given.size < Tags.length) {
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (inherited.some(([key]) => given.has(key.toLowerCase()))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key " +
        'from the calling session.',
    );
  }
  if (TransitiveTagKeys.some((key) => !given.has(key.toLowerCase()))) {
    throw invalid('The specified transitive tag key must be included in the requested tags.');
  }
  const transitiveTagKeys = [...inherited.map(([key]) => key), ...TransitiveTagKeys];
  const own = Tags.map(({ Key, Value }): [string, string] => [Key, Value]);
  return {
    tags: Object.fromEntries([...inherited, ...own]),
    ...(transitiveTagKeys.length > 0 && { transitiveTagKeys }),
  };
}

/** Condition keys of a request that gives tags. */
export function tagKeys({ Tags = [], TransitiveTagKeys = [] }: TagInput): NonNullable<Target['keys']> {
  return {
    ...Object.fromEntries(Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(Tags.length > 0 && { 'aws:TagKeys': Tags.map(({ Key }) => Key) }),
    ...(TransitiveTagKeys.length > 0 && { 'sts:TransitiveTagKeys': TransitiveTagKeys }),
  };
}

function inheritedTags({ session }: Caller): [string, string][] {
  const transitive = new Set((session?.transitiveTagKeys ?? []).map((key) => key.toLowerCase()));
  return Object.entries(session?.tags ?? {}).filter(([key]) => transitive.has(key.toLowerCase()));
}

function invalid(sentence: string): ServiceError {
  return new ServiceError('InvalidParameterValue', sentence);
}
