import { ServiceError } from '../../fault/index.ts';

const invalidParameter = (sentence: string): ServiceError => new ServiceError('InvalidParameter', sentence);

/** What the actions on flow logs say, in AWS's words where they are known; the compatibility page tells which are ours. */
export const flowLogErrors = {
  groupAndDestination: () =>
    invalidParameter('Please only provide LogGroupName or only provide LogDestination.'),
  groupForOtherType: () =>
    invalidParameter('LogDestination type must be cloud-watch-logs if LogGroupName is provided.'),
  noDestination: () => invalidParameter("LogDestination can't be empty if LogGroupName is not provided."),
  invalidDestination: (destination: string) =>
    invalidParameter(`LogDestination: ${destination} is not a valid ARN for this LogDestinationType.`),
  destinationElsewhere: (destination: string) =>
    invalidParameter(`LogDestination: ${destination} is not in this account and Region.`),
  reservedFolder: () =>
    invalidParameter('LogDestination: AWSLogs is a reserved word and cannot be used as a subfolder name.'),
  invalidGroupName: (name: string) => formatFault(name, 'logGroupName'),
  noRole: () =>
    invalidParameter("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."),
  roleForS3: () => invalidParameter('DeliverLogsPermissionArn is not applicable for s3 delivery'),
  crossAccountRole: () =>
    invalidParameter('DeliverCrossAccountRole is only applicable for kinesis-data-firehose delivery'),
  roleNotAssumable: () => invalidParameter('Unable to assume given IAM role'),
  invalidInterval: () => invalidParameter('Invalid Flow Log Max Aggregation Interval'),
  noTrafficType: () =>
    new ServiceError('MissingParameter', 'The request must contain the parameter trafficType'),
  trafficTypeUnsupported: (resourceType: string) =>
    invalidParameter(`TrafficType is not applicable for ${resourceType}`),
  optionsUnsupported: () => invalidParameter('DestinationOptions is only applicable for s3 delivery'),
  invalidFormat: (format: string) => formatFault(format, 'logFormat'),
  unknownField: (what: string) => invalidParameter(`LogFormat: ${what}`),
  tagFieldsWithoutKeys: () =>
    invalidParameter(
      'The TagFieldSpecifications parameter must be set when including tag fields in the log format',
    ),
  tagFieldWithoutKey: (field: string, resourceType: string) =>
    invalidParameter(`TagFieldSpecifications names no tag key of ${resourceType} for the field ${field}`),
  invalidTagFields: (what: string) => invalidParameter(`TagFieldSpecifications: ${what}`),
  tooManyResources: (most: number) =>
    invalidParameter(`The request can contain no more than ${most} resource IDs.`),
  alreadyExists: () =>
    new ServiceError(
      'FlowLogAlreadyExists',
      'Error. There is an existing Flow Log with the same configuration and log destination.',
    ),
  limitExceeded: (resourceId: string, most: number) =>
    new ServiceError(
      'FlowLogsLimitExceeded',
      `The maximum number of flow logs for ${resourceId} is ${most}.`,
    ),
  notFound: (ids: readonly string[]) =>
    new ServiceError(
      'InvalidFlowLogId.NotFound',
      `These flow log ids in the input list are not found: [TotalCount: ${ids.length}] ${ids.join(' ')}`,
    ),
  invalidId: (id: string | undefined) => formatFault(id, 'flowLogId'),
  tooManyIds: (most: number) =>
    invalidParameter(`The request can contain no more than ${most} flow log IDs.`),
  invalidMaxResults: (given: number, most: number) =>
    new ServiceError(
      'InvalidMaxResults',
      `Value ( ${given} ) for parameter maxResults is invalid. Expecting a value from 1 to ${most}.`,
    ),
  noTemplates: () =>
    new ServiceError(
      'UnsupportedOperation',
      'GetFlowLogsIntegrationTemplate is not supported: Headgate answers SQL itself.',
    ),
} as const;

/** How EC2 speaks of values that do not have the form of their member. */
function formatFault(value: string | undefined, member: string): ServiceError {
  const shown = value === undefined ? 'null' : `'${value}'`;
  return new ServiceError(
    'InvalidParameterValue',
    `1 validation error detected: Value ${shown} at '${member}' has an invalid format`,
  );
}
