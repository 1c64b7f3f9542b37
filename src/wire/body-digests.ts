import { createHash } from 'node:crypto';
import { ServiceError } from '../fault/index.ts';
import { runningChecksum } from './aws-checksums.ts';

/**
 * Checks a whole body against the digests in its headers: `Content-MD5` and checksums.
 * @throws ServiceError in S3's words
 */
export function checkDigests(body: Uint8Array, headers: ReadonlyMap<string, string>): void {
  const md5 = headers.get('content-md5');
  if (md5 !== undefined) checkMd5(body, md5);
  for (const [name, value] of headers) {
    const checksum = name.startsWith('x-amz-checksum-') ? runningChecksum(name) : undefined;
    if (!checksum) continue;
    checksum.update(body);
    if (checksum.base64() !== value) throw badChecksum(name);
  }
}

function checkMd5(body: Uint8Array, md5: string): void {
  if (!/^[\w+/]{22}==$/.test(md5)) {
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
      members: { 'Content-MD5': md5.slice(0, 64) },
    });
  }
  const real = createHash('md5').update(body).digest('base64');
  if (real === md5) return;
  throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    members: { ExpectedDigest: md5, CalculatedDigest: real },
  });
}

/** @param name of the header or trailer */
export function badChecksum(name: string): ServiceError {
  const algorithm = name.slice('x-amz-checksum-'.length).toUpperCase();
  return new ServiceError(
    'BadDigest',
    `The ${algorithm} you specified did not match the calculated checksum.`,
  );
}
