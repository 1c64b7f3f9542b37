import { describe, expect, it } from 'vitest';
import { objectName } from './object-name.ts';
import { type ErrorOutputType, ObjectPrefixes, type Prefixes } from './prefix-expression.ts';
import { TimestampFormat } from './timestamp-format.ts';

/** 2018-08-30T02:07:05.042Z, a Thursday */
const arrivedMs = Date.UTC(2018, 7, 30, 2, 7, 5, 42);
const evaluated = (prefixes: Prefixes, errorOutputType?: ErrorOutputType, timeZone = 'UTC') =>
  new ObjectPrefixes(prefixes).of({
    arrivedMs,
    timeZone,
    randomString: () => '046b6c7f-0b',
    ...(errorOutputType && { errorOutputType }),
  });

describe('prefixes', () => {
  it.each<[string, Prefixes, string, string]>([
    ['are hours without one', {}, '2018/08/30/02/', 'processing-failed/2018/08/30/02/'],
    ['have hours after them', { Prefix: 'my/' }, 'my/2018/08/30/02/', 'my/processing-failed/2018/08/30/02/'],
    [
      'of failed records are their own',
      { ErrorOutputPrefix: 'failures/!{firehose:error-output-type}/' },
      '2018/08/30/02/',
      'failures/processing-failed/',
    ],
    [
      'of failed records without expressions have what failed and hours after them',
      { ErrorOutputPrefix: 'failures/' },
      '2018/08/30/02/',
      'failures/processing-failed/2018/08/30/02/',
    ],
    [
      'are evaluated',
      {
        Prefix: "a/year=!{timestamp:yyyy}/rand=!{firehose:random-string}/!{timestamp:'day 'dd}/",
        ErrorOutputPrefix: 'e/!{firehose:error-output-type}/!{timestamp:yyyy}/any/!{timestamp:dd}',
      },
      'a/year=2018/rand=046b6c7f-0b/day 30/',
      'e/processing-failed/2018/any/30',
    ],
    [
      'with nothing but something random have hours',
      { Prefix: 'r!{firehose:random-string}/', ErrorOutputPrefix: '!{firehose:error-output-type}' },
      'r046b6c7f-0b/2018/08/30/02/',
      'processing-failed',
    ],
  ])('%s', (_, prefixes, prefix, errorPrefix) => {
    expect(evaluated(prefixes)).toBe(prefix);
    expect(evaluated(prefixes, 'processing-failed')).toBe(errorPrefix);
  });

  it('are of the time zone', () => {
    expect(evaluated({}, undefined, 'Asia/Kolkata')).toBe('2018/08/30/07/');
    expect(evaluated({}, undefined, 'America/Los_Angeles')).toBe('2018/08/29/19/');
  });

  it.each<[string, Prefixes, string]>([
    [
      'without a place for errors',
      { Prefix: '!{timestamp:yyyy}' },
      'ErrorOutputPrefix cannot be null or empty',
    ],
    [
      'without the type of error',
      { ErrorOutputPrefix: '!{timestamp:yyyy}' },
      'must contain at least one instance',
    ],
    [
      'with errors among the others',
      { Prefix: '!{firehose:error-output-type}', ErrorOutputPrefix: 'e' },
      'Prefix cannot',
    ],
    ['that never end', { Prefix: 'a!{timestamp:yyyy', ErrorOutputPrefix: 'e' }, 'can only appear in'],
    ['of no namespace', { Prefix: '!{nothing}', ErrorOutputPrefix: 'e' }, 'not a valid expression'],
    ['of an unknown value', { Prefix: '!{firehose:name}', ErrorOutputPrefix: 'e' }, 'not a valid expression'],
    [
      'that partition',
      { Prefix: '!{partitionKeyFromQuery:a}', ErrorOutputPrefix: 'e' },
      'dynamic partitioning',
    ],
    [
      'with letters that mean nothing',
      { Prefix: '!{timestamp:bbb}', ErrorOutputPrefix: 'e' },
      'timestamp pattern',
    ],
    ['with a quote left open', { Prefix: "!{timestamp:yyyy'}", ErrorOutputPrefix: 'e' }, 'timestamp pattern'],
    ['that are too long', { Prefix: 'x'.repeat(510) }, '512'],
    ['that no key has room for', { Prefix: '漢'.repeat(254) }, '760 bytes'],
  ])('%s are refused', (_, prefixes, sentence) => {
    expect(() => new ObjectPrefixes(prefixes)).toThrow(sentence);
  });
});

describe('timestamps', () => {
  it.each([
    ['yyyy/MM/dd/HH', '2018/08/30/02'],
    ['YYYY-ww', '2018-35'],
    ['yy M d H', '18 8 30 2'],
    ['DDD', '242'],
    ['EEE, d MMM uuuu', 'Thu, 30 Aug 2018'],
    ['EEEE MMMM', 'Thursday August'],
    ['hh:mm:ss.SSS a', '02:07:05.042 AM'],
    ["''yyyy''''", "'2018'"],
    ["'it''s' Q", "it's 3"],
    ['HHmmX xxx Z VV', '0207Z +00:00 +0000 UTC'],
  ])('%s', (pattern, text) => {
    expect(new TimestampFormat(pattern).at(arrivedMs, 'UTC')).toBe(text);
  });

  it('count the weeks of a year from the Sunday before its first day', () => {
    const week = (...date: [number, number, number]) =>
      new TimestampFormat('YYYY w').at(Date.UTC(...date), 'UTC');
    expect(week(2018, 11, 29)).toBe('2018 52');
    expect(week(2018, 11, 30)).toBe('2019 1');
    expect(week(2019, 0, 6)).toBe('2019 2');
  });
});

describe('names of objects', () => {
  const request = {
    prefixes: {},
    streamName: 'flows',
    versionId: '3',
    arrivedMs,
    seed: 'buffer',
    extension: '.gz',
  };

  it('are the same again for the same object', () => {
    expect(objectName(request)).toMatch(
      /^2018\/08\/30\/02\/flows-3-2018-08-30-02-07-05-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.gz$/,
    );
    expect(objectName(request)).toBe(objectName(request));
    expect(objectName({ ...request, seed: 'another' })).not.toBe(objectName(request));
  });

  it('are random where they shall be, each time', () => {
    const prefixes = {
      Prefix: '!{firehose:random-string}/!{firehose:random-string}/',
      ErrorOutputPrefix: '!{firehose:error-output-type}/',
    };
    const [one, two] = objectName({ ...request, prefixes }).split('/');
    expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{2}$/);
    expect(two).not.toBe(one);
  });
});
