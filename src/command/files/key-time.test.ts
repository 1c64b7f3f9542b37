import { describe, expect, it } from 'vitest';
import { mayHoldEvents } from './key-time.ts';

const noon = Date.UTC(2026, 2, 15, 12);
const hourMs = 3_600_000;
const range = { startMs: noon, endMs: noon + hourMs };
const plain = '/b/AWSLogs/123456789012/vpcflowlogs/us-east-1';
const hive = '/b/AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1';
const object = '123456789012_vpcflowlogs_us-east-1_fl-1234abcd';

describe('mayHoldEvents', () => {
  it.each([
    { name: 'the day', path: `${plain}/2026/03/15`, expected: true },
    { name: 'the day before', path: `${plain}/2026/03/14`, expected: false },
    { name: 'the day after', path: `${plain}/2026/03/16`, expected: false },
    { name: 'the month', path: `${plain}/2026/03`, expected: true },
    { name: 'another month', path: `${plain}/2026/04`, expected: false },
    { name: 'the year', path: `${plain}/2026`, expected: true },
    { name: 'another year', path: `${plain}/2025`, expected: false },
    { name: 'the hour', path: `${plain}/2026/03/15/12`, expected: true },
    {
      name: 'an hour that ends as the range begins, for slack',
      path: `${plain}/2026/03/15/11`,
      expected: true,
    },
    { name: 'an earlier hour', path: `${plain}/2026/03/15/10`, expected: false },
    { name: 'a Hive day', path: `${hive}/year=2026/month=03/day=15`, expected: true },
    { name: 'another Hive day', path: `${hive}/year=2026/month=03/day=16`, expected: false },
    { name: 'another Hive hour', path: `${hive}/year=2026/month=03/day=15/hour=20`, expected: false },
    {
      name: 'an object',
      path: `${plain}/2026/03/15/${object}_20260315T1230Z_fe123456.log.gz`,
      expected: true,
    },
    {
      name: 'an object of another time in the same day',
      path: `${plain}/2026/03/15/${object}_20260315T1500Z_fe123456.log.gz`,
      expected: false,
    },
    { name: 'a folder above', path: '/b/AWSLogs/123456789012', expected: true },
    { name: 'a folder that is no bucket', path: '/logs/2020/01/01/a.log', expected: true },
    {
      name: 'a day of a bucket in a folder that looks like a year',
      path: `/2020/01/01${plain}/2026/03/15`,
      expected: true,
    },
  ])('$name: $expected', ({ path, expected }) => {
    expect(mayHoldEvents(path, range)).toBe(expected);
  });

  it('takes everything in a range without ends', () => {
    const all = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
    expect(mayHoldEvents(`${plain}/2026/03/15`, all)).toBe(true);
  });
});
