import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError, invariant } from '../fault/index.ts';
import { globalPlace, type ResourceView } from '../resource/index.ts';
import { accessKeys, sessions } from './kinds.ts';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts secrets under a key that is kept apart from them, in `secret.key` of the data folder. A secret is
 * `1.<key id>.<base64url of nonce, text and tag>`: AES-256-GCM, bound to what it is the secret of.
 */
export class SecretVault {
  readonly #key: Uint8Array;
  readonly #secretsKey: Uint8Array;
  readonly #prefix: string;

  private constructor(key: Uint8Array) {
    this.#key = key;
    this.#secretsKey = this.deriveKey('secrets');
    this.#prefix = `1.${createHash('sha256').update(this.deriveKey('key id')).digest('hex').slice(0, 8)}.`;
  }

  /**
   * Makes the key file at the first start.
   * @throws ConfigError when others may read the file, it is no key, or not the one of the secrets that are stored
   */
  static async open(dataDirectory: string, view: ResourceView): Promise<SecretVault> {
    const file = path.join(dataDirectory, 'secret.key');
    const stored = storedSecret(view);
    const key = (await readKey(file)) ?? (await makeKey(file, stored !== undefined));
    const vault = new SecretVault(key);
    if (stored !== undefined && !stored.startsWith(vault.#prefix)) {
      throw new ConfigError('WrongSecretKey', `${file} is not the key of the secrets that are stored`, [
        'put back the file that belongs to this data folder',
      ]);
    }
    return vault;
  }

  /** `owner`: what it is the secret of, an access key id; it must be given again to decrypt. */
  encrypt(secret: string, owner: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#secretsKey, nonce).setAAD(Buffer.from(owner));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return this.#prefix + Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url');
  }

  decrypt(encrypted: string, owner: string): string {
    invariant(encrypted.startsWith(this.#prefix), 'a secret of another key');
    const bytes = Buffer.from(encrypted.slice(this.#prefix.length), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.#secretsKey, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
      .setAAD(Buffer.from(owner))
      .setAuthTag(bytes.subarray(-tagBytes));
    const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  }

  /** A key of 32 bytes for another purpose: `page tokens`. The same one after each start. */
  deriveKey(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#key, '', `headgate ${purpose}`, keyBytes));
  }
}

function storedSecret(view: ResourceView): string | undefined {
  for (const { encryptedSecret } of view.list(accessKeys, globalPlace)) return encryptedSecret;
  for (const { encryptedSecret } of view.list(sessions, globalPlace)) return encryptedSecret;
  return undefined;
}

/** Undefined when there is no file. */
async function readKey(file: string): Promise<Uint8Array | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new ConfigError('SecretKeyUnreadable', `${file} cannot be read`, [String(codeOf(error))], {
      cause: error,
    });
  }
  try {
    return await checkedKey(handle, file);
  } finally {
    await handle.close();
  }
}

async function checkedKey(handle: FileHandle, file: string): Promise<Uint8Array> {
  const { mode, size } = await handle.stat();
  if ((mode & 0o077) !== 0) {
    throw new ConfigError('SecretKeyExposed', `others than the owner may use ${file}`, [`chmod 600 ${file}`]);
  }
  if (size !== keyBytes) {
    throw new ConfigError('SecretKeyDamaged', `${file} is no key`, [
      `found ${size} bytes, expected ${keyBytes}`,
    ]);
  }
  return handle.readFile();
}

/** It has its name only when it is whole and on the disk. */
async function makeKey(file: string, hasSecrets: boolean): Promise<Uint8Array> {
  if (hasSecrets) {
    throw new ConfigError('SecretKeyMissing', `${file} is missing: without it nobody can sign in`, [
      'put back the file that belongs to this data folder',
    ]);
  }
  const key = randomBytes(keyBytes);
  const draft = `${file}.${process.pid}`;
  await written(draft, key);
  await rename(draft, file);
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return key;
}

async function written(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
