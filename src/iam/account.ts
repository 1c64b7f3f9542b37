import { randomInt } from 'node:crypto';
import { ConfigError } from '../fault/index.ts';
import { type Draft, globalPlace, iamPlace, type ResourceView } from '../resource/index.ts';
import {
  type AccessKeyResource,
  accessKeys,
  accounts,
  groups,
  sessions,
  type UserResource,
  users,
} from './kinds.ts';
import type { SecretVault } from './secret-vault.ts';
import { newSecret, newUniqueId } from './unique-id.ts';

/** The administrator of an account is an ordinary IAM user: deleting it is allowed, and `keys reset` makes it again. */
const administrator = 'admin';
const administratorAccess = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** An access key whose secret is told. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface NewAccount {
  /** Drawn by lot when absent. */
  readonly accountId?: string | undefined;
  readonly name: string;
  readonly isHome: boolean;
  /** Drawn by lot when absent. */
  readonly administratorKey?: AccessKey | undefined;
  readonly nowMs: number;
}

/**
 * Makes an account and its administrator.
 * @throws ConfigError for an account or key that is there already, or that is none
 */
export function createAccount(
  draft: Draft,
  vault: SecretVault,
  { accountId = newAccountId(draft), name, isHome, administratorKey, nowMs }: NewAccount,
): AccessKey & { readonly accountId: string } {
  if (!/^\d{12}$/.test(accountId)) {
    throw new ConfigError('InvalidAccountId', `'${accountId}' is no account id`, ['expected 12 digits']);
  }
  if (draft.get(accounts, globalPlace, accountId)) {
    throw new ConfigError('AccountExists', `there is an account ${accountId} already`);
  }
  const CreateDate = new Date(nowMs).toISOString();
  draft.put(accounts, globalPlace, accountId, { accountId, name, isHome, CreateDate });
  return { accountId, ...resetAdministratorKey(draft, vault, { accountId, administratorKey, nowMs }) };
}

/**
 * Gives the administrator a new key in place of those that he had, and of what he had opened with them. Where somebody
 * has deleted him, taken his policy or given him what limits him, he is what he was: this is how one gets back in.
 * @throws ConfigError for an account that is not there, a key that is there already or is none
 */
export function resetAdministratorKey(
  draft: Draft,
  vault: SecretVault,
  request: Pick<NewAccount, 'administratorKey' | 'nowMs'> & { readonly accountId: string },
): AccessKey {
  const { accountId, nowMs } = request;
  if (!draft.get(accounts, globalPlace, accountId)) {
    throw new ConfigError('UnknownAccount', `there is no account ${accountId}`);
  }
  const CreateDate = new Date(nowMs).toISOString();
  const user = draft.get(users, iamPlace(accountId), administrator) ?? newUser(accountId, CreateDate);
  draft.put(users, iamPlace(accountId), administrator, unlimited(user));
  leaveGroups(draft, accountId);
  for (const { AccessKeyId } of keysOf(draft, accountId, administrator)) {
    draft.remove(accessKeys, globalPlace, AccessKeyId);
  }
  for (const { AccessKeyId, userId } of draft.list(sessions, globalPlace)) {
    if (userId === user.UserId) draft.remove(sessions, globalPlace, AccessKeyId);
  }
  return putAccessKey(draft, vault, {
    accountId,
    userName: administrator,
    CreateDate,
    key: request.administratorKey,
  });
}

/** The administrator's newest active key, for `headgate env`. */
export function administratorKey(
  view: ResourceView,
  vault: SecretVault,
  accountId: string,
): AccessKey | undefined {
  const key = keysOf(view, accountId, administrator).findLast(({ Status }) => Status === 'Active');
  return (
    key && {
      accessKeyId: key.AccessKeyId,
      secretAccessKey: vault.decrypt(key.encryptedSecret, key.AccessKeyId),
    }
  );
}

/** The account that owns the captured network. */
export function homeAccountId(view: ResourceView): string | undefined {
  for (const { accountId, isHome } of view.list(accounts, globalPlace)) if (isHome) return accountId;
  return undefined;
}

/** A user's access keys, the oldest first. */
export function keysOf(view: ResourceView, accountId: string, userName: string): AccessKeyResource[] {
  return [...view.list(accessKeys, globalPlace)].filter(
    (key) => key.accountId === accountId && key.UserName === userName,
  );
}

/** Makes an access key, of which the secret is told this once. */
export function putAccessKey(
  draft: Draft,
  vault: SecretVault,
  request: {
    readonly accountId: string;
    readonly userName: string;
    readonly CreateDate: string;
    readonly key?: AccessKey | undefined;
  },
): AccessKey {
  const { accountId, userName, CreateDate } = request;
  const key = request.key ?? { accessKeyId: newUniqueId('AKIA'), secretAccessKey: newSecret() };
  checkKey(draft, key);
  draft.put(accessKeys, globalPlace, key.accessKeyId, {
    AccessKeyId: key.accessKeyId,
    accountId,
    UserName: userName,
    Status: 'Active',
    CreateDate,
    encryptedSecret: vault.encrypt(key.secretAccessKey, key.accessKeyId),
  });
  return key;
}

/** Of keys that the user has chosen: the id is what IAM's model lets it be. */
function checkKey(view: ResourceView, { accessKeyId, secretAccessKey }: AccessKey): void {
  if (!/^\w{16,128}$/.test(accessKeyId) || secretAccessKey.length < 16) {
    throw new ConfigError('InvalidAccessKey', `'${accessKeyId}' and its secret are no access key`, [
      'an id has 16 to 128 letters, digits and underscores; a secret at least 16 characters',
    ]);
  }
  if (view.get(accessKeys, globalPlace, accessKeyId)) {
    throw new ConfigError('AccessKeyExists', `there is an access key ${accessKeyId} already`);
  }
}

/** With the one policy that allows everything: others could only deny. */
function unlimited({ PermissionsBoundary: _, ...user }: UserResource): UserResource {
  return { ...user, inlinePolicies: {}, attachedPolicies: [administratorAccess] };
}

function leaveGroups(draft: Draft, accountId: string): void {
  for (const group of draft.list(groups, iamPlace(accountId))) {
    if (!group.members.includes(administrator)) continue;
    const members = group.members.filter((name) => name !== administrator);
    draft.put(groups, iamPlace(accountId), group.GroupName, { ...group, members });
  }
}

function newUser(accountId: string, CreateDate: string): UserResource {
  return {
    UserName: administrator,
    UserId: newUniqueId('AIDA'),
    Path: '/',
    Arn: `arn:aws:iam::${accountId}:user/${administrator}`,
    CreateDate,
    Tags: [],
    inlinePolicies: {},
    attachedPolicies: [],
  };
}

function newAccountId(view: ResourceView): string {
  for (;;) {
    const accountId = String(randomInt(100_000_000_000, 1_000_000_000_000));
    if (!view.get(accounts, globalPlace, accountId)) return accountId;
  }
}
