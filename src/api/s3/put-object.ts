import type { PutRequest } from '../../objects/index.ts';
import type { BodyStream } from '../../wire/index.ts';
import type { Call, Target } from '../action.ts';
import { bucketOf, type ConditionKeys, onObject } from './access.ts';
import { checksumMembers, defaultAlgorithm, type GivenChecksums, givenChecksum } from './checksums.ts';
import { s3Errors } from './errors.ts';
import {
  checkWritten,
  type DescribesObject,
  descriptionOf,
  writeConditions,
  writeKeys,
} from './object-input.ts';
import { quotedEtag } from './object-output.ts';
import type { S3Parts } from './parts.ts';

/** A body, and what is said of it. */
export interface SentBody extends GivenChecksums {
  readonly Body?: BodyStream;
  readonly ContentMD5?: string;
}

export interface PutInput extends DescribesObject, SentBody {
  readonly WriteOffsetBytes?: number;
}

/** Of an upload at once, of a part, and of what is copied at once: 5 GiB. */
export const maxPutBytes = 5 * 1024 ** 3;

/**
 * Who gives tags, or an ACL, to an object that he writes must be allowed to; that the bucket's owner owns it needs no
 * more, so that what AWS writes as a bucket policy for log delivery is enough.
 */
export function writeTargets<Input extends DescribesObject>(
  parts: S3Parts,
  moreKeys: (input: Input) => ConditionKeys = () => ({}),
) {
  const onPut = onObject(parts, 's3:PutObject', (input: Input) => ({
    ...writeKeys(input),
    ...moreKeys(input),
  }));
  return (input: Input, call: Call): readonly Target[] => {
    const [put] = onPut(input, call);
    const targets = [put];
    if (input.Tagging !== undefined && input.Tagging !== '') {
      targets.push({ ...put, action: 's3:PutObjectTagging' });
    }
    if (input.ACL !== undefined && input.ACL !== 'bucket-owner-full-control') {
      targets.push({ ...put, action: 's3:PutObjectAcl' });
    }
    return targets;
  };
}

export async function putObject(parts: S3Parts, input: PutInput): Promise<Readonly<Record<string, unknown>>> {
  const bucket = bucketOf(parts, input);
  checkWritten(parts, bucket, input);
  if (input.WriteOffsetBytes !== undefined) throw s3Errors.notImplemented('Appending to objects is');
  const entry = await parts.objects.put({
    bucket: bucket.Name,
    key: input.Key,
    conditions: writeConditions(input),
    ...descriptionOf(input),
    ...contentOf(input),
  });
  return { ETag: quotedEtag(entry), ServerSideEncryption: 'AES256', ...checksumMembers(entry.checksum) };
}

/**
 * The bytes of a request and what they must turn out to be.
 * @throws ServiceError `MissingContentLength`, `EntityTooLarge`, `InvalidDigest` …
 */
export function contentOf(input: SentBody): Pick<PutRequest, 'body' | 'size' | 'md5' | 'checksum'> {
  const { Body, ContentMD5 } = input;
  const size = Body ? Body.length : 0;
  if (size === undefined) {
    throw s3Errors.refusal('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);
  }
  if (size > maxPutBytes) throw s3Errors.entityTooLarge(size, maxPutBytes);
  return {
    body: Body ?? [],
    size,
    ...(ContentMD5 !== undefined && { md5: checkedMd5(ContentMD5) }),
    checksum: givenChecksum(input) ?? { algorithm: defaultAlgorithm },
  };
}

function checkedMd5(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 16 && bytes.toString('base64') === text) return text;
  throw s3Errors.refusal('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, {
    'Content-MD5': text.slice(0, 256),
  });
}
