import type {
  ListTagsForDeliveryStreamInput,
  TagDeliveryStreamInput,
  UntagDeliveryStreamInput,
} from '@aws-sdk/client-firehose';
import { type DeliveryStreamResource, deliveryStreams } from '../../stream/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import { type FirehoseParts, type GivenTag, requestTagKeys, streamOf, streamTarget } from './targets.ts';

type StreamTags = DeliveryStreamResource['tags'];

const mostTags = 50;

/** @throws ServiceError `InvalidArgumentException`, `LimitExceededException` */
export function withTags(present: StreamTags, given: readonly GivenTag[]): StreamTags {
  const tags = new Map(present.map((tag) => [tag.Key, tag]));
  if (new Set(given.map(({ Key }) => Key)).size < given.length) {
    throw errors.invalidArgument('Duplicate tag keys found in the request');
  }
  for (const { Key, Value } of given) tags.set(Key, { Key, ...(Value !== undefined && { Value }) });
  if (tags.size > mostTags) throw errors.limitExceeded(`A Firehose stream can have up to ${mostTags} tags`);
  return [...tags.values()];
}

export function tagActions(parts: FirehoseParts) {
  const { resources } = parts;
  const change = async (
    input: { readonly DeliveryStreamName: string },
    call: Call,
    changed: (tags: StreamTags) => StreamTags,
  ) => {
    await resources.write((draft) => {
      const stream = streamOf(draft, input, call);
      draft.put(deliveryStreams, call.place, stream.DeliveryStreamName, {
        ...stream,
        tags: changed(stream.tags),
      });
    });
    return {};
  };
  const TagDeliveryStream: Action<Checked<TagDeliveryStreamInput>> = {
    targets: (input, call) => [streamTarget(parts, input, call, requestTagKeys(input.Tags))],
    run: (input, call) => change(input, call, (tags) => withTags(tags, input.Tags)),
  };
  const UntagDeliveryStream: Action<Checked<UntagDeliveryStreamInput>> = {
    targets: (input, call) => [streamTarget(parts, input, call, { 'aws:TagKeys': input.TagKeys })],
    run: (input, call) =>
      change(input, call, (tags) => tags.filter(({ Key }) => !input.TagKeys.includes(Key))),
  };
  const ListTagsForDeliveryStream: Action<Checked<ListTagsForDeliveryStreamInput>> = {
    targets: (input, call) => [streamTarget(parts, input, call)],
    run: (input, call) => {
      const { ExclusiveStartTagKey: after, Limit = mostTags } = input;
      const tags = [...streamOf(resources, input, call).tags].sort((a, b) => (a.Key < b.Key ? -1 : 1));
      const rest = after === undefined ? tags : tags.filter(({ Key }) => Key > after);
      return { Tags: rest.slice(0, Limit), HasMoreTags: rest.length > Limit };
    },
  };
  return { TagDeliveryStream, UntagDeliveryStream, ListTagsForDeliveryStream };
}
