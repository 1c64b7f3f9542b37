import { s3Errors } from './errors.ts';

const form = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/;
const addressForm = /^\d+\.\d+\.\d+\.\d+$/;
const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];
/** Names of the account's own namespace: `…-account-region-an`. */
const regionalForm = /-\d{12}-[a-z0-9-]+-an$/;

/** "General purpose bucket naming rules". @throws ServiceError `InvalidBucketName` */
export function checkBucketName(name: string): void {
  const isGood =
    form.test(name) &&
    !name.includes('..') &&
    !addressForm.test(name) &&
    !regionalForm.test(name) &&
    !reservedPrefixes.some((prefix) => name.startsWith(prefix)) &&
    !reservedSuffixes.some((suffix) => name.endsWith(suffix));
  if (!isGood) {
    throw s3Errors.refusal('InvalidBucketName', 'The specified bucket is not valid.', 400, {
      BucketName: name.slice(0, 256),
    });
  }
}
