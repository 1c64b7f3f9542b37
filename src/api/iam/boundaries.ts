import type { RoleResource, UserResource } from '../../iam/index.ts';
import type { Place, Resources, ResourceView } from '../../resource/index.ts';
import type { Action, Target } from '../action.ts';
import {
  checkModifiable,
  type EntityKind,
  entityTarget,
  findEntity,
  nameOf,
  putEntity,
  roleEntity,
  userEntity,
} from './entities.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { findAttachable } from './managed-policies.ts';

/** How IAM shows what limits a user or role. */
export function shownBoundary(arn: string | undefined) {
  if (arn === undefined) return {};
  return { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn } };
}

export function boundaryKeys(arn: string | undefined): NonNullable<Target['keys']> {
  return arn === undefined ? {} : { 'iam:PermissionsBoundary': arn };
}

/** @throws ServiceError `NoSuchEntity`, `InvalidInput` */
export function checkBoundary(view: ResourceView, place: Place, arn: string | undefined): void {
  if (arn !== undefined) findAttachable(view, place, arn);
}

export function boundaryActions({ resources }: IamParts): Readonly<Record<string, Action>> {
  return { ...actionsOf(resources, userEntity), ...actionsOf(resources, roleEntity) };
}

function actionsOf<T extends UserResource | RoleResource>(
  resources: Resources,
  entity: EntityKind<T>,
): Readonly<Record<string, Action<{ readonly PermissionsBoundary: string }>>> {
  const nameIn = (input: object) => nameOf(entity.nameMember, input);
  return {
    [`Put${entity.label}PermissionsBoundary`]: {
      targets: (input, call) => [
        entityTarget(resources, entity, nameIn(input), call, boundaryKeys(input.PermissionsBoundary)),
      ],
      run: (input, call) =>
        resources.write((draft) => {
          const { PermissionsBoundary } = input;
          const found = findEntity(draft, placeOf(call), entity, nameIn(input));
          checkModifiable(found, nameIn(input));
          checkBoundary(draft, placeOf(call), PermissionsBoundary);
          putEntity(draft, placeOf(call), entity, { ...found, PermissionsBoundary });
        }),
    },
    [`Delete${entity.label}PermissionsBoundary`]: {
      targets: (input, call) => {
        const found = resources.get(entity.kind, placeOf(call), nameIn(input));
        const keys = boundaryKeys(found?.PermissionsBoundary);
        return [entityTarget(resources, entity, nameIn(input), call, keys)];
      },
      run: (input, call) =>
        resources.write((draft) => {
          const found = findEntity(draft, placeOf(call), entity, nameIn(input));
          checkModifiable(found, nameIn(input));
          const { PermissionsBoundary: _, ...unlimited } = found;
          putEntity(draft, placeOf(call), entity, unlimited as T);
        }),
    },
  };
}
