/** After every event: the greatest time that JavaScript's dates have. */
export const lastMoment = 8_640_000_000_000_000;

/** The last millisecond of the year 9999: no event is later, so that every date has four digits for its year. */
export const lastEventMoment = 253_402_300_799_999;

/** The time of an event; that of its arrival where what it says is no time that an event can have. */
export function eventTime(timeMs: number, ingestionMs: number): number {
  return timeMs >= 0 && timeMs <= lastEventMoment ? Math.trunc(timeMs) : ingestionMs;
}
