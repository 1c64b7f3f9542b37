import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sha256 } from '../../test/api-server.ts';
import { formValue, parseForm } from './form.ts';
import type { WireRequest } from './http.ts';
import {
  credentialScope,
  type FoundCredential,
  type SignatureCheck,
  type VerifiedSignature,
  verifySignature,
} from './sigv4.ts';
import { canonicalPath, canonicalQuery, queryParameters } from './sigv4-request.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const scope = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
const nowMs = Date.UTC(2015, 7, 30, 12, 36, 0);
const host = ['Host', 'example.amazonaws.com'] as const;
const date = ['X-Amz-Date', '20150830T123600Z'] as const;

type Headers = readonly (readonly [string, string])[];

const keyring = (accessKeyId: string): FoundCredential<string> =>
  accessKeyId === 'AKIDEXAMPLE' ? { secret, caller: 'somebody' } : { failure: 'unknown' };

function verify(
  request: Partial<WireRequest> & { readonly url: string; readonly headers: Headers },
  check: Partial<SignatureCheck<string>> = {},
): VerifiedSignature<string> {
  return verifySignature(
    { method: 'GET', body: new Uint8Array(), ...request },
    { find: keyring, nowMs, family: 'query', ...check },
  );
}

function failure(work: () => unknown): { code: string; status: number | undefined; message: string } {
  try {
    work();
  } catch (error) {
    const { code, status, message } = error as { code: string; status: number; message: string };
    return { code, status, message };
  }
  return { code: 'none', status: 200, message: '' };
}

const authorization = (signedHeaders: string, signature: string) =>
  [
    'Authorization',
    `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  ] as const;

interface Vector {
  readonly name: string;
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Headers;
  readonly signed?: string;
  readonly signature: string;
  readonly body?: string;
}

const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const stsToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

/** AWS's published test suite, as aws-c-auth keeps it: requests and the signatures that belong to them. */
const vectors: readonly Vector[] = [
  { name: 'get-vanilla', signature: vanilla },
  {
    name: 'get-header-key-duplicate',
    headers: ['value2', 'value2', 'value1'].map((value) => ['My-Header1', value] as const),
    signed: 'host;my-header1;x-amz-date',
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  {
    name: 'get-header-value-order',
    headers: ['value4', 'value1', 'value3', 'value2'].map((value) => ['My-Header1', value] as const),
    signed: 'host;my-header1;x-amz-date',
    signature: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  },
  {
    name: 'get-header-value-trim',
    headers: [
      ['My-Header1', ' value1'],
      ['My-Header2', ' "a   b   c"'],
    ],
    signed: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  { name: 'get-relative', url: '/example/..', signature: vanilla },
  { name: 'get-relative-relative', url: '/example1/example2/../..', signature: vanilla },
  { name: 'get-slash-dot-slash', url: '/./', signature: vanilla },
  {
    name: 'get-slash-pointless-dot',
    url: '/./example',
    signature: 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
  },
  {
    name: 'get-slashes',
    url: '//example//',
    signature: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  },
  {
    name: 'get-space',
    url: '/example space/',
    signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  },
  {
    name: 'get-unreserved',
    url: `/-._~${letters}`,
    signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  {
    name: 'get-utf8',
    url: '/ሴ',
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  {
    name: 'get-vanilla-empty-query-key',
    url: '/?Param1=value1',
    signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  },
  {
    name: 'get-vanilla-query-order-encoded',
    url: '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
    signature: '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    url: '/?Param2=value2&Param1=value1',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-query-unreserved',
    url: `/?-._~${letters}=-._~${letters}`,
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  {
    name: 'get-vanilla-utf8-query',
    url: '/?ሴ=bar',
    signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  },
  {
    name: 'get-vanilla-with-session-token',
    headers: [['X-Amz-Security-Token', '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267']],
    signed: 'host;x-amz-date;x-amz-security-token',
    signature: '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  },
  {
    name: 'post-header-key-sort',
    method: 'POST',
    headers: [['My-Header1', 'value1']],
    signed: 'host;my-header1;x-amz-date',
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-sts-header-before',
    method: 'POST',
    headers: [['X-Amz-Security-Token', stsToken]],
    signed: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  {
    name: 'post-sts-header-after',
    method: 'POST',
    headers: [['x-amz-content-sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']],
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-vanilla-query',
    method: 'POST',
    url: '/?Param1=value1',
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  {
    name: 'post-x-www-form-urlencoded',
    method: 'POST',
    headers: [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Content-Length', '13'],
      ['x-amz-content-sha256', '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e'],
    ],
    signed: 'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
    signature: 'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
    body: 'Param1=value1',
  },
];

const presignedQuery = (signature: string, token = '') =>
  `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}&X-Amz-Date=20150830T123600Z` +
  `&X-Amz-SignedHeaders=host&X-Amz-Expires=3600${token}&X-Amz-Signature=${signature}`;

/** The same suite's signatures in queries. */
const presigned: readonly (readonly [name: string, url: string])[] = [
  ['get-vanilla', `/?${presignedQuery('e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d')}`],
  ['get-utf8', `/ሴ?${presignedQuery('10eae3f14a260bd3911cc6d008d3c576d143b05b62f09782a7a4b37f52178e44')}`],
  [
    'get-vanilla-utf8-query',
    `/?ሴ=bar&${presignedQuery('0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600')}`,
  ],
  [
    'get-vanilla-with-session-token',
    `/?${presignedQuery(
      '7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c',
      '&X-Amz-Security-Token=6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267',
    )}`,
  ],
];

describe('published signatures', () => {
  it.each(vectors)('$name', ({ method = 'GET', url = '/', headers = [], body = '', ...vector }) => {
    const verified = verify({
      method,
      url,
      headers: [host, ...headers, authorization(vector.signed ?? 'host;x-amz-date', vector.signature), date],
      body: Buffer.from(body),
    });
    expect(verified).toEqual({
      caller: 'somebody',
      accessKeyId: 'AKIDEXAMPLE',
      region: 'us-east-1',
      service: 'service',
      isPresigned: false,
    });
  });

  it.each(presigned)('%s, presigned', (_name, url) => {
    expect(verify({ url, headers: [host, date] }).isPresigned).toBe(true);
  });

  it.each([
    ['/example1/example2/../..', '/example1/example2/../..'],
    ['//example//', '//example//'],
    ['/example space/', '/example%20space/'],
    ['/a%2Fb/%e1%88%b4+%', '/a%2Fb/%E1%88%B4%2B%25'],
    ['', '/'],
  ])("S3's path %s is signed as %s", (path, canonical) => {
    expect(canonicalPath(path, 'verbatim')).toBe(canonical);
  });
});

it.each([
  ['a plus sign', 'a=1%2B1', 'a=1%2B1'],
  ['a space', 'a=1%201', 'a=1%201'],
  ['a plus, which is read as a space', 'a=1+1&b+c', 'a=1%201&b%20c='],
])('a query with %s is signed as it is read', (_, query, canonical) => {
  expect(canonicalQuery(query)).toBe(canonical);
  const read = parseForm(Buffer.from(query), 'query');
  expect(formValue(read, 'a')).toBe(queryParameters(`/?${query}`)[0][1]);
  expect(canonical.startsWith(`a=${encodeURIComponent(formValue(read, 'a') ?? '')}`)).toBe(true);
});

/** A request as @smithy/signature-v4 signs it. */
async function signed({
  method = 'POST',
  path = '/',
  query = {},
  body = 'Action=DescribeVpcs',
  headers = {},
  service = 'ec2',
  atMs = nowMs,
  token,
  expiresIn,
}: {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly service?: string;
  readonly atMs?: number;
  readonly token?: string;
  readonly expiresIn?: number;
} = {}): Promise<WireRequest> {
  const signer = new SignatureV4({
    service,
    region: 'eu-west-1',
    credentials: {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: secret,
      ...(token !== undefined && { sessionToken: token }),
    },
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });
  const request = {
    method,
    protocol: 'http:',
    hostname: 'localhost',
    path,
    query,
    headers: { host: 'localhost:4650', ...headers },
    body,
  };
  const signingDate = new Date(atMs);
  const result =
    expiresIn === undefined
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn });
  return {
    method,
    url: urlOf(result.path, result.query ?? {}),
    headers: Object.entries(result.headers),
    body: Buffer.from(body),
  };
}

function urlOf(path: string, query: Record<string, string | string[] | null>): string {
  const escaped = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one) => `${escaped(name)}=${escaped(one)}`),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

const check = (overrides: Partial<SignatureCheck<string>> = {}): SignatureCheck<string> => ({
  find: keyring,
  nowMs,
  family: 'query',
  ...overrides,
});

describe('signatures of the SDK', () => {
  const segment = fc.string({ unit: fc.constantFrom(...'abÄ-_.~ +%&=?#ሴ'), maxLength: 6 });
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    path: fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.map(encodeURIComponent).join('/')}`),
    query: fc.dictionary(segment, fc.oneof(segment, fc.array(segment, { minLength: 1, maxLength: 3 }))),
    body: fc.string({ maxLength: 40 }),
    headers: fc.dictionary(
      fc.constantFrom('x-amz-target', 'content-type', 'x-one', 'x-two'),
      fc.string({ unit: fc.constantFrom(...'ab  /;=') }),
    ),
    service: fc.constantFrom('ec2', 's3', 'logs'),
  });

  it('are accepted, in headers and in queries', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.boolean(), async (request, inQuery) => {
        const wire = await signed(inQuery ? inUrl(request) : request);
        expect(verifySignature(wire, check()).region).toBe('eu-west-1');
      }),
      { numRuns: 300 },
    );
  });

  it('are refused when anything was altered', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.nat(), fc.boolean(), async (request, where, inQuery) => {
        const wire = await signed(inQuery ? inUrl(request) : request);
        for (const altered of alterations(wire, where)) {
          expect(failure(() => verifySignature(altered, check())).code).not.toBe('none');
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** To be signed in its query; S3's presigned URLs leave the body open. */
function inUrl<Request extends { readonly service: string; readonly query: object }>(request: Request) {
  const unsignedBody = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };
  const headers = request.service === 's3' ? { headers: unsignedBody } : {};
  return { ...request, ...headers, expiresIn: 60 };
}

/** One of each signed part, changed. */
function alterations(wire: WireRequest, where: number): WireRequest[] {
  const header = wire.headers[where % wire.headers.length];
  // S3's bodies are looked at when they come; see payload-stream.
  const isUnsignedBody = /(?:\/|%2F)s3(?:\/|%2F)aws4_request/.test(JSON.stringify(wire));
  return [
    { ...wire, method: wire.method === 'GET' ? 'PUT' : 'GET' },
    // At the end: what is before `..` would not count.
    { ...wire, url: wire.url.replace(/^[^?]*/, (path) => `${path}x`) },
    { ...wire, url: `${wire.url}${wire.url.includes('?') ? '&' : '?'}x=1` },
    ...(isUnsignedBody ? [] : [{ ...wire, body: Buffer.concat([wire.body, Buffer.from('x')]) }]),
    { ...wire, headers: wire.headers.map((one) => (one === header ? [one[0], `${one[1]}x`] : one)) },
    { ...wire, headers: wire.headers.filter((one) => one !== header) },
    { ...wire, headers: [...wire.headers, ['x-amz-meta-more', '1']] },
  ];
}

describe('faults', () => {
  const rows: readonly {
    readonly name: string;
    readonly of: () => Promise<WireRequest>;
    readonly overrides?: Partial<SignatureCheck<string>>;
    readonly code: string;
    readonly status: number;
    readonly message: string | RegExp;
  }[] = [
    {
      name: 'unsigned, EC2',
      of: async () => ({ ...(await signed()), headers: [host] }),
      overrides: { family: 'ec2' },
      code: 'MissingAuthenticationToken',
      status: 403,
      message: 'Request is missing Authentication Token',
    },
    {
      name: 'unsigned, JSON',
      of: async () => ({ ...(await signed()), headers: [host] }),
      overrides: { family: 'json' },
      code: 'MissingAuthenticationTokenException',
      status: 400,
      message: 'Missing Authentication Token',
    },
    {
      name: 'altered, EC2',
      of: async () => ({ ...(await signed()), body: Buffer.from('Action=DescribeSubnets') }),
      overrides: { family: 'ec2' },
      code: 'AuthFailure',
      status: 401,
      message: 'AWS was not able to validate the provided access credentials',
    },
    {
      name: 'altered, IAM',
      of: async () => ({ ...(await signed()), body: Buffer.from('Action=DescribeSubnets') }),
      code: 'SignatureDoesNotMatch',
      status: 403,
      message:
        /^The request signature we calculated does not match the signature you provided\. Check your AWS/,
    },
    {
      name: 'altered, Logs',
      of: async () => ({ ...(await signed()), url: '/x' }),
      overrides: { family: 'json' },
      code: 'InvalidSignatureException',
      status: 400,
      message: /^The request signature we calculated does not match/,
    },
    {
      name: 'unknown key, EC2',
      of: () => signed(),
      overrides: { family: 'ec2', find: () => ({ failure: 'unknown' }) },
      code: 'AuthFailure',
      status: 401,
      message: 'AWS was not able to validate the provided access credentials',
    },
    {
      name: 'inactive key, STS',
      of: () => signed(),
      overrides: { find: () => ({ failure: 'inactive' }) },
      code: 'InvalidClientTokenId',
      status: 403,
      message: 'The security token included in the request is invalid.',
    },
    {
      name: 'unknown token, Logs',
      of: () => signed({ token: 'x' }),
      overrides: { family: 'json', find: () => ({ failure: 'invalid-token' }) },
      code: 'UnrecognizedClientException',
      status: 400,
      message: 'The security token included in the request is invalid.',
    },
    {
      name: 'expired token, STS',
      of: () => signed({ token: 'x' }),
      overrides: { find: () => ({ failure: 'expired' }) },
      code: 'ExpiredToken',
      status: 403,
      message: 'The security token included in the request is expired',
    },
    {
      name: 'expired token, Logs',
      of: () => signed({ token: 'x' }),
      overrides: { family: 'json', find: () => ({ failure: 'expired' }) },
      code: 'ExpiredTokenException',
      status: 400,
      message: 'The security token included in the request is expired',
    },
    {
      name: 'expired token, EC2',
      of: () => signed({ token: 'x' }),
      overrides: { family: 'ec2', find: () => ({ failure: 'expired' }) },
      code: 'RequestExpired',
      status: 400,
      message: 'Request has expired.',
    },
    {
      name: 'five minutes and a second ago, IAM',
      of: () => signed({ atMs: nowMs - 301_000 }),
      code: 'SignatureDoesNotMatch',
      status: 403,
      message:
        'Signature expired: 20150830T123059Z is now earlier than 20150830T123100Z (20150830T123600Z - 5 min.)',
    },
    {
      name: 'five minutes and a second ago, EC2',
      of: () => signed({ atMs: nowMs - 301_000 }),
      overrides: { family: 'ec2' },
      code: 'RequestExpired',
      status: 400,
      message: 'Request has expired.',
    },
    {
      name: 'too early',
      of: () => signed({ atMs: nowMs + 301_000 }),
      overrides: { family: 'json' },
      code: 'InvalidSignatureException',
      status: 400,
      message:
        'Signature not yet current: 20150830T124101Z is still later than 20150830T124100Z (20150830T123600Z + 5 min.)',
    },
    {
      name: 'S3, fifteen minutes and a second ago',
      of: () => signed({ service: 's3', atMs: nowMs - 901_000 }),
      overrides: { family: 's3' },
      code: 'RequestTimeTooSkewed',
      status: 403,
      message: "The difference between the request time and the server's time is too large.",
    },
    {
      name: 'a body without a signature, EC2',
      of: () => signed({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
      overrides: { family: 'ec2' },
      code: 'AuthFailure',
      status: 401,
      message: 'AWS was not able to validate the provided access credentials',
    },
    {
      name: 'a framed body without a signature, Logs',
      of: () => signed({ headers: { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' } }),
      overrides: { family: 'json' },
      code: 'InvalidSignatureException',
      status: 400,
      message: /^The request signature we calculated does not match/,
    },
    {
      name: 'S3, without a word on the body',
      of: async () => {
        const wire = await signed({ service: 's3' });
        const headers = wire.headers.filter(([name]) => name !== 'x-amz-content-sha256');
        return {
          ...wire,
          headers: headers.map(
            ([name, value]) => [name, value.replace('x-amz-content-sha256;', '')] as const,
          ),
        };
      },
      overrides: { family: 's3' },
      code: 'InvalidRequest',
      status: 400,
      message: 'Missing required header for this request: x-amz-content-sha256',
    },
    {
      name: 'S3, what is no hash of a body',
      of: () => signed({ service: 's3', headers: { 'x-amz-content-sha256': 'abc' } }),
      overrides: { family: 's3' },
      code: 'InvalidArgument',
      status: 400,
      message:
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, ' +
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.',
    },
    {
      name: 'a presigned URL that has expired',
      of: () => signed({ method: 'GET', body: '', expiresIn: 60, atMs: nowMs - 61_000 }),
      code: 'SignatureDoesNotMatch',
      status: 403,
      message:
        'Signature expired: 20150830T123459Z is now earlier than 20150830T123500Z (20150830T123600Z - 60 sec.)',
    },
    {
      name: 'another service',
      of: () => signed({ service: 'ec2' }),
      overrides: { service: 'iam' },
      code: 'SignatureDoesNotMatch',
      status: 403,
      message: "Credential should be scoped to correct service: 'iam'. ",
    },
    {
      name: 'a Region that there is not',
      of: () => signed(),
      overrides: { regions: new Set(['us-east-1']) },
      code: 'SignatureDoesNotMatch',
      status: 403,
      message: "Credential should be scoped to a valid Region, not 'eu-west-1'. ",
    },
    {
      name: 'both ways at once',
      of: async () => ({ ...(await signed()), url: '/?X-Amz-Signature=x' }),
      code: 'IncompleteSignature',
      status: 400,
      message: /^Only one auth mechanism allowed/,
    },
    {
      name: 'two Host headers',
      of: async () => {
        const wire = await signed();
        return { ...wire, headers: [...wire.headers, ['HOST', 'other']] };
      },
      code: 'IncompleteSignature',
      status: 400,
      message: "'host' was sent more than once.",
    },
    {
      name: 'X-Amz-Target that was not signed',
      of: async () => {
        const wire = await signed();
        return { ...wire, headers: [...wire.headers, ['X-Amz-Target', 'Logs_20140328.DeleteLogGroup']] };
      },
      overrides: { family: 'json' },
      code: 'InvalidSignatureException',
      status: 400,
      message: "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    },
  ];

  it.each(rows)('$name', async ({ of, overrides, code, status, message }) => {
    const wire = await of();
    const found = failure(() => verifySignature(wire, check(overrides)));
    expect(found).toEqual({
      code,
      status,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  const headerRows: readonly (readonly [
    name: string,
    authorization: string,
    code: string,
    message: RegExp,
  ])[] = [
    [
      'SigV4A',
      'AWS4-ECDSA-P256-SHA256 Credential=a',
      'IncompleteSignature',
      /^Signature Version 4A .*not supported/,
    ],
    ['Bearer', 'Bearer abc', 'IncompleteSignature', /^Unsupported AWS 'algorithm': 'Bearer'/],
    [
      'nothing but the algorithm',
      'AWS4-HMAC-SHA256',
      'IncompleteSignature',
      /'Credential' parameter\. .*'Signature' parameter\. .*'SignedHeaders' parameter\. \(Hashed/,
    ],
    [
      'four elements',
      'AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=00',
      'IncompleteSignature',
      /^Credential must have exactly 5 slash-delimited elements.*got 'a\/b\/c\/d'$/,
    ],
    [
      'a terminator of its own',
      'AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ec2/aws5, SignedHeaders=host;x-amz-date, Signature=00',
      'SignatureDoesNotMatch',
      /valid terminator: 'aws4_request', not 'aws5'/,
    ],
    [
      'another day',
      'AWS4-HMAC-SHA256 Credential=A/20150831/us-east-1/ec2/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
      'SignatureDoesNotMatch',
      /'20150831' != '20150830', from '20150830T123600Z'/,
    ],
    [
      'no host',
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, SignedHeaders=x-amz-date, Signature=00',
      'SignatureDoesNotMatch',
      /^'Host' or ':authority' must be a 'SignedHeader'/,
    ],
    [
      'a signature that is none',
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, SignedHeaders=host;x-amz-date, Signature=short',
      'SignatureDoesNotMatch',
      /^The request signature we calculated/,
    ],
  ];

  it.each(headerRows)('Authorization with %s', (_name, value, code, message) => {
    const headers: Headers = [host, date, ['Authorization', value]];
    expect(failure(() => verify({ url: '/', headers }))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['0', /non-negative/],
    ['604801', /less than a week/],
    ['soon', /should be a number/],
  ])('X-Amz-Expires=%s', (expires, message) => {
    const url = `/?${presignedQuery(vanilla).replace('Expires=3600', `Expires=${expires}`)}`;
    expect(failure(() => verify({ url, headers: [host] }, { family: 's3' }))).toMatchObject({
      code: 'AuthorizationQueryParametersError',
      message: expect.stringMatching(message),
    });
  });
});

describe('credentialScope', () => {
  it.each([
    ['in the header', { url: '/', headers: [authorization('host', 'x')] }],
    ['in the query', { url: `/?${presignedQuery('x')}`, headers: [] }],
  ])('%s', (_name, request) => {
    expect(credentialScope(request)).toEqual({
      accessKeyId: 'AKIDEXAMPLE',
      date: '20150830',
      region: 'us-east-1',
      service: 'service',
      terminator: 'aws4_request',
    });
  });

  it('is undefined for what has none', () => {
    expect(credentialScope({ url: '/?a=b', headers: [host] })).toBeUndefined();
  });
});

describe('a Date header', () => {
  it('takes the place of X-Amz-Date', () => {
    const text = 'Sun, 30 Aug 2015 12:36:00 GMT';
    const canonical = `GET\n/\n\ndate:${text}\nhost:example.amazonaws.com\n\ndate;host\n${sha256('')}`;
    const toSign = `AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n${sha256(canonical)}`;
    const key = ['us-east-1', 'service', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, '20150830'));
    const signature = hmac(key, toSign).toString('hex');
    const headers: Headers = [host, ['Date', text], authorization('date;host', signature)];
    expect(verify({ url: '/', headers }).caller).toBe('somebody');
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
