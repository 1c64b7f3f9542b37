import { ConfigError } from '../fault/index.ts';
import { isLoopbackAddress } from './allowed-hosts.ts';

/**
 * Whom the server may listen to.
 * @throws ConfigError `UnsafeListen` for plain HTTP that others can reach, unless it was asked for
 */
export function assertSafeListen({
  address,
  tls,
  insecure = false,
}: {
  readonly address: string;
  readonly tls?: unknown;
  readonly insecure?: boolean | undefined;
}): void {
  if (tls !== undefined || insecure || address === 'localhost' || isLoopbackAddress(address)) return;
  throw new ConfigError('UnsafeListen', `${address} is reached by others, and requests would be readable`, [
    'give --tls-cert and --tls-key, or listen on 127.0.0.1',
    '--insecure listens there all the same',
  ]);
}
