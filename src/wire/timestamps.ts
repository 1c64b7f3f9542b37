import { invariant } from '../fault/index.ts';

/** Times of answers, as actions give them: Dates, ISO 8601 texts, epoch milliseconds. */
export function epochMs(value: unknown): number {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
  invariant(typeof ms === 'number' && Math.abs(ms) <= latestMs, `${String(value)} is a time`);
  return ms;
}

/** The last moment that a Date can be. */
const latestMs = 8.64e15;
const isoText = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
const basicIsoText = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const epochText = /^-?\d{1,15}(?:\.\d{1,9})?$/;

/** A time that a client sent as text: ISO 8601, in UTC where it has no offset, or epoch seconds. */
export function parseTime(text: string): Date | undefined {
  if (epochText.test(text)) return dateOf(Number(text) * 1000);
  const basic = basicIsoText.exec(text);
  const iso = basic ? `${basic.slice(1, 4).join('-')}T${basic.slice(4).join(':')}Z` : text;
  if (!isoText.test(iso)) return undefined;
  const hasTime = iso.includes('T');
  const hasOffset = /(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(10));
  return dateOf(Date.parse(hasTime && !hasOffset ? `${iso}Z` : iso));
}

/** Epoch seconds that a client sent as a number. */
export function timeOfSeconds(seconds: number): Date | undefined {
  return dateOf(Math.round(seconds * 1000));
}

function dateOf(ms: number): Date | undefined {
  return Math.abs(ms) <= latestMs ? new Date(ms) : undefined;
}
