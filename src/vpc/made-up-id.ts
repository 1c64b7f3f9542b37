import { hash } from 'node:crypto';
import type { Identity } from './network.ts';

/**
 * The id of something that AWS did not name: the prefix and the first 17 hex digits of the SHA-256 of `headgate`, the
 * kind, the account, the Region and the natural key, in UTF-8 and parted by NUL. The same thing has the same id in
 * every run; a natural key may hold anything but NUL.
 */
export function madeUpId(
  prefix: string,
  kind: string,
  identity: Pick<Identity, 'accountId' | 'region'>,
  naturalKey: string,
): string {
  const text = ['headgate', kind, identity.accountId, identity.region, naturalKey].join('\0');
  return `${prefix}-${hash('sha256', text, 'hex').slice(0, 17)}`;
}
