import { describe, expect, it } from 'vitest';
import { type ObjectName, objectKey, slotOf } from './object-key.ts';

const seconds = (iso: string) => Date.parse(iso) / 1000;
const flowLog: ObjectName['flowLog'] = {
  id: 'fl-1234abcd',
  fileFormat: 'plain-text',
  hiveCompatiblePartitions: false,
  perHourPartition: false,
};

describe('objectKey', () => {
  const file = '123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456';
  const hive = 'AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1';
  it.each([
    {
      name: 'default',
      options: {},
      key: `AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/${file}.log.gz`,
    },
    {
      name: 'per hour',
      options: { perHourPartition: true },
      key: `AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/16/${file}.log.gz`,
    },
    {
      name: 'hive',
      options: { hiveCompatiblePartitions: true },
      key: `${hive}/year=2018/month=06/day=20/${file}.log.gz`,
    },
    {
      name: 'hive, per hour, Parquet',
      options: { hiveCompatiblePartitions: true, perHourPartition: true, fileFormat: 'parquet' as const },
      key: `${hive}/year=2018/month=06/day=20/hour=16/${file}.log.parquet`,
    },
  ])('$name', ({ options, key }) => {
    const name = { accountId: '123456789012', region: 'us-east-1', flowLog: { ...flowLog, ...options } };
    expect(objectKey({ ...name, slot: seconds('2018-06-20T16:20Z'), hash: 'fe123456' })).toBe(key);
  });
});

describe('slotOf', () => {
  it.each([
    { name: 'its first second', end: seconds('2018-06-20T16:20:00Z'), slot: seconds('2018-06-20T16:20:00Z') },
    { name: 'its last second', end: seconds('2018-06-20T16:24:59Z'), slot: seconds('2018-06-20T16:20:00Z') },
    { name: 'before 1970', end: -5, slot: 0 },
    { name: 'an absurd time', end: 1e17, slot: seconds('9999-12-31T23:55:00Z') },
  ])('$name', ({ end, slot }) => {
    expect(slotOf(end)).toBe(slot);
  });
});
