import type { DeleteFlowLogsRequest, DescribeFlowLogsRequest } from '@aws-sdk/client-ec2';
import { type FlowLogHealth, type FlowLogResource, flowLogs } from '../../flowlog/index.ts';
import type { ResourceView } from '../../resource/index.ts';
import type { Call } from '../action.ts';
import { existingTargets, ofNothing } from './arns.ts';
import { pageOf } from './describe.ts';
import { applyFilters, type FilterTable } from './filters.ts';
import { type CreateInput, createFlowLogs, type FlowLogPlan, planFlowLogs } from './flow-logs-create.ts';
import { flowLogErrors } from './flow-logs-errors.ts';
import type { DestinationCheck } from './flow-logs-ready.ts';
import { createTargets } from './flow-logs-targets.ts';
import type { Actions, Ec2Parts, FlowLogDestinations } from './parts.ts';
import { isIdOf, resourceTypes } from './resource-types.ts';

/** AWS's limit for a request. */
const mostIds = 1000;
const mostResults = 1000;

export function flowLogActions({
  resources,
  health = () => ({ status: 'SUCCESS' }),
  destinations,
}: Pick<Ec2Parts, 'resources' | 'health' | 'destinations'>): Actions {
  return {
    CreateFlowLogs: {
      targets: (input: CreateInput, call: Call) => createTargets(resources, input, call, destinations),
      run: async (input: CreateInput, call: Call) => {
        const plan = planFlowLogs(input, call.place);
        const check = await checkDestination(destinations, plan);
        return resources.write((draft) => createFlowLogs(draft, input, plan, call, check));
      },
    },
    DescribeFlowLogs: {
      targets: ofNothing,
      run: (input: DescribeFlowLogsRequest, call: Call) => describeFlowLogs(resources, health, input, call),
    },
    DeleteFlowLogs: {
      targets: (input: DeleteFlowLogsRequest, call: Call) =>
        existingTargets(resources, resourceTypes.flowLog, call, [...new Set(input.FlowLogIds)]),
      run: async ({ FlowLogIds = [] }: DeleteFlowLogsRequest, { place }: Call) => {
        checkIds(FlowLogIds);
        const ids = [...new Set(FlowLogIds)];
        await resources.write((draft) => {
          const unknown = ids.filter((id) => !draft.get(flowLogs, place, id));
          if (unknown.length > 0) throw flowLogErrors.notFound(unknown);
          for (const id of ids) draft.remove(flowLogs, place, id);
        });
        return { Unsuccessful: [] };
      },
    },
    GetFlowLogsIntegrationTemplate: {
      run: () => {
        throw flowLogErrors.noTemplates();
      },
    },
  };
}

/** Destinations outside are asked before anything is changed; Headgate's own with the change. */
async function checkDestination(
  destinations: FlowLogDestinations | undefined,
  plan: FlowLogPlan,
): Promise<DestinationCheck> {
  if (!destinations?.isOutside(plan)) return { access: destinations?.access, outside: undefined };
  const fault = await destinations.checkOutside(plan);
  return { access: undefined, outside: fault ?? 'reachable' };
}

/** A flow log as it is described: what the resource has, and how its deliveries go. */
interface Described extends FlowLogResource {
  readonly FlowLogStatus: 'ACTIVE';
  readonly DeliverLogsStatus: FlowLogHealth['status'];
  readonly DeliverLogsErrorMessage?: string;
}

const filters: FilterTable<Described> = {
  'deliver-log-status': ({ DeliverLogsStatus }) => [DeliverLogsStatus],
  'log-destination-type': ({ LogDestinationType }) => [LogDestinationType],
  'flow-log-id': ({ FlowLogId }) => [FlowLogId],
  'log-group-name': ({ LogGroupName }) => [LogGroupName],
  'resource-id': ({ ResourceId }) => [ResourceId],
  'traffic-type': ({ TrafficType }) => [TrafficType],
};

/** Ids that nobody has are left out of the answer, as clients that look for what is gone expect. */
function describeFlowLogs(
  view: ResourceView,
  healthOf: (flowLogId: string) => FlowLogHealth,
  { Filter, FlowLogIds = [], MaxResults, NextToken }: DescribeFlowLogsRequest,
  call: Call,
) {
  if (FlowLogIds.length > 0) checkIds(FlowLogIds);
  if (MaxResults !== undefined && !(MaxResults >= 1 && MaxResults <= mostResults)) {
    throw flowLogErrors.invalidMaxResults(MaxResults, mostResults);
  }
  const wanted = new Set(FlowLogIds);
  const named = [...view.list(flowLogs, call.place)]
    .filter(({ FlowLogId }) => wanted.size === 0 || wanted.has(FlowLogId))
    .map((flowLog) => described(flowLog, healthOf(flowLog.FlowLogId)));
  const kept = applyFilters(named, Filter, filters, ({ Tags }) => Tags);
  const conditions = [...(Filter ?? []), { Name: 'flow-log-id', Values: FlowLogIds }];
  const { items, next } = pageOf(
    kept,
    ({ FlowLogId }) => FlowLogId,
    { MaxResults, NextToken, Filters: conditions },
    call,
  );
  return { FlowLogs: items, ...next };
}

/** As each was last described: health changes less often than it is asked for. */
const lastDescribed = new WeakMap<FlowLogResource, Described>();

function described(flowLog: FlowLogResource, { status, message }: FlowLogHealth): Described {
  const last = lastDescribed.get(flowLog);
  if (last?.DeliverLogsStatus === status && last.DeliverLogsErrorMessage === message) return last;
  const now: Described = {
    ...flowLog,
    FlowLogStatus: 'ACTIVE',
    DeliverLogsStatus: status,
    ...(message === undefined ? {} : { DeliverLogsErrorMessage: message }),
  };
  lastDescribed.set(flowLog, now);
  return now;
}

function checkIds(ids: readonly string[]): void {
  if (ids.length === 0) throw flowLogErrors.invalidId(undefined);
  if (ids.length > mostIds) throw flowLogErrors.tooManyIds(mostIds);
  const wrong = ids.find((id) => !isIdOf(resourceTypes.flowLog, id));
  if (wrong !== undefined) throw flowLogErrors.invalidId(wrong);
}
