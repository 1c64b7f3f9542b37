import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../fault/index.ts';
import { checkBucketName } from './bucket-name.ts';
import { parseCopyRange, parseRange, partRange } from './byte-range.ts';
import { lifecycleRules } from './lifecycle-rules.ts';
import { urlEncoded } from './list-objects.ts';
import { isPublicPolicy } from './public-policy.ts';
import { failedCondition, type ReadConditions } from './read-conditions.ts';
import { parseTagging } from './tags.ts';

/** What it gives, or the code it is refused with. */
function outcome<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

describe('names of buckets', () => {
  it.each(['flows', 'a.b-c', '123', 'x'.repeat(63), 'plan', 'my-an'])('%s', (name) => {
    expect(outcome(() => checkBucketName(name))).toBeUndefined();
  });

  it.each([
    'ab',
    'x'.repeat(64),
    'Flows',
    'flo_ws',
    '-flows',
    'flows-',
    'a..b',
    '192.168.5.4',
    'xn--flows',
    'sthree-flows',
    'amzn-s3-demo-bucket',
    'flows-s3alias',
    'flows--ol-s3',
    'flows.mrap',
    'flows--x-s3',
    'flows--table-s3',
    'flows-123456789012-us-east-1-an',
    'flows\n',
    '../flows',
  ])('not %j', (name) => {
    expect(outcome(() => checkBucketName(name))).toBe('InvalidBucketName');
  });
});

describe('ranges', () => {
  const whole = undefined;
  const bytes = (first: number, last: number) => ({ first, last });
  it.each([
    ['none', undefined, 10, whole],
    ['from the first', 'bytes=0-3', 10, bytes(0, 3)],
    ['one byte', 'bytes=4-4', 10, bytes(4, 4)],
    ['to the end', 'bytes=4-', 10, bytes(4, 9)],
    ['beyond the end', 'bytes=4-99', 10, bytes(4, 9)],
    ['the last ones', 'bytes=-3', 10, bytes(7, 9)],
    ['more than there are', 'bytes=-99', 10, bytes(0, 9)],
    ['behind the end', 'bytes=10-', 10, 'InvalidRange'],
    ['the last none', 'bytes=-0', 10, 'InvalidRange'],
    ['of nothing', 'bytes=0-', 0, 'InvalidRange'],
    ['the last of nothing', 'bytes=-5', 0, 'InvalidRange'],
    ['backwards', 'bytes=5-3', 10, whole],
    ['several', 'bytes=0-1,4-5', 10, whole],
    ['of lines', 'lines=0-1', 10, whole],
    ['of nothing at all', 'bytes=-', 10, whole],
    ['with letters', 'bytes=a-b', 10, whole],
  ] as const)('%s: %s', (_name, header, size, expected) => {
    expect(outcome(() => parseRange(header, size))).toEqual(expected);
  });

  it.each([
    ['all', undefined, whole],
    ['some', 'bytes=2-4', bytes(2, 4)],
    ['to the last', 'bytes=0-9', bytes(0, 9)],
    ['beyond the end', 'bytes=0-10', 'InvalidArgument'],
    ['open', 'bytes=2-', 'InvalidArgument'],
    ['backwards', 'bytes=4-2', 'InvalidArgument'],
  ] as const)('of a copied part: %s', (_name, header, expected) => {
    expect(outcome(() => parseCopyRange(header, 10))).toEqual(expected);
  });

  it.each([
    ['the first part', 1, { size: 10, partSizes: [6, 4] }, bytes(0, 5)],
    ['the second part', 2, { size: 10, partSizes: [6, 4] }, bytes(6, 9)],
    ['a third part', 3, { size: 10, partSizes: [6, 4] }, 'InvalidPartNumber'],
    ['of what was put at once', 1, { size: 10 }, bytes(0, 9)],
    ['of nothing', 1, { size: 0 }, bytes(0, -1)],
    ['an empty last part', 2, { size: 6, partSizes: [6, 0] }, bytes(6, 5)],
    ['part 0', 0, { size: 10 }, 'InvalidArgument'],
  ] as const)('%s', (_name, partNumber, entry, expected) => {
    expect(outcome(() => partRange(partNumber, entry))).toEqual(expected);
  });
});

describe('conditional requests', () => {
  const entry = { etag: 'abc', lastModifiedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
  const at = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
  const before = new Date(at.getTime() - 1000);
  it.each<[string, ReadConditions, string | undefined]>([
    ['none', {}, undefined],
    ['the ETag', { IfMatch: '"abc"' }, undefined],
    ['the ETag without quotation marks', { IfMatch: 'abc' }, undefined],
    ['one of several', { IfMatch: '"x", "abc"' }, undefined],
    ['any', { IfMatch: '*' }, undefined],
    ['another', { IfMatch: '"x"' }, 'If-Match'],
    ['the ETag counts more than the time', { IfMatch: '"abc"', IfUnmodifiedSince: before }, undefined],
    ['modified since', { IfUnmodifiedSince: before }, 'If-Unmodified-Since'],
    ['not modified since, to the second', { IfUnmodifiedSince: at }, undefined],
    ['known', { IfNoneMatch: '"abc"' }, 'If-None-Match'],
    ['known, as a weak one', { IfNoneMatch: 'W/"abc"' }, 'If-None-Match'],
    ['unknown, and not modified', { IfNoneMatch: '"x"', IfModifiedSince: at }, undefined],
    ['not modified', { IfModifiedSince: at }, 'If-Modified-Since'],
    ['modified', { IfModifiedSince: before }, undefined],
    ['known, though it should match', { IfMatch: '"abc"', IfNoneMatch: '"abc"' }, 'If-None-Match'],
  ])('%s', (_name, conditions, failed) => {
    expect(failedCondition(conditions, entry)).toBe(failed);
  });
});

describe('x-amz-tagging', () => {
  it.each<[string, unknown]>([
    ['', {}],
    ['a=b', { a: 'b' }],
    ['a=b&c=', { a: 'b', c: '' }],
    ['a', { a: '' }],
    ['a+b=c%20d', { 'a b': 'c d' }],
    ['%C3%BC=%E6%B5%81', { ü: '流' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=1&a=2', 'InvalidArgument'],
    ['a=%GG', 'InvalidArgument'],
    ['=b', 'InvalidTag'],
    ['aws:a=b', 'InvalidTag'],
    [`${'k'.repeat(129)}=b`, 'InvalidTag'],
    [`a=${'v'.repeat(257)}`, 'InvalidTag'],
    ['a=%7Bb%7D', 'InvalidTag'],
    [Array.from({ length: 11 }, (_, at) => `k${at}=v`).join('&'), 'BadRequest'],
  ])('%s', (header, expected) => {
    expect(outcome(() => parseTagging(header))).toEqual(expected);
  });
});

it('encoding-type=url writes names as forms do, but slashes', () => {
  expect(urlEncoded("a b/ü+%&=(1)~*!'.txt")).toBe('a+b/%C3%BC%2B%25%26%3D%281%29%7E*%21%27.txt');
});

describe('public policies', () => {
  const of = (statement: object) => JSON.stringify({ Statement: { Effect: 'Allow', ...statement } });
  const everybody = { Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' };
  it.each<[string, object]>([
    ['for everybody', everybody],
    ['for every account', { ...everybody, Principal: { AWS: '*' } }],
    ['for everybody but one', { ...everybody, Principal: undefined, NotPrincipal: { AWS: '1' } }],
    [
      'from anywhere',
      { ...everybody, Condition: { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '0.0.0.0/0'] } } },
    ],
    [
      'for what is like any organization',
      { ...everybody, Condition: { StringLike: { 'aws:PrincipalOrgID': '*' } } },
    ],
    [
      'where the account may be missing',
      { ...everybody, Condition: { StringEqualsIfExists: { 'aws:SourceAccount': '123456789012' } } },
    ],
    ['where anybody may say so', { ...everybody, Condition: { StringEquals: { 'aws:Referer': 'x' } } }],
    [
      'for what is not an account',
      { ...everybody, Condition: { StringNotEquals: { 'aws:SourceAccount': '123456789012' } } },
    ],
    ['of any account', { ...everybody, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:t' } } }],
    [
      'with a variable',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy
      { ...everybody, Condition: { StringEquals: { 'aws:SourceAccount': '${aws:PrincipalAccount}' } } },
    ],
  ])('%s', (_name, statement) => {
    expect(isPublicPolicy(of(statement))).toBe(true);
  });

  it.each<[string, object]>([
    ['denials', { ...everybody, Effect: 'Deny' }],
    ['for an account', { ...everybody, Principal: { AWS: '123456789012' } }],
    ['for a service', { ...everybody, Principal: { Service: 'delivery.logs.amazonaws.com' } }],
    ['from a network', { ...everybody, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    [
      'for an organization',
      { ...everybody, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3' } } },
    ],
    [
      'of one account',
      { ...everybody, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:123456789012:*' } } },
    ],
  ])('not %s', (_name, statement) => {
    expect(isPublicPolicy(of(statement))).toBe(false);
  });
});

describe('lifecycle rules', () => {
  const rule = (more: object) => ({ ID: 'r', Status: 'Enabled' as const, Filter: { Prefix: 'a/' }, ...more });
  it.each<[string, object[]]>([
    ['expiration', [rule({ Expiration: { Days: 1 } })]],
    ['expiration on a day', [rule({ Expiration: { Date: new Date('2027-01-01T00:00:00Z') } })]],
    ['for all', [rule({ Filter: {}, Expiration: { Days: 1 } })]],
    ['the old form', [{ ID: 'r', Status: 'Disabled', Prefix: '', Expiration: { Days: 1 } }]],
    ['to the archive at once', [rule({ Transitions: [{ Days: 0, StorageClass: 'GLACIER' }] })]],
    [
      'down and out',
      [
        rule({
          Transitions: [
            { Days: 30, StorageClass: 'STANDARD_IA' },
            { Days: 90, StorageClass: 'DEEP_ARCHIVE' },
          ],
          Expiration: { Days: 365 },
        }),
      ],
    ],
    ['uploads', [rule({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } })]],
  ])('%s', (_name, rules) => {
    expect(lifecycleRules(rules as never)).toEqual(JSON.parse(JSON.stringify(rules)));
  });

  it('gives rules without an ID one', () => {
    const [first, second] = lifecycleRules([
      { Status: 'Enabled', Filter: {}, Expiration: { Days: 1 } },
      { Status: 'Enabled', Filter: { Prefix: 'x' }, Expiration: { Days: 1 } },
    ]);
    expect(first.ID).toMatch(/^[\w-]{36}$/);
    expect(second.ID).not.toBe(first.ID);
  });

  const expiring = { Expiration: { Days: 1 } };
  const refused: readonly (readonly [string, object[], string])[] = [
    ['none', [], 'MalformedXML'],
    ['too many', Array.from({ length: 1001 }, (_, at) => rule({ ...expiring, ID: `${at}` })), 'MalformedXML'],
    ['the same ID', [rule(expiring), rule(expiring)], 'InvalidArgument'],
    ['a long ID', [rule({ ...expiring, ID: 'x'.repeat(256) })], 'InvalidArgument'],
    ['no action', [rule({})], 'InvalidRequest'],
    ['neither filter nor prefix', [{ Status: 'Enabled', ...expiring }], 'MalformedXML'],
    ['filter and prefix', [rule({ ...expiring, Prefix: 'a' })], 'MalformedXML'],
    [
      'two criteria without And',
      [rule({ ...expiring, Filter: { Prefix: 'a', ObjectSizeLessThan: 1 } })],
      'MalformedXML',
    ],
    ['no day', [rule({ Expiration: { Days: 0 } })], 'InvalidArgument'],
    ['day and date', [rule({ Expiration: { Days: 1, Date: new Date(0) } })], 'MalformedXML'],
    ['not at midnight', [rule({ Expiration: { Date: new Date(1000) } })], 'InvalidArgument'],
    ['no class', [rule({ Transitions: [{ Days: 1 }] })], 'MalformedXML'],
    ['too early', [rule({ Transitions: [{ Days: 29, StorageClass: 'STANDARD_IA' }] })], 'InvalidArgument'],
    [
      'out before down',
      [rule({ Transitions: [{ Days: 5, StorageClass: 'GLACIER' }], Expiration: { Days: 5 } })],
      'InvalidArgument',
    ],
    [
      'the same class twice',
      [
        rule({
          Transitions: [
            { Days: 5, StorageClass: 'GLACIER' },
            { Days: 6, StorageClass: 'GLACIER' },
          ],
        }),
      ],
      'InvalidRequest',
    ],
    ['no days of uploads', [rule({ AbortIncompleteMultipartUpload: {} })], 'InvalidArgument'],
    [
      'uploads by tags',
      [
        rule({
          Filter: { Tag: { Key: 'a', Value: 'b' } },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        }),
      ],
      'InvalidRequest',
    ],
  ];
  it.each(refused)('not %s', (_name, rules, code) => {
    expect(outcome(() => lifecycleRules(rules as never))).toBe(code);
  });
});
