import { createHash } from 'node:crypto';
import { ServiceError } from '../fault/index.ts';
import { type SignatureFamily, signatureError } from './sigv4-faults.ts';
import { type HeaderTable, queryParameters } from './sigv4-request.ts';

/** What a credential says that it is good for. */
export interface CredentialScope {
  readonly accessKeyId: string;
  /** `20150830` */
  readonly date: string;
  readonly region: string;
  /** The signing name of a service: `ec2`, `monitoring`. */
  readonly service: string;
  readonly terminator: string;
}

/** What a request says of its own signature. */
export interface SignatureClaim {
  readonly credential: CredentialScope;
  /** In lower case, as they were signed: in their order. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20150830T123600Z` */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Of presigned URLs: for how many seconds they are good. */
  readonly expiresSeconds?: number;
}

const algorithm = 'AWS4-HMAC-SHA256';
const asymmetric = 'AWS4-ECDSA-P256-SHA256';
const mostExpiresSeconds = 604_800;

/**
 * Who a request says has signed it, and for what; undefined when it does not say. Nothing is checked: it tells a
 * service from another before the signature can be looked at.
 */
export function claimedScope(url: string, headers: HeaderTable): CredentialScope | undefined {
  const authorization = headers.get('authorization');
  const text =
    authorization === undefined
      ? queryParameters(url).find(([name]) => name === 'X-Amz-Credential')?.[1]
      : /Credential=([^\s,]+)/.exec(authorization)?.[1];
  return text === undefined ? undefined : scopeOf(text);
}

/** @throws ServiceError for a request that is not signed, or in another way */
export function signatureClaim(url: string, headers: HeaderTable, family: SignatureFamily): SignatureClaim {
  const query = queryParameters(url).filter(([name]) => name.startsWith('X-Amz-'));
  const isPresigned = query.some(([name]) => name === 'X-Amz-Algorithm' || name === 'X-Amz-Signature');
  const authorization = headers.get('authorization');
  if (authorization !== undefined && isPresigned) {
    throw signatureError(
      family,
      'incomplete',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified',
    );
  }
  if (isPresigned) return presignedClaim(query, family);
  if (family === 's3' && authorization === undefined && isSignedBefore4({ url })) throw notVersion4();
  if (authorization === undefined || authorization === '') throw signatureError(family, 'missing');
  return headerClaim(authorization, headers, family);
}

/** A URL that was signed in the way before Version 4. */
export function isSignedBefore4({ url }: { readonly url: string }): boolean {
  if (!url.includes('AWSAccessKeyId=')) return false;
  const names = queryParameters(url).map(([name]) => name);
  return names.includes('AWSAccessKeyId') && names.includes('Signature');
}

function notVersion4(): ServiceError {
  return new ServiceError(
    'InvalidRequest',
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    { status: 400 },
  );
}

function headerClaim(authorization: string, headers: HeaderTable, family: SignatureFamily): SignatureClaim {
  const [named] = authorization.split(/\s/, 1);
  checkAlgorithm(named, family, 'incomplete');
  const parts = authorizationParts(authorization.slice(named.length));
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    parts.get(name),
  );
  const timestamp = headerTimestamp(headers);
  if (!credential || !signedHeaders || !signature || timestamp === undefined) {
    throw signatureError(family, 'incomplete', incompleteSentence(parts, timestamp, authorization));
  }
  return {
    credential: checkedScope(credential, family, 'incomplete'),
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
    timestamp: checkedTimestamp(timestamp, family, 'incomplete'),
    sessionToken: headers.get('x-amz-security-token'),
  };
}

function presignedClaim(
  query: readonly (readonly [string, string])[],
  family: SignatureFamily,
): SignatureClaim {
  const parameter = (name: string): string => {
    const values = query.filter(([key]) => key === name);
    if (values.length === 1 && values[0][1] !== '') return values[0][1];
    throw signatureError(
      family,
      'query-parameters',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
        'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  };
  checkAlgorithm(parameter('X-Amz-Algorithm'), family, 'query-parameters');
  const hasToken = query.some(([name]) => name === 'X-Amz-Security-Token');
  return {
    credential: checkedScope(parameter('X-Amz-Credential'), family, 'query-parameters'),
    signedHeaders: parameter('X-Amz-SignedHeaders').toLowerCase().split(';'),
    signature: parameter('X-Amz-Signature'),
    timestamp: checkedTimestamp(parameter('X-Amz-Date'), family, 'query-parameters'),
    sessionToken: hasToken ? parameter('X-Amz-Security-Token') : undefined,
    expiresSeconds: checkedExpires(parameter('X-Amz-Expires'), family),
  };
}

/** Signatures of every Region at once (SigV4A) are AWS's own keys' business: S3's multi-Region access points use them. */
function checkAlgorithm(
  named: string,
  family: SignatureFamily,
  fault: 'incomplete' | 'query-parameters',
): void {
  if (named === algorithm) return;
  if (family === 's3' && named !== asymmetric) throw notVersion4();
  const sentence =
    named === asymmetric
      ? `Signature Version 4A (${asymmetric}) is not supported; sign with ${algorithm}.`
      : `Unsupported AWS 'algorithm': '${named.slice(0, 64)}'.`;
  throw signatureError(family, fault, sentence);
}

function authorizationParts(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (at > 0) parts.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return parts;
}

/** Everything that is missing, at once; what was sent is told as a hash, as AWS does. */
function incompleteSentence(
  parts: ReadonlyMap<string, string>,
  timestamp: string | undefined,
  authorization: string,
): string {
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !parts.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (timestamp === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  const hash = createHash('sha256').update(authorization, 'latin1').digest('base64');
  return `${missing.join(' ')} (Hashed with SHA-256 and encoded with Base64) Authorization=${hash}`;
}

function checkedScope(
  text: string,
  family: SignatureFamily,
  fault: 'incomplete' | 'query-parameters',
): CredentialScope {
  const scope = scopeOf(text);
  if (scope) return scope;
  throw signatureError(
    family,
    fault,
    `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${text.slice(0, 256)}'`,
  );
}

function scopeOf(text: string): CredentialScope | undefined {
  const parts = text.split('/');
  if (parts.length !== 5) return undefined;
  const [accessKeyId, date, region, service, terminator] = parts;
  return { accessKeyId, date, region, service, terminator };
}

/** A `Date` header takes the place of a missing `X-Amz-Date`; it is signed in the same form. */
function headerTimestamp(headers: HeaderTable): string | undefined {
  const amazonDate = headers.get('x-amz-date');
  if (amazonDate !== undefined) return amazonDate;
  const date = headers.get('date');
  if (date === undefined || timestampMs(date) !== undefined) return date;
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? date : timestampOf(ms);
}

function checkedTimestamp(
  text: string,
  family: SignatureFamily,
  fault: 'incomplete' | 'query-parameters',
): string {
  if (timestampMs(text) !== undefined) return text;
  throw signatureError(
    family,
    fault,
    `Date must be in ISO-8601 'basic format'. Got '${text.slice(0, 64)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
  );
}

function checkedExpires(text: string, family: SignatureFamily): number {
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= mostExpiresSeconds) return seconds;
  const sentence = Number.isNaN(seconds)
    ? 'X-Amz-Expires should be a number'
    : seconds < 1
      ? 'X-Amz-Expires must be non-negative'
      : `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${mostExpiresSeconds} seconds`;
  throw signatureError(family, 'query-parameters', sentence);
}

/** Epoch milliseconds of `20150830T123600Z`; undefined for what is no such time. */
export function timestampMs(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

export function timestampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}
