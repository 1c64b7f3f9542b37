import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FlowRows, float64, outcomeBits, packKind, rowFloat64s, rowWords, word } from './flow-row.ts';
import { FlowTable } from './flow-table.ts';

interface Key {
  /** A small number that stands for an address; in IPv6 it is in the upper words. */
  readonly host: number;
  readonly family: 4 | 6;
  readonly window: number;
}

function setKey(table: FlowTable, { host, family, window }: Key): void {
  table.key.fill(0);
  table.key[family === 6 ? 0 : 3] = host;
  table.key[word.kind] = packKind(6, family, 0, 0, 0);
  table.key[word.window] = window;
}

/** Inserts a row with this verdict, as the meter does. */
function insert(
  table: FlowTable,
  key: Key,
  cause: number,
  outcome: number,
  lastMs: number,
  packets: number,
): number {
  setKey(table, key);
  expect(table.findSame(cause, outcome)).toBe(-1);
  const slot = table.insert();
  table.words[slot * rowWords + word.cause] = cause;
  table.words[slot * rowWords + word.outcome] = outcome;
  table.floats[slot * rowFloat64s + float64.lastMs] = lastMs;
  table.floats[slot * rowFloat64s + float64.packets] = packets;
  return slot;
}

interface Row {
  readonly key: Key;
  readonly cause: number;
  readonly outcome: number;
  readonly lastMs: number;
  readonly packets: number;
}

function contents({ count, words, floats }: FlowRows): Row[] {
  return Array.from({ length: count }, (_, slot) => {
    const base = slot * rowWords;
    const family = words[base + word.kind] & 0x100 ? 6 : 4;
    return {
      key: { host: words[base + (family === 6 ? 0 : 3)], family, window: words[base + word.window] },
      cause: words[base + word.cause],
      outcome: words[base + word.outcome],
      lastMs: floats[slot * rowFloat64s + float64.lastMs],
      packets: floats[slot * rowFloat64s + float64.packets],
    };
  });
}

const { accepted } = outcomeBits;
const key: Key = { host: 1, family: 4, window: 5 };

describe('FlowTable', () => {
  it('finds what was inserted, and nothing else', () => {
    const table = new FlowTable(8);
    setKey(table, key);
    expect(table.find()).toBe(-1);
    const slot = insert(table, key, 0, accepted, 0, 1);
    expect(table.find()).toBe(slot);
    setKey(table, { ...key, window: 6 });
    expect(table.find()).toBe(-1);
  });

  it('hands out rows that begin with counters at 0, whatever lay there before', () => {
    const table = new FlowTable(1);
    table.words.fill(7);
    const slot = (() => {
      setKey(table, key);
      table.find();
      return table.insert();
    })();
    expect([...table.words.subarray(12, rowWords)]).toEqual(new Array(rowWords - 12).fill(0));
    expect(table.floats[slot * rowFloat64s + float64.packets]).toBe(0);
  });

  it('keeps a row for each verdict, the latest one current', () => {
    const table = new FlowTable(8);
    const first = insert(table, key, 1, accepted, 0, 1);
    const second = insert(table, key, 2, 0, 0, 1);
    expect(table.find()).toBe(second);
    expect(table.switchTo(1, accepted)).toBe(first);
    expect(table.find()).toBe(first);
    expect(table.switchTo(3, 0)).toBe(-1);
    expect(table.find()).toBe(first);
    expect(table.findSame(2, 0)).toBe(second);
  });

  it('does not tell verdicts apart by TCP flags', () => {
    const table = new FlowTable(8);
    const slot = insert(table, key, 1, accepted | 18, 0, 1);
    expect(table.findSame(1, accepted | 3)).toBe(slot);
  });

  it('takes the rows of windows that are over', () => {
    const table = new FlowTable(8);
    for (const window of [5, 6, 5, 7]) insert(table, { host: table.count, family: 4, window }, 0, 0, 0, 1);
    expect(contents(table.takeBefore(7)).map(({ key: { window } }) => window)).toEqual([5, 6, 5]);
    expect(table.takeBefore(7).count).toBe(0);
    expect(contents(table.takeAll()).map(({ key: { window } }) => window)).toEqual([7]);
    expect(table.count).toBe(0);
  });

  it('takes about half of a full table, those that were idle longest', () => {
    const table = new FlowTable(1000);
    for (let i = 0; i < 1000; i++) insert(table, { ...key, host: i }, 0, 0, (i * 7919) % 1000, 1);
    expect(table.isFull).toBe(true);
    const taken = contents(table.takeIdle());
    expect(taken.length).toBe(501);
    expect(Math.max(...taken.map(({ lastMs }) => lastMs))).toBe(500);
    expect(table.count).toBe(499);
  });

  it('takes all when all are equally idle', () => {
    const table = new FlowTable(2);
    insert(table, key, 0, 0, 9, 1);
    insert(table, key, 1, 0, 9, 1);
    expect(table.takeIdle().count).toBe(2);
    expect(table.isFull).toBe(false);
  });
});

/** The obvious table: a list of rows by age, and of each key the rows with the current one first. */
class ModelTable {
  rows: Row[] = [];
  readonly #orders = new Map<string, Row[]>();

  static keyText({ host, family, window }: Key): string {
    return `${host} ${family} ${window}`;
  }

  order(wanted: Key): Row[] {
    const text = ModelTable.keyText(wanted);
    const known = this.#orders.get(text);
    if (known) return known;
    const order: Row[] = [];
    this.#orders.set(text, order);
    return order;
  }

  current(wanted: Key): Row | undefined {
    return this.order(wanted)[0];
  }

  /** Exchanges the current row with the one of this verdict. */
  findSame(wanted: Key, cause: number, outcome: number): Row | undefined {
    const order = this.order(wanted);
    const at = order.findIndex((row) => row.cause === cause && row.outcome === outcome);
    if (at > 0) [order[0], order[at]] = [order[at], order[0]];
    return order[0] && at >= 0 ? order[0] : undefined;
  }

  insert(row: Row): void {
    this.rows.push(row);
    const order = this.order(row.key);
    order.push(row);
    [order[0], order[order.length - 1]] = [order[order.length - 1], order[0]];
  }

  /** What stays is in the order of age again. */
  take(wanted: (row: Row) => boolean): Row[] {
    const taken = this.rows.filter(wanted);
    this.rows = this.rows.filter((row) => !wanted(row));
    if (taken.length === 0) return taken;
    this.#orders.clear();
    for (const row of this.rows) this.order(row.key).push(row);
    return taken;
  }
}

const keys = fc.record({
  host: fc.nat(5),
  family: fc.constantFrom<4 | 6>(4, 6),
  window: fc.nat(3),
});
const steps = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('observe' as const),
      key: keys,
      cause: fc.nat(2),
      accepted: fc.boolean(),
      lastMs: fc.nat(20),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), key: keys }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeBefore' as const), window: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeIdle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeAll' as const) }) },
);

describe('FlowTable against the obvious one', () => {
  it('holds, finds and gives away the same rows', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(steps, { maxLength: 120 }), (seed, script) => {
        const table = new FlowTable(16, seed);
        const model = new ModelTable();
        let serial = 0;
        const takeIdle = () => {
          const taken = contents(table.takeIdle());
          const threshold = Math.max(...taken.map(({ lastMs }) => lastMs));
          expect(taken).toEqual(model.take(({ lastMs }) => lastMs <= threshold));
        };
        for (const step of script) {
          if (step.kind === 'observe') {
            const outcome = step.accepted ? accepted : 0;
            setKey(table, step.key);
            const found = table.findSame(step.cause, outcome);
            const expected = model.findSame(step.key, step.cause, outcome);
            expect(found >= 0 ? table.floats[found * rowFloat64s + float64.packets] : undefined).toBe(
              expected?.packets,
            );
            if (found >= 0) continue;
            if (table.isFull) takeIdle();
            const row = { key: step.key, cause: step.cause, outcome, lastMs: step.lastMs, packets: ++serial };
            insert(table, row.key, row.cause, row.outcome, row.lastMs, row.packets);
            model.insert(row);
          } else if (step.kind === 'look') {
            setKey(table, step.key);
            const slot = table.find();
            expect(slot >= 0 ? table.floats[slot * rowFloat64s + float64.packets] : undefined).toBe(
              model.current(step.key)?.packets,
            );
          } else if (step.kind === 'takeBefore') {
            expect(contents(table.takeBefore(step.window))).toEqual(
              model.take(({ key: { window } }) => window < step.window),
            );
          } else if (step.kind === 'takeAll') {
            expect(contents(table.takeAll())).toEqual(model.take(() => true));
          } else if (table.count > 0) {
            takeIdle();
          }
          expect(table.count).toBe(model.rows.length);
        }
        expect(contents(table.takeAll())).toEqual(model.rows);
      }),
      { numRuns: 500 },
    );
  });

  it('with thousands of flows, too, which grow its index and fall on each other', () => {
    const table = new FlowTable(5000, 7);
    const model = new Map<string, number>();
    let random = 1;
    const next = (limit: number) => {
      random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
      return (random >> 8) % limit;
    };
    const leave = (rows: FlowRows) => {
      const wrong = contents(rows).filter(
        ({ key: one, packets }) => model.get(ModelTable.keyText(one)) !== packets,
      );
      expect(wrong).toEqual([]);
      for (const { key: one } of contents(rows)) model.delete(ModelTable.keyText(one));
    };
    let mismatches = 0;
    for (let step = 1; step <= 40_000; step++) {
      const wanted: Key = { host: next(6000), family: next(2) === 0 ? 4 : 6, window: next(2) };
      setKey(table, wanted);
      const slot = table.find();
      const found = slot < 0 ? undefined : table.floats[slot * rowFloat64s + float64.packets];
      if (found !== model.get(ModelTable.keyText(wanted))) mismatches++;
      if (slot < 0) {
        if (table.isFull) {
          leave(table.takeIdle());
          table.find();
        }
        const row = table.insert();
        table.floats[row * rowFloat64s + float64.packets] = step;
        table.floats[row * rowFloat64s + float64.lastMs] = step;
        model.set(ModelTable.keyText(wanted), step);
      }
      if (step % 15_000 === 0) leave(table.takeBefore(1));
    }
    expect(mismatches).toBe(0);
    leave(table.takeAll());
    expect(model.size).toBe(0);
  });
});
