import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ConfigError } from '../../fault/index.ts';
import type { Terminal } from '../../report/index.ts';
import { type Identity, resolveIdentity } from '../../vpc/index.ts';
import type { Holder, LogsAccess } from './logs-access.ts';
import { LogsServer } from './logs-server.ts';
import type { OpenLogs } from './open-logs.ts';
import { RemoteLogs } from './remote-logs.ts';
import { storeFolder } from './store-folder.ts';
import { StoreWanted } from './store-wanted.ts';

const retryMs = 100;
/** Who waits longer is told for whom. */
const quietMs = 1000;

export interface AccessOptions {
  readonly dataDirectory: string;
  /** As the user would say it: `headgate query`. */
  readonly command: string;
  readonly terminal: Terminal;
  /** Of who made the store; what the data folder keeps when absent. */
  readonly identity?: Identity;
  /** Ends the wait for another command. */
  readonly signal?: AbortSignal;
}

/**
 * The log store of a data folder: through the process that serves it, else open here, for as long as a command takes.
 * While another command has it open without serving it, this one waits.
 * @throws ConfigError `NoStore` where there is none and none may be made
 */
export async function accessLogs(options: AccessOptions & { readonly make: boolean }): Promise<LogsAccess> {
  return claim(options, () => attempt(options));
}

/** As `accessLogs`, but undefined while another command has the store open. */
export async function accessLogsNow(options: AccessOptions): Promise<LogsAccess | undefined> {
  try {
    const access = await attempt({ ...options, make: false });
    return access === busy ? undefined : access;
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'StoreInUse') return undefined;
    throw error;
  }
}

/** What an attempt gives when the store is about to be somebody else's. */
const busy = Symbol('busy');

async function attempt(
  options: AccessOptions & { readonly make: boolean },
): Promise<LogsAccess | typeof busy> {
  const { dataDirectory, make } = options;
  const remote = await RemoteLogs.connect(dataDirectory);
  if (remote) return remote;
  if (!make && !existsSync(storeFolder(dataDirectory))) {
    throw new ConfigError('NoStore', `${dataDirectory} holds no log store`, [
      '"headgate capture" and "headgate import" make one; --data-dir says where it is',
    ]);
  }
  return new StoreWanted(dataDirectory).isWanted ? busy : openHere(options);
}

/**
 * Opens the store and serves it to other commands.
 * @throws ConfigError `FolderOwned` when another process does, naming it
 */
export async function ownLogs(options: AccessOptions): Promise<OwnedLogs> {
  const wanted = new StoreWanted(options.dataDirectory);
  try {
    const open = await claim(options, () => openOwned(options, wanted));
    try {
      return new OwnedLogs(open, await LogsServer.listen(open, options.dataDirectory));
    } catch (error) {
      await open.close();
      throw error;
    }
  } finally {
    wanted.withdraw();
  }
}

async function openOwned(options: AccessOptions, wanted: StoreWanted): Promise<OpenLogs> {
  const { dataDirectory } = options;
  const remote = await RemoteLogs.connect(dataDirectory);
  if (remote) {
    await remote.close();
    throw new ConfigError('FolderOwned', `${dataDirectory} belongs to ${holderText(remote.holder)}`, [
      'one capture or server at a time: stop it, or choose another folder with --data-dir',
    ]);
  }
  wanted.announce();
  return openHere(options);
}

/** A store that is open in this process and served to others. */
export class OwnedLogs {
  readonly open: OpenLogs;
  readonly #server: LogsServer;

  constructor(open: OpenLogs, server: LogsServer) {
    this.open = open;
    this.#server = server;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.open.close();
  }
}

export function holderText({ command, pid, sinceMs }: Holder): string {
  return `${command} (process ${pid}, since ${new Date(sinceMs).toISOString()})`;
}

/** The database is loaded only where it is opened. */
async function openHere({ dataDirectory, command, identity, terminal }: AccessOptions): Promise<OpenLogs> {
  const opening = await import('./open-logs.ts');
  return opening.OpenLogs.open({
    dataDirectory,
    command,
    identity: identity ?? resolveIdentity({}, process.env, dataDirectory),
    report: (sentence) => terminal.line(sentence),
  });
}

/** Tries until no other command has the store open. */
async function claim<T>(
  { terminal, signal }: AccessOptions,
  tryOnce: () => Promise<T | typeof busy>,
): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += retryMs) {
    let why = 'a capture is about to open the store';
    try {
      const claimed = await tryOnce();
      if (claimed !== busy) return claimed;
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code !== 'StoreInUse') throw error;
      why = error.message;
    }
    if (waitedMs === quietMs) terminal.line(`waiting: ${why}`);
    await setTimeout(retryMs, undefined, signal ? { signal } : {});
  }
}
