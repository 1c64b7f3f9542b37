import { randomUUID } from 'node:crypto';
import type {
  CreateServiceLinkedRoleRequest,
  DeleteServiceLinkedRoleRequest,
  GetServiceLinkedRoleDeletionStatusRequest,
} from '@aws-sdk/client-iam';
import { newUniqueId, type RoleResource, roles } from '../../iam/index.ts';
import { type Draft, iamPlace } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import {
  arnOf,
  checkNewName,
  entityTarget,
  findEntity,
  isServiceLinked,
  putEntity,
  roleEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { detailed, removeRole } from './roles.ts';

/** Services that own a role in the account ("AWS services that work with IAM"), of those that Headgate has. */
const linkedServices = {
  'delivery.logs.amazonaws.com': {
    roleName: 'AWSServiceRoleForLogDelivery',
    policy: 'AWSServiceRoleForLogDeliveryPolicy',
  },
  'vpc-flow-logs.amazonaws.com': {
    roleName: 'AWSServiceRoleForVPCFlowLogs',
    policy: 'AWSVPCFlowLogsServiceRolePolicy',
  },
} as const;

type LinkedService = keyof typeof linkedServices;
type LinkedRoleName = (typeof linkedServices)[LinkedService]['roleName'];

/** Deletions are done when they are asked for; what has been asked is told this long after. */
const mostTasks = 1000;

/** Makes the role where the account has none yet, as a service does that needs it. */
export function ensureServiceLinkedRole(
  draft: Draft,
  accountId: string,
  roleName: LinkedRoleName,
  nowMs: number,
): RoleResource {
  const present = draft.get(roles, iamPlace(accountId), roleName);
  if (present) return present;
  const service = serviceOf(roleName);
  return putLinkedRole(draft, accountId, { service, nowMs });
}

export function serviceLinkedRoleActions({ resources }: IamParts) {
  const tasks = new Map<string, string>();
  const CreateServiceLinkedRole: Action<Checked<CreateServiceLinkedRoleRequest>> = {
    targets: ({ AWSServiceName }, call) => [
      {
        resource: linkedArn(call, AWSServiceName),
        keys: { 'iam:AWSServiceName': AWSServiceName },
      },
    ],
    run: (input, call) =>
      resources.write((draft) => ({ Role: detailed(draft, createLinkedRole(draft, input, call)) })),
  };
  const DeleteServiceLinkedRole: Action<Checked<DeleteServiceLinkedRoleRequest>> = {
    targets: ({ RoleName }, call) => [entityTarget(resources, roleEntity, RoleName, call)],
    run: async ({ RoleName }, call) => {
      const role = await resources.write((draft) => deleteLinkedRole(draft, RoleName, call));
      const DeletionTaskId = `task${role.Path}${RoleName}/${randomUUID()}`;
      tasks.set(DeletionTaskId, call.caller.accountId);
      const [oldest] = tasks.keys();
      if (tasks.size > mostTasks && oldest !== undefined) tasks.delete(oldest);
      return { DeletionTaskId };
    },
  };
  const GetServiceLinkedRoleDeletionStatus: Action<Checked<GetServiceLinkedRoleDeletionStatusRequest>> = {
    targets: ({ DeletionTaskId }, call) => [{ resource: taskArn(call, DeletionTaskId) }],
    run: ({ DeletionTaskId }, call) => {
      if (tasks.get(DeletionTaskId) === call.caller.accountId) return { Status: 'SUCCEEDED' };
      throw errors.noSuchEntity(`Deletion id ${DeletionTaskId} not found.`);
    },
  };
  return { CreateServiceLinkedRole, DeleteServiceLinkedRole, GetServiceLinkedRoleDeletionStatus };
}

function serviceOf(roleName: LinkedRoleName): LinkedService {
  return roleName === 'AWSServiceRoleForLogDelivery'
    ? 'delivery.logs.amazonaws.com'
    : 'vpc-flow-logs.amazonaws.com';
}

function isLinkedService(name: string): name is LinkedService {
  return Object.hasOwn(linkedServices, name);
}

function linkedArn(call: Call, service: string): string {
  const name = isLinkedService(service) ? linkedServices[service].roleName : '*';
  return arnOf(placeOf(call), 'role', `/aws-service-role/${service}/`, name);
}

/** Of `task/aws-service-role/service/role/id`. */
function taskArn(call: Call, task: string): string {
  const [, , service = '*', role = '*'] = task.split('/');
  return arnOf(placeOf(call), 'role', `/aws-service-role/${service}/`, role);
}

function createLinkedRole(
  draft: Draft,
  { AWSServiceName, Description, CustomSuffix }: Checked<CreateServiceLinkedRoleRequest>,
  call: Call,
): RoleResource {
  if (!isLinkedService(AWSServiceName)) {
    throw errors.invalidInput(`Service ${AWSServiceName} does not have a role that is linked to it.`);
  }
  if (CustomSuffix !== undefined) {
    throw errors.invalidInput(`Custom suffix is not allowed for ${AWSServiceName}`);
  }
  const { roleName } = linkedServices[AWSServiceName];
  if (draft.get(roles, placeOf(call), roleName)) {
    throw errors.invalidInput(
      `Service role name ${roleName} has been taken in this account, please try a different suffix.`,
    );
  }
  checkNewName(draft, placeOf(call), roleEntity, roleName);
  return putLinkedRole(draft, call.caller.accountId, {
    service: AWSServiceName,
    description: Description,
    nowMs: call.nowMs,
  });
}

function putLinkedRole(
  draft: Draft,
  accountId: string,
  request: {
    readonly service: LinkedService;
    readonly description?: string | undefined;
    readonly nowMs: number;
  },
): RoleResource {
  const { service, description, nowMs } = request;
  const { roleName, policy } = linkedServices[service];
  const Path = `/aws-service-role/${service}/`;
  const role: RoleResource = {
    RoleName: roleName,
    RoleId: newUniqueId('AROA'),
    Path,
    Arn: arnOf(iamPlace(accountId), 'role', Path, roleName),
    CreateDate: new Date(nowMs).toISOString(),
    ...(description !== undefined && { Description: description }),
    AssumeRolePolicyDocument: trustOf(service),
    MaxSessionDuration: 3600,
    Tags: [],
    inlinePolicies: {},
    attachedPolicies: [`arn:aws:iam::aws:policy/aws-service-role/${policy}`],
  };
  putEntity(draft, iamPlace(accountId), roleEntity, role);
  return role;
}

function trustOf(service: LinkedService): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
}

/** Whether its service still needs it is not asked: it makes it again when it does. */
function deleteLinkedRole(draft: Draft, name: string, call: Call): RoleResource {
  const role = findEntity(draft, placeOf(call), roleEntity, name);
  if (!isServiceLinked(role)) throw errors.noSuchEntity(roleEntity.missing(name));
  removeRole(draft, placeOf(call), role);
  return role;
}
