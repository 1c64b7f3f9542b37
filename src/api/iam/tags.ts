import type { Tag } from '../../iam/index.ts';
import type { ResourceView } from '../../resource/index.ts';
import type { Action, Target } from '../action.ts';
import {
  type Entity,
  type EntityKind,
  entityTarget,
  findEntity,
  nameOf,
  profileEntity,
  putEntity,
  roleEntity,
  userEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { markedPage, type PageInput } from './marked-page.ts';

const mostTags = 50;

/** Tags of a new resource. */
export function newTags(tags: readonly Tag[] | undefined): readonly Tag[] {
  return withTags([], tags ?? []);
}

/**
 * Keys are the same without regard to case; a tag that is given again takes the new key's case.
 * @throws ServiceError `InvalidInput`, `LimitExceeded`
 */
export function withTags(present: readonly Tag[], given: readonly Tag[]): readonly Tag[] {
  const tags = new Map(present.map((tag) => [tag.Key.toLowerCase(), tag]));
  const keys = new Set(given.map(({ Key }) => Key.toLowerCase()));
  if (keys.size < given.length) {
    throw errors.invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  for (const { Key, Value } of given) {
    if (Key.toLowerCase().startsWith('aws:')) {
      throw errors.invalidInput('Tag keys that begin with aws: are reserved for AWS and cannot be set.');
    }
    tags.set(Key.toLowerCase(), { Key, Value });
  }
  if (tags.size > mostTags) {
    throw errors.limitExceeded('The number of tags has reached the maximum limit.');
  }
  return [...tags.values()];
}

export function withoutTags(present: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  const removed = new Set(keys.map((key) => key.toLowerCase()));
  return present.filter(({ Key }) => !removed.has(Key.toLowerCase()));
}

/** Condition keys of a request that gives tags. */
export function requestTagKeys(tags: readonly Tag[] | undefined): NonNullable<Target['keys']> {
  if (!tags || tags.length === 0) return {};
  const values = tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value]);
  return { 'aws:TagKeys': tags.map(({ Key }) => Key), ...Object.fromEntries(values) };
}

/** TagUser, UntagUser, ListUserTags and so on. */
export function tagActions({ resources }: IamParts): Readonly<Record<string, Action>> {
  return {
    ...actionsOf(resources, userEntity),
    ...actionsOf(resources, roleEntity),
    ...actionsOf(resources, profileEntity),
  };
}

interface TagInput extends PageInput {
  readonly Tags: readonly Tag[];
  readonly TagKeys: readonly string[];
}

function actionsOf<T extends Entity & { readonly Tags: readonly Tag[] }>(
  resources: IamParts['resources'],
  entity: EntityKind<T>,
): Readonly<Record<string, Action<TagInput>>> {
  const { label, nameMember } = entity;
  const nameIn = (input: object) => nameOf(nameMember, input);
  const find = (view: ResourceView, input: TagInput, call: Parameters<typeof placeOf>[0]) =>
    findEntity(view, placeOf(call), entity, nameIn(input));
  return {
    [`Tag${label}`]: {
      targets: (input, call) => [
        entityTarget(resources, entity, nameIn(input), call, requestTagKeys(input.Tags)),
      ],
      run: (input, call) =>
        resources.write((draft) => {
          const found = find(draft, input, call);
          putEntity(draft, placeOf(call), entity, { ...found, Tags: withTags(found.Tags, input.Tags) });
        }),
    },
    [`Untag${label}`]: {
      targets: (input, call) => [
        entityTarget(resources, entity, nameIn(input), call, { 'aws:TagKeys': input.TagKeys }),
      ],
      run: (input, call) =>
        resources.write((draft) => {
          const found = find(draft, input, call);
          const Tags = withoutTags(found.Tags, input.TagKeys);
          putEntity(draft, placeOf(call), entity, { ...found, Tags });
        }),
    },
    [`List${label}Tags`]: {
      targets: (input, call) => [entityTarget(resources, entity, nameIn(input), call)],
      run: (input, call) => {
        const { Tags } = find(resources, input, call);
        const page = markedPage(Tags, ({ Key }) => Key, input, call, nameIn(input));
        return { Tags: page.items, ...page.marks };
      },
    },
  };
}
