import type { Worker } from 'node:worker_threads';
import { regionCodes } from '../../api/index.ts';
import { serviceDefaults } from '../../config/index.ts';
import { ConfigError } from '../../fault/index.ts';
import { Authorizer, Credentials, homeAccountId, SecretVault, ServiceAccess } from '../../iam/index.ts';
import type { Terminal } from '../../report/index.ts';
import { Resources } from '../../resource/index.ts';
import { ApiServer } from '../../server/index.ts';
import { type Identity, keepIdentity, networkDifference, resolveIdentity } from '../../vpc/index.ts';
import { PageTokens } from '../../wire/index.ts';
import { Administration } from '../administration/administration.ts';
import { NetworkView } from '../capture/network-view.ts';
import { parseSources } from '../capture/options.ts';
import { type OwnedLogs, ownLogs } from '../store/access-logs.ts';
import { Capture } from './capture.ts';
import { assertSameNetwork, assertSameRegion, checkFolder, checkOptions, chosenKey } from './check.ts';
import { Deliveries } from './deliveries.ts';
import { describedNetwork, foundNetwork } from './first-network.ts';
import { beginFolder } from './first-start.ts';
import { metricsText } from './metrics.ts';
import { NetworkFollower } from './network-follower.ts';
import type { UpOptions } from './options.ts';
import { makePrivate } from './private-folder.ts';
import { serviceApis } from './service-apis.ts';
import { ServiceReport } from './service-report.ts';

export interface ServiceParts {
  readonly terminal: Terminal;
  /** The capture thread; absent when nothing is to be captured. */
  readonly thread: Worker | undefined;
}

/** Everything that `headgate up` runs, in one process. */
export class Service {
  readonly #owned: OwnedLogs;
  readonly #server: ApiServer;
  readonly #capture: Capture | undefined;
  readonly #deliveries: Deliveries;
  readonly #pruning: NodeJS.Timeout;

  private constructor({ owned, server, deliveries, capture, credentials, report }: Running) {
    this.#owned = owned;
    this.#server = server;
    this.#deliveries = deliveries;
    this.#capture = capture;
    this.#pruning = setInterval(() => {
      credentials
        .prune(Date.now())
        .catch((error: Error) => report(`ended sessions cannot be removed: ${error.message}`));
    }, serviceDefaults.pruneMs).unref();
  }

  /** @throws ConfigError for what the user can mend; then nothing of it runs any more */
  static async start(options: UpOptions, parts: ServiceParts): Promise<Service> {
    const { terminal } = parts;
    const tls = checkOptions(options);
    checkFolder(options.dataDirectory);
    makePrivate(options.dataDirectory);
    const identity = resolveIdentity(options, process.env, options.dataDirectory);
    const owned = await ownLogs({
      dataDirectory: options.dataDirectory,
      command: 'headgate up',
      identity,
      terminal,
    });
    try {
      return await startOver(owned, { options, identity, tls, ...parts });
    } catch (error) {
      await owned.close();
      throw error;
    }
  }

  /** Used by `startOver` alone. */
  static of(running: Running): Service {
    return new Service(running);
  }

  /** Finishes windows, delivers them, answers what was asked, and ends. */
  async close(): Promise<void> {
    await this.#capture?.stop();
    // Capture has ended: what it handed over is rendered while clients still get their answers.
    await this.#deliveries.flowLogs.close();
    await this.#server.close();
    clearInterval(this.#pruning);
    await this.#deliveries.close();
    await this.#owned.close();
  }
}

interface Running {
  readonly owned: OwnedLogs;
  readonly server: ApiServer;
  readonly deliveries: Deliveries;
  readonly capture: Capture | undefined;
  readonly credentials: Credentials;
  readonly report: (sentence: string) => void;
}

interface Start extends ServiceParts {
  readonly options: UpOptions;
  readonly identity: Identity;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

async function startOver(owned: OwnedLogs, start: Start): Promise<Service> {
  const { options, identity, terminal } = start;
  const { store, placedLogs } = owned.open;
  const report = (sentence: string): void => terminal.line(sentence);
  const resources = await Resources.open(store);
  const vault = await SecretVault.open(options.dataDirectory, resources);
  await beginOrCompare(resources, vault, start);
  keepIdentity(options.dataDirectory, identity);

  const authorizer = new Authorizer(resources);
  const credentials = new Credentials(resources, vault);
  const view = new NetworkView(identity, { sharedAddresses: 'first' }, () => undefined);
  const follower = new NetworkFollower({
    resources,
    identity,
    confirmationMs: serviceDefaults.confirmationMs,
    retryMs: serviceDefaults.followRetryMs,
    report,
  });
  view.load(follower.network);
  const access = new ServiceAccess(resources, authorizer);
  const deliveries = await Deliveries.open({
    options,
    identity,
    resources,
    placedLogs,
    access,
    view,
    network: () => follower.network,
    report,
  });
  try {
    return await serve({
      ...start,
      owned,
      resources,
      vault,
      credentials,
      authorizer,
      view,
      follower,
      deliveries,
    });
  } catch (error) {
    await deliveries.close();
    throw error;
  }
}

interface Serving extends Start {
  readonly owned: OwnedLogs;
  readonly resources: Resources;
  readonly vault: SecretVault;
  readonly credentials: Credentials;
  readonly authorizer: Authorizer;
  readonly view: NetworkView;
  readonly follower: NetworkFollower;
  readonly deliveries: Deliveries;
}

/** Answers AWS's API, and begins to capture. */
async function serve(serving: Serving): Promise<Service> {
  const { options, identity, tls, terminal, thread, owned } = serving;
  const { resources, vault, credentials, authorizer, view, follower, deliveries } = serving;
  const { flowLogs, objects, streams, destinations } = deliveries;
  const { placedLogs } = owned.open;
  const report = (sentence: string): void => terminal.line(sentence);
  const capture = thread && new Capture({ options, thread, identity, view, follower, flowLogs, terminal });
  const status = new ServiceReport({ capture, deliveries, placedLogs, follower, view, identity, options });
  const server = await ApiServer.listen({
    address: options.address,
    port: options.port,
    insecure: options.insecure,
    hosts: options.hosts,
    apis: serviceApis({
      resources,
      vault,
      credentials,
      authorizer,
      identity,
      placedLogs,
      objects,
      streams,
      destinations,
      health: (id) => flowLogs.health(id),
    }),
    credentials,
    authorizer,
    regions: new Set([...regionCodes, identity.region]),
    tokens: new PageTokens(vault.deriveKey('page tokens')),
    metrics: () => metricsText(status.read(server.url), owned.open.statusNow),
    health: () => ({ status: 'ok' }),
    report,
    ...(tls ? { tls } : {}),
  });
  owned.open.administer(
    new Administration({
      resources,
      vault,
      home: identity,
      service: { endpoint: server.url, status: () => status.read(server.url) },
      withObjects: (use) => use(objects),
    }),
  );
  terminal.line(
    `AWS's API is at ${server.url}: eval "$(headgate env)" makes the AWS CLI and the SDKs use it`,
  );
  capture?.start();
  return Service.of({ owned, server, deliveries, capture, credentials, report });
}

/** The first start makes the folder's contents; later ones may only describe the network that is there. */
async function beginOrCompare(resources: Resources, vault: SecretVault, start: Start): Promise<void> {
  const { options, identity, terminal } = start;
  const { vpcDirectory } = options;
  const home = homeAccountId(resources);
  if (home !== undefined) {
    checkHome(home, identity);
    assertSameRegion(options.dataDirectory, identity);
    if (vpcDirectory !== undefined) {
      const network = describedNetwork(vpcDirectory, terminal);
      assertSameNetwork(vpcDirectory, networkDifference(resources, identity, network));
    }
    return;
  }
  const network =
    vpcDirectory === undefined
      ? await foundNetwork(parseSources(options.sources), identity)
      : describedNetwork(vpcDirectory, terminal);
  const key = await resources.write((draft) =>
    beginFolder(draft, vault, {
      home: identity,
      network,
      administratorKey: chosenKey(),
      nowMs: Date.now(),
    }),
  );
  // What is said here is kept by whoever keeps logs: the secret is "headgate env"'s to tell.
  terminal.line(
    `account ${identity.accountId} in ${identity.region}; its administrator is IAM user admin with access key ${key.accessKeyId}`,
  );
}

function checkHome(home: string, { accountId }: Identity): void {
  if (home === accountId) return;
  throw new ConfigError('OtherAccount', `the data folder belongs to account ${home}, not ${accountId}`, [
    'leave --account away, or choose another folder with --data-dir',
  ]);
}
