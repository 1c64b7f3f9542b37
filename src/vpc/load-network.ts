import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../fault/index.ts';
import {
  checkInstance,
  checkNetworkInterface,
  checkRouteTable,
  checkSubnet,
  checkVpc,
} from './check-parts.ts';
import {
  checkNetworkAcl,
  checkPrefixListEntry,
  checkSecurityGroup,
  checkSecurityGroupRule,
} from './check-rules.ts';
import { Findings } from './findings.ts';
import { JsonObject } from './json-object.ts';
import type { Network } from './network.ts';
import { type NetworkFile, type NetworkPart, networkFiles, prefixListFolders } from './network-files.ts';
import { parseJson } from './parse-json.ts';
import { References } from './references.ts';
import { prefixListId } from './text-rules.ts';

/** More than any real inventory prints; also near the longest string that the engine holds. */
const largestFileMebibytes = 256;

const checks: Readonly<Record<NetworkPart, (object: JsonObject, references: References) => void>> = {
  vpcs: checkVpc,
  subnets: checkSubnet,
  networkInterfaces: checkNetworkInterface,
  securityGroups: checkSecurityGroup,
  networkAcls: checkNetworkAcl,
  routeTables: checkRouteTable,
  securityGroupRules: checkSecurityGroupRule,
  instances: checkInstance,
};

/**
 * Reads a network from a folder of what `aws ec2 describe-…` prints (see `networkFiles`). Throws one ConfigError
 * `InvalidNetwork` whose details are all the errors (the first 1,000 of them), each as
 * `File.json: $.Path: found …, expected …`. Warnings are for what can be worked with.
 */
export function loadNetwork(directory: string): { network: Network; warnings: string[] } {
  if (!existsSync(directory)) throw new ConfigError('InvalidNetwork', `${directory}: no such folder`);
  const reader = new NetworkReader(directory);
  const network = {
    origin: 'described' as const,
    vpcs: reader.part('vpcs'),
    subnets: reader.part('subnets'),
    securityGroups: reader.part('securityGroups'),
    networkInterfaces: reader.part('networkInterfaces'),
    networkAcls: reader.part('networkAcls'),
    routeTables: reader.part('routeTables'),
    securityGroupRules: reader.part('securityGroupRules'),
    instances: reader.part('instances'),
    prefixLists: reader.prefixLists(),
  };
  return { network, warnings: reader.finish() };
}

class NetworkReader {
  readonly #directory: string;
  readonly #findings = new Findings();
  readonly #references = new References(this.#findings);

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * The checked elements of a file. They keep members that Headgate does not read, as they are; the type holds for
   * those that it does, once `finish` has not thrown.
   */
  part<P extends NetworkPart>(part: P): Network[P] {
    const file = networkFiles[part];
    const name = this.#fileOf(file);
    const root = name === undefined ? undefined : this.#readObject(name);
    if (root === undefined) {
      if (file.required || name !== undefined) this.#references.unread(file.kind);
      return [] as unknown as Network[P];
    }
    const elements = this.#elements(root, file);
    for (const element of elements) checks[part](element, this.#references);
    return elements.map((element) => element.members) as unknown as Network[P];
  }

  prefixLists(): Map<string, readonly string[]> {
    const lists = new Map<string, readonly string[]>();
    for (const name of prefixListFolders.flatMap((folder) => this.#jsonFilesIn(folder))) {
      const { dir, name: id } = path.posix.parse(name);
      if (!prefixListId.accepts(id)) {
        this.#findings.error(dir, `${id}.json`, `files named after ${prefixListId.expected}`);
        continue;
      }
      this.#references.define('prefix list', id, name);
      const root = this.#readObject(name);
      if (root && !root.has('Entries')) root.missing('Entries', 'a list');
      lists.set(id, root ? root.list('Entries').flatMap((entry) => checkPrefixListEntry(entry) ?? []) : []);
    }
    return lists;
  }

  /** The warnings; throws when there were errors. */
  finish(): string[] {
    this.#references.resolve();
    const { errorCount, errors } = this.#findings;
    if (errorCount === 0) return this.#findings.warnings;
    const count = errorCount === 1 ? 'one error' : `${errorCount} errors`;
    throw new ConfigError('InvalidNetwork', `${this.#directory}: ${count} in the network's files`, errors);
  }

  #fileOf(file: NetworkFile): string | undefined {
    const there = file.names.filter((name) => existsSync(path.join(this.#directory, name)));
    if (there.length > 1) {
      this.#findings.fault(there[0], `${there[1]} is there too, expected one of them`);
    } else if (there.length === 0 && file.required) {
      this.#findings.fault(file.names[0], `missing, expected what aws ec2 ${file.command} prints`);
    }
    return there[0];
  }

  #jsonFilesIn(folder: string): string[] {
    const full = path.join(this.#directory, folder);
    if (!existsSync(full)) return [];
    try {
      const names = readdirSync(full).filter((name) => name.endsWith('.json'));
      return names.sort().map((name) => `${folder}/${name}`);
    } catch (error) {
      this.#findings.fault(folder, (error as Error).message);
      return [];
    }
  }

  #readObject(name: string): JsonObject | undefined {
    const text = this.#readText(name);
    if (text === undefined) return undefined;
    const parsed = parseJson(text);
    if ('problem' in parsed) {
      const { line, column, problem } = parsed;
      this.#findings.fault(name, `line ${line}, column ${column}: ${problem}, expected JSON`);
      return undefined;
    }
    return JsonObject.of(this.#findings, `${name}: $`, parsed.value);
  }

  /** UTF-8, with or without byte order mark. A pipe or device is not opened: it might never end. */
  #readText(name: string): string | undefined {
    const file = path.join(this.#directory, name);
    try {
      const stats = statSync(file);
      const mebibytes = Math.ceil(stats.size / 2 ** 20);
      if (!stats.isFile()) this.#findings.fault(name, 'not a file, expected a JSON file');
      else if (mebibytes > largestFileMebibytes) {
        this.#findings.fault(name, `found ${mebibytes} MiB, expected at most ${largestFileMebibytes} MiB`);
      } else return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    } catch (error) {
      this.#findings.fault(name, `${(error as Error).message}, expected a readable JSON file in UTF-8`);
    }
    return undefined;
  }

  /** The objects of the file's list; for instances those of every reservation. */
  #elements(root: JsonObject, { key, within, command, kind }: NetworkFile): JsonObject[] {
    if (!root.has(key)) {
      root.missing(key, `a list, as aws ec2 ${command} prints it`);
      this.#references.unread(kind);
    }
    const elements = root.list(key);
    return within === undefined ? elements : elements.flatMap((element) => element.list(within));
  }
}
