import { createHash } from 'node:crypto';
import type { Owner } from '@aws-sdk/client-s3';

/** An account as ACLs name it: its canonical user id, which at AWS too is 64 hexadecimal digits. */
export function ownerOf(accountId: string): Owner {
  return { ID: createHash('sha256').update(`canonical user ${accountId}`).digest('hex') };
}
