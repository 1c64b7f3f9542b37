import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Network } from '../src/vpc/network.ts';

/** A network without parts, but for those that are given. */
export function networkOf(parts: Partial<Network>): Network {
  return {
    origin: 'described',
    vpcs: [],
    subnets: [],
    networkInterfaces: [],
    securityGroups: [],
    networkAcls: [],
    routeTables: [],
    securityGroupRules: [],
    instances: [],
    prefixLists: new Map(),
    ...parts,
  };
}

/** A new folder, for as long as the test runs, with these files: texts as they are, other values but `undefined` as JSON. */
export function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-network-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(
      file,
      typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  }
  return folder;
}
