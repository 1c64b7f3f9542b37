import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../fault/index.ts';
import type { ResourceView } from '../resource/index.ts';
import { SecretVault } from './secret-vault.ts';

let directory = '';
let file = '';

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'headgate-vault-'));
  file = path.join(directory, 'secret.key');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const viewOf = (...encrypted: string[]): ResourceView => ({
  get: () => undefined,
  list: (<T>(kind: { readonly name: string }) =>
    (kind.name === 'iam-access-key'
      ? encrypted.map((encryptedSecret) => ({ encryptedSecret }))
      : []) as T[]) as ResourceView['list'],
  entries: () => [],
  places: () => [],
});

const refusalOf = async (...encrypted: string[]) => {
  const error = await SecretVault.open(directory, viewOf(...encrypted)).catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
};

describe('SecretVault', () => {
  it('makes a key file for its owner alone, and has the same key afterwards', async () => {
    const first = await SecretVault.open(directory, viewOf());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file)).toHaveLength(32);
    const encrypted = first.encrypt('a secret of 30 bytes', 'AKIAIOSFODNN7EXAMPLE');
    const second = await SecretVault.open(directory, viewOf(encrypted));
    expect(second.decrypt(encrypted, 'AKIAIOSFODNN7EXAMPLE')).toBe('a secret of 30 bytes');
    expect(second.deriveKey('page tokens')).toEqual(first.deriveKey('page tokens'));
    expect(second.deriveKey('page tokens')).not.toEqual(first.deriveKey('others'));
  });

  it('encrypts each time anew, shows nothing, and notices what was altered or moved', async () => {
    const vault = await SecretVault.open(directory, viewOf());
    const encrypted = vault.encrypt('secret', 'A');
    expect(vault.encrypt('secret', 'A')).not.toBe(encrypted);
    expect(Buffer.from(encrypted.split('.')[2], 'base64url').toString('latin1')).not.toContain('secret');
    expect(() => vault.decrypt(encrypted, 'B')).toThrow();
    const last = encrypted.at(-1) === 'A' ? 'Q' : 'A';
    expect(() => vault.decrypt(encrypted.slice(0, -1) + last, 'A')).toThrow();
  });

  it.each([
    { name: 'others may read it', mode: 0o640, bytes: 32, code: 'SecretKeyExposed', says: 'chmod 600' },
    { name: 'others may write it', mode: 0o602, bytes: 32, code: 'SecretKeyExposed', says: 'chmod 600' },
    { name: 'it is too short', mode: 0o600, bytes: 31, code: 'SecretKeyDamaged', says: 'found 31 bytes' },
    { name: 'it is empty', mode: 0o600, bytes: 0, code: 'SecretKeyDamaged', says: 'found 0 bytes' },
  ])('refuses a key file when $name', async ({ mode, bytes, code, says }) => {
    writeFileSync(file, Buffer.alloc(bytes));
    chmodSync(file, mode);
    const { code: found, details } = await refusalOf();
    expect(found).toBe(code);
    expect(details.join()).toContain(says);
  });

  it('refuses to make a key where secrets are stored under another', async () => {
    const vault = await SecretVault.open(directory, viewOf());
    const encrypted = vault.encrypt('secret', 'A');
    rmSync(file);
    expect((await refusalOf(encrypted)).code).toBe('SecretKeyMissing');
    writeFileSync(file, Buffer.alloc(32, 7), { mode: 0o600 });
    expect((await refusalOf(encrypted)).code).toBe('WrongSecretKey');
  });
});
