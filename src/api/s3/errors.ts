import { ServiceError } from '../../fault/index.ts';

/** S3's refusals: codes, sentences and members as it answers them. */
export const s3Errors = {
  accessDenied: (sentence = 'Access Denied') => refusal('AccessDenied', sentence, 403),
  noSuchBucket: (BucketName: string) =>
    refusal('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName }),
  noSuchKey: (Key: string) => refusal('NoSuchKey', 'The specified key does not exist.', 404, { Key }),
  noSuchUpload: (UploadId: string) =>
    refusal(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
      { UploadId },
    ),
  invalidArgument: (sentence: string, ArgumentName?: string, ArgumentValue?: string) =>
    refusal('InvalidArgument', sentence, 400, {
      ...(ArgumentName !== undefined && { ArgumentName }),
      ...(ArgumentValue !== undefined && { ArgumentValue: ArgumentValue.slice(0, 256) }),
    }),
  invalidRequest: (sentence: string) => refusal('InvalidRequest', sentence, 400),
  malformedXml: () =>
    refusal(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      400,
    ),
  malformedPolicy: (sentence: string) => refusal('MalformedPolicy', sentence, 400),
  invalidTag: (sentence: string, TagKey?: string) =>
    refusal('InvalidTag', sentence, 400, TagKey === undefined ? {} : { TagKey }),
  preconditionFailed: (Condition: string) =>
    refusal('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
      Condition,
    }),
  entityTooLarge: (proposed: number, MaxSizeAllowed: number) =>
    refusal('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
      ProposedSize: String(proposed),
      MaxSizeAllowed: String(MaxSizeAllowed),
    }),
  archived: (StorageClass: string) =>
    refusal('InvalidObjectState', "The operation is not valid for the object's storage class", 403, {
      StorageClass,
    }),
  noAcls: () => refusal('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400),
  noObjectLock: () => refusal('InvalidRequest', 'Bucket is missing Object Lock Configuration', 400),
  noSuchPublicAccessBlock: () =>
    refusal(
      'NoSuchPublicAccessBlockConfiguration',
      'The public access block configuration was not found',
      404,
    ),
  methodNotAllowed: () =>
    refusal('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405),
  /** `what`: the beginning of a sentence that names it. */
  notImplemented: (what: string) => refusal('NotImplemented', `${what} not implemented by Headgate.`, 501),
  refusal,
} as const;

function refusal(
  code: string,
  sentence: string,
  status: number,
  members: Readonly<Record<string, string>> = {},
): ServiceError {
  return new ServiceError(code, sentence, { status, members });
}
