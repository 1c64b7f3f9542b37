import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../fault/index.ts';
import type { Network } from './network.ts';
import { type NetworkPart, networkFiles, prefixListFolders } from './network-files.ts';

/**
 * Writes the network as the AWS CLI prints one, for a person to edit and `loadNetwork` to read. Optional files that
 * would be empty are left out. Gives the paths. Throws ConfigError `WouldOverwrite`, before anything is written, when
 * the folder holds one of the files already under either of its names, and `CannotWrite` when writing fails.
 */
export function writeNetwork(directory: string, network: Network): string[] {
  const contents = fileContents(network);
  refuseToOverwrite(directory, contents);
  const written: string[] = [];
  for (const [name, value] of contents) {
    const file = path.join(directory, name);
    try {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(value, undefined, 4)}\n`, { flag: 'wx' });
    } catch (error) {
      throw new ConfigError('CannotWrite', `${file}: ${(error as Error).message}`, [], { cause: error });
    }
    written.push(file);
  }
  return written;
}

function fileContents(network: Network): Map<string, unknown> {
  const contents = new Map<string, unknown>();
  for (const part of Object.keys(networkFiles) as NetworkPart[]) {
    const { names, key, within, required } = networkFiles[part];
    if (!required && network[part].length === 0) continue;
    contents.set(names[0], { [key]: within === undefined ? network[part] : [{ [within]: network[part] }] });
  }
  for (const [id, cidrs] of network.prefixLists) {
    contents.set(`${prefixListFolders[0]}/${id}.json`, { Entries: cidrs.map((cidr) => ({ Cidr: cidr })) });
  }
  return contents;
}

function refuseToOverwrite(directory: string, contents: ReadonlyMap<string, unknown>): void {
  const everyName = Object.values(networkFiles).flatMap((file) => file.names);
  const there = [...new Set([...everyName, ...contents.keys()])].filter((name) =>
    existsSync(path.join(directory, name)),
  );
  if (there.length === 0) return;
  throw new ConfigError(
    'WouldOverwrite',
    `${directory}: a network is here already, expected an empty folder`,
    there,
  );
}
