import { randomBytes } from 'node:crypto';
import type { CreateFlowLogsRequest, UnsuccessfulItem } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type FlowLogResource, flowLogs } from '../../flowlog/index.ts';
import { roles } from '../../iam/index.ts';
import { type Draft, iamPlace, newId, type Place, type ResourceView } from '../../resource/index.ts';
import type { Call } from '../action.ts';
import { ensureServiceLinkedRole } from '../iam/service-linked-roles.ts';
import { madeBy } from './client-token.ts';
import { ec2Errors } from './errors.ts';
import { destinationOf } from './flow-logs-destination.ts';
import { flowLogErrors } from './flow-logs-errors.ts';
import { formatOf, hasTagFields, tagKeysOf } from './flow-logs-format.ts';
import {
  checkMonitored,
  isTransitGatewayType,
  type MonitoredType,
  monitoredKind,
} from './flow-logs-monitored.ts';
import { type DestinationCheck, destinationFaultItem, readyDestination } from './flow-logs-ready.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

/** AWS's limits. */
const mostResources = 300;
const mostTransitGateways = 25;
const mostFlowLogs = 250;

/** What the model requires is there. */
export interface CreateInput extends Omit<CreateFlowLogsRequest, 'ResourceType' | 'ResourceIds'> {
  readonly ResourceType: MonitoredType;
  readonly ResourceIds: readonly string[];
}

/** A flow log as the request describes it, but for the resource that it is made on. */
export type FlowLogPlan = Omit<FlowLogResource, 'FlowLogId' | 'ResourceId' | 'CreationTime' | 'clientToken'>;

/**
 * Everything that can be said about a request without looking at any resource, in AWS's order as far as it is known.
 * @throws ServiceError
 */
export function planFlowLogs(input: CreateInput, place: Place): FlowLogPlan {
  const { ResourceType: resourceType, ResourceIds, TagSpecifications } = input;
  monitoredKind(resourceType);
  const isTransitGateway = isTransitGatewayType(resourceType);
  const destination = destinationOf(input, place);
  const MaxAggregationInterval = intervalOf(input, isTransitGateway);
  const traffic = trafficTypeOf(input, isTransitGateway);
  const LogFormat = formatOf(input.LogFormat, isTransitGateway);
  const tagKeys = tagKeysOf(input.TagFieldSpecifications, LogFormat);
  const Tags = tagsFromSpecifications(TagSpecifications, 'vpc-flow-log');
  const most = isTransitGateway ? mostTransitGateways : mostResources;
  if (ResourceIds.length === 0) throw ec2Errors.missingParameter('resourceIdSet');
  if (new Set(ResourceIds).size > most) throw flowLogErrors.tooManyResources(most);
  return { resourceType, ...destination, ...traffic, LogFormat, MaxAggregationInterval, ...tagKeys, Tags };
}

/** Transit gateway flow logs have no other interval than 60 seconds, and no default for it. */
function intervalOf({ MaxAggregationInterval = 600 }: CreateInput, isTransitGateway: boolean): number {
  const isKnown = MaxAggregationInterval === 60 || (MaxAggregationInterval === 600 && !isTransitGateway);
  if (!isKnown) throw flowLogErrors.invalidInterval();
  return MaxAggregationInterval;
}

function trafficTypeOf(
  { TrafficType, ResourceType }: CreateInput,
  isTransitGateway: boolean,
): Pick<FlowLogPlan, 'TrafficType'> {
  if (isTransitGateway && TrafficType !== undefined) {
    throw flowLogErrors.trafficTypeUnsupported(ResourceType);
  }
  if (isTransitGateway) return {};
  if (TrafficType === undefined) throw flowLogErrors.noTrafficType();
  return { TrafficType };
}

/** What CreateFlowLogs answers. */
export interface CreatedFlowLogs {
  readonly ClientToken: string;
  readonly FlowLogIds: readonly string[];
  readonly Unsuccessful: readonly UnsuccessfulItem[];
}

/**
 * A flow log for each resource; of a request that was made before with the same token, those that it made. What keeps
 * one resource from having its flow log is told of that one, unless it keeps all of them: then it is the answer.
 * @throws ServiceError
 */
export function createFlowLogs(
  draft: Draft,
  input: CreateInput,
  plan: FlowLogPlan,
  call: Pick<Call, 'place' | 'nowMs' | 'isAllowed'>,
  check: DestinationCheck,
): CreatedFlowLogs {
  const { place, nowMs } = call;
  const before = madeBefore(draft, place, input);
  checkRole(draft, place, plan);
  const clientToken = input.ClientToken || randomBytes(27).toString('base64');
  const made = { ...plan, ...madeBy(input), clientToken, CreationTime: new Date(nowMs).toISOString() };
  const ready = readyDestination(draft, call, plan, check);
  const destinationFault = typeof ready === 'string' ? destinationFaultItem(ready, plan) : undefined;
  const outcomes = [...new Set(input.ResourceIds)].map((ResourceId): string | Fault => {
    const known = before.find((flowLog) => flowLog.ResourceId === ResourceId);
    if (known) return known.FlowLogId;
    const fault = faultOf(draft, place, plan, ResourceId, destinationFault);
    if (fault) return fault;
    const FlowLogId = newId('fl');
    draft.put(flowLogs, place, FlowLogId, { ...made, FlowLogId, ResourceId });
    return FlowLogId;
  });
  const isMade = outcomes.some((outcome) => typeof outcome === 'string' && !isOf(before, outcome));
  if (isMade && typeof ready !== 'string') ready.prepare(draft);
  if (hasTagFields(plan.LogFormat)) {
    ensureServiceLinkedRole(draft, place.accountId, 'AWSServiceRoleForVPCFlowLogs', nowMs);
  }
  const faults = outcomes.filter((outcome) => typeof outcome !== 'string');
  if (faults.length === outcomes.length && faults[0].error) throw faults[0].error;
  return {
    ClientToken: clientToken,
    FlowLogIds: outcomes.filter((outcome) => typeof outcome === 'string'),
    Unsuccessful: faults.map(({ item }) => item),
  };
}

function isOf(flowLogsMade: readonly FlowLogResource[], id: string): boolean {
  return flowLogsMade.some(({ FlowLogId }) => FlowLogId === id);
}

/** @throws ServiceError `IdempotentParameterMismatch` when the token was used for something else */
function madeBefore(view: ResourceView, place: Place, input: CreateInput): FlowLogResource[] {
  const { clientToken, clientRequest } = madeBy(input);
  if (clientToken === undefined) return [];
  const made = [...view.list(flowLogs, place)].filter((flowLog) => flowLog.clientToken === clientToken);
  if (made.some((flowLog) => flowLog.clientRequest !== clientRequest)) throw ec2Errors.idempotencyMismatch();
  return made;
}

/** The role must be there, of the same account. Whether it trusts the service is seen when something is delivered. */
function checkRole(view: ResourceView, place: Place, { DeliverLogsPermissionArn: arn }: FlowLogPlan): void {
  if (arn === undefined) return;
  const [, accountId, name] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const role = accountId === place.accountId ? view.get(roles, iamPlace(accountId), name) : undefined;
  if (role?.Arn !== arn) throw flowLogErrors.roleNotAssumable();
}

interface Fault {
  readonly item: UnsuccessfulItem;
  /** Absent where the request succeeds all the same. */
  readonly error?: ServiceError;
}

function faultOf(
  view: ResourceView,
  place: Place,
  plan: FlowLogPlan,
  ResourceId: string,
  unreachable: UnsuccessfulItem['Error'],
): Fault | undefined {
  try {
    checkMonitored(view, place, plan.resourceType, ResourceId);
    if (unreachable) return { item: { ResourceId, Error: unreachable } };
    checkOthers(view, place, plan, ResourceId);
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { item: { ResourceId, Error: { Code: error.code, Message: error.message } }, error };
  }
}

function checkOthers(view: ResourceView, place: Place, plan: FlowLogPlan, ResourceId: string): void {
  const others = [...view.list(flowLogs, place)].filter((flowLog) => flowLog.ResourceId === ResourceId);
  const configuration = configurationOf(plan);
  if (others.some((other) => configurationOf(other) === configuration)) throw flowLogErrors.alreadyExists();
  if (others.length >= mostFlowLogs) throw flowLogErrors.limitExceeded(ResourceId, mostFlowLogs);
}

/** What two flow logs on one resource may not have in common: the same records at the same place. */
function configurationOf(flowLog: FlowLogPlan): string {
  return JSON.stringify([
    flowLog.LogDestinationType,
    flowLog.LogGroupName ?? flowLog.LogDestination,
    flowLog.TrafficType,
    flowLog.LogFormat,
    flowLog.MaxAggregationInterval,
    flowLog.DestinationOptions,
    flowLog.TagFieldSpecifications,
  ]);
}
