import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writePcap } from '../../../test/capture-file-writer.ts';
import { Terminal } from '../../report/index.ts';
import { checkUp } from './check.ts';
import { parseUpOptions } from './options.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'headgate-check-'));
  writeFileSync(path.join(root, 'text'), 'not a capture');
  writeFileSync(path.join(root, 'trace.pcap'), writePcap([]));
  mkdirSync(path.join(root, 'begun'));
  writeFileSync(path.join(root, 'begun', 'secret.key'), '');
  writeFileSync(
    path.join(root, 'begun', 'identity.json'),
    JSON.stringify({ accountId: '123456789012', region: 'eu-west-1', azId: 'euw1-az1' }),
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** `@name` is a file in the test's folder. */
const check = (...args: readonly string[]): Promise<void> => {
  const terminal = new Terminal();
  vi.spyOn(terminal, 'line').mockImplementation(() => undefined);
  const given = args.map((arg) => (arg.startsWith('@') ? path.join(root, arg.slice(1)) : arg));
  const options = parseUpOptions(['--data-dir', path.join(root, 'none'), ...given]);
  return checkUp(options, terminal);
};

describe('up --check', () => {
  it.each<[name: string, args: string[], RegExp]>([
    ['a file that is not there', ['@nothing.pcap'], /cannot read .*nothing\.pcap: no such file/],
    ['a file that is no capture', ['@text'], /not a capture/],
    ['no certificate', ['--tls-cert', '@text', '--tls-key', '@text'], /the TLS certificate or key/],
    ['a data folder that is a file', ['--data-dir', '@text'], /text.* (is no folder|ENOTDIR)/],
    [
      'another Region than the folder has begun in',
      ['--data-dir', '@begun', '--region', 'us-east-1'],
      /is in eu-west-1, not us-east-1/,
    ],
    ['a network that is not there', ['--vpc', '@nothing'], /no such folder/],
    ['an address for everybody', ['--listen', '0.0.0.0:4650'], /is reached by others/],
  ])('finds %s', async (_, args, sentence) => {
    await expect(check(...args)).rejects.toThrow(sentence);
  });

  it('finds half a key', async () => {
    vi.stubEnv('HEADGATE_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
    vi.stubEnv('HEADGATE_SECRET_ACCESS_KEY', '');
    await expect(check()).rejects.toThrow(/only one is set/);
  });

  it.each<[name: string, args: string[]]>([
    ['a capture file', ['@trace.pcap', '--now']],
    ['a folder that has begun', ['--data-dir', '@begun']],
    ['nothing', []],
  ])('finds nothing wrong with %s', async (_, args) => {
    await expect(check(...args)).resolves.toBeUndefined();
  });
});
