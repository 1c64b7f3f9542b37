import { ServiceError } from '../fault/index.ts';
import type { ChecksumAlgorithm } from './shapes.ts';

/** S3's refusals, with its codes, sentences and statuses. */
export const s3Faults = {
  noSuchBucket: () => fault('NoSuchBucket', 'The specified bucket does not exist', 404),
  bucketNotEmpty: () => fault('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409),
  noSuchKey: () => fault('NoSuchKey', 'The specified key does not exist.', 404),
  keyTooLong: () => fault('KeyTooLongError', 'Your key is too long', 400),
  invalidKey: () => fault('InvalidURI', "Couldn't parse the specified URI.", 400),
  accessDenied: () => fault('AccessDenied', 'Access Denied', 403),
  preconditionFailed: () =>
    fault('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412),
  incompleteBody: () =>
    fault(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
      400,
    ),
  invalidDigest: () => fault('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400),
  badMd5: () => fault('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400),
  badChecksum: (algorithm: ChecksumAlgorithm) =>
    fault('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, 400),
  otherChecksum: (expected: ChecksumAlgorithm, actual: ChecksumAlgorithm) =>
    fault(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual.toLowerCase()}`,
      400,
    ),
  noPartChecksum: (algorithm: ChecksumAlgorithm, partNumber: number) =>
    fault(
      'InvalidRequest',
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${partNumber} in the request.`,
      400,
    ),
  invalidChecksumType: (algorithm: ChecksumAlgorithm, type: string) =>
    fault(
      'InvalidRequest',
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
      400,
    ),
  noSuchUpload: () =>
    fault(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
    ),
  invalidPartNumber: () =>
    fault('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive', 400),
  invalidPart: () =>
    fault(
      'InvalidPart',
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      400,
    ),
  invalidPartOrder: () =>
    fault(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
      400,
    ),
  partTooSmall: () =>
    fault('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400),
  objectTooLarge: () => fault('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400),
  otherObjectSize: (given: number, computed: number) =>
    fault(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${given} does not match what was computed: ${computed}`,
      400,
    ),
  archived: () =>
    fault('InvalidObjectState', "The operation is not valid for the object's storage class", 403),
  notArchived: () =>
    fault('InvalidObjectState', "Restore is not allowed for the object's current storage class", 403),
  restoreInProgress: () => fault('RestoreAlreadyInProgress', 'Object restore is already in progress', 409),
  /** The same may be taken later: replaced under a reader, bytes that are not there. */
  internal: () => fault('InternalError', 'We encountered an internal error. Please try again.', 500),
  /** The disk takes no more, or the process has no file descriptors left. */
  unavailable: () => fault('ServiceUnavailable', 'Service is unable to handle request.', 503),
} as const;

function fault(code: string, sentence: string, status: number): ServiceError {
  return new ServiceError(code, sentence, { status });
}
