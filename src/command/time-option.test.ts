import { describe, expect, it } from 'vitest';
import { parseDuration, parseTime } from './time-option.ts';

const now = Date.UTC(2026, 0, 31, 12);

describe('parseTime', () => {
  it.each([
    { name: 'now', text: 'now', start: '2026-01-31T12:00:00.000Z', end: '2026-01-31T12:00:00.000Z' },
    { name: 'an hour', text: '1h', start: '2026-01-31T11:00:00.000Z', end: '2026-01-31T11:00:00.000Z' },
    {
      name: 'with a minus',
      text: '-30m',
      start: '2026-01-31T11:30:00.000Z',
      end: '2026-01-31T11:30:00.000Z',
    },
    { name: 'days', text: '2d', start: '2026-01-29T12:00:00.000Z', end: '2026-01-29T12:00:00.000Z' },
    { name: 'a week', text: '1w', start: '2026-01-24T12:00:00.000Z', end: '2026-01-24T12:00:00.000Z' },
    { name: 'a day', text: '2026-01-02', start: '2026-01-02T00:00:00.000Z', end: '2026-01-02T23:59:59.999Z' },
    {
      name: 'a minute',
      text: '2026-01-02T03:04',
      start: '2026-01-02T03:04:00.000Z',
      end: '2026-01-02T03:04:00.999Z',
    },
    {
      name: 'a space for T',
      text: '2026-01-02 03:04:05',
      start: '2026-01-02T03:04:05.000Z',
      end: '2026-01-02T03:04:05.999Z',
    },
    {
      name: 'a zone',
      text: '2026-01-02T03:04:05.5+02:00',
      start: '2026-01-02T01:04:05.500Z',
      end: '2026-01-02T01:04:05.500Z',
    },
    {
      name: 'Unix seconds',
      text: '1700000000',
      start: '2023-11-14T22:13:20.000Z',
      end: '2023-11-14T22:13:20.999Z',
    },
    {
      name: 'Unix milliseconds',
      text: '1700000000123',
      start: '2023-11-14T22:13:20.123Z',
      end: '2023-11-14T22:13:20.123Z',
    },
  ])('reads $name', ({ text, start, end }) => {
    expect(new Date(parseTime('--start', text, now, 'start')).toISOString()).toBe(start);
    expect(new Date(parseTime('--end', text, now, 'end')).toISOString()).toBe(end);
  });

  it.each([
    '',
    'yesterday',
    '1x',
    '2026-13-01',
    '2026-02-31',
    '2026-02-29',
    '2026-1-1',
    '1h ago',
    '12:00',
    '9999999999999999',
  ])('refuses %j', (text) => {
    expect(() => parseTime('--start', text, now, 'start')).toThrow(
      `--start: found ${JSON.stringify(text)}, expected 30m`,
    );
  });
});

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['-1w', 604_800_000],
    ['10', undefined],
  ])('%j', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });
});
