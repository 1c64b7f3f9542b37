import { ConfigError } from '../../fault/index.ts';
import {
  type AccessKey,
  administratorKey,
  createAccount,
  homeAccountId,
  resetAdministratorKey,
  SecretVault,
} from '../../iam/index.ts';
import { bucketPlace, buckets, lastArchiveFolder, ObjectStore } from '../../objects/index.ts';
import { type Place, Resources } from '../../resource/index.ts';
import type { Store } from '../../store/index.ts';
import { loadNetwork, networkDifference, putNetwork } from '../../vpc/index.ts';
import { objectFolders } from '../data-folders.ts';
import type { AdministratorKey, NetworkImport, Question, Questions, ServiceStatus } from './questions.ts';

export interface AdministrationParts {
  readonly resources: Resources;
  readonly vault: SecretVault;
  /** Where the captured network is. */
  readonly home: Place;
  /** Of the process that serves the API; absent in others. */
  readonly service?: { readonly endpoint: string; status(): ServiceStatus };
  /** The objects of the data folder; who has to open them closes them again. */
  readonly withObjects: <T>(use: (objects: ObjectStore) => Promise<T>) => Promise<T>;
}

type Answers = {
  readonly [Q in Question]: (asked: Questions[Q]['asked']) => Promise<Questions[Q]['answer']>;
};

/**
 * In a process that serves no API.
 * @throws ConfigError `NoAccount` in a folder that no server has made its own yet
 */
export async function openAdministration(
  store: Store,
  dataDirectory: string,
  home: Place,
): Promise<Administration> {
  const resources = await Resources.open(store);
  if (homeAccountId(resources) === undefined) {
    throw new ConfigError('NoAccount', 'the data folder has no account yet', [
      '"headgate up" makes one at its first start',
    ]);
  }
  const vault = await SecretVault.open(dataDirectory, resources);
  return new Administration({
    resources,
    vault,
    home,
    withObjects: async (use) => {
      const { indexFolder } = objectFolders(dataDirectory);
      const objects = await ObjectStore.open({
        ...objectFolders(dataDirectory, await lastArchiveFolder(indexFolder)),
        restoreDelayMs: 0,
        report: () => undefined,
      });
      try {
        return await use(objects);
      } finally {
        await objects.close();
      }
    },
  });
}

/** Answers the questions of who may open the data folder, over its resources. */
export class Administration {
  readonly #parts: AdministrationParts;
  readonly #answers: Answers = {
    administratorKey: async ({ account }) => this.#administratorKey(account),
    resetKey: ({ account }) => this.#resetKey(account),
    createAccount: (asked) => this.#createAccount(asked),
    importNetwork: (asked) => this.#importNetwork(asked),
    adoptObjects: (asked) => this.#adoptObjects(asked),
    service: async () => (this.#parts.service ? { service: this.#parts.service.status() } : {}),
  };

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  answer<Q extends Question>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']> {
    const answer = Object.hasOwn(this.#answers, question) ? this.#answers[question] : undefined;
    if (!answer) throw new ConfigError('ProtocolInvalid', `no such question: ${question}`);
    return (answer as (asked: unknown) => Promise<Questions[Q]['answer']>)(asked);
  }

  #administratorKey(account: string | undefined): AdministratorKey {
    const { resources, vault } = this.#parts;
    const accountId = this.#accountOf(account);
    const key = administratorKey(resources, vault, accountId);
    if (key) return this.#told(accountId, key);
    throw new ConfigError(
      'NoAdministratorKey',
      `account ${accountId} has no access key of its administrator`,
      ['"headgate keys reset" makes one'],
    );
  }

  async #resetKey(account: string | undefined): Promise<AdministratorKey> {
    const { resources, vault } = this.#parts;
    const accountId = this.#accountOf(account);
    const nowMs = Date.now();
    const key = await resources.write((draft) => resetAdministratorKey(draft, vault, { accountId, nowMs }));
    return this.#told(accountId, key);
  }

  async #createAccount({ name, account }: Questions['createAccount']['asked']): Promise<AdministratorKey> {
    const { resources, vault } = this.#parts;
    const nowMs = Date.now();
    const { accountId, ...key } = await resources.write((draft) =>
      createAccount(draft, vault, { accountId: account, name, isHome: false, nowMs }),
    );
    return this.#told(accountId, key);
  }

  async #importNetwork(asked: Questions['importNetwork']['asked']): Promise<NetworkImport> {
    const { resources, home } = this.#parts;
    const { network, warnings } = loadNetwork(asked.directory);
    if (asked.isDryRun) return { changes: networkDifference(resources, home, network), warnings };
    const changes = await resources.write((draft) => {
      const made = networkDifference(draft, home, network);
      if (made.length > 0) putNetwork(draft, home, network);
      return made;
    });
    return { changes, warnings };
  }

  /** @throws ConfigError `NoBucket` */
  #adoptObjects({
    bucket,
  }: Questions['adoptObjects']['asked']): Promise<Questions['adoptObjects']['answer']> {
    if (!this.#parts.resources.get(buckets, bucketPlace, bucket)) {
      throw new ConfigError('NoBucket', `there is no bucket ${JSON.stringify(bucket)}`, [
        `"aws s3 mb s3://${bucket}" makes it`,
      ]);
    }
    return this.#parts.withObjects((objects) => objects.adopt(bucket));
  }

  #accountOf(account: string | undefined): string {
    return account ?? this.#parts.home.accountId;
  }

  #told(accountId: string, key: AccessKey): AdministratorKey {
    const { home, service } = this.#parts;
    const { accessKeyId, secretAccessKey } = key;
    return {
      accountId,
      region: home.region,
      accessKeyId,
      secretAccessKey,
      ...(service ? { endpoint: service.endpoint } : {}),
    };
  }
}
