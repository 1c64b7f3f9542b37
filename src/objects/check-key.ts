import { s3Faults } from './s3-faults.ts';

const mostKeyBytes = 1024;

/** @throws KeyTooLongError, InvalidURI */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > mostKeyBytes) throw s3Faults.keyTooLong();
  if (!isUsableKey(key)) throw s3Faults.invalidKey();
}

/** Unicode that comes back from UTF-8 as it was; two keys of half characters would be one. */
export function isUsableKey(key: string): boolean {
  const bytes = Buffer.from(key);
  return key !== '' && bytes.length <= mostKeyBytes && bytes.toString() === key;
}
