import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExpressionTable } from '../../../test/expression-table.ts';
import { runs } from '../../../test/runs.ts';
import type { Period, PeriodUnit } from '../insights/tree.ts';
import { bigint } from '../sql/literal.ts';
import { renderOf } from '../sql/readings.ts';
import { sql } from '../sql/sql.ts';
import { scalar } from '../sql/value.ts';
import { ceilTime, floorTime } from './time-bin.ts';

const fixed = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const caps: Partial<Record<PeriodUnit, number>> = { ms: 1000, s: 60, m: 60, h: 24 };

/** Steps from bin to bin, from one that is known. */
function slowFloor(ms: number, { count, unit }: Period, offsetMs: number): number {
  const capped = Math.min(count, caps[unit] ?? count);
  if (unit in fixed) {
    const width = capped * fixed[unit as keyof typeof fixed];
    const origin = offsetMs + (unit === 'w' ? Date.UTC(1970, 0, 5) : 0);
    return Math.floor((ms - origin) / width) * width + origin;
  }
  const months = capped * { mo: 1, q: 3, y: 12 }[unit as 'mo' | 'q' | 'y'];
  const date = new Date(ms - offsetMs);
  const since = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  return Date.UTC(1970, Math.floor(since / months) * months, 1) + offsetMs;
}

it('bins as stepping through the calendar gives them', async () => {
  const table = await ExpressionTable.over('SELECT 1 AS id', {});
  const whole = async (value: ReturnType<typeof floorTime>): Promise<number> => {
    const [cell] = await table.column(
      sql`SELECT ${renderOf(scalar('integer', value.kind === 'address' ? value.ipv4 : value.sql))}`,
    );
    return Number(cell);
  };
  const unit = fc.constantFrom<PeriodUnit>('ms', 's', 'm', 'h', 'd', 'w', 'mo', 'q', 'y');
  const time = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) });
  const offset = fc.oneof(fc.constant(0), fc.integer({ min: -86_400_000, max: 86_400_000 }));
  const property = fc.asyncProperty(
    time,
    unit,
    fc.integer({ min: 1, max: 90 }),
    offset,
    async (ms, of, count, offsetMs) => {
      const period: Period = { kind: 'period', count, unit: of, range: { start: 0, end: 0 } };
      expect(await whole(floorTime(bigint(ms), period, offsetMs))).toBe(slowFloor(ms, period, offsetMs));
      const floored = slowFloor(ms, period, 0);
      const ceiled = await whole(ceilTime(bigint(ms), period));
      if (floored === ms) expect(ceiled).toBe(ms);
      else
        expect([ceiled > ms, slowFloor(ceiled, period, 0), slowFloor(ceiled - 1, period, 0)]).toEqual([
          true,
          ceiled,
          floored,
        ]);
    },
  );
  await fc.assert(property, { numRuns: runs(80, 600) });
  table.close();
});
