import { describe, expect, it } from 'vitest';
import { type PolicyUse, parsePolicy } from './policy-rules.ts';
import { checkInlineSize, checkPolicySize, policySize } from './policy-size.ts';

const good = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
const trusting = { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' };

function documentOf(statement: unknown, more: object = {}): string {
  return JSON.stringify({ Version: '2012-10-17', ...more, Statement: statement });
}

function refusal(text: string, use: PolicyUse): string {
  try {
    parsePolicy(text, use);
    return 'taken';
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

describe('policies are taken', () => {
  it.each<[name: string, use: PolicyUse, text: string]>([
    ['a statement', 'identity', documentOf(good)],
    ['a list of them', 'managed', documentOf([good, { ...good, Effect: 'Deny' }])],
    ['the first version, inline', 'identity', documentOf(good, { Version: '2008-10-17' })],
    ['no version, inline', 'identity', JSON.stringify({ Statement: good })],
    ['an id', 'identity', documentOf(good, { Id: 'some id' })],
    [
      'an empty Sid, twice',
      'managed',
      documentOf([
        { ...good, Sid: '' },
        { ...good, Sid: '' },
      ]),
    ],
    ['a wildcard for the partition', 'managed', documentOf({ ...good, Resource: 'arn:*:s3:::a' })],
    [
      'a path of IAM with a variable',
      'managed',
      documentOf({ ...good, Resource: `arn:aws:iam::*:user/\${aws:username}` }),
    ],
    ['all of IAM', 'managed', documentOf({ ...good, Resource: 'arn:aws:iam::123456789012:*' })],
    [
      'numbers and booleans in conditions',
      'managed',
      documentOf({ ...good, Condition: { Bool: { a: true }, NumericEquals: { b: [1, '2'] } } }),
    ],
    [
      'a condition of a set that need not exist',
      'managed',
      documentOf({ ...good, Condition: { 'ForAllValues:StringLikeIfExists': { a: 'b' } } }),
    ],
    ['a session policy', 'session', documentOf(good)],
    ['a bucket policy', 'resource', documentOf({ ...good, Principal: '*', Sid: 'with spaces' })],
    [
      'a Deny with NotPrincipal',
      'resource',
      documentOf({ ...good, Effect: 'Deny', NotPrincipal: { AWS: '123456789012' } }),
    ],
    ['a trust policy', 'trust', documentOf(trusting)],
    [
      'trust in a service, without version',
      'trust',
      JSON.stringify({ Statement: [{ ...trusting, Principal: { Service: 'ec2.amazonaws.com' } }] }),
    ],
    [
      'what else trust policies may allow',
      'trust',
      documentOf({ ...trusting, Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'] }),
    ],
  ])('%s', (_name, use, text) => {
    expect(refusal(text, use)).toBe('taken');
  });
});

describe('policies are refused', () => {
  const syntax = 'Syntax errors in policy.';
  it.each<[name: string, use: PolicyUse, text: string, sentence: string]>([
    ['no JSON', 'managed', 'no json', syntax],
    ['an empty text', 'identity', '', syntax],
    [
      'a member twice',
      'identity',
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}}',
      syntax,
    ],
    ['an unknown version', 'identity', documentOf(good, { Version: '2026-01-01' }), syntax],
    ['a version that is a number', 'identity', documentOf(good, { Version: 2012 }), syntax],
    ['an unknown member', 'identity', documentOf(good, { Extra: 1 }), syntax],
    ['an unknown member of a statement', 'identity', documentOf({ ...good, Extra: 1 }), syntax],
    ['no statement', 'identity', JSON.stringify({ Version: '2012-10-17' }), syntax],
    ['an empty list of statements', 'identity', documentOf([]), syntax],
    ['a statement that is a text', 'identity', documentOf(['x']), syntax],
    ['no effect', 'identity', documentOf({ Action: '*', Resource: '*' }), syntax],
    ['an unknown effect', 'identity', documentOf({ ...good, Effect: 'Maybe' }), syntax],
    [
      'an effect in small letters',
      'identity',
      documentOf({ ...good, Effect: 'allow' }),
      'The policy failed legacy parsing',
    ],
    ['Action and NotAction', 'identity', documentOf({ ...good, NotAction: 's3:*' }), syntax],
    ['Resource and NotResource', 'identity', documentOf({ ...good, NotResource: '*' }), syntax],
    ['an action that is a number', 'identity', documentOf({ ...good, Action: [1] }), syntax],
    ['an unknown operator', 'identity', documentOf({ ...good, Condition: { StringIs: { a: 'b' } } }), syntax],
    [
      'an unknown set',
      'identity',
      documentOf({ ...good, Condition: { 'ForSome:StringEquals': { a: 'b' } } }),
      syntax,
    ],
    [
      'Null that need not exist',
      'identity',
      documentOf({ ...good, Condition: { NullIfExists: { a: 'true' } } }),
      syntax,
    ],
    [
      'a range that is none',
      'identity',
      documentOf({ ...good, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } } }),
      syntax,
    ],
    [
      'a number that is none',
      'identity',
      documentOf({ ...good, Condition: { NumericEquals: { a: 'x' } } }),
      syntax,
    ],
    [
      'a time that is none',
      'identity',
      documentOf({ ...good, Condition: { DateLessThan: { 'aws:CurrentTime': '2026-13-01' } } }),
      'The policy failed legacy parsing',
    ],
    [
      'the first version, managed',
      'managed',
      documentOf(good, { Version: '2008-10-17' }),
      'Policy document must be version 2012-10-17 or greater.',
    ],
    [
      'a Sid twice',
      'managed',
      documentOf([
        { ...good, Sid: 'a' },
        { ...good, Sid: 'a' },
      ]),
      'Statement IDs (SID) in a single policy must be unique.',
    ],
    [
      'a Sid with a space',
      'managed',
      documentOf({ ...good, Sid: 'a b' }),
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    ],
    [
      'no action',
      'managed',
      documentOf({ Effect: 'Allow', Resource: '*' }),
      'Policy statement must contain actions.',
    ],
    [
      'no resource',
      'managed',
      documentOf({ Effect: 'Allow', Action: '*' }),
      'Policy statement must contain resources.',
    ],
    [
      'an empty list of actions',
      'managed',
      documentOf({ ...good, Action: [] }),
      'Policy statement must contain actions.',
    ],
    [
      'an action without vendor',
      'managed',
      documentOf({ ...good, Action: 'ListUsers' }),
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    [
      'an action with two colons',
      'managed',
      documentOf({ ...good, Action: 'a:b:c' }),
      'Actions/Condition can contain only one colon.',
    ],
    [
      'a vendor that cannot be',
      'managed',
      documentOf({ ...good, Action: 'a b:c' }),
      'Vendor a b is not valid',
    ],
    [
      'a resource without ARN',
      'managed',
      documentOf({ ...good, Resource: 'bucket' }),
      'Resource bucket must be in ARN format or "*".',
    ],
    [
      'another partition',
      'managed',
      documentOf({ ...good, Resource: 'arn:aws-cn:s3:::a' }),
      'Partition "aws-cn" is not valid for resource "arn:aws-cn:s3:::a".',
    ],
    [
      'a partition alone',
      'managed',
      documentOf({ ...good, Resource: 'arn:x' }),
      'Partition "x" is not valid for resource "arn:x:*:*:*:*".',
    ],
    [
      'a Region for IAM',
      'managed',
      documentOf({ ...good, Resource: 'arn:aws:iam:eu-west-1:123456789012:user/a' }),
      'IAM resource arn:aws:iam:eu-west-1:123456789012:user/a cannot contain region information.',
    ],
    [
      'a Region for S3',
      'managed',
      documentOf({ ...good, Resource: 'arn:aws:s3:eu-west-1::a' }),
      'Resource arn:aws:s3:eu-west-1::a can not contain region information.',
    ],
    [
      'a principal of an identity',
      'identity',
      documentOf({ ...good, Principal: '*' }),
      'Policy document should not specify a principal.',
    ],
    [
      'a principal of a session',
      'session',
      documentOf({ ...good, NotPrincipal: '*' }),
      'Policy document should not specify a principal.',
    ],
    ['no principal of a resource', 'resource', documentOf(good), 'Missing required field Principal'],
    [
      'everybody but',
      'resource',
      documentOf({ ...good, NotPrincipal: '*' }),
      'Allow with NotPrincipal is not allowed.',
    ],
    ['trust: no JSON', 'trust', '{', 'This policy contains invalid Json'],
    ['trust: no statements', 'trust', documentOf([]), 'Could not parse the policy: Statement is empty!'],
    [
      'trust: no effect',
      'trust',
      documentOf({ Principal: '*', Action: 'sts:AssumeRole' }),
      'Missing required field Effect',
    ],
    [
      'trust: an unknown effect',
      'trust',
      documentOf({ ...trusting, Effect: 'Perhaps' }),
      'Invalid effect: Perhaps',
    ],
    [
      'trust: a resource',
      'trust',
      documentOf({ ...trusting, Resource: '*' }),
      'Has prohibited field Resource',
    ],
    [
      'trust: all resources but',
      'trust',
      documentOf({ ...trusting, NotResource: '*' }),
      'AssumeRole policy must not contain resources.',
    ],
    [
      'trust: no principal',
      'trust',
      documentOf({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
      'Missing required field Principal',
    ],
    [
      'trust: an empty principal',
      'trust',
      documentOf({ ...trusting, Principal: {} }),
      'Missing required field Principal cannot be empty!',
    ],
    [
      'trust: nobody but',
      'trust',
      documentOf({ Effect: 'Deny', NotPrincipal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
      'AssumeRole policy must not contain NotPrincipal field.',
    ],
    [
      'trust: no action',
      'trust',
      documentOf({ Effect: 'Allow', Principal: '*' }),
      'Missing required field Action',
    ],
    [
      'trust: another action',
      'trust',
      documentOf({ ...trusting, Action: 's3:*' }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [
      'trust: a Sid twice',
      'trust',
      documentOf([
        { ...trusting, Sid: 'a' },
        { ...trusting, Sid: 'a' },
      ]),
      'The Statement Ids in the policy are not unique',
    ],
    [
      'trust: an unknown kind of principal',
      'trust',
      documentOf({ ...trusting, Principal: { Group: 'a' } }),
      'Syntax error in policy.',
    ],
  ])('%s', (_name, use, text, sentence) => {
    expect(refusal(text, use)).toBe(`MalformedPolicyDocument: ${sentence}`);
  });
});

describe('sizes of policies', () => {
  it('count no white space', () => {
    expect(policySize('{ "a" :\n\t"b c" }')).toBe(10);
  });

  it('of one identity count together', () => {
    const half = 'x'.repeat(1_024);
    expect(() => checkInlineSize('user', 'ann', [half, half])).not.toThrow();
    expect(() => checkInlineSize('user', 'ann', [half, half, 'x'])).toThrow(
      'Maximum policy size of 2048 bytes exceeded for user ann',
    );
    expect(() => checkInlineSize('role', 'cook', ['x'.repeat(10_240)])).not.toThrow();
    expect(() => checkInlineSize('group', 'crew', ['x'.repeat(5_121)])).toThrow('5120');
  });

  it('of managed and trust policies have quotas', () => {
    expect(() => checkPolicySize('managed', 'x'.repeat(6_145))).toThrow(
      'Cannot exceed quota for PolicySize: 6144',
    );
    expect(() => checkPolicySize('trust', 'x'.repeat(2_049))).toThrow(
      'Cannot exceed quota for ACLSizePerRole: 2048',
    );
  });
});

it('hostile policies take little time', () => {
  const before = performance.now();
  for (const Resource of ['${'.repeat(60_000), `arn:aws:s3:::${'${a'.repeat(40_000)}`, '*'.repeat(120_000)]) {
    refusal(documentOf({ ...good, Resource }), 'managed');
  }
  expect(performance.now() - before).toBeLessThan(500);
});
