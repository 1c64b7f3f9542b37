import { describe, expect, it } from 'vitest';
import type { BucketResource } from './kinds.ts';
import { isUploadOver, type LifecycleRules, lifecycleAction, nextMidnight } from './lifecycle.ts';
import type { ObjectEntry } from './shapes.ts';

type Rule = NonNullable<BucketResource['lifecycle']>[number];

const kibi = 1024;
const created = Date.parse('2020-01-01T10:30:00Z');
const entry: ObjectEntry = {
  key: 'logs/a.gz',
  size: 200 * kibi,
  lastModifiedMs: created,
  etag: 'e',
  storageClass: 'STANDARD',
  tags: { team: 'net', tier: 'hot' },
};
const expire: Rule = { Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 3 } };
const archive = (Days: number, StorageClass: 'GLACIER' | 'DEEP_ARCHIVE' | 'STANDARD_IA'): Rule => ({
  Status: 'Enabled',
  Filter: {},
  Transitions: [{ Days, StorageClass }],
});

const action = (
  rules: readonly Rule[],
  at: string,
  other: Partial<ObjectEntry> = {},
  more: Partial<LifecycleRules> = {},
) => {
  const found = lifecycleAction({ rules, ...more }, { ...entry, ...other }, Date.parse(at));
  return found?.kind === 'transition' ? found.storageClass : found?.kind;
};

describe('lifecycleAction', () => {
  // AWS's example: an object of 1/1/2020 10:30 UTC and three days are over on 1/5/2020 00:00 UTC.
  it.each<
    [what: string, rules: Rule[], at: string, other: Partial<ObjectEntry>, expected: string | undefined]
  >([
    ['before the midnight', [expire], '2020-01-04T23:59:59.999Z', {}, undefined],
    ['at the midnight', [expire], '2020-01-05T00:00:00Z', {}, 'expire'],
    ['disabled', [{ ...expire, Status: 'Disabled' }], '2030-01-01T00:00:00Z', {}, undefined],
    [
      'before the date',
      [{ ...expire, Expiration: { Date: '2025-01-01T00:00:00Z' } }],
      '2024-12-31T23:00:00Z',
      {},
      undefined,
    ],
    [
      'on the date',
      [{ ...expire, Expiration: { Date: '2025-01-01T00:00:00Z' } }],
      '2025-01-01T00:00:00Z',
      {},
      'expire',
    ],
    [
      'no days',
      [{ ...expire, Expiration: { ExpiredObjectDeleteMarker: true } }],
      '2030-01-01T00:00:00Z',
      {},
      undefined,
    ],
    ['prefix', [{ ...expire, Filter: { Prefix: 'logs/' } }], '2030-01-01T00:00:00Z', {}, 'expire'],
    ['another prefix', [{ ...expire, Filter: { Prefix: 'log/' } }], '2030-01-01T00:00:00Z', {}, undefined],
    [
      'legacy prefix',
      [{ Status: 'Enabled', Prefix: 'x', Expiration: { Days: 1 } }],
      '2030-01-01T00:00:00Z',
      {},
      undefined,
    ],
    [
      'tag',
      [{ ...expire, Filter: { Tag: { Key: 'team', Value: 'net' } } }],
      '2030-01-01T00:00:00Z',
      {},
      'expire',
    ],
    [
      'another tag',
      [{ ...expire, Filter: { Tag: { Key: 'team', Value: 'x' } } }],
      '2030-01-01T00:00:00Z',
      {},
      undefined,
    ],
    [
      'a tag that every object of the language has',
      [{ ...expire, Filter: { Tag: { Key: 'constructor', Value: 'x' } } }],
      '2030-01-01T00:00:00Z',
      {},
      undefined,
    ],
    [
      'size',
      [{ ...expire, Filter: { ObjectSizeGreaterThan: 200 * kibi } }],
      '2030-01-01T00:00:00Z',
      {},
      undefined,
    ],
    [
      'larger',
      [{ ...expire, Filter: { ObjectSizeGreaterThan: 200 * kibi - 1 } }],
      '2030-01-01T00:00:00Z',
      {},
      'expire',
    ],
    [
      'smaller',
      [{ ...expire, Filter: { ObjectSizeLessThan: 200 * kibi + 1 } }],
      '2030-01-01T00:00:00Z',
      {},
      'expire',
    ],
    [
      'all of several',
      [
        {
          ...expire,
          Filter: {
            And: {
              Prefix: 'logs/',
              Tags: [
                { Key: 'team', Value: 'net' },
                { Key: 'tier', Value: 'hot' },
              ],
              ObjectSizeLessThan: kibi,
            },
          },
        },
      ],
      '2030-01-01T00:00:00Z',
      { size: 1023 },
      'expire',
    ],
    [
      'one of several is not',
      [
        {
          ...expire,
          Filter: {
            And: {
              Prefix: 'logs/',
              Tags: [
                { Key: 'team', Value: 'net' },
                { Key: 'tier', Value: 'cold' },
              ],
            },
          },
        },
      ],
      '2030-01-01T00:00:00Z',
      {},
      undefined,
    ],
    ['transition', [archive(3, 'GLACIER')], '2020-01-05T00:00:00Z', {}, 'GLACIER'],
    [
      'transition of no days, at the next midnight',
      [archive(0, 'GLACIER')],
      '2020-01-02T00:00:00Z',
      {},
      'GLACIER',
    ],
    ['expiration comes first', [archive(3, 'GLACIER'), expire], '2020-01-05T00:00:00Z', {}, 'expire'],
    [
      'the lowest class',
      [archive(1, 'DEEP_ARCHIVE'), archive(2, 'GLACIER')],
      '2030-01-01T00:00:00Z',
      {},
      'DEEP_ARCHIVE',
    ],
    [
      'never up',
      [archive(1, 'GLACIER')],
      '2030-01-01T00:00:00Z',
      { storageClass: 'DEEP_ARCHIVE' },
      undefined,
    ],
    ['not again', [archive(1, 'GLACIER')], '2030-01-01T00:00:00Z', { storageClass: 'GLACIER' }, undefined],
    ['below 128 KiB', [archive(1, 'GLACIER')], '2030-01-01T00:00:00Z', { size: 128 * kibi - 1 }, undefined],
    ['of 128 KiB', [archive(1, 'GLACIER')], '2030-01-01T00:00:00Z', { size: 128 * kibi }, 'GLACIER'],
    [
      'below, where the rule speaks of sizes',
      [{ ...archive(1, 'GLACIER'), Filter: { ObjectSizeGreaterThan: 1 } }],
      '2030-01-01T00:00:00Z',
      { size: 2 },
      'GLACIER',
    ],
  ])('%s', (_what, rules, at, other, expected) => {
    expect(action(rules, at, other)).toBe(expected);
  });

  it('small objects go to the archive where the bucket says so, but not to other classes', () => {
    const more = { minimumSize: 'varies_by_storage_class' } as const;
    expect(action([archive(1, 'GLACIER')], '2030-01-01T00:00:00Z', { size: 1 }, more)).toBe('GLACIER');
    expect(action([archive(1, 'STANDARD_IA')], '2030-01-01T00:00:00Z', { size: 1 }, more)).toBeUndefined();
  });
});

describe('isUploadOver', () => {
  const rule: Rule = {
    Status: 'Enabled',
    Filter: { Prefix: 'a' },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  };
  it.each([
    ['before', 'a', '2020-01-02T23:59:59Z', false],
    ['after', 'a', '2020-01-03T00:00:00Z', true],
    ['another prefix', 'b', '2020-01-03T00:00:00Z', false],
  ])('%s', (_what, key, at, expected) => {
    expect(isUploadOver({ rules: [rule] }, { key, initiatedMs: created }, Date.parse(at))).toBe(expected);
    expect(
      isUploadOver(
        { rules: [{ ...rule, Status: 'Disabled' }] },
        { key, initiatedMs: created },
        Date.parse(at),
      ),
    ).toBe(false);
  });
});

describe('nextMidnight', () => {
  it('of a midnight is the next one', () => {
    expect(new Date(nextMidnight(Date.parse('2020-01-01T00:00:00Z'))).toISOString()).toBe(
      '2020-01-02T00:00:00.000Z',
    );
  });
});
