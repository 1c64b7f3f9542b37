import type {
  CreateDeliveryStreamInput,
  DestinationDescription,
  UpdateDestinationInput,
} from '@aws-sdk/client-firehose';
import type { DeliveryStreamResource } from '../../stream/index.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import { httpDestination } from './http-destination.ts';
import { extendedS3Description } from './s3-destination.ts';

export type CreateInput = Checked<CreateDeliveryStreamInput>;
export type UpdateInput = Checked<UpdateDestinationInput>;

/** What of a stream is about its destination. */
export type DestinationParts = Pick<DeliveryStreamResource, 'Destinations' | 'httpAccessKey'>;

const destinationId = 'destinationId-000000000001';
/** Names of members before `DestinationConfiguration` and `DestinationUpdate`. */
const notOffered = [
  'Redshift',
  'Elasticsearch',
  'Amazonopensearchservice',
  'AmazonOpenSearchServerless',
  'Splunk',
  'Snowflake',
  'Iceberg',
];

/** @throws ServiceError `InvalidArgumentException` */
export function newDestination(input: CreateInput): DestinationParts {
  const {
    ExtendedS3DestinationConfiguration,
    S3DestinationConfiguration,
    HttpEndpointDestinationConfiguration,
  } = input;
  checkOffered(input, 'DestinationConfiguration');
  const s3 = ExtendedS3DestinationConfiguration ?? S3DestinationConfiguration;
  const given = [
    ExtendedS3DestinationConfiguration,
    S3DestinationConfiguration,
    HttpEndpointDestinationConfiguration,
  ];
  if (given.filter((each) => each !== undefined).length !== 1) {
    throw errors.invalidArgument('Exactly one destination configuration is supported for a Firehose');
  }
  if (s3) return partsOf({ ExtendedS3DestinationDescription: extendedS3Description(s3) });
  const { description, accessKey } = httpDestination(HttpEndpointDestinationConfiguration!);
  return partsOf({ HttpEndpointDestinationDescription: description }, accessKey);
}

/** What was not given stays as it is. @throws ServiceError `InvalidArgumentException` */
export function updatedDestination(input: UpdateInput, stream: DeliveryStreamResource): DestinationParts {
  const { DestinationId, ExtendedS3DestinationUpdate, S3DestinationUpdate, HttpEndpointDestinationUpdate } =
    input;
  const before = stream.Destinations?.[0] as DestinationDescription | undefined;
  checkOffered(input, 'DestinationUpdate');
  if (before?.DestinationId !== DestinationId)
    throw errors.invalidArgument(`Destination Id ${DestinationId} not found`);
  const s3 = ExtendedS3DestinationUpdate ?? S3DestinationUpdate;
  const given = [ExtendedS3DestinationUpdate, S3DestinationUpdate, HttpEndpointDestinationUpdate];
  if (given.filter((each) => each !== undefined).length !== 1) {
    throw errors.invalidArgument('Exactly one destination configuration is supported for a Firehose');
  }
  const http = before.HttpEndpointDestinationDescription;
  if ((http === undefined) === (HttpEndpointDestinationUpdate !== undefined)) {
    throw errors.invalidArgument(
      'Changing the destination type to or from HttpEndpoint is not supported at this time.',
    );
  }
  if (s3) {
    const description = extendedS3Description(s3, before.ExtendedS3DestinationDescription);
    return partsOf({ ExtendedS3DestinationDescription: description });
  }
  const updated = httpDestination(HttpEndpointDestinationUpdate!, {
    description: http!,
    accessKey: stream.httpAccessKey,
  });
  return partsOf({ HttpEndpointDestinationDescription: updated.description }, updated.accessKey);
}

/** Roles that a request hands over. */
export function rolesIn(input: object): string[] {
  return Object.entries(input).flatMap(([name, value]) => {
    if (name === 'RoleARN' && typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? rolesIn(value) : [];
  });
}

function partsOf(described: Partial<DestinationDescription>, httpAccessKey?: string): DestinationParts {
  const destination = { DestinationId: destinationId, ...described };
  return {
    // Descriptions of destinations have no times in them: they are kept as they are.
    Destinations: [destination] as NonNullable<DeliveryStreamResource['Destinations']>,
    ...(httpAccessKey !== undefined && { httpAccessKey }),
  };
}

function checkOffered(input: object, suffix: string): void {
  const found = notOffered.find((name) => Object.hasOwn(input, `${name}${suffix}`));
  if (found) throw errors.notOffered(`The destination ${found}`);
}
