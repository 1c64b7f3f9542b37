import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../fault/index.ts';
import type { Identity } from './network.ts';

export interface IdentityOptions {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly azId?: string | undefined;
}

const rules = {
  accountId: { pattern: /^[0-9]{12}$/, expected: 'an account id of 12 digits' },
  region: { pattern: /^[a-z]{2,8}(?:-[a-z]{1,16}){1,3}-[0-9]{1,2}$/, expected: 'a Region such as us-east-1' },
  azId: {
    pattern: /^[a-z0-9]{2,16}(?:-[a-z0-9]{1,16}){1,3}$/,
    expected: 'an Availability Zone id such as use1-az1',
  },
} as const;

/**
 * The account, Region and zone that made-up parts belong to: what was asked for, else what the data folder keeps,
 * else the defaults. What is kept goes before `$AWS_REGION`, so that ids do not change with the shell.
 * Throws ConfigError `InvalidIdentity` that says where the wrong text came from.
 */
export function resolveIdentity(
  options: IdentityOptions,
  env: Readonly<Record<string, string | undefined>>,
  dataDirectory?: string,
): Identity {
  const kept = dataDirectory === undefined ? {} : readKept(identityFile(dataDirectory));
  return {
    accountId: checked('accountId', '--account', options.account) ?? kept.accountId ?? '123456789012',
    region:
      checked('region', '--region', options.region) ??
      kept.region ??
      checked('region', '$AWS_REGION', env.AWS_REGION || undefined) ??
      'us-east-1',
    azId: checked('azId', 'the Availability Zone id', options.azId) ?? kept.azId ?? 'use1-az1',
  };
}

/** Keeps the identity for later runs; the file is replaced in one step, and left alone when it says the same. */
export function keepIdentity(dataDirectory: string, identity: Identity): void {
  const file = identityFile(dataDirectory);
  const { accountId, region, azId } = identity;
  const text = `${JSON.stringify({ accountId, region, azId }, undefined, 2)}\n`;
  if (readIfThere(file) === text) return;
  try {
    mkdirSync(dataDirectory, { recursive: true });
    const temporary = `${file}.${process.pid}.tmp`;
    writeDurably(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    throw new ConfigError('CannotKeepIdentity', `${file}: ${(error as Error).message}`, [], { cause: error });
  }
}

function identityFile(dataDirectory: string): string {
  return path.join(dataDirectory, 'identity.json');
}

function readKept(file: string): Partial<Identity> {
  const text = readIfThere(file);
  if (text === undefined) return {};
  const value = parseObject(file, text);
  const kept: { -readonly [K in keyof Identity]?: string } = {};
  for (const key of ['accountId', 'region', 'azId'] as const) {
    const found = checked(key, `${file}: $.${key}`, value[key]);
    if (found !== undefined) kept[key] = found;
  }
  return kept;
}

function parseObject(file: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError('InvalidIdentity', `${file}: ${(error as Error).message}`, [], { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(
      'InvalidIdentity',
      `${file}: expected a JSON object with accountId, region and azId`,
    );
  }
  return value as Record<string, unknown>;
}

function checked(key: keyof typeof rules, where: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && rules[key].pattern.test(value)) return value;
  throw new ConfigError(
    'InvalidIdentity',
    `${where}: found ${JSON.stringify(value)}, expected ${rules[key].expected}`,
  );
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError('InvalidIdentity', `${file}: ${(error as Error).message}`, [], { cause: error });
  }
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'w', 0o644);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
