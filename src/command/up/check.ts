import { readFileSync } from 'node:fs';
import { ConfigError } from '../../fault/index.ts';
import type { Terminal } from '../../report/index.ts';
import { assertSafeListen } from '../../server/index.ts';
import { resolveIdentity } from '../../vpc/index.ts';
import { parseSources } from '../capture/options.ts';
import { describedNetwork } from './first-network.ts';
import type { UpOptions } from './options.ts';

/**
 * Looks at all that can be wrong before anything is started.
 * @throws ConfigError
 */
export function checkUp(options: UpOptions, terminal: Pick<Terminal, 'line'>): void {
  checkOptions(options);
  resolveIdentity(options, process.env, options.dataDirectory);
  if (options.vpcDirectory !== undefined) describedNetwork(options.vpcDirectory, terminal);
  terminal.line('the options are good');
}

/**
 * Gives the certificate and its key, if the API is served by TLS.
 * @throws ConfigError for sources that do not go together, an address that is not safe, a file that cannot be read
 */
export function checkOptions(
  options: UpOptions,
): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  parseSources(options.sources);
  const tls = readTls(options);
  const { address, insecure } = options;
  assertSafeListen({ address, insecure, tls });
  return tls;
}

function readTls({ tls }: UpOptions): { readonly cert: Buffer; readonly key: Buffer } | undefined {
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
