import { describe, expect, it } from 'vitest';
import { fieldOf, fields } from './fields.ts';

const aws = fields.filter(({ origin }) => origin === 'aws');

describe('fields', () => {
  it.each([
    { version: 2, count: 14 },
    { version: 3, count: 21 },
    { version: 4, count: 25 },
    { version: 5, count: 29 },
    { version: 7, count: 39 },
    { version: 8, count: 40 },
    { version: 9, count: 41 },
    { version: 10, count: 42 },
    { version: 11, count: 54 },
  ])('up to version $version there are $count', ({ version, count }) => {
    expect(aws.filter((field) => field.version <= version)).toHaveLength(count);
  });

  it('spells each field in its own way, once', () => {
    for (const spelling of ['token', 'property', 'column', 'insights'] as const) {
      expect(new Set(fields.map((field) => field[spelling])).size).toBe(fields.length);
    }
  });

  it.each([
    { token: 'version', property: 'version', column: 'version', insights: 'version' },
    { token: 'account-id', property: 'accountId', column: 'account_id', insights: 'accountId' },
    { token: 'srcaddr', property: 'srcaddr', column: 'srcaddr', insights: 'srcAddr' },
    { token: 'dstport', property: 'dstport', column: 'dstport', insights: 'dstPort' },
    { token: 'end', property: 'end', column: 'end', insights: 'endTime' },
    { token: 'pkt-dstaddr', property: 'pktDstaddr', column: 'pkt_dstaddr', insights: 'pktDstAddr' },
    {
      token: 'pkt-src-aws-service',
      property: 'pktSrcAwsService',
      column: 'pkt_src_aws_service',
      insights: 'pktSrcAwsService',
    },
    { token: 'instance-tag-2', property: 'instanceTag2', column: 'instance_tag_2', insights: 'instanceTag2' },
    { token: 'decided-by', property: 'decidedBy', column: 'decided_by', insights: 'decidedBy' },
  ])('$token', (spellings) => {
    expect(fieldOf(spellings.token)).toMatchObject(spellings);
  });

  it('has the types of AWS’s Parquet files', () => {
    const tokens = (type: string) => aws.filter((field) => field.type === type).map(({ token }) => token);
    expect(tokens('int32')).toEqual([
      'version',
      'srcport',
      'dstport',
      'protocol',
      'tcp-flags',
      'traffic-path',
      'encryption-status',
    ]);
    expect(tokens('int64')).toEqual(['packets', 'bytes', 'start', 'end']);
  });

  it('says why of every field that is never computed', () => {
    for (const field of fields) {
      if (field.computed === 'never') expect(field.missing, field.token).toBeDefined();
      expect(field.meaning).not.toMatch(/\.$/);
    }
  });

  it('knows no other name', () => {
    expect(fieldOf('srcAddr')).toBeUndefined();
    expect(fieldOf('constructor')).toBeUndefined();
  });
});
