import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Drop, type RowBatch, Store, type StoredEvent } from '../src/store/index.ts';
import { runs } from './runs.ts';
import { type BatchPlan, baseMs, hourMs, messagesOf, names, randomBatch, randomOf } from './store-rows.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const scripts = runs(4, 40);
/** A step takes a tenth of a second; so much where others use the processors too. */
const stepMs = 30_000;

type Event = StoredEvent & { readonly group: number };

/** The store as a list of events. */
class Model {
  events: Event[] = [];
  #nextId = 1;

  add(batches: readonly RowBatch[]): void {
    for (const batch of batches) {
      const messages = messagesOf(batch);
      for (const [row, timestampMs] of batch.timestampsMs.entries()) {
        const { group, ingestionMs } = batch;
        const stream = typeof batch.stream === 'number' ? batch.stream : batch.stream[row];
        this.events.push({
          group,
          stream,
          timestampMs,
          ingestionMs,
          id: this.#nextId++,
          message: messages[row],
        });
      }
    }
  }

  drop(drop: Drop): void {
    this.events = this.events.filter(
      (event) =>
        event.group !== drop.group ||
        ('stream' in drop && event.stream !== drop.stream) ||
        ('beforeMs' in drop && event.timestampMs >= drop.beforeMs),
    );
  }

  read(group: number, startMs: number, endMs: number, streams?: readonly number[]): Event[] {
    return this.events
      .filter((event) => event.group === group && event.timestampMs >= startMs && event.timestampMs <= endMs)
      .filter(({ stream }) => !streams || streams.includes(stream))
      .sort((a, b) => a.timestampMs - b.timestampMs || a.ingestionMs - b.ingestionMs || a.id - b.id);
  }
}

const groups = fc.integer({ min: 1, max: 3 });
const plans: fc.Arbitrary<BatchPlan> = fc
  .record({
    group: groups,
    stream: fc.integer({ min: 0, max: 2 }),
    isMixed: fc.boolean(),
    rows: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) },
      fc.constantFrom(0, 2048, 2049, 5000),
    ),
    fromMs: fc.integer({ min: -2, max: 3 }).map((hours) => baseMs + hours * hourMs),
    spanMs: fc.constantFrom(0, 1000, hourMs - 1, 3 * hourMs),
    kind: fc.constantFrom('records 1', 'records 2', 'text of records', 'text'),
  })
  .map((plan) => ({ ...plan, stream: plan.group * 10 + plan.stream }));

const drops: fc.Arbitrary<Drop> = fc.oneof(
  groups.map((group) => ({ group })),
  fc.tuple(groups, fc.integer({ min: 0, max: 2 })).map(([group, n]) => ({ group, stream: group * 10 + n })),
  fc
    .tuple(groups, fc.integer({ min: -3 * hourMs, max: 4 * hourMs }))
    .map(([group, afterMs]) => ({ group, beforeMs: baseMs + afterMs })),
);

type Step =
  | { readonly commit: readonly BatchPlan[] }
  | { readonly drop: Drop }
  | { readonly do: 'flush' | 'reopen' | 'together' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.array(plans, { minLength: 1, maxLength: 3 }).map((commit) => ({ commit })) },
  { weight: 1, arbitrary: drops.map((drop) => ({ drop })) },
  { weight: 3, arbitrary: fc.constantFrom('flush', 'reopen', 'together').map((what) => ({ do: what })) },
);

/** Names the step that hangs: the runner only knows of the whole test. */
async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs`)), stepMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function play(seed: number, script: readonly Step[]): Promise<void> {
  const directory = path.join(folder, String(count++));
  const reported: string[] = [];
  const open = () =>
    inTime(
      'open',
      Store.open({
        directory,
        macros: [],
        recentRows: 3000,
        clock: () => baseMs + 5 * hourMs,
        report: (sentence) => reported.push(sentence),
      }),
    );
  const random = randomOf(seed);
  const model = new Model();
  let store = await open();
  await store.commit({ documents: names });
  for (const step of script) {
    if ('commit' in step) {
      const rows = step.commit.map((plan) => randomBatch(plan, random));
      await inTime('commit', store.commit({ rows }));
      model.add(rows);
    } else if ('drop' in step) {
      await inTime('drop', store.commit({ drop: [step.drop] }));
      model.drop(step.drop);
    } else if (step.do === 'flush') await inTime('flush', store.flush());
    else if (step.do === 'together') await inTime('together', together(store, model, random));
    else if (step.do === 'reopen') {
      await inTime('close', store.close());
      store = await open();
    }
    await inTime('reading', compare(store, model, random));
  }
  // What failed is left open: closing may hang for the same reason, and would be what is told.
  await inTime('the last close', store.close());
  rmSync(directory, { recursive: true, force: true });
  expect(reported).toEqual([]);
}

/** Rows move while they are read. */
async function together(store: Store, model: Model, random: (below: number) => number): Promise<void> {
  const moved = store.flush();
  await Promise.all([compare(store, model, random), compare(store, model, random), moved]);
}

async function compare(store: Store, model: Model, random: (below: number) => number): Promise<void> {
  const group = 1 + random(3);
  const [startMs, endMs] = [baseMs - 3 * hourMs + random(2 * hourMs), baseMs + random(6 * hourMs)];
  const streams = random(2) === 0 ? [group * 10, group * 10 + 2] : undefined;
  await comparePages(store, model, { group, startMs, endMs, ...(streams ? { streams } : {}) }, random);
  await compareScan(store, model, startMs, endMs);
  for (const number of [1, 2, 3]) {
    const { rows } = store.groupSummary(number);
    const least = model.read(number, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).length;
    expect(rows).toBeGreaterThanOrEqual(least);
  }
}

interface Pages {
  readonly group: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly streams?: readonly number[];
}

async function comparePages(store: Store, model: Model, range: Pages, random: (below: number) => number) {
  const expected = model.read(range.group, range.startMs, range.endMs, range.streams);
  const descending = random(2) === 0;
  const limit = Math.max(7, Math.ceil(expected.length / 3));
  const found: StoredEvent[] = [];
  for (;;) {
    const after = found.at(-1);
    const page = await store.readEvents({ ...range, descending, limit, ...(after ? { after } : {}) });
    found.push(...page);
    if (page.length < limit) break;
  }
  if (descending) found.reverse();
  expect(found).toEqual(expected.map(({ group: _, ...event }) => event));
}

async function compareScan(store: Store, model: Model, startMs: number, endMs: number): Promise<void> {
  const answer = await store.run({
    scans: [
      {
        name: 'scan_0',
        groups: [1, 3],
        startMs,
        endMs,
        columns: ['id', 'log_group', 'log_stream', 'message'],
      },
    ],
    lookups: [],
    sql: 'SELECT id::VARCHAR, log_group, log_stream, message FROM scan_0 ORDER BY id',
    parameters: [],
    columns: ['id', '@log', '@logStream', '@message'],
    hasPointer: false,
  });
  const expected = [1, 3]
    .flatMap((group) => model.read(group, startMs, endMs))
    .sort((a, b) => a.id - b.id)
    .map(({ id, group, stream, message }) => [
      String(id),
      `123456789012:group-${group}`,
      `stream 'of' ${group}/${stream % 10}`,
      message,
    ]);
  expect(answer.rows).toEqual(expected);
  expect(answer.statistics.recordsScanned).toBe(expected.length);
}

describe('the store', () => {
  it(
    'is a list of events, whatever moves, goes, or is opened anew',
    async () => {
      const property = fc.asyncProperty(fc.integer(), fc.array(steps, { minLength: 1, maxLength: 12 }), play);
      // Shrinking takes hundreds of runs: the test would be out of time before it said what had failed.
      await fc.assert(property, { numRuns: scripts, endOnFailure: true });
    },
    60_000 + scripts * 10_000,
  );
});
