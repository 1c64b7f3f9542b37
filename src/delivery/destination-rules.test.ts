import { describe, expect, it } from 'vitest';
import { ConfigError } from '../fault/index.ts';
import { destinationRuleOf, parseDestinationRules } from './destination-rules.ts';

const where = 'up.json: $.destinations';

function refusal(value: unknown): string {
  try {
    parseDestinationRules(value, where);
  } catch (error) {
    if (error instanceof ConfigError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('destination rules', () => {
  it('are taken as they are', () => {
    const rules = [
      { match: 'arn:aws:s3:::corp-*' },
      {
        match: 'arn:aws:firehose:*',
        endpoint: 'http://127.0.0.1:9000/path',
        region: 'eu-central-1',
        profile: 'corp',
        forcePathStyle: true,
        checksums: 'WHEN_REQUIRED',
      },
    ];
    expect(parseDestinationRules(rules, where)).toEqual(rules);
    expect(parseDestinationRules([], where)).toEqual([]);
  });

  it.each([
    ['what is no list', { match: '*' }, `${where}: found {"match":"*"}, expected a list of`],
    ['what is no object', ['arn:*'], `${where}[0]: found "arn:*", expected an object`],
    ['null', [null], `${where}[0]: found null, expected an object`],
    ['no match', [{}], `${where}[0].match: found nothing, expected an ARN`],
    ['a name', [{ match: 'corp' }], `${where}[0].match: found "corp", expected an ARN`],
    ['an empty pattern', [{ match: '' }], `${where}[0].match: found ""`],
    ['the second', [{ match: '*' }, { match: 1 }], `${where}[1].match: found 1`],
    [
      'an unknown member',
      [{ match: '*', Region: 'x' }],
      `${where}[0].Region: found an unknown member, expected match, endpoint, region, profile, forcePathStyle, checksums`,
    ],
    [
      'another’s member',
      [JSON.parse('{"match":"*","__proto__":1}')],
      `${where}[0].__proto__: found an unknown`,
    ],
    [
      'no URL',
      [{ match: '*', endpoint: 'minio:9000' }],
      `${where}[0].endpoint: found "minio:9000", expected`,
    ],
    ['a secret in a URL', [{ match: '*', endpoint: 'http://a:b@host' }], `${where}[0].endpoint: found`],
    ['no Region', [{ match: '*', region: 'eu central' }], `${where}[0].region: found "eu central", expected`],
    [
      'text for a boolean',
      [{ match: '*', forcePathStyle: 'true' }],
      `${where}[0].forcePathStyle: found "true"`,
    ],
    [
      'other checksums',
      [{ match: '*', checksums: 'ALWAYS' }],
      `${where}[0].checksums: found "ALWAYS", expected "WHEN_SUPPORTED" or "WHEN_REQUIRED"`,
    ],
    ['what is long', [{ match: 'x'.repeat(5000) }], `${where}[0].match: found "xxx`],
  ])('refuse %s', (_, value, sentence) => {
    expect(refusal(value)).toContain(`InvalidConfig: ${sentence}`);
    expect(refusal(value).length).toBeLessThan(600);
  });

  it.each([
    ['itself', 'arn:aws:s3:::a', 'arn:aws:s3:::a', true],
    ['a bucket’s folder by the bucket', 'arn:aws:s3:::a', 'arn:aws:s3:::a/folder/', true],
    ['no longer name', 'arn:aws:s3:::a', 'arn:aws:s3:::ab', false],
    ['*', 'arn:aws:s3:::corp-*', 'arn:aws:s3:::corp-flows/x/', true],
    ['* for nothing', 'arn:aws:s3:::corp*', 'arn:aws:s3:::corp', true],
    ['* within', 'arn:*:s3:::*-logs', 'arn:aws-cn:s3:::my-logs-logs', true],
    ['* within, tried again', '*ab*ab?', 'arn:abxabab', false],
    ['?', 'arn:aws:s3:::a?c', 'arn:aws:s3:::abc', true],
    ['? for nothing', 'arn:aws:s3:::ab?', 'arn:aws:s3:::ab', false],
    ['everything', '*', 'arn:aws:logs:us-east-1:123456789012:log-group:g', true],
    ['no part of it', 'arn:aws:s3', 'arn:aws:s3:::a', false],
    ['points as points', 'arn.aws.s3...a', 'arn:aws:s3:::a', false],
    ['a log group', 'arn:aws:logs:*:log-group:corp/*', 'arn:aws:logs:r:1:log-group:corp/x', true],
  ])('match %s', (_, match, arn, expected) => {
    expect(destinationRuleOf([{ match }], arn) !== undefined).toBe(expected);
  });

  it('count in their order', () => {
    const rules = [{ match: 'arn:aws:s3:::a-*' }, { match: '*', region: 'x' }];
    expect(destinationRuleOf(rules, 'arn:aws:s3:::a-1')).toBe(rules[0]);
    expect(destinationRuleOf(rules, 'arn:aws:s3:::b')).toBe(rules[1]);
  });

  it('are compared in no time, however many stars they have', () => {
    const match = `arn:${'*a'.repeat(500)}b`;
    const begun = performance.now();
    expect(destinationRuleOf([{ match }], `arn:${'a'.repeat(2000)}`)).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
