import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const mostKeys = 1024;

/** Keys that were derived lately: four HMACs each, and most requests are signed with the same. */
const derived = new Map<string, KeyObject>();

/** The key that signs requests of a day to a service in a Region. */
export function signingKey(secret: string, date: string, region: string, service: string): KeyObject {
  const name = [secret, date, region, service].join('/');
  const known = derived.get(name);
  if (known) return known;
  const bytes = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, date));
  const key = createSecretKey(bytes);
  if (derived.size >= mostKeys) derived.clear();
  derived.set(name, key);
  return key;
}

export function hmac(key: string | Uint8Array | KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
