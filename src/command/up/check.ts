import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { openCaptureFile } from '../../capture/index.ts';
import { ConfigError } from '../../fault/index.ts';
import type { AccessKey } from '../../iam/index.ts';
import type { Terminal } from '../../report/index.ts';
import { assertSafeListen } from '../../server/index.ts';
import { type Identity, type NetworkChange, resolveIdentity } from '../../vpc/index.ts';
import { ask } from '../administration/ask.ts';
import { parseSources } from '../capture/options.ts';
import { storeFolder } from '../store/store-folder.ts';
import { describedNetwork } from './first-network.ts';
import type { UpOptions } from './options.ts';

/**
 * Looks at all that can be wrong before anything is started: options, sources, certificate, data folder, network.
 * @throws ConfigError
 */
export async function checkUp(options: UpOptions, terminal: Terminal): Promise<void> {
  const tls = checkOptions(options);
  if (tls) checkCertificate(tls);
  checkFolder(options.dataDirectory);
  checkIdentity(options, resolveIdentity(options, process.env, options.dataDirectory));
  chosenKey();
  for (const file of parseSources(options.sources).files) await checkFile(file);
  if (options.vpcDirectory !== undefined) await checkNetwork(options.vpcDirectory, options, terminal);
  terminal.line('the options are good');
}

function checkCertificate(tls: { readonly cert: Buffer; readonly key: Buffer }): void {
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new ConfigError('BadCertificate', `the TLS certificate or key: ${(error as Error).message}`, [], {
      cause: error,
    });
  }
}

/** @throws ConfigError where the data folder is something else */
export function checkFolder(dataDirectory: string): void {
  const stat = statSync(dataDirectory, { throwIfNoEntry: false });
  if (!stat || stat.isDirectory()) return;
  throw new ConfigError('DataFolderInvalid', `${dataDirectory} is no folder`);
}

/** A folder that a server has begun keeps its Region: elsewhere it would have no network. */
function checkIdentity({ dataDirectory }: UpOptions, identity: Identity): void {
  if (existsSync(path.join(dataDirectory, 'secret.key'))) assertSameRegion(dataDirectory, identity);
}

/** @throws ConfigError `OtherRegion` */
export function assertSameRegion(dataDirectory: string, { region }: Identity): void {
  const kept = resolveIdentity({}, {}, dataDirectory);
  if (kept.region === region) return;
  throw new ConfigError('OtherRegion', `the network of the data folder is in ${kept.region}, not ${region}`, [
    'leave --region away, or choose another folder with --data-dir',
  ]);
}

/** What is to be read once cannot be looked at before. */
async function checkFile(file: string): Promise<void> {
  if (file === '-' || statSync(file, { throwIfNoEntry: false })?.isFIFO()) return;
  const source = await openCaptureFile(file);
  await source.close();
}

async function checkNetwork(
  directory: string,
  { dataDirectory }: UpOptions,
  terminal: Terminal,
): Promise<void> {
  describedNetwork(directory, terminal);
  if (!existsSync(storeFolder(dataDirectory))) return;
  const asking = { dataDirectory, command: 'headgate up', terminal };
  try {
    const asked = { directory: path.resolve(directory), isDryRun: true };
    const { changes } = await ask('importNetwork', asked, asking);
    assertSameNetwork(directory, changes);
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'NoAccount') throw error;
  }
}

/** @throws ConfigError `NetworkDiffers` */
export function assertSameNetwork(directory: string, changes: readonly NetworkChange[]): void {
  if (changes.length === 0) return;
  const shown = changes.slice(0, 20).map(({ change, kind, id }) => `${change} ${kind} ${id}`);
  throw new ConfigError(
    'NetworkDiffers',
    `${directory} differs from the network that is stored, which is the one that counts`,
    [
      ...shown,
      ...(changes.length > shown.length ? [`and ${changes.length - shown.length} more`] : []),
      `"headgate vpc import ${directory}" applies it, with --dry-run it shows it; or start without --vpc`,
    ],
  );
}

/** The administrator's key that the user has chosen for the first start. */
export function chosenKey(): AccessKey | undefined {
  const { HEADGATE_ACCESS_KEY_ID: accessKeyId, HEADGATE_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  throw new ConfigError(
    'InvalidOption',
    'HEADGATE_ACCESS_KEY_ID and HEADGATE_SECRET_ACCESS_KEY go together: only one is set',
  );
}

/**
 * Gives the certificate and its key, if the API is served by TLS.
 * @throws ConfigError for sources that do not go together, an address that is not safe, a file that cannot be read
 */
export function checkOptions(
  options: UpOptions,
): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  parseSources(options.sources);
  const tls = readTls(options);
  const { address, insecure } = options;
  assertSafeListen({ address, insecure, tls });
  return tls;
}

function readTls({ tls }: UpOptions): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  if (!tls) return undefined;
  const read = (option: string, file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new ConfigError('InvalidOption', `${option}: ${(error as Error).message}`, [], { cause: error });
    }
  };
  return { cert: read('--tls-cert', tls.certFile), key: read('--tls-key', tls.keyFile) };
}
