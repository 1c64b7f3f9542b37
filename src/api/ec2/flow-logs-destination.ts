import type { CreateFlowLogsRequest } from '@aws-sdk/client-ec2';
import type { FlowLogResource } from '../../flowlog/index.ts';
import type { Place } from '../../resource/index.ts';
import { flowLogErrors } from './flow-logs-errors.ts';

export type LogDestinationType = NonNullable<CreateFlowLogsRequest['LogDestinationType']>;

type Input = Readonly<
  Pick<
    CreateFlowLogsRequest,
    | 'LogDestinationType'
    | 'LogDestination'
    | 'LogGroupName'
    | 'DeliverLogsPermissionArn'
    | 'DeliverCrossAccountRole'
    | 'DestinationOptions'
  >
>;

/** Members of the resource that say where records go. */
export type DestinationMembers = Pick<
  FlowLogResource,
  | 'LogDestinationType'
  | 'LogDestination'
  | 'LogGroupName'
  | 'DeliverLogsPermissionArn'
  | 'DeliverCrossAccountRole'
  | 'DestinationOptions'
>;

const groupName = /^[.\-_/#A-Za-z0-9]{1,512}$/;
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const streamName = /^[A-Za-z0-9_.-]{1,64}$/;

export function destinationTypeOf({ LogDestinationType }: Input): LogDestinationType {
  return LogDestinationType ?? 'cloud-watch-logs';
}

/**
 * Where a request wants its records, in AWS's order of checks: group and destination, their kinds, the role.
 * @throws ServiceError `InvalidParameter`
 */
export function destinationOf(input: Input, place: Place): DestinationMembers {
  const type = destinationTypeOf(input);
  const { LogDestination = '', LogGroupName = '' } = input;
  if (LogDestination !== '' && LogGroupName !== '') throw flowLogErrors.groupAndDestination();
  if (type !== 'cloud-watch-logs' && LogGroupName !== '') throw flowLogErrors.groupForOtherType();
  if (LogDestination === '' && LogGroupName === '') throw flowLogErrors.noDestination();
  const roles = rolesOf(input, type);
  const options = optionsOf(input, type);
  return { LogDestinationType: type, ...placeOf(input, type, place), ...roles, ...options };
}

function rolesOf(
  { DeliverLogsPermissionArn = '', DeliverCrossAccountRole = '' }: Input,
  type: LogDestinationType,
): Pick<DestinationMembers, 'DeliverLogsPermissionArn' | 'DeliverCrossAccountRole'> {
  if (type === 'cloud-watch-logs' && DeliverLogsPermissionArn === '') throw flowLogErrors.noRole();
  if (type === 's3' && DeliverLogsPermissionArn !== '') throw flowLogErrors.roleForS3();
  if (type !== 'kinesis-data-firehose' && DeliverCrossAccountRole !== '') {
    throw flowLogErrors.crossAccountRole();
  }
  return {
    ...(DeliverLogsPermissionArn === '' ? {} : { DeliverLogsPermissionArn }),
    ...(DeliverCrossAccountRole === '' ? {} : { DeliverCrossAccountRole }),
  };
}

/** An S3 flow log has options always, the others never. */
function optionsOf(
  { DestinationOptions: options }: Input,
  type: LogDestinationType,
): Pick<DestinationMembers, 'DestinationOptions'> {
  if (type !== 's3') {
    if (options) throw flowLogErrors.optionsUnsupported();
    return {};
  }
  return {
    DestinationOptions: {
      FileFormat: options?.FileFormat ?? 'plain-text',
      HiveCompatiblePartitions: options?.HiveCompatiblePartitions ?? false,
      PerHourPartition: options?.PerHourPartition ?? false,
    },
  };
}

function placeOf(
  { LogDestination = '', LogGroupName = '' }: Input,
  type: LogDestinationType,
  place: Place,
): Pick<DestinationMembers, 'LogDestination' | 'LogGroupName'> {
  switch (type) {
    case 'cloud-watch-logs':
      return LogGroupName === ''
        ? groupOfArn(LogDestination, place)
        : { LogGroupName: checked(LogGroupName) };
    case 's3':
      checkFolder(LogDestination);
      return { LogDestination };
    case 'kinesis-data-firehose':
      checkStream(LogDestination);
      return { LogDestination };
  }
}

function checked(name: string): string {
  if (!groupName.test(name)) throw flowLogErrors.invalidGroupName(name);
  return name;
}

/** With or without `:*`, which is left out; DescribeFlowLogs then tells the group's name as well. */
function groupOfArn(arn: string, place: Place): Pick<DestinationMembers, 'LogDestination' | 'LogGroupName'> {
  const LogDestination = arn.replace(/:\*$/, '');
  const match = /^arn:aws[a-z-]*:logs:([a-z0-9-]+):(\d{12}):log-group:(.+)$/.exec(LogDestination);
  if (!match || !groupName.test(match[3])) throw flowLogErrors.invalidDestination(arn);
  const [, region, accountId, name] = match;
  if (region !== place.region || accountId !== place.accountId) throw flowLogErrors.destinationElsewhere(arn);
  return { LogDestination, LogGroupName: name };
}

/** `arn:aws:s3:::bucket/folder/`; the bucket may be of any account and partition. */
function checkFolder(arn: string): void {
  const [, bucket, folder] = /^arn:aws[a-z-]*:s3:::([^/]+)(?:\/(.*))?$/.exec(arn) ?? [];
  if (bucket === undefined || !bucketName.test(bucket)) throw flowLogErrors.invalidDestination(arn);
  if (folder?.split('/').includes('AWSLogs')) throw flowLogErrors.reservedFolder();
}

/** AWS's guide writes `deliverystream/NAME`, which is what Firehose's own ARNs are; its API reference has a colon. */
function checkStream(arn: string): void {
  const match = /^arn:aws[a-z-]*:firehose:[a-z0-9-]+:\d{12}:deliverystream[/:](.+)$/.exec(arn);
  if (!match || !streamName.test(match[1])) throw flowLogErrors.invalidDestination(arn);
}
