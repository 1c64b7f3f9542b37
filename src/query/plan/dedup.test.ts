import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { type ScanEvent, ScanTables, startMs } from '../../../test/scan-tables.ts';
import { parseLogFormat } from '../../record/log-format.ts';

const format = parseLogFormat('$' + '{srcaddr} $' + '{dstport}');
const tokens = ['srcAddr', 'dstPort'] as const;

interface Event {
  readonly timestamp: number;
  readonly ingestion: number;
  readonly format: number;
  readonly tokens: readonly [string, string];
}

const event: fc.Arbitrary<Event> = fc.record({
  timestamp: fc.integer({ min: 0, max: 3 }).map((second) => startMs + second * 1000),
  ingestion: fc.integer({ min: 0, max: 2 }).map((second) => startMs + 60_000 + second),
  format: fc.constant(1),
  tokens: fc.tuple(fc.constantFrom('10.0.0.1', '10.0.0.2', '-'), fc.constantFrom('22', '443', '-')),
});

/** As the reference has it: in order, what was not there before. */
function firsts(events: readonly Event[], names: readonly string[], ascending: boolean): number[] {
  const places = events
    .map((_, id) => id)
    .sort((a, b) => {
      const time = events[a].timestamp - events[b].timestamp;
      if (time !== 0) return ascending ? time : -time;
      return events[b].ingestion - events[a].ingestion || b - a;
    });
  const seen = new Set<string>();
  return places.filter((id) => {
    const key = names.map((name) => events[id].tokens[tokens.indexOf(name as 'srcAddr')]).join(' ');
    return !seen.has(key) && seen.add(key);
  });
}

describe('dedup keeps the first event of each combination', () => {
  it.each([
    { name: 'newest first', sort: '', ascending: false },
    { name: 'sorted by time', sort: 'sort @timestamp desc | ', ascending: false },
    { name: 'oldest first', sort: 'sort @timestamp | ', ascending: true },
    {
      name: 'where the order is of a computed time',
      sort: 'sort toMillis(@timestamp) desc | ',
      ascending: false,
    },
  ])('$name', async ({ sort, ascending }) => {
    const names = fc.constantFrom(['srcAddr'], ['dstPort'], ['srcAddr', 'dstPort'], ['dstPort', 'srcAddr']);
    const limit = fc.constantFrom(1, 2, 100);
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 14 }), names, limit, async (events, by, most) => {
        const tables = await ScanTables.open(events as readonly ScanEvent[], 'columns', {
          formats: [format],
        });
        const query = `${sort}dedup ${by.join(', ')} | limit ${most}`;
        const rows = await tables.ask(`display @ptr as place | ${query}`);
        const ids = rows.map(([place]) => Number(atob(place ?? '').split(':')[1]));
        expect(ids, query).toEqual(firsts(events, by, ascending).slice(0, most));
        tables.close();
      }),
      { numRuns: runs(4, 40) },
    );
  });
});
