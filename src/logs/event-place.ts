import type { EventCursor } from '../store/index.ts';
import { errors } from './errors.ts';

/**
 * An event's place in the order of all, as a number of 56 digits like AWS's: 1, timestamp (15), ingestion time (16)
 * and id (24). The order of these texts is the order of the events.
 */
export function eventId({ timestampMs, ingestionMs, id }: EventCursor): string {
  return `1${digits(timestampMs, 15)}${digits(ingestionMs, 16)}${digits(id, 24)}`;
}

function digits(number: number, length: number): string {
  return String(Math.max(0, number)).padStart(length, '0');
}

/** @throws ServiceError when the text is no event id */
export function cursorOf(text: string): EventCursor {
  if (!/^1[0-9]{55}$/.test(text)) throw errors.badToken();
  return {
    timestampMs: Number(text.slice(1, 16)),
    ingestionMs: Number(text.slice(16, 32)),
    id: Number(text.slice(32)),
  };
}
