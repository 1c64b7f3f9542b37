import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect } from 'vitest';
import type { ServiceApi } from '../../src/api/index.ts';
import { serviceApis } from '../../src/command/up/service-apis.ts';
import { Destinations } from '../../src/delivery/index.ts';
import type { FlowLogHealth } from '../../src/flowlog/index.ts';
import {
  type AccessKey,
  Authorizer,
  Credentials,
  createAccount,
  SecretVault,
  ServiceAccess,
} from '../../src/iam/index.ts';
import { PlacedLogs } from '../../src/logs/index.ts';
import { ObjectStore } from '../../src/objects/index.ts';
import { queryMacros } from '../../src/query/index.ts';
import { Resources } from '../../src/resource/index.ts';
import { ApiServer } from '../../src/server/index.ts';
import { Store } from '../../src/store/index.ts';
import { DeliveryStreams } from '../../src/stream/index.ts';
import type { Identity } from '../../src/vpc/index.ts';
import { PageTokens } from '../../src/wire/index.ts';

/** With `REMOTE=1` the tests run against AWS itself, with the credentials and the Region of the environment. */
export const isRemote = process.env.REMOTE === '1';

/** What is Headgate's own, beside what AWS does, is tested on Headgate alone: `it.skipIf(isRemote)`. */
export interface LocalParts {
  readonly store: Store;
  readonly resources: Resources;
  readonly vault: SecretVault;
  readonly credentials: Credentials;
  readonly authorizer: Authorizer;
  readonly placedLogs: PlacedLogs;
  readonly objects: ObjectStore;
  readonly streams: DeliveryStreams;
  readonly apis: readonly ServiceApi[];
  readonly server: ApiServer;
  /** Of flow logs, by id: what DescribeFlowLogs shall tell. */
  readonly health: Map<string, FlowLogHealth>;
  /** What the server has reported. */
  readonly reports: string[];
}

/** What every client of the SDK is made with. */
export interface ClientOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly maxAttempts: number;
  readonly disableHostPrefix: boolean;
}

/**
 * An account to run conformance tests in: of a server of its own over a temporary folder, or at AWS. Tests make what
 * they need, under names of `name()`, and take it away again.
 */
export class ServedAccount {
  readonly identity: Identity;
  readonly #local: LocalParts | undefined;
  readonly #key: AccessKey | undefined;
  readonly #directory: string | undefined;
  #names = 0;

  private constructor(identity: Identity, local?: LocalParts, key?: AccessKey, directory?: string) {
    this.identity = identity;
    this.#local = local;
    this.#key = key;
    this.#directory = directory;
  }

  static async open(): Promise<ServedAccount> {
    return isRemote ? ServedAccount.#openRemote() : ServedAccount.#openLocal();
  }

  get accountId(): string {
    return this.identity.accountId;
  }

  get region(): string {
    return this.identity.region;
  }

  get local(): LocalParts {
    if (!this.#local) throw new Error('of Headgate alone: it.skipIf(isRemote)');
    return this.#local;
  }

  /** Options of a client that signs as the administrator, or with what STS or IAM has given. */
  client(
    credentials?: ClientOptions['credentials'],
    { region = this.region }: { readonly region?: string } = {},
  ): ClientOptions {
    const own = this.#key;
    const signing = credentials ?? own;
    return {
      region,
      maxAttempts: 1,
      disableHostPrefix: !isRemote,
      ...(this.#local && { endpoint: this.#local.server.url }),
      ...(signing && { credentials: signing }),
    };
  }

  /** A name that no other run uses. */
  name(kind = 'test'): string {
    this.#names += 1;
    return `headgate-${kind}-${process.pid}-${this.#names}`;
  }

  async close(): Promise<void> {
    if (!this.#local) return;
    await this.#local.server.close();
    await this.#local.placedLogs.close();
    await this.#local.streams.close();
    await this.#local.objects.close();
    await this.#local.store.close();
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
  }

  static async #openRemote(): Promise<ServedAccount> {
    const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
    const { Account = '' } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    return new ServedAccount({ accountId: Account, region, azId: `${region}a` });
  }

  static async #openLocal(): Promise<ServedAccount> {
    const directory = mkdtempSync(path.join(tmpdir(), 'headgate-served-'));
    const identity: Identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };
    const reports: string[] = [];
    const report = (sentence: string) => reports.push(sentence);
    const store = await Store.open({
      directory: path.join(directory, 'store'),
      macros: queryMacros,
      threads: 1,
      report,
    });
    const resources = await Resources.open(store);
    const vault = await SecretVault.open(directory, resources);
    const key = await resources.write((draft) =>
      createAccount(draft, vault, {
        accountId: identity.accountId,
        name: 'home',
        isHome: true,
        nowMs: Date.now(),
      }),
    );
    const credentials = new Credentials(resources, vault);
    const authorizer = new Authorizer(resources);
    const placedLogs = new PlacedLogs({ store, report });
    const objects = await ObjectStore.open({
      folder: path.join(directory, 's3'),
      indexFolder: path.join(directory, 's3-index'),
      archiveFolder: path.join(directory, 'archive'),
      restoreDelayMs: 0,
      report,
    });
    const health = new Map<string, FlowLogHealth>();
    const access = new ServiceAccess(resources, authorizer);
    const streams = await DeliveryStreams.open({
      resources,
      folder: path.join(directory, 'firehose'),
      objects,
      access,
      report,
    });
    const destinations = new Destinations({
      place: identity,
      rules: [],
      resources,
      logsAt: (place) => placedLogs.at(place),
      objects,
      streams,
      access,
      report,
    });
    const apis = serviceApis({
      resources,
      vault,
      credentials,
      authorizer,
      identity,
      placedLogs,
      objects,
      streams,
      destinations,
      health: (flowLogId) => health.get(flowLogId) ?? { status: 'SUCCESS' },
    });
    const server = await ApiServer.listen({
      address: '127.0.0.1',
      port: 0,
      hosts: [],
      apis,
      credentials,
      authorizer,
      tokens: new PageTokens(vault.deriveKey('page tokens')),
      metrics: () => '',
      health: () => ({ status: 'ok' }),
      report,
    });
    const local = { store, resources, vault, credentials, authorizer, placedLogs, server, health, reports };
    return new ServedAccount(identity, { ...local, apis, objects, streams }, key, directory);
  }
}

/** How a service refuses: the code, the sentence and the status of what a client throws. */
export async function refusal(
  sent: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly status: number }> {
  const error: unknown = await sent.then(
    () => expect.fail('it was answered'),
    (fault: unknown) => fault,
  );
  const { name, Code, message, $metadata } = error as {
    readonly name: string;
    readonly Code?: string;
    readonly message: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  if ($metadata === undefined) throw error;
  return { code: Code ?? name, message, status: $metadata.httpStatusCode ?? 0 };
}
