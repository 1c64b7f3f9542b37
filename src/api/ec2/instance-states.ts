import type {
  InstanceState,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import type { Draft, Place } from '../../resource/index.ts';
import { type InstanceResource, instances, type NetworkInterfaceResource } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { interfacesByInstance, isForgotten } from './instance-view.ts';
import { detach } from './interface-attachments.ts';
import { checkIds } from './lookup.ts';
import { removeInterface } from './network-interfaces.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { settleRoutes } from './route-states.ts';

const states = {
  pending: { Code: 0, Name: 'pending' },
  running: { Code: 16, Name: 'running' },
  shuttingDown: { Code: 32, Name: 'shutting-down' },
  terminated: { Code: 48, Name: 'terminated' },
  stopping: { Code: 64, Name: 'stopping' },
  stopped: { Code: 80, Name: 'stopped' },
} as const satisfies Readonly<Record<string, InstanceState>>;

/** What is answered is the state in between, as AWS does; whoever looks finds the last one. */
export function instanceStateActions({ resources }: Ec2Parts): Actions {
  const targets = ({ InstanceIds }: { InstanceIds?: readonly string[] | undefined }, call: Call) =>
    existingTargets(resources, resourceTypes.instance, call, InstanceIds ?? []);
  return {
    StartInstances: {
      targets,
      run: ({ InstanceIds }: StartInstancesRequest, { place }: Call) =>
        resources.write((draft) => ({
          StartingInstances: changeStates(draft, place, InstanceIds, start),
        })),
    },
    StopInstances: {
      targets,
      run: ({ InstanceIds }: StopInstancesRequest, { place, nowMs }: Call) =>
        resources.write((draft) => ({
          StoppingInstances: changeStates(draft, place, InstanceIds, (instance) => stop(instance, nowMs)),
        })),
    },
    TerminateInstances: {
      targets,
      run: ({ InstanceIds }: TerminateInstancesRequest, { place, nowMs }: Call) =>
        resources.write((draft) => {
          forget(draft, place, nowMs);
          const interfaces = interfacesByInstance(draft, place);
          const TerminatingInstances = changeStates(draft, place, InstanceIds, (instance) =>
            terminate(draft, place, instance, interfaces.get(instance.InstanceId!) ?? [], nowMs),
          );
          return { TerminatingInstances };
        }),
    },
  };
}

/** The next resource, and the state that is answered. */
interface Transition {
  readonly next: InstanceResource;
  readonly answered: InstanceState;
}

/** All instances or none. */
function changeStates(
  draft: Draft,
  place: Place,
  ids: readonly string[] | undefined,
  change: (instance: InstanceResource) => Transition,
) {
  const named = [...new Set(ids ?? [])];
  if (named.length === 0) throw ec2Errors.missingParameter('InstanceId');
  const unknown = named.filter((id) => !draft.get(instances, place, id));
  checkIds(resourceTypes.instance, unknown);
  if (unknown.length > 0) throw ec2Errors.notFound(resourceTypes.instance, unknown);
  const changed = named.map((id) => {
    const before = draft.get(instances, place, id)!;
    const { next, answered } = change(before);
    draft.put(instances, place, id, next);
    return { InstanceId: id, PreviousState: before.State, CurrentState: answered };
  });
  settleRoutes(draft, place);
  return changed;
}

function start(instance: InstanceResource): Transition {
  if (instance.State?.Name === 'running') return { next: instance, answered: states.running };
  if (instance.State?.Name !== 'stopped') throw wrongState(instance, 'started');
  const { StateReason: _, ...rest } = instance;
  return { next: { ...rest, State: states.running, StateTransitionReason: '' }, answered: states.pending };
}

function stop(instance: InstanceResource, nowMs: number): Transition {
  if (instance.State?.Name === 'stopped') return { next: instance, answered: states.stopped };
  if (instance.State?.Name !== 'running') throw wrongState(instance, 'stopped');
  if (instance.disableApiStop) throw isProtected(instance, 'stopped', 'disableApiStop');
  return { next: { ...instance, State: states.stopped, ...byUser(nowMs) }, answered: states.stopping };
}

function terminate(
  draft: Draft,
  place: Place,
  instance: InstanceResource,
  interfaces: readonly NetworkInterfaceResource[],
  nowMs: number,
): Transition {
  if (instance.State?.Name === 'terminated') return { next: instance, answered: states.terminated };
  if (instance.disableApiTermination) throw isProtected(instance, 'terminated', 'disableApiTermination');
  for (const one of interfaces) {
    const goes = one.Attachment?.DeleteOnTermination && one.device === undefined && !one.RequesterManaged;
    if (goes) removeInterface(draft, place, one.NetworkInterfaceId!);
    else detach(draft, place, one);
  }
  const { SubnetId: _subnet, VpcId: _vpc, PrivateIpAddress: _address, ...rest } = instance;
  const next = {
    ...rest,
    PrivateDnsName: '',
    State: states.terminated,
    ...byUser(nowMs),
    terminatedMs: nowMs,
  };
  return { next, answered: states.shuttingDown };
}

function byUser(nowMs: number): Pick<InstanceResource, 'StateReason' | 'StateTransitionReason'> {
  const time = new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ');
  return {
    StateTransitionReason: `User initiated (${time} GMT)`,
    StateReason: {
      Code: 'Client.UserInitiatedShutdown',
      Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    },
  };
}

function wrongState({ InstanceId }: InstanceResource, done: string): ServiceError {
  return new ServiceError(
    'IncorrectInstanceState',
    `The instance '${InstanceId}' is not in a state from which it can be ${done}.`,
  );
}

function isProtected({ InstanceId }: InstanceResource, done: string, attribute: string): ServiceError {
  return ec2Errors.operationNotPermitted(
    `The instance '${InstanceId}' may not be ${done}. Modify its '${attribute}' instance attribute and try again.`,
  );
}

/** Instances that were terminated an hour ago are no more. */
function forget(draft: Draft, place: Place, nowMs: number): void {
  for (const [id, instance] of [...draft.entries(instances, place)]) {
    if (isForgotten(instance, nowMs)) draft.remove(instances, place, id);
  }
}
