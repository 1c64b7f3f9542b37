import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Action, type Call, iamApi, type ServiceApi, stsApi, type Target } from '../src/api/index.ts';
import { ServiceError } from '../src/fault/index.ts';
import {
  type AccessKey,
  Authorizer,
  type Caller,
  Credentials,
  createAccount,
  denialSentence,
  SecretVault,
} from '../src/iam/index.ts';
import { Resources } from '../src/resource/index.ts';
import { Store } from '../src/store/index.ts';
import { PageTokens } from '../src/wire/index.ts';

/** 2026-03-01T12:00:00Z */
const noonMs = Date.UTC(2026, 2, 1, 12);

// biome-ignore lint/suspicious/noExplicitAny: the answers of all actions
type Answer = any;

/**
 * IAM and STS of an account, over a store in a folder of its own, at a time that stands still. Calls are authorized
 * and answered as the server does it, without the wire.
 */
export class OpenedAccount {
  readonly accountId = '123456789012';
  readonly directory = mkdtempSync(path.join(tmpdir(), 'headgate-iam-'));
  nowMs = noonMs;
  store!: Store;
  resources!: Resources;
  vault!: SecretVault;
  credentials!: Credentials;
  authorizer!: Authorizer;
  key!: AccessKey;
  #apis: readonly ServiceApi[] = [];

  static async open(): Promise<OpenedAccount> {
    const opened = new OpenedAccount();
    await opened.reopen();
    opened.key = await opened.resources.write((draft) =>
      createAccount(draft, opened.vault, {
        accountId: opened.accountId,
        name: 'home',
        isHome: true,
        nowMs: opened.nowMs,
      }),
    );
    return opened;
  }

  /** What a restart finds. */
  async reopen(): Promise<void> {
    await this.store?.close();
    this.store = await Store.open({
      directory: path.join(this.directory, 'store'),
      macros: [],
      threads: 1,
      clock: () => this.nowMs,
    });
    this.resources = await Resources.open(this.store);
    this.vault = await SecretVault.open(this.directory, this.resources);
    this.credentials = new Credentials(this.resources, this.vault);
    this.authorizer = new Authorizer(this.resources);
    this.#apis = [iamApi(this), stsApi(this)];
  }

  /** Who signs with a key. */
  callerOf(accessKeyId: string, sessionToken?: string): Caller {
    const found = this.credentials.find(accessKeyId, sessionToken, this.nowMs);
    if ('failure' in found) throw new Error(`${accessKeyId}: ${found.failure}`);
    return found.caller;
  }

  get administrator(): Caller {
    return this.callerOf(this.key.accessKeyId);
  }

  /** Answers a call of `iam:…` or `sts:…`, the administrator's when nobody else is named. */
  async call(permission: string, input: object = {}, caller = this.administrator): Promise<Answer> {
    const [service, name] = permission.split(':');
    const action = this.#apis.find((api) => api.service === service)?.actions[name] as
      | Action<object>
      | undefined;
    if (!action) throw new Error(`no action ${permission}`);
    const call = this.#callOf(service, name, caller);
    const targets = action.isOpen ? [] : (action.targets?.(input, call) ?? [{ resource: '*' }]);
    for (const target of targets) call.require(target);
    return action.run(input, call);
  }

  /** `code: sentence` of what a call is refused with. */
  async refusal(permission: string, input: object = {}, caller?: Caller): Promise<string> {
    try {
      await this.call(permission, input, caller);
    } catch (error) {
      if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'no error';
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #callOf(service: string, action: string, caller: Caller): Call {
    const permissionOf = ({ resource, action: other, account, keys, resourcePolicy }: Target) => ({
      caller,
      action: other ?? `${service}:${action}`,
      resource,
      ...(account !== undefined && { resourceAccount: account }),
      keys: { 'aws:SourceIp': '127.0.0.1', ...keys },
      ...(resourcePolicy !== undefined && { resourcePolicy }),
    });
    return {
      origin: 'http://127.0.0.1:4650',
      requestId: 'request',
      service,
      action,
      place: { accountId: caller.accountId, region: 'us-east-1' },
      caller,
      nowMs: this.nowMs,
      signal: new AbortController().signal,
      tokens: new PageTokens(this.vault.deriveKey('page tokens')),
      isAllowed: (target) => this.authorizer.decide(permissionOf(target)).isAllowed,
      require: (target) => {
        const permission = permissionOf(target);
        const decision = this.authorizer.decide(permission);
        if (!decision.isAllowed) {
          throw new ServiceError('AccessDenied', denialSentence(permission, decision), { status: 403 });
        }
      },
    };
  }
}

/** A policy that allows or denies actions on resources. */
export function policy(
  Action: string | readonly string[],
  { Effect = 'Allow', Resource = '*' }: { readonly Effect?: string; readonly Resource?: string } = {},
): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Action, Resource }] });
}

/** A trust policy. */
export function trust(Principal: unknown, more: object = {}): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: ['sts:AssumeRole', 'sts:TagSession'], ...more }],
  });
}
