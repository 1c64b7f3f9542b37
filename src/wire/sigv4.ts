import { type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../fault/index.ts';
import type { WireRequest } from './http.ts';
import {
  type CredentialScope,
  claimedScope,
  type SignatureClaim,
  signatureClaim,
  timestampMs,
  timestampOf,
} from './sigv4-claim.ts';
import { type SignatureFamily, signatureError } from './sigv4-faults.ts';
import { hmac, signingKey } from './sigv4-key.ts';
import {
  type CanonicalParts,
  canonicalHash,
  type HeaderTable,
  headerTable,
  queryParameters,
  sha256Hex,
} from './sigv4-request.ts';

/** What is known of an access key: the secret and whose it is, or why it is no good. */
export type FoundCredential<Caller> =
  | { readonly secret: string; readonly caller: Caller }
  | { readonly failure: 'unknown' | 'inactive' | 'expired' | 'invalid-token' };

export interface SignatureCheck<Caller> {
  readonly find: (
    accessKeyId: string,
    sessionToken: string | undefined,
    nowMs: number,
  ) => FoundCredential<Caller>;
  readonly nowMs: number;
  /** In whose words faults are told. */
  readonly family: SignatureFamily;
  /** The signing name of the service that the request is for; any when absent. */
  readonly service?: string | undefined;
  /** Those that there are; any that looks like one when absent. */
  readonly regions?: ReadonlySet<string> | undefined;
}

/** What signs the chunks of a body after its headers: each signature covers the one before it. */
export interface ChunkSigning {
  readonly key: Uint8Array | KeyObject;
  readonly timestamp: string;
  /** `20130524/us-east-1/s3/aws4_request` */
  readonly scope: string;
  /** The signature of the headers. */
  readonly seed: string;
}

/** How the body follows, when it is not simply there. */
export interface ChunkedPayload {
  /** Absent when chunks are not signed. */
  readonly signing?: ChunkSigning;
  readonly hasTrailers: boolean;
}

export interface VerifiedSignature<Caller> {
  readonly caller: Caller;
  readonly accessKeyId: string;
  readonly region: string;
  /** The signing name. */
  readonly service: string;
  readonly isPresigned: boolean;
  /** For bodies in aws-chunked form. */
  readonly chunked?: ChunkedPayload;
  /** Of S3, whose bodies are read after this: SHA-256 in hex of what the body must be. */
  readonly bodyHash?: string;
}

const minuteMs = 60_000;
const terminator = 'aws4_request';

/** Signs nothing: for access keys that nobody has, so that they take as long as others. */
const nobodysSecret = randomBytes(30).toString('base64');

const streaming: ReadonlyMap<string, { readonly isSigned: boolean; readonly hasTrailers: boolean }> = new Map(
  [
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', { isSigned: true, hasTrailers: false }],
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', { isSigned: true, hasTrailers: true }],
    ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', { isSigned: false, hasTrailers: true }],
  ],
);

/** Headers of which one more would be read by somebody else than was signed. */
const neverRepeated = [
  'authorization',
  'host',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
];

/** Who a request says has signed it; nothing is checked. */
export function credentialScope(request: Pick<WireRequest, 'url' | 'headers'>): CredentialScope | undefined {
  return claimedScope(request.url, headerTable(request.headers));
}

/**
 * Checks the Signature Version 4 of a request, in its headers or its query, and that its body is the one that was signed;
 * of S3 without its body.
 * @throws ServiceError in the words of the family
 */
export function verifySignature<Caller>(
  request: WireRequest,
  check: SignatureCheck<Caller>,
): VerifiedSignature<Caller> {
  const headers = headerTable(request.headers);
  if (headers.size < request.headers.length) checkRepeated(request, check.family);
  const claim = signatureClaim(request.url, headers, check.family);
  checkScope(claim, check);
  checkTime(claim, check);
  checkSignedHeaders(claim, headers, check.family);
  const payload = signedPayload(request, claim, headers, check.family);
  const found = check.find(claim.credential.accessKeyId, claim.sessionToken, check.nowMs);
  const isSigned = isSignedWith('secret' in found ? found.secret : nobodysSecret, claim, {
    ...request,
    headers,
    payload,
  });
  if ('failure' in found) {
    const members = { AWSAccessKeyId: claim.credential.accessKeyId };
    throw signatureError(check.family, faultOf(found.failure), undefined, members);
  }
  if (!isSigned) throw signatureError(check.family, 'mismatch');
  const { accessKeyId, region, service } = claim.credential;
  const chunked = chunkedPayload(payload, claim, found.secret);
  return {
    caller: found.caller,
    accessKeyId,
    region,
    service,
    isPresigned: claim.expiresSeconds !== undefined,
    ...(chunked && { chunked }),
    ...(service === s3 && hexHash.test(payload) && { bodyHash: payload }),
  };
}

function faultOf(failure: 'unknown' | 'inactive' | 'expired' | 'invalid-token') {
  if (failure === 'expired') return 'expired-token';
  return failure === 'invalid-token' ? 'invalid-token' : 'unknown-key';
}

function checkRepeated({ headers }: WireRequest, family: SignatureFamily): void {
  const seen = new Set<string>();
  for (const [name] of headers) {
    const key = name.toLowerCase();
    if (!neverRepeated.includes(key)) continue;
    if (seen.has(key)) throw signatureError(family, 'incomplete', `'${key}' was sent more than once.`);
    seen.add(key);
  }
}

function checkScope<Caller>(
  { credential, timestamp }: SignatureClaim,
  { family, service, regions }: SignatureCheck<Caller>,
): void {
  const fault = scopeFault(credential, timestamp, service, regions);
  if (fault !== undefined) throw signatureError(family, 'scope', fault);
}

function scopeFault(
  credential: CredentialScope,
  timestamp: string,
  service: string | undefined,
  regions: ReadonlySet<string> | undefined,
): string | undefined {
  const day = timestamp.slice(0, 8);
  if (credential.terminator !== terminator) {
    return `Credential should be scoped with a valid terminator: '${terminator}', not '${shown(credential.terminator)}'.`;
  }
  if (credential.date !== day) {
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${shown(credential.date)}' != '${day}', from '${timestamp}'.`;
  }
  if (!isRegion(credential.region, regions)) {
    return `Credential should be scoped to a valid Region, not '${shown(credential.region)}'. `;
  }
  if (service !== undefined && credential.service !== service) {
    return `Credential should be scoped to correct service: '${service}'. `;
  }
  return undefined;
}

function isRegion(region: string, regions: ReadonlySet<string> | undefined): boolean {
  return regions ? regions.has(region) : /^[a-z]{2,4}(-[a-z]{1,12}){1,3}-\d{1,2}$/.test(region);
}

function shown(text: string): string {
  return text.slice(0, 64);
}

/** Clocks may differ by 5 minutes, at S3 by 15; a presigned URL is good from its time on. */
function checkTime<Caller>(
  { timestamp, expiresSeconds, credential }: SignatureClaim,
  { nowMs, family }: SignatureCheck<Caller>,
): void {
  const signedMs = timestampMs(timestamp) ?? Number.NaN;
  const skewMinutes = credential.service === s3 ? 15 : 5;
  const skewMs = skewMinutes * minuteMs;
  const tooSkewed = {
    RequestTime: timestamp,
    ServerTime: new Date(nowMs).toISOString().replace(/\.\d+/, ''),
    MaxAllowedSkewMilliseconds: skewMs,
  };
  if (signedMs > nowMs + skewMs) {
    const latest = timestampOf(nowMs + skewMs);
    const sentence = `Signature not yet current: ${timestamp} is still later than ${latest} (${timestampOf(nowMs)} + ${skewMinutes} min.)`;
    throw signatureError(family, 'too-early', sentence, tooSkewed);
  }
  const goodMs = expiresSeconds === undefined ? skewMs : expiresSeconds * 1000;
  if (nowMs <= signedMs + goodMs) return;
  const earliest = timestampOf(nowMs - goodMs);
  const span = expiresSeconds === undefined ? `${skewMinutes} min.` : `${expiresSeconds} sec.`;
  const sentence = `Signature expired: ${timestamp} is now earlier than ${earliest} (${timestampOf(nowMs)} - ${span})`;
  if (expiresSeconds === undefined) throw signatureError(family, 'expired', sentence, tooSkewed);
  throw signatureError(family, 'presigned-expired', sentence, {
    'X-Amz-Expires': expiresSeconds,
    Expires: new Date(signedMs + goodMs).toISOString().replace(/\.\d+/, ''),
    ServerTime: tooSkewed.ServerTime,
  });
}

/**
 * The host and whatever steers the service must be signed. The hash of the body is part of what is signed even where
 * its header is not; the time of a presigned URL is in its query.
 */
function checkSignedHeaders(claim: SignatureClaim, headers: HeaderTable, family: SignatureFamily): void {
  const signed = new Set(claim.signedHeaders);
  const isExempt = (name: string): boolean =>
    name === 'x-amz-content-sha256' || (name === 'x-amz-date' && claim.expiresSeconds !== undefined);
  const isMissing = (name: string): boolean =>
    !signed.has(name) && (name === 'host' || (name.startsWith('x-amz-') && !isExempt(name)));
  if (claim.signedHeaders.some((name) => !headers.has(name))) throw signatureError(family, 'mismatch');
  const missing = isMissing('host') ? 'host' : [...headers.keys()].find(isMissing);
  if (missing === undefined) return;
  const label = missing === 'host' ? "'Host' or ':authority'" : `'${missing}'`;
  throw signatureError(
    family,
    'unsigned-header',
    `${label} must be a 'SignedHeader' in the AWS Authorization.`,
    { HeadersNotSigned: missing },
  );
}

/** What was signed of the body: its hash, or the word that says how it is protected. */
function signedPayload(
  { url, body }: WireRequest,
  { expiresSeconds, credential }: SignatureClaim,
  headers: HeaderTable,
  family: SignatureFamily,
): string {
  const claimed = headers.get('x-amz-content-sha256') ?? payloadInQuery(url, expiresSeconds);
  if (credential.service === s3) return s3Payload(claimed, expiresSeconds);
  if (claimed !== undefined && streaming.get(claimed)?.isSigned) return claimed;
  const real = sha256Hex(body);
  if (claimed === undefined || claimed === real) return real;
  throw signatureError(family, 'body-mismatch');
}

const s3 = 's3';
const hexHash = /^[0-9a-f]{64}$/;

/** Only S3 lets a body be without a signature, and it must say so; of a URL it is understood. */
function s3Payload(claimed: string | undefined, expiresSeconds: number | undefined): string {
  if (claimed === undefined) {
    if (expiresSeconds !== undefined) return unsigned;
    const sentence = 'Missing required header for this request: x-amz-content-sha256';
    throw new ServiceError('InvalidRequest', sentence, { status: 400 });
  }
  if (claimed === unsigned || streaming.has(claimed) || hexHash.test(claimed)) return claimed;
  throw new ServiceError(
    'InvalidArgument',
    `x-amz-content-sha256 must be UNSIGNED-PAYLOAD, ${[...streaming.keys()].join(', ')} or a valid sha256 value.`,
    {
      status: 400,
      members: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: shown(claimed) },
    },
  );
}

const unsigned = 'UNSIGNED-PAYLOAD';

function payloadInQuery(url: string, expiresSeconds: number | undefined): string | undefined {
  if (expiresSeconds === undefined) return undefined;
  return queryParameters(url).find(([name]) => name === 'X-Amz-Content-Sha256')?.[1];
}

function isSignedWith(
  secret: string,
  { credential, signedHeaders, signature, timestamp }: SignatureClaim,
  request: Pick<CanonicalParts, 'method' | 'url' | 'headers' | 'payload'>,
): boolean {
  const { date, region, service } = credential;
  const pathRule = service === s3 ? 'verbatim' : 'normalized';
  const hash = canonicalHash({ ...request, signedHeaders, pathRule });
  const key = signingKey(secret, date, region, service);
  const text = ['AWS4-HMAC-SHA256', timestamp, scopeText(credential), hash].join('\n');
  return isSameHex(hmac(key, text), signature);
}

function scopeText({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/${terminator}`;
}

/** Takes the same time wherever they differ. */
export function isSameHex(wanted: Uint8Array, hex: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(hex)) return false;
  return timingSafeEqual(wanted, Buffer.from(hex, 'hex'));
}

function chunkedPayload(payload: string, claim: SignatureClaim, secret: string): ChunkedPayload | undefined {
  const form = streaming.get(payload);
  if (!form) return undefined;
  const { hasTrailers, isSigned } = form;
  if (!isSigned) return { hasTrailers };
  const { date, region, service } = claim.credential;
  const signing = {
    key: signingKey(secret, date, region, service),
    timestamp: claim.timestamp,
    scope: scopeText(claim.credential),
    seed: claim.signature,
  };
  return { hasTrailers, signing };
}
