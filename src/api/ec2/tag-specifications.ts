import type { ResourceType, Tag, TagSpecification } from '@aws-sdk/client-ec2';
import type { Stored } from '../../resource/index.ts';
import { deviceTag } from '../../vpc/index.ts';
import { ec2Errors } from './errors.ts';

/** AWS's limit; those of AWS's own services do not count. */
const mostTags = 50;
const keyCharacters = 128;
const valueCharacters = 256;

/**
 * Tags that a request wants its new resource of `type` to have. `others`: types that the action may tag besides.
 * @throws ServiceError `InvalidParameterValue`, `TagLimitExceeded`
 */
export function tagsFromSpecifications(
  specifications: readonly TagSpecification[] | undefined,
  type: ResourceType,
  others: readonly ResourceType[] = [],
): Stored<Tag>[] {
  const tags: Tag[] = [];
  for (const { ResourceType, Tags = [] } of specifications ?? []) {
    if (!ResourceType) throw ec2Errors.invalidValue('Tag specification resource type must have a value');
    if (ResourceType !== type && !others.includes(ResourceType)) {
      throw ec2Errors.invalidValue(
        `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    if (Tags.length === 0) throw ec2Errors.invalidValue('Tag specification must have at least one tag');
    checkTags(Tags);
    if (ResourceType === type) tags.push(...Tags);
  }
  return tagged([], tags);
}

/**
 * @throws ServiceError `InvalidParameterValue` for keys and values that EC2 does not take
 */
export function checkTags(tags: readonly Tag[]): void {
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    checkKey(Key);
    if ([...Value].length > valueCharacters) {
      throw ec2Errors.invalidValue(`Tag value exceeds the maximum length of ${valueCharacters} characters`);
    }
    if (seen.has(Key)) throw ec2Errors.invalidValue(`Duplicate tag key '${Key}' specified.`);
    seen.add(Key);
  }
}

function checkKey(key: string): void {
  if (key === '') throw ec2Errors.invalidValue('Tag key must not be empty');
  if (isReserved(key)) {
    const reserved = key === deviceTag ? `Tag key '${deviceTag}' is` : "Tag keys starting with 'aws:' are";
    throw ec2Errors.invalidValue(`${reserved} reserved for internal use`);
  }
  if ([...key].length > keyCharacters) {
    throw ec2Errors.invalidValue(`Tag key exceeds the maximum length of ${keyCharacters} characters`);
  }
}

/** What AWS's services set, and what says which device of this host an interface is: users neither set nor remove it. */
export function isReserved(key: string): boolean {
  return key === deviceTag || key.toLowerCase().startsWith('aws:');
}

/** @throws ServiceError `TagLimitExceeded` */
export function tagged(before: readonly Stored<Tag>[], added: readonly Tag[]): Stored<Tag>[] {
  const tags = new Map(before.map(({ Key = '', Value = '' }) => [Key, Value]));
  for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
  if ([...tags.keys()].filter((key) => !isReserved(key)).length > mostTags) throw ec2Errors.tagLimit();
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
