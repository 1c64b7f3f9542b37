import type { Resources } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import {
  boundedTarget,
  checkModifiable,
  entityTarget,
  findEntity,
  groupEntity,
  type Identity,
  type IdentityKind,
  nameOf,
  putEntity,
  roleEntity,
  userEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { findAttachable, managedPolicy } from './managed-policies.ts';
import { isUnderPath, markedPage, type PageInput } from './marked-page.ts';

const mostAttached = 10;

interface AttachInput extends PageInput {
  readonly PolicyArn: string;
}

/** AttachRolePolicy, DetachRolePolicy, ListAttachedRolePolicies, and those of users and groups. */
export function attachedPolicyActions({ resources }: IamParts): Readonly<Record<string, Action>> {
  return {
    ...actionsOf(resources, userEntity),
    ...actionsOf(resources, groupEntity),
    ...actionsOf(resources, roleEntity),
  };
}

function actionsOf<T extends Identity>(
  resources: Resources,
  entity: IdentityKind<T>,
): Readonly<Record<string, Action<AttachInput>>> {
  const { label, nameMember } = entity;
  const nameIn = (input: object) => nameOf(nameMember, input);
  const targets = (input: AttachInput, call: Call) => [
    boundedTarget(resources, entity, nameIn(input), call, { 'iam:PolicyARN': input.PolicyArn }),
  ];
  return {
    [`Attach${label}Policy`]: {
      targets,
      run: (input, call) =>
        resources.write((draft) => {
          const { PolicyArn } = input;
          const found = findEntity(draft, placeOf(call), entity, nameIn(input));
          checkModifiable(found, nameIn(input));
          findAttachable(draft, placeOf(call), PolicyArn);
          const { attachedPolicies } = found;
          if (attachedPolicies.includes(PolicyArn)) return;
          if (attachedPolicies.length >= mostAttached) {
            throw errors.overQuota(`PoliciesPer${label}`, mostAttached);
          }
          putEntity(draft, placeOf(call), entity, {
            ...found,
            attachedPolicies: [...attachedPolicies, PolicyArn],
          });
        }),
    },
    [`Detach${label}Policy`]: {
      targets,
      run: (input, call) =>
        resources.write((draft) => {
          const { PolicyArn } = input;
          const found = findEntity(draft, placeOf(call), entity, nameIn(input));
          checkModifiable(found, nameIn(input));
          if (!found.attachedPolicies.includes(PolicyArn)) {
            throw errors.noSuchEntity(`Policy ${PolicyArn} was not found.`);
          }
          const attachedPolicies = found.attachedPolicies.filter((arn) => arn !== PolicyArn);
          putEntity(draft, placeOf(call), entity, { ...found, attachedPolicies });
        }),
    },
    [`ListAttached${label}Policies`]: {
      targets: (input, call) => [entityTarget(resources, entity, nameIn(input), call)],
      run: (input, call) => {
        const { attachedPolicies } = findEntity(resources, placeOf(call), entity, nameIn(input));
        const found = attachedPolicies
          .flatMap((arn) => managedPolicy(resources, placeOf(call), arn) ?? [])
          .filter((policy) => isUnderPath(policy, input.PathPrefix));
        const page = markedPage(found, ({ Arn }) => Arn, input, call, nameIn(input));
        const AttachedPolicies = page.items.map(({ PolicyName, Arn }) => ({ PolicyName, PolicyArn: Arn }));
        return { AttachedPolicies, ...page.marks };
      },
    },
  };
}
