import { randomBytes } from 'node:crypto';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What AWS's ids of principals and keys begin with ("Unique identifiers" of the IAM guide). */
export type IdPrefix = 'AIDA' | 'AGPA' | 'AROA' | 'ANPA' | 'AIPA' | 'AKIA' | 'ASIA';

/** A new unique id: the prefix and 17 characters, of access keys 16. Never used again, unlike names. */
export function newUniqueId(prefix: IdPrefix): string {
  return prefix + randomBase32(prefix === 'AKIA' || prefix === 'ASIA' ? 16 : 17);
}

/** The secret of an access key: 240 random bits in AWS's 40 characters. */
export function newSecret(): string {
  return randomBytes(30).toString('base64');
}

/** Each byte gives five of its bits: all characters are equally likely. */
function randomBase32(length: number): string {
  return Array.from(randomBytes(length), (byte) => base32[byte & 31]).join('');
}
