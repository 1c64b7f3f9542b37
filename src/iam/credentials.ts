import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../fault/index.ts';
import { type Draft, globalPlace, iamPlace, type Resources, type ResourceView } from '../resource/index.ts';
import type { Caller } from './caller.ts';
import {
  type AccessKeyResource,
  accessKeys,
  roles,
  type SessionResource,
  sessions,
  type UserResource,
  users,
} from './kinds.ts';
import type { SecretVault } from './secret-vault.ts';
import { newSecret, newUniqueId } from './unique-id.ts';

/** What is known of an access key: who it is and how he signs, or why it is no good. */
export type Credential =
  | { readonly secret: string; readonly caller: Caller }
  | { readonly failure: 'unknown' | 'inactive' | 'expired' | 'invalid-token' };

/** What a session is opened with. */
export type NewSession = Omit<SessionResource, 'AccessKeyId' | 'encryptedSecret' | 'tokenHash'>;

/** As STS gives them; the secret and the token are told this once. */
export interface SessionCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}

/** The last request that an access key signed. */
export interface KeyUse {
  readonly atMs: number;
  readonly service: string;
  readonly region: string;
}

/** Each takes about 1 kB of memory and of the store. Nobody can open so many that others cannot open any. */
const mostSessions = 20_000;
const mostSessionsOfOne = 2_000;
/** So long a session is said to have ended; then nobody knows it any more. */
const endedKeptMs = 24 * 3_600_000;
/** Keys whose last use is known. */
const mostUses = 10_000;

/** Access keys and sessions, and whom they stand for. */
export class Credentials {
  readonly #resources: Resources;
  readonly #vault: SecretVault;
  /** Decrypted secrets, for as long as their keys are there. */
  readonly #secrets = new WeakMap<AccessKeyResource | SessionResource, string>();
  readonly #uses = new Map<string, KeyUse>();

  constructor(resources: Resources, vault: SecretVault) {
    this.#resources = resources;
    this.#vault = vault;
  }

  /** Sessions have a token besides their key; with long-term keys there is none. */
  find(accessKeyId: string, sessionToken: string | undefined, nowMs: number): Credential {
    const key = this.#resources.get(accessKeys, globalPlace, accessKeyId);
    if (key) return this.#keyCredential(key, sessionToken);
    const session = this.#resources.get(sessions, globalPlace, accessKeyId);
    return session ? this.#sessionCredential(session, sessionToken, nowMs) : { failure: 'unknown' };
  }

  /** Of GetAccessKeyLastUsed; forgotten when the process ends. */
  noteUse(accessKeyId: string, use: KeyUse): void {
    if (!this.#resources.get(accessKeys, globalPlace, accessKeyId)) return;
    this.#uses.delete(accessKeyId);
    this.#uses.set(accessKeyId, use);
    const [oldest] = this.#uses.keys();
    if (this.#uses.size > mostUses && oldest !== undefined) this.#uses.delete(oldest);
  }

  lastUse(accessKeyId: string): KeyUse | undefined {
    return this.#uses.get(accessKeyId);
  }

  /**
   * Opens a session in a change that is under way.
   * @throws ServiceError `Throttling` when the user or role, or all together, have too many that have not ended
   */
  openSession(draft: Draft, session: NewSession): SessionCredentials {
    makeRoom(draft, session);
    const AccessKeyId = newUniqueId('ASIA');
    const SecretAccessKey = newSecret();
    const SessionToken = randomBytes(120).toString('base64');
    draft.put(sessions, globalPlace, AccessKeyId, {
      ...session,
      AccessKeyId,
      encryptedSecret: this.#vault.encrypt(SecretAccessKey, AccessKeyId),
      tokenHash: hashOf(SessionToken).toString('hex'),
    });
    return { AccessKeyId, SecretAccessKey, SessionToken, Expiration: new Date(session.expiresMs) };
  }

  /** Forgets sessions that have ended long ago. */
  async prune(nowMs: number): Promise<void> {
    const endMs = nowMs - endedKeptMs;
    if (endedSessions(this.#resources, endMs).length === 0) return;
    await this.#resources.write((draft) => removeEnded(draft, endMs));
  }

  /** Who he is when his key is good. */
  #keyCredential(key: AccessKeyResource, sessionToken: string | undefined): Credential {
    const { accountId, UserName, Status } = key;
    const user = this.#resources.get(users, iamPlace(accountId), UserName);
    if (!user) return { failure: 'unknown' };
    if (sessionToken !== undefined) return { failure: 'invalid-token' };
    if (Status === 'Inactive') return { failure: 'inactive' };
    return { secret: this.#secretOf(key), caller: userCaller(accountId, user) };
  }

  #sessionCredential(session: SessionResource, token: string | undefined, nowMs: number): Credential {
    const isToken =
      token !== undefined && timingSafeEqual(hashOf(token), Buffer.from(session.tokenHash, 'hex'));
    if (!isToken) return { failure: 'invalid-token' };
    if (nowMs >= session.expiresMs) return { failure: 'expired' };
    const caller = sessionCaller(this.#resources, session);
    return caller ? { secret: this.#secretOf(session), caller } : { failure: 'invalid-token' };
  }

  #secretOf(key: AccessKeyResource | SessionResource): string {
    const known = this.#secrets.get(key);
    if (known !== undefined) return known;
    const secret = this.#vault.decrypt(key.encryptedSecret, key.AccessKeyId);
    this.#secrets.set(key, secret);
    return secret;
  }
}

export function userCaller(accountId: string, user: UserResource): Caller {
  return { kind: 'user', accountId, arn: user.Arn, userId: user.UserId, userName: user.UserName };
}

/** Undefined when the role or user is no more, though another may have its name. */
function sessionCaller(view: ResourceView, session: SessionResource): Caller | undefined {
  const { accountId, roleName, UserName } = session;
  if (roleName !== undefined) return roleCaller(view, session, roleName);
  const user = view.get(users, iamPlace(accountId), UserName ?? '');
  if (user?.UserId !== session.userId) return undefined;
  return user && { ...userCaller(accountId, user), tokenIssuedMs: session.issuedMs };
}

function roleCaller(view: ResourceView, session: SessionResource, roleName: string): Caller | undefined {
  const { accountId, sessionName, policies, tags, issuedMs, expiresMs } = session;
  const role = view.get(roles, iamPlace(accountId), roleName);
  if (!role || role.RoleId !== session.roleId) return undefined;
  return {
    kind: 'role-session',
    accountId,
    arn: assumedRoleArn(accountId, roleName, sessionName),
    userId: `${role.RoleId}:${sessionName}`,
    session: {
      roleArn: role.Arn,
      roleId: role.RoleId,
      sessionName,
      policies,
      tags,
      ...(session.transitiveTagKeys && { transitiveTagKeys: session.transitiveTagKeys }),
      ...(session.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
      issuedMs,
      expiresMs,
    },
  };
}

/** It has no path, unlike the role's own ARN. */
export function assumedRoleArn(accountId: string, roleName: string, sessionName: string): string {
  return `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`;
}

function makeRoom(draft: Draft, session: NewSession): void {
  const all = [...draft.list(sessions, globalPlace)];
  const open = all.filter(({ expiresMs }) => expiresMs > session.issuedMs);
  const own = open.filter((other) => holderOf(other) === holderOf(session));
  if (own.length >= mostSessionsOfOne || open.length >= mostSessions) {
    throw new ServiceError('Throttling', 'Rate exceeded');
  }
  if (all.length >= mostSessions) removeEnded(draft, session.issuedMs);
}

function holderOf({ roleId, userId }: NewSession): string | undefined {
  return roleId ?? userId;
}

function removeEnded(draft: Draft, nowMs: number): void {
  for (const id of endedSessions(draft, nowMs)) draft.remove(sessions, globalPlace, id);
}

function endedSessions(view: ResourceView, nowMs: number): string[] {
  return [...view.list(sessions, globalPlace)]
    .filter(({ expiresMs }) => expiresMs <= nowMs)
    .map(({ AccessKeyId }) => AccessKeyId);
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
