import { randomBytes } from 'node:crypto';

/** A new id as EC2 makes them: the prefix, `-`, and 17 hex digits. */
export function newId(prefix: string): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
}
