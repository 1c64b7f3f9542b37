import { ServiceError } from '../fault/index.ts';

/** Services that answer a bad signature in the same words. */
export type SignatureFamily = 'ec2' | 'query' | 'json' | 's3';

/** What can be wrong with a signature. */
export type SignatureFault =
  | 'missing'
  | 'incomplete'
  | 'query-parameters'
  | 'unknown-key'
  | 'invalid-token'
  | 'expired-token'
  | 'scope'
  | 'expired'
  | 'too-early'
  | 'presigned-expired'
  | 'unsigned-header'
  | 'mismatch'
  | 'body-mismatch';

interface FaultRow {
  readonly code: string;
  readonly status: number;
  /** Said instead of the fault's own sentence. */
  readonly message?: string;
}

const notValidated: FaultRow = {
  code: 'AuthFailure',
  status: 401,
  message: 'AWS was not able to validate the provided access credentials',
};
const ec2Expired: FaultRow = { code: 'RequestExpired', status: 400, message: 'Request has expired.' };
const queryMismatch: FaultRow = { code: 'SignatureDoesNotMatch', status: 403 };
const jsonMismatch: FaultRow = { code: 'InvalidSignatureException', status: 400 };
const tooSkewed: FaultRow = {
  code: 'RequestTimeTooSkewed',
  status: 403,
  message: "The difference between the request time and the server's time is too large.",
};

/**
 * Codes and statuses: the services' pages of common errors; EC2's words and those of the JSON services as clients have
 * reported them. EC2 does not tell a wrong secret from an unknown key.
 */
const faults: Readonly<Record<SignatureFamily, Readonly<Record<SignatureFault, FaultRow>>>> = {
  ec2: {
    missing: { code: 'MissingAuthenticationToken', status: 403 },
    incomplete: { code: 'IncompleteSignature', status: 400 },
    'query-parameters': { code: 'IncompleteSignature', status: 400 },
    'unknown-key': notValidated,
    'invalid-token': notValidated,
    'expired-token': ec2Expired,
    scope: { code: 'AuthFailure', status: 401 },
    expired: ec2Expired,
    'too-early': notValidated,
    'presigned-expired': ec2Expired,
    'unsigned-header': { code: 'AuthFailure', status: 401 },
    mismatch: notValidated,
    'body-mismatch': notValidated,
  },
  query: {
    missing: { code: 'MissingAuthenticationToken', status: 403 },
    incomplete: { code: 'IncompleteSignature', status: 400 },
    'query-parameters': { code: 'IncompleteSignature', status: 400 },
    'unknown-key': { code: 'InvalidClientTokenId', status: 403 },
    'invalid-token': { code: 'InvalidClientTokenId', status: 403 },
    'expired-token': { code: 'ExpiredToken', status: 403 },
    scope: queryMismatch,
    expired: queryMismatch,
    'too-early': queryMismatch,
    'presigned-expired': queryMismatch,
    'unsigned-header': queryMismatch,
    mismatch: queryMismatch,
    'body-mismatch': queryMismatch,
  },
  json: {
    missing: {
      code: 'MissingAuthenticationTokenException',
      status: 400,
      message: 'Missing Authentication Token',
    },
    incomplete: { code: 'IncompleteSignatureException', status: 400 },
    'query-parameters': { code: 'IncompleteSignatureException', status: 400 },
    'unknown-key': { code: 'UnrecognizedClientException', status: 400 },
    'invalid-token': { code: 'UnrecognizedClientException', status: 400 },
    'expired-token': { code: 'ExpiredTokenException', status: 400 },
    scope: jsonMismatch,
    expired: jsonMismatch,
    'too-early': jsonMismatch,
    'presigned-expired': jsonMismatch,
    'unsigned-header': jsonMismatch,
    mismatch: jsonMismatch,
    'body-mismatch': jsonMismatch,
  },
  s3: {
    missing: { code: 'AccessDenied', status: 403, message: 'Access Denied' },
    incomplete: { code: 'AuthorizationHeaderMalformed', status: 400 },
    'query-parameters': { code: 'AuthorizationQueryParametersError', status: 400 },
    'unknown-key': {
      code: 'InvalidAccessKeyId',
      status: 403,
      message: 'The AWS Access Key Id you provided does not exist in our records.',
    },
    'invalid-token': {
      code: 'InvalidToken',
      status: 400,
      message: 'The provided token is malformed or otherwise invalid.',
    },
    'expired-token': { code: 'ExpiredToken', status: 400, message: 'The provided token has expired.' },
    scope: { code: 'AuthorizationHeaderMalformed', status: 400 },
    expired: tooSkewed,
    'too-early': tooSkewed,
    'presigned-expired': { code: 'AccessDenied', status: 403, message: 'Request has expired' },
    'unsigned-header': {
      code: 'AccessDenied',
      status: 403,
      message: 'There were headers present in the request which were not signed',
    },
    mismatch: {
      code: 'SignatureDoesNotMatch',
      status: 403,
      message:
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    },
    'body-mismatch': {
      code: 'XAmzContentSHA256Mismatch',
      status: 400,
      message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    },
  },
};

const mismatchSentence =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** What the fault is told as when nothing more is known of it. */
const sentences: Readonly<Partial<Record<SignatureFault, string>>> = {
  missing: 'Request is missing Authentication Token',
  'unknown-key': 'The security token included in the request is invalid.',
  'invalid-token': 'The security token included in the request is invalid.',
  'expired-token': 'The security token included in the request is expired',
  mismatch: mismatchSentence,
  'body-mismatch': mismatchSentence,
};

/**
 * A fault in a family's words; `detail` is the sentence of those that have none of their own.
 * @param members that S3 tells besides
 */
export function signatureError(
  family: SignatureFamily,
  fault: SignatureFault,
  detail?: string,
  members: Readonly<Record<string, unknown>> = {},
): ServiceError {
  const { code, status, message } = faults[family][fault];
  const sentence = message ?? detail ?? sentences[fault] ?? mismatchSentence;
  return new ServiceError(code, sentence, { status, ...(family === 's3' && { members }) });
}
