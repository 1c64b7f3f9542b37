import { readFileSync } from 'node:fs';
import { ConfigError } from '../../fault/index.ts';
import type { Terminal } from '../../report/index.ts';
import { resolveIdentity } from '../../vpc/index.ts';
import { parseSources } from '../capture/options.ts';
import { describedNetwork } from './first-network.ts';
import type { UpOptions } from './options.ts';

/**
 * Looks at all that can be wrong before anything is started.
 * @throws ConfigError
 */
export function checkUp(options: UpOptions, terminal: Pick<Terminal, 'line'>): void {
  parseSources(options.sources);
  resolveIdentity(options, process.env, options.dataDirectory);
  readTls(options);
  if (options.vpcDirectory !== undefined) describedNetwork(options.vpcDirectory, terminal);
  terminal.line('the options are good');
}

/** @throws ConfigError for a file that cannot be read */
export function readTls({ tls }: UpOptions): { readonly cert: Buffer; readonly key: Buffer } | undefined {
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
