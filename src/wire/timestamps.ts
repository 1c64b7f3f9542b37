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

const httpTime =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2}) \d{2}:\d{2}:\d{2}(?:\.\d{1,3})? GMT$|^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** A time as HTTP's headers have it (RFC 9110, 5.6.7), in any of its forms; or in ISO 8601. */
export function parseHttpTime(text: string): Date | undefined {
  if (!httpTime.test(text)) return isoText.test(text) ? parseTime(text) : undefined;
  return dateOf(Date.parse(text.endsWith('GMT') ? text : `${text} GMT`));
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
export function httpTimeOf(value: unknown): string {
  return new Date(epochMs(value)).toUTCString();
}

const storedTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** In ISO 8601 with milliseconds. Stored times already are what is written. */
export function isoTimeOf(value: unknown): string {
  return typeof value === 'string' && storedTime.test(value) ? value : new Date(epochMs(value)).toISOString();
}
