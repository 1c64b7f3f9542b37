import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  Tag,
  TagDescription,
} from '@aws-sdk/client-ec2';
import type { Draft, Place, ResourceView, Stored } from '../../resource/index.ts';
import type { Call, Target } from '../action.ts';
import { existingTarget, ofNothing, requestTagKeys } from './arns.ts';
import { checkPageSize, pageOf } from './describe.ts';
import { ec2Errors } from './errors.ts';
import { applyFilters } from './filters.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { type AnyResourceType, allResourceTypes, resourceTypeOf, tagsOf } from './resource-types.ts';
import { checkTags, isReserved, tagged } from './tag-specifications.ts';

export function tagActions({ resources }: Ec2Parts): Actions {
  return {
    CreateTags: {
      targets: (input: CreateTagsRequest, call: Call) => tagTargets(resources, input, call),
      run: (input: CreateTagsRequest, { place }: Call) =>
        resources.write((draft) => {
          checkTags(input.Tags ?? []);
          checkValues(input.Tags ?? []);
          changeTags(draft, place, input, (before) => tagged(before, input.Tags ?? []));
          return { Return: true };
        }),
    },
    DeleteTags: {
      targets: (input: DeleteTagsRequest, call: Call) => tagTargets(resources, input, call),
      run: (input: DeleteTagsRequest, { place }: Call) =>
        resources.write((draft) => {
          changeTags(draft, place, input, (before) => withoutTags(before, input.Tags));
          return { Return: true };
        }),
    },
    DescribeTags: {
      targets: ofNothing,
      run: (input: DescribeTagsRequest, call: Call) => describeTags(resources, input, call),
    },
  };
}

/** @throws ServiceError `InvalidParameterValue`: a tag that is there has a value, if only an empty one */
function checkValues(tags: readonly Tag[]): void {
  if (tags.every(({ Value }) => Value !== undefined)) return;
  throw ec2Errors.invalidValue('Tag value cannot be null. Use empty string instead.');
}

type TaggedResources = CreateTagsRequest | DeleteTagsRequest;

function tagTargets(view: ResourceView, { Resources, Tags }: TaggedResources, call: Call): Target[] {
  return (Resources ?? []).map((id) => {
    const { resource, keys } = existingTarget(view, typeOf(view, call.place, id), call, id);
    return { resource, keys: { ...keys, ...requestTagKeys(Tags ?? []) } };
  });
}

/** By the form of the id; what was imported may have an id that a person wrote. */
function typeOf(view: ResourceView, place: Place, id: string): AnyResourceType {
  const type =
    resourceTypeOf(id) ?? allResourceTypes.find(({ kind }) => view.get(kind, place, id) !== undefined);
  if (!type) throw ec2Errors.invalidId(id);
  return type;
}

/** All resources or none. */
function changeTags(
  draft: Draft,
  place: Place,
  { Resources }: TaggedResources,
  change: (before: readonly Stored<Tag>[]) => Stored<Tag>[],
): void {
  for (const id of Resources ?? []) {
    const type = typeOf(draft, place, id);
    const resource = existing(draft, type, place, id);
    draft.put(type.kind, place, id, { ...resource, [type.tags]: change(tagsOf(type, resource)) });
  }
}

/**
 * A key with a value goes only when it has that value (an empty one too), a key alone always; without any, all go but
 * those of AWS's services.
 */
function withoutTags(before: readonly Stored<Tag>[], removed: readonly Tag[] | undefined): Stored<Tag>[] {
  if (!removed || removed.length === 0) return before.filter(({ Key = '' }) => isReserved(Key));
  const goes = ({ Key = '', Value }: Stored<Tag>) =>
    !isReserved(Key) &&
    removed.some((tag) => tag.Key === Key && (tag.Value === undefined || tag.Value === Value));
  return before.filter((tag) => !goes(tag));
}

function describeTags(view: ResourceView, input: DescribeTagsRequest, call: Call) {
  checkPageSize(input);
  const kept = applyFilters(
    allTags(view, call.place),
    input.Filters,
    {
      key: ({ Key }) => [Key],
      value: ({ Value }) => [Value],
      'resource-id': ({ ResourceId }) => [ResourceId],
      'resource-type': ({ ResourceType }) => [ResourceType],
    },
    (tag) => [tag],
  );
  const { items, next } = pageOf(kept, ({ ResourceId, Key }) => `${ResourceId} ${Key}`, input, call);
  return { Tags: items, ...next };
}

function* allTags(view: ResourceView, place: Place): Generator<TagDescription> {
  for (const type of allResourceTypes) {
    for (const [ResourceId, resource] of view.entries(type.kind, place)) {
      for (const { Key, Value } of tagsOf(type, resource)) {
        yield { Key, Value, ResourceId, ResourceType: type.type };
      }
    }
  }
}
