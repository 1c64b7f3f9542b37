import { streamAddress } from '../../delivery/index.ts';
import { roles } from '../../iam/kinds.ts';
import { iamPlace, type ResourceView } from '../../resource/index.ts';
import { deliveryStreams, logDeliveryTag } from '../../stream/index.ts';
import type { Call, Target } from '../action.ts';
import { createdTargets, existingTargets } from './arns.ts';
import type { CreateInput } from './flow-logs-create.ts';
import { destinationTypeOf } from './flow-logs-destination.ts';
import { hasTagFields } from './flow-logs-format.ts';
import { monitoredKind } from './flow-logs-monitored.ts';
import type { FlowLogDestinations } from './parts.ts';

/** Who delivers to log groups, and who to the other destinations. */
const flowLogService = 'vpc-flow-logs.amazonaws.com';
const deliveryService = 'delivery.logs.amazonaws.com';
/** The role that reads the tags which records show, and the one that puts records into delivery streams. */
const flowLogRole = 'AWSServiceRoleForVPCFlowLogs';
const deliveryRole = 'AWSServiceRoleForLogDelivery';

/**
 * What CreateFlowLogs needs, by the EC2 page of the service authorization reference and the user guide's pages on each
 * destination: the flow logs that come to be, the resources that they are on, the role that is passed, deliveries.
 */
export function createTargets(
  view: ResourceView,
  input: CreateInput,
  call: Call,
  destinations?: Pick<FlowLogDestinations, 'isOutside'>,
): Target[] {
  const kind = monitoredKind(input.ResourceType);
  return [
    ...createdTargets('vpc-flow-log', call, input.TagSpecifications),
    ...existingTargets(view, kind, call, [...new Set(input.ResourceIds)]),
    ...roleTargets(input),
    ...deliveryTargets(input),
    ...(destinations?.isOutside(input) ? [] : streamTargets(view, input, call)),
    ...tagTargets(view, input, call),
  ];
}

function roleTargets(input: CreateInput): Target[] {
  const { DeliverLogsPermissionArn: resource = '' } = input;
  // Something that names no role is refused, whoever asks.
  if (!/^arn:[^:]+:iam::\d{12}:role\//.test(resource)) return [];
  const service = destinationTypeOf(input) === 'cloud-watch-logs' ? flowLogService : deliveryService;
  return [{ action: 'iam:PassRole', resource, keys: { 'iam:PassedToService': service } }];
}

function deliveryTargets(input: CreateInput): Target[] {
  if (destinationTypeOf(input) === 'cloud-watch-logs') return [];
  return [{ action: 'logs:CreateLogDelivery', resource: '*' }];
}

/** A stream of the same account is tagged by who makes the flow log; one of another account by that account's role. */
function streamTargets(view: ResourceView, input: CreateInput, call: Call): Target[] {
  const { LogDestination = '' } = input;
  if (destinationTypeOf(input) !== 'kinesis-data-firehose') return [];
  const { place, name } = streamAddress(LogDestination);
  if (place.accountId !== call.place.accountId) return [];
  const resource = view.get(deliveryStreams, place, name)?.DeliveryStreamARN ?? LogDestination;
  const { Key, Value } = logDeliveryTag;
  const keys = { [`aws:RequestTag/${Key}`]: Value, 'aws:TagKeys': [Key] };
  return [
    { action: 'firehose:TagDeliveryStream', resource, keys },
    ...linkedRoleTargets(view, call, deliveryService, deliveryRole),
  ];
}

/** Who has tags shown must be allowed to see them; the first one lets the service have its role. */
function tagTargets(view: ResourceView, { LogFormat = '' }: CreateInput, call: Call): Target[] {
  if (!hasTagFields(LogFormat)) return [];
  const seen: Target = { action: 'ec2:DescribeTags', resource: '*' };
  return [seen, ...linkedRoleTargets(view, call, flowLogService, flowLogRole)];
}

function linkedRoleTargets(view: ResourceView, { place }: Call, service: string, role: string): Target[] {
  if (view.get(roles, iamPlace(place.accountId), role)) return [];
  const resource = `arn:aws:iam::${place.accountId}:role/aws-service-role/${service}/${role}`;
  return [{ action: 'iam:CreateServiceLinkedRole', resource, keys: { 'iam:AWSServiceName': service } }];
}
