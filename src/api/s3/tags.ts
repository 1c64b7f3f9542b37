import type { Tag } from '@aws-sdk/client-s3';
import type { ConditionKeys } from './access.ts';
import { s3Errors } from './errors.ts';

/** How many tags there may be of something. */
export interface TagLimit {
  readonly most: number;
  readonly noun: 'Object' | 'Bucket';
}

export const objectTagLimit: TagLimit = { most: 10, noun: 'Object' };
export const bucketTagLimit: TagLimit = { most: 50, noun: 'Bucket' };

type GivenTag =
  | Readonly<Required<Pick<Tag, 'Key' | 'Value'>>>
  | { readonly Key?: string; readonly Value?: string };

/** Letters, numbers and spaces of any script, and these signs. */
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @throws ServiceError `InvalidTag`, `BadRequest` */
export function checkTags(tags: readonly GivenTag[], { most, noun }: TagLimit): void {
  if (tags.length > most) {
    const sentence =
      noun === 'Object'
        ? `Object tags cannot be greater than ${most}`
        : `Bucket tag count cannot be greater than ${most}`;
    throw s3Errors.refusal('BadRequest', sentence, 400);
  }
  const keys = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    checkTag(Key, Value);
    if (keys.has(Key)) throw s3Errors.invalidTag('Cannot provide multiple Tags with the same key', Key);
    keys.add(Key);
  }
}

function checkTag(key: string, value: string): void {
  if (key.length === 0 || key.length > 128 || !allowed.test(key)) {
    throw s3Errors.invalidTag('The TagKey you have provided is invalid', key.slice(0, 256));
  }
  if (value.length > 256 || !allowed.test(value)) {
    throw s3Errors.invalidTag('The TagValue you have provided is invalid', key);
  }
  if (key.toLowerCase().startsWith('aws:')) {
    throw s3Errors.invalidTag('System tags cannot be added/updated by requester', key);
  }
}

/** The `x-amz-tagging` header: a query of keys and values. @throws ServiceError `InvalidArgument` … */
export function parseTagging(header: string): Readonly<Record<string, string>> {
  const tags = header === '' ? [] : header.split('&').map((pair) => tagOf(pair, header));
  const keys = new Set(tags.map(({ Key }) => Key));
  if (keys.size < tags.length) throw badHeader(header);
  checkTags(tags, objectTagLimit);
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

function tagOf(pair: string, header: string): { readonly Key: string; readonly Value: string } {
  const at = pair.indexOf('=');
  const [key, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  return { Key: decoded(key, header), Value: decoded(value, header) };
}

function decoded(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badHeader(header);
  }
}

function badHeader(header: string) {
  return s3Errors.invalidArgument(
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    'x-amz-tagging',
    header,
  );
}

/** Condition keys of tags that a request gives. */
export function requestTagKeys(tags: Readonly<Record<string, string>>): ConditionKeys {
  const names = Object.keys(tags);
  if (names.length === 0) return {};
  return {
    's3:RequestObjectTagKeys': names,
    ...Object.fromEntries(names.map((name) => [`s3:RequestObjectTag/${name}`, tags[name]])),
  };
}
