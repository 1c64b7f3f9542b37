import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceApi } from '../src/api/index.ts';
import { serviceModel } from '../src/wire/index.ts';
import { ServedAccount } from './conformance/server.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../docs/90-compatibility.md'), 'utf8');

/** The sections of the page, with the services that each is about. */
const sections = [
  { heading: 'EC2', services: ['ec2'] },
  { heading: 'CloudWatch Logs', services: ['logs'] },
  { heading: 'IAM', services: ['iam'] },
  { heading: 'STS', services: ['sts'] },
  { heading: 'S3', services: ['s3'] },
  { heading: 'S3 Control', services: ['s3control'] },
  { heading: 'Firehose', services: ['firehose'] },
  { heading: 'CloudWatch, OAM, tagging', services: ['cloudwatch', 'oam', 'resourcegroupstaggingapi'] },
] as const;

const states = ['supported', 'differs', 'empty', 'not supported'];

function section(heading: string): string {
  return page.split(`\n## Operations: ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
}

/** The rows of a section's tables. */
function rowsOf(heading: string): { name: string; state: string }[] {
  const rows = section(heading).matchAll(/^\| `(\w+)` \| ([^|]+?) \|/gm);
  return [...rows].map(([, name, state]) => ({ name, state }));
}

/** Operations after the tables, in one sentence. */
function unsupportedIn(heading: string): string[] {
  const sentence = section(heading).split('Known and not supported: ')[1] ?? '';
  return [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name);
}

describe('the operations on the compatibility page', () => {
  let account: ServedAccount;
  let apis: readonly ServiceApi[];

  beforeAll(async () => {
    account = await ServedAccount.open();
    apis = account.local.apis;
  });

  afterAll(() => account.close());

  function servedBy(services: readonly string[]): string[] {
    const own = apis.filter(({ service }) => services.includes(service));
    return own.flatMap(({ actions }) => Object.keys(actions)).sort();
  }

  it.each(sections)('of $heading are those that are served', ({ heading, services }) => {
    const named = rowsOf(heading).map(({ name }) => name);
    expect(named.sort()).toEqual(servedBy(services));
  });

  it.each(sections)('of $heading that are named as not supported are the others', ({ heading, services }) => {
    const served = new Set(servedBy(services));
    const known = services.flatMap((name) => serviceModel(name).operationNames);
    expect(unsupportedIn(heading).sort()).toEqual(known.filter((name) => !served.has(name)).sort());
  });

  it.each(sections)('of $heading can be asked for: each has a model', ({ services }) => {
    const known = services.flatMap((name) => serviceModel(name).operationNames);
    expect(servedBy(services).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('have no state but those that the page explains', () => {
    const found = sections.flatMap(({ heading }) => rowsOf(heading)).map(({ state }) => state);
    expect([...new Set(found)].filter((state) => !states.includes(state))).toEqual([]);
  });

  it('are of all services that are served', () => {
    const named = sections.flatMap(({ services }) => [...services]);
    expect(named.sort()).toEqual(apis.map(({ service }) => service).sort());
  });
});
