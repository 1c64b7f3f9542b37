import type { PeriodUnit } from './tree.ts';

/** The spellings of each unit; those of several characters also take a plural `s`. */
const spellings: Readonly<Record<PeriodUnit, readonly string[]>> = {
  ms: ['ms', 'msec', 'millisecond'],
  s: ['s', 'sec', 'second'],
  m: ['m', 'min', 'minute'],
  h: ['h', 'hr', 'hour'],
  d: ['d', 'day'],
  w: ['w', 'week'],
  mo: ['mo', 'mon', 'month'],
  q: ['q', 'qtr', 'quarter'],
  y: ['y', 'yr', 'year'],
};

const units: ReadonlyMap<string, PeriodUnit> = new Map(
  (Object.keys(spellings) as PeriodUnit[]).flatMap((unit) =>
    spellings[unit].flatMap((word): [string, PeriodUnit][] =>
      word.length === 1
        ? [[word, unit]]
        : [
            [word, unit],
            [`${word}s`, unit],
          ],
    ),
  ),
);

/** The unit that a word names, in whatever case; undefined when it names none. */
export function periodUnit(word: string): PeriodUnit | undefined {
  return units.get(word.toLowerCase());
}

/** Seconds of the units whose length does not depend on the calendar. */
export const fixedSeconds: Readonly<Partial<Record<PeriodUnit, number>>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};
