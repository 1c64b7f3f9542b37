import {
  type GroupResource,
  groups,
  type IdPrefix,
  type InlinePolicies,
  type InstanceProfileResource,
  instanceProfiles,
  type RoleResource,
  roles,
  type Tag,
  type UserResource,
  users,
} from '../../iam/index.ts';
import type { Draft, Kind, Place, ResourceView } from '../../resource/index.ts';
import type { Call, Target } from '../action.ts';
import { errors } from './errors.ts';
import { placeOf } from './iam-parts.ts';

/** What IAM's resources with names have in common. */
export interface Entity {
  readonly Path: string;
  readonly Arn: string;
  readonly CreateDate: string;
  readonly Tags?: readonly Tag[];
}

/** What policies are given to. */
export interface Identity extends Entity {
  /** Groups have none. */
  readonly PermissionsBoundary?: string;
  readonly inlinePolicies: InlinePolicies;
  readonly attachedPolicies: readonly string[];
}

/** Users, groups, roles or instance profiles: their words and limits. */
export interface EntityKind<T extends Entity> {
  readonly kind: Kind<T>;
  /** In ARNs and sentences. */
  readonly noun: 'user' | 'group' | 'role' | 'instance-profile';
  /** In the names of actions. */
  readonly label: 'User' | 'Group' | 'Role' | 'InstanceProfile';
  readonly nameMember: 'UserName' | 'GroupName' | 'RoleName' | 'InstanceProfileName';
  readonly idPrefix: IdPrefix;
  readonly quota: string;
  /** The most that an account may have ("IAM and AWS STS quotas"). */
  readonly most: number;
  readonly missing: (name: string) => string;
  readonly existing: (name: string) => string;
}

export interface IdentityKind<T extends Identity> extends EntityKind<T> {
  readonly noun: 'user' | 'group' | 'role';
}

export const userEntity: IdentityKind<UserResource> = {
  kind: users,
  noun: 'user',
  label: 'User',
  nameMember: 'UserName',
  idPrefix: 'AIDA',
  quota: 'UsersPerAccount',
  most: 5000,
  missing: (name) => `The user with name ${name} cannot be found.`,
  existing: (name) => `User with name ${name} already exists.`,
};

export const groupEntity: IdentityKind<GroupResource> = {
  kind: groups,
  noun: 'group',
  label: 'Group',
  nameMember: 'GroupName',
  idPrefix: 'AGPA',
  quota: 'GroupsPerAccount',
  most: 300,
  missing: (name) => `The group with name ${name} cannot be found.`,
  existing: (name) => `Group with name ${name} already exists.`,
};

export const roleEntity: IdentityKind<RoleResource> = {
  kind: roles,
  noun: 'role',
  label: 'Role',
  nameMember: 'RoleName',
  idPrefix: 'AROA',
  quota: 'RolesPerAccount',
  most: 1000,
  missing: (name) => `The role with name ${name} cannot be found.`,
  existing: (name) => `Role with name ${name} already exists.`,
};

export const profileEntity: EntityKind<InstanceProfileResource> = {
  kind: instanceProfiles,
  noun: 'instance-profile',
  label: 'InstanceProfile',
  nameMember: 'InstanceProfileName',
  idPrefix: 'AIPA',
  quota: 'InstanceProfilesPerAccount',
  most: 1000,
  missing: (name) => `Instance Profile ${name} cannot be found.`,
  existing: (name) => `Instance Profile ${name} already exists.`,
};

/** @throws ServiceError `NoSuchEntity` */
export function findEntity<T extends Entity>(
  view: ResourceView,
  place: Place,
  { kind, missing }: EntityKind<T>,
  name: string,
): T {
  const entity = view.get(kind, place, name);
  if (!entity) throw errors.noSuchEntity(missing(name));
  return entity;
}

/** @throws ServiceError `EntityAlreadyExists`, `LimitExceeded` */
export function checkNewName<T extends Entity>(
  view: ResourceView,
  place: Place,
  entity: EntityKind<T>,
  name: string,
): void {
  checkName(view, place, entity, name);
  if ([...view.entries(entity.kind, place)].length >= entity.most) {
    throw errors.overQuota(entity.quota, entity.most);
  }
}

/** Names are unique without regard to case; `except`: who has the name now. */
export function checkName<T extends Entity>(
  view: ResourceView,
  place: Place,
  { kind, existing }: EntityKind<T>,
  name: string,
  except?: string,
): void {
  const folded = name.toLowerCase();
  for (const [taken] of view.entries(kind, place)) {
    if (taken !== except && taken.toLowerCase() === folded) throw errors.entityAlreadyExists(existing(name));
  }
}

/** Changes one in place. */
export function putEntity<T extends Entity>(
  draft: Draft,
  place: Place,
  { kind, nameMember }: EntityKind<T>,
  entity: T,
): void {
  draft.put(kind, place, nameOf(nameMember, entity), entity);
}

export function nameOf(nameMember: string, entity: object): string {
  return (entity as Readonly<Record<string, string>>)[nameMember];
}

export function arnOf({ accountId }: Place, noun: string, path: string, name: string): string {
  return `arn:aws:iam::${accountId}:${noun}${path}${name}`;
}

/** Roles that services own are changed by those services alone. */
export function checkModifiable(entity: Entity, name: string): void {
  if (isServiceLinked(entity)) throw errors.unmodifiable(name);
}

export function isServiceLinked({ Path }: Entity): boolean {
  return Path.startsWith('/aws-service-role/');
}

/** What IAM is asked about an entity that may be there or not. */
export function entityTarget<T extends Entity>(
  view: ResourceView,
  { kind, noun }: EntityKind<T>,
  name: string,
  call: Call,
  keys: Target['keys'] = {},
): Target {
  const entity = view.get(kind, placeOf(call), name);
  if (!entity) return { resource: arnOf(placeOf(call), noun, '/', name), keys };
  return { resource: entity.Arn, keys: { ...resourceTagKeys(entity.Tags), ...keys } };
}

/** Where what somebody may is changed, his boundary is a condition: those who give only limited rights are trusted so. */
export function boundedTarget<T extends Identity>(
  view: ResourceView,
  entity: IdentityKind<T>,
  name: string,
  call: Call,
  keys: Target['keys'] = {},
): Target {
  const boundary = view.get(entity.kind, placeOf(call), name)?.PermissionsBoundary;
  const present = boundary === undefined ? {} : { 'iam:PermissionsBoundary': boundary };
  return entityTarget(view, entity, name, call, { ...present, ...keys });
}

/** Of what is about to be made. */
export function newTarget(
  noun: string,
  path: string | undefined,
  name: string,
  call: Call,
  keys: Target['keys'] = {},
): Target {
  return { resource: arnOf(placeOf(call), noun, path ?? '/', name), keys };
}

export function resourceTagKeys(tags: readonly Tag[] = []): Record<string, string> {
  return Object.fromEntries(
    tags.flatMap(({ Key, Value }) => [
      [`aws:ResourceTag/${Key}`, Value],
      [`iam:ResourceTag/${Key}`, Value],
    ]),
  );
}
