import type {
  DeleteDeliveryStreamInput,
  DescribeDeliveryStreamInput,
  ListDeliveryStreamsInput,
} from '@aws-sdk/client-firehose';
import { type DeliveryStreamResource, deliveryStreams, streamArn } from '../../stream/index.ts';
import type { Action, Call, Target } from '../action.ts';
import type { Checked } from '../checked.ts';
import {
  type CreateInput,
  newDestination,
  rolesIn,
  type UpdateInput,
  updatedDestination,
} from './destinations.ts';
import { errors } from './errors.ts';
import { withTags } from './tags.ts';
import { type FirehoseParts, passedRoles, requestTagKeys, streamOf, streamTarget } from './targets.ts';

/** Of an account, in a Region. */
const mostStreams = 5000;
const defaultPage = 10;

export function deliveryStreamActions(parts: FirehoseParts) {
  const { resources, streams } = parts;
  const ofStream = (input: { readonly DeliveryStreamName: string }, call: Call) => [
    streamTarget(parts, input, call),
  ];
  const CreateDeliveryStream: Action<CreateInput> = {
    targets: (input, call) => [...createdTargets(input, call), ...passedRoles(rolesIn(input))],
    run: async (input, call) => {
      const at = { place: call.place, name: input.DeliveryStreamName };
      const made = newStream(input, call);
      checkRoles(parts, made.Destinations ?? [], at);
      await streams.create(at, (existing, count) => {
        if (existing) {
          throw errors.inUse(`Firehose ${at.name} under accountId ${at.place.accountId} already exists`);
        }
        if (count >= mostStreams) {
          throw errors.limitExceeded(
            `You have already consumed your firehose quota of ${mostStreams} hoses.`,
          );
        }
        return made;
      });
      return { DeliveryStreamARN: made.DeliveryStreamARN };
    },
  };
  const DescribeDeliveryStream: Action<Checked<DescribeDeliveryStreamInput>> = {
    targets: ofStream,
    run: (input, call) => ({
      DeliveryStreamDescription: described(
        streamOf(resources, input, call),
        input.ExclusiveStartDestinationId,
      ),
    }),
  };
  const ListDeliveryStreams: Action<Checked<ListDeliveryStreamsInput>> = {
    run: (
      { Limit = defaultPage, DeliveryStreamType, ExclusiveStartDeliveryStreamName: after = '' },
      { place },
    ) => {
      const names = [...resources.list(deliveryStreams, place)]
        .filter(
          (stream) => DeliveryStreamType === undefined || stream.DeliveryStreamType === DeliveryStreamType,
        )
        .map(({ DeliveryStreamName }) => DeliveryStreamName)
        .filter((name) => name > after)
        .sort();
      return { DeliveryStreamNames: names.slice(0, Limit), HasMoreDeliveryStreams: names.length > Limit };
    },
  };
  const UpdateDestination: Action<UpdateInput> = {
    targets: (input, call) => [streamTarget(parts, input, call), ...passedRoles(rolesIn(input))],
    run: async (input, call) => {
      const at = { place: call.place, name: input.DeliveryStreamName };
      await resources.write((draft) => {
        const stream = streamOf(draft, input, call);
        checkVersion(stream, input.CurrentDeliveryStreamVersionId);
        const { httpAccessKey: _, ...rest } = stream;
        const destination = updatedDestination(input, stream);
        checkRoles(parts, destination.Destinations ?? [], at);
        draft.put(deliveryStreams, at.place, at.name, {
          ...rest,
          ...destination,
          VersionId: String(Number(stream.VersionId) + 1),
          LastUpdateTimestamp: new Date(call.nowMs).toISOString(),
        });
      });
      return {};
    },
  };
  const DeleteDeliveryStream: Action<Checked<DeleteDeliveryStreamInput>> = {
    targets: ofStream,
    run: async (input, call) => {
      const { DeliveryStreamStatus } = streamOf(resources, input, call);
      if (DeliveryStreamStatus === 'CREATING') {
        throw errors.inUse(`Firehose ${input.DeliveryStreamName} is being created`);
      }
      await streams.remove({ place: call.place, name: input.DeliveryStreamName });
      return {};
    },
  };
  return {
    CreateDeliveryStream,
    DescribeDeliveryStream,
    ListDeliveryStreams,
    UpdateDestination,
    DeleteDeliveryStream,
  };
}

function createdTargets({ DeliveryStreamName: name, Tags = [] }: CreateInput, { place }: Call): Target[] {
  const target = { resource: streamArn({ place, name }), keys: requestTagKeys(Tags) };
  return Tags.length === 0 ? [target] : [target, { ...target, action: 'firehose:TagDeliveryStream' }];
}

function newStream(input: CreateInput, { place, nowMs }: Call): DeliveryStreamResource {
  const { DeliveryStreamName, DeliveryStreamType = 'DirectPut', Tags = [] } = input;
  if (DeliveryStreamType !== 'DirectPut')
    throw errors.notOffered(`The delivery stream type ${DeliveryStreamType}`);
  if (input.KinesisStreamSourceConfiguration) {
    throw errors.invalidArgument(
      'KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type',
    );
  }
  if (input.MSKSourceConfiguration) throw errors.notOffered('MSKSourceConfiguration');
  if (input.DatabaseSourceConfiguration) throw errors.notOffered('DatabaseSourceConfiguration');
  if (input.DeliveryStreamEncryptionConfigurationInput) throw errors.notOffered('Server-side encryption');
  return {
    DeliveryStreamName,
    DeliveryStreamARN: streamArn({ place, name: DeliveryStreamName }),
    DeliveryStreamStatus: 'CREATING',
    DeliveryStreamEncryptionConfiguration: { Status: 'DISABLED' },
    DeliveryStreamType,
    VersionId: '1',
    CreateTimestamp: new Date(nowMs).toISOString(),
    ...(input.DirectPutSourceConfiguration && {
      Source: {
        DirectPutSourceDescription: {
          ThroughputHintInMBs: input.DirectPutSourceConfiguration.ThroughputHintInMBs,
        },
      },
    }),
    ...newDestination(input),
    tags: withTags([], Tags),
  };
}

/** As AWS, a role that Firehose cannot be is told at once; what the role may is seen at delivery. */
function checkRoles(
  { streams }: FirehoseParts,
  destinations: object,
  at: Parameters<typeof streamArn>[0],
): void {
  const wrong = [...new Set(rolesIn(destinations))].find((arn) => !streams.canAssume(arn, at));
  if (wrong === undefined) return;
  throw errors.invalidArgument(`Firehose is unable to assume role ${wrong}. Please check the role provided.`);
}

function checkVersion({ DeliveryStreamName, VersionId }: DeliveryStreamResource, given: string): void {
  if (VersionId === given) return;
  throw errors.concurrentModification(
    `Cannot update firehose: ${DeliveryStreamName} since the current version id: ${VersionId} and ` +
      `specified version id: ${given} do not match`,
  );
}

/** Of a bucket AWS shows what is common to all of them as well. */
function described(stream: DeliveryStreamResource, afterDestination?: string) {
  const { tags: _, httpAccessKey: __, Destinations = [], ...description } = stream;
  const shown = Destinations.filter(({ DestinationId = '' }) => DestinationId > (afterDestination ?? ''));
  return {
    ...description,
    Destinations: shown.map((destination) => ({ ...destination, ...commonOf(destination) })),
    HasMoreDestinations: false,
  };
}

function commonOf({
  ExtendedS3DestinationDescription: s3,
}: NonNullable<DeliveryStreamResource['Destinations']>[number]) {
  if (!s3) return {};
  const { RoleARN, BucketARN, Prefix, ErrorOutputPrefix, BufferingHints, CompressionFormat } = s3;
  const { EncryptionConfiguration, CloudWatchLoggingOptions } = s3;
  return {
    S3DestinationDescription: {
      RoleARN,
      BucketARN,
      Prefix,
      ErrorOutputPrefix,
      BufferingHints,
      CompressionFormat,
      EncryptionConfiguration,
      CloudWatchLoggingOptions,
    },
  };
}
