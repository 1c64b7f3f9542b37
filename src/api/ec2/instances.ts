import type {
  DescribeInstanceStatusRequest,
  DescribeInstancesRequest,
  RebootInstancesRequest,
  RunInstancesRequest,
} from '@aws-sdk/client-ec2';
import type { Place, ResourceView } from '../../resource/index.ts';
import { type InstanceResource, instances } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets, ofNothing } from './arns.ts';
import { checkPageSize, describeItems } from './describe.ts';
import { instanceFilters, statusFilters } from './instance-filters.ts';
import {
  type DescribedInstance,
  describedInstance,
  interfacesByInstance,
  isForgotten,
} from './instance-view.ts';
import { subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { runInstances, runTargets } from './run-instances.ts';

/** Instances are records: no machine is started. */
export function instanceActions({ resources }: Ec2Parts): Actions {
  return {
    RunInstances: {
      targets: (input: RunInstancesRequest, call: Call) => runTargets(resources, input, call),
      run: (input: RunInstancesRequest, { place, nowMs }: Call) =>
        resources.write((draft) => runInstances(draft, place, input, nowMs)),
    },
    RebootInstances: {
      targets: ({ InstanceIds }: RebootInstancesRequest, call: Call) =>
        existingTargets(resources, resourceTypes.instance, call, InstanceIds ?? []),
      run: ({ InstanceIds = [] }: RebootInstancesRequest, { place }: Call) => {
        for (const id of InstanceIds) subject(resources, resourceTypes.instance, place, id);
        return {};
      },
    },
    DescribeInstances: {
      targets: ofNothing,
      run: (input: DescribeInstancesRequest, call: Call) => describeInstances(resources, input, call),
    },
    DescribeInstanceStatus: {
      targets: ofNothing,
      run: (input: DescribeInstanceStatusRequest, call: Call) => describeStatus(resources, input, call),
    },
  };
}

function instancesAt(view: ResourceView, place: Place, nowMs: number): DescribedInstance[] {
  const interfaces = interfacesByInstance(view, place);
  return [...view.list(instances, place)]
    .filter((instance) => !isForgotten(instance, nowMs))
    .map((instance) => describedInstance(instance, interfaces.get(instance.InstanceId!) ?? []));
}

function describeInstances(view: ResourceView, input: DescribeInstancesRequest, call: Call) {
  checkPageSize(input);
  const { place, nowMs } = call;
  const { items, next } = describeItems(
    instancesAt(view, place, nowMs),
    input,
    {
      type: resourceTypes.instance,
      ids: input.InstanceIds,
      idsName: 'instancesSet',
      idOf: ({ InstanceId }) => InstanceId,
      filters: instanceFilters(view, place),
    },
    call,
  );
  return { Reservations: reservationsOf(items, place), ...next };
}

function reservationsOf(items: readonly InstanceResource[], { accountId }: Place) {
  const reservations = new Map<string, InstanceResource[]>();
  for (const instance of items) {
    const id = instance.reservationId ?? '';
    const own = reservations.get(id);
    if (own) own.push(instance);
    else reservations.set(id, [instance]);
  }
  return Array.from(reservations, ([ReservationId, Instances]) => ({
    ReservationId,
    OwnerId: accountId,
    Groups: [],
    Instances,
  }));
}

/** Only running ones, unless all are asked for. */
function describeStatus(view: ResourceView, input: DescribeInstanceStatusRequest, call: Call) {
  checkPageSize(input);
  const { place, nowMs } = call;
  const { items, next } = describeItems(
    instancesAt(view, place, nowMs),
    input,
    {
      type: resourceTypes.instance,
      ids: input.InstanceIds,
      idsName: 'instancesSet',
      idOf: ({ InstanceId }) => InstanceId,
      filters: statusFilters,
    },
    call,
  );
  const shown = items.filter(({ State }) => input.IncludeAllInstances || State?.Name === 'running');
  return { InstanceStatuses: shown.map(statusOf), ...next };
}

function statusOf({ InstanceId, State, Placement }: InstanceResource) {
  const isRunning = State?.Name === 'running';
  const summary = isRunning
    ? { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] }
    : { Status: 'not-applicable' };
  return {
    InstanceId,
    AvailabilityZone: Placement?.AvailabilityZone,
    InstanceState: State,
    InstanceStatus: summary,
    SystemStatus: summary,
  };
}
