import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import {
  newRunFolder,
  type OpenedRun,
  openRun,
  Recipient,
  refused,
  runResource,
} from '../../test/open-run.ts';
import { beganMs, flow } from '../../test/open-spool.ts';
import { isLong, runs } from '../../test/runs.ts';
import type { DeliveryOutcome, Destination } from './destination.ts';

type Action =
  /** A window with so many flows, some of them early or late by so many windows. */
  | { readonly kind: 'window'; readonly flows: number; readonly shift: number }
  | { readonly kind: 'takes'; readonly answers: readonly ('yes' | 'no' | 'lost' | 'unheard')[] }
  /** Everything, until it takes something. */
  | { readonly kind: 'refuses' }
  | { readonly kind: 'settles' }
  | { readonly kind: 'closes' }
  | { readonly kind: 'crashes' };

const answers = fc.array(fc.constantFrom('yes', 'no', 'lost', 'unheard'), { maxLength: 4 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('window' as const),
      flows: fc.integer({ min: 0, max: 4 }),
      shift: fc.constantFrom(0, 0, 0, 1, -1, -7),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('takes' as const), answers }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'refuses' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'settles' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'closes' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'crashes' as const }) },
);

const silence = new Promise<DeliveryOutcome>(() => undefined);

/** What a program that was killed sends is not sent, and what it would be answered it does not hear. */
function heard(destination: Destination, isAlive: () => boolean): Destination {
  const unlessKilled = async (send: () => Promise<DeliveryOutcome>): Promise<DeliveryOutcome> => {
    const outcome = isAlive() ? await send() : silence;
    return isAlive() ? outcome : silence;
  };
  if (destination.takes === 'objects') {
    return { ...destination, put: (object) => unlessKilled(() => destination.put(object)) };
  }
  return { ...destination, deliver: (batch) => unlessKilled(() => destination.deliver(batch)) };
}

const first = Math.ceil(beganMs / 3_600_000) * 60;

/** A flow log, its destination, and all that happens to them. */
class World {
  readonly recipient = new Recipient();
  readonly ports: number[] = [];
  /** By port. */
  readonly flows: { readonly interfaceId: string; readonly window: number }[] = [];
  readonly #destination: (recipient: Recipient) => Destination;
  readonly #interval: 60 | 600;
  readonly #spoolBytes: number;
  #folder = newRunFolder();
  #opened!: OpenedRun;
  #window = first;
  #answers: string[] = [];
  #isRefusing = false;
  /** Of the program that runs; those of one that was killed are never heard. */
  #life = 0;

  constructor(
    destination: (recipient: Recipient) => Destination,
    interval: 60 | 600,
    spoolBytes: number = 2 ** 22,
  ) {
    this.#destination = destination;
    this.#interval = interval;
    this.#spoolBytes = spoolBytes;
    mkdirSync(path.join(this.#folder, 'flow-logs'));
  }

  get ambiguous(): number {
    return this.#opened.run.report().delivery.ambiguous;
  }

  async open(): Promise<void> {
    const life = ++this.#life;
    this.recipient.answer = () => this.#answer();
    const destination = this.#destination(this.recipient);
    const isAlive = () => life === this.#life;
    this.#opened = await openRun(this.#folder, heard(destination, isAlive), {
      resource: runResource({ MaxAggregationInterval: this.#interval }),
      endMs: 2000,
      spoolBytes: this.#spoolBytes,
    });
  }

  #answer(): DeliveryOutcome {
    if (this.#isRefusing) return refused();
    switch (this.#answers.shift()) {
      case 'no':
        return refused();
      case 'lost':
        return refused({ isAmbiguous: true, isThere: false });
      case 'unheard':
        return refused({ isAmbiguous: true });
      default:
        return { kind: 'delivered' };
    }
  }

  async play(one: Action): Promise<void> {
    switch (one.kind) {
      case 'window':
        return this.#pass(one.flows, one.shift);
      case 'takes':
        this.#answers = [...one.answers];
        this.#isRefusing = false;
        return;
      case 'refuses':
        this.#isRefusing = true;
        return;
      case 'settles':
        await vi
          .waitFor(() => expect(this.#opened.run.report().delivery.waiting).toBe(0), {
            timeout: 50,
            interval: 1,
          })
          .catch(() => undefined);
        return;
      case 'closes':
        await this.#opened.end();
        return this.open();
      case 'crashes':
        return this.#crash();
    }
  }

  /** Everything is delivered. */
  async finish(): Promise<void> {
    this.#answers = [];
    this.#isRefusing = false;
    await this.#opened.spool.closeWindows([], Number.POSITIVE_INFINITY);
    await vi.waitFor(
      () => expect(this.#opened.run.report().delivery).toMatchObject({ waiting: 0, waitingSegments: 0 }),
      { timeout: 20_000, interval: 1 },
    );
    await this.#opened.end();
    rmSync(this.#folder, { recursive: true });
  }

  async #pass(flows: number, shift: number): Promise<void> {
    const window = this.#window++;
    const rows = Array.from({ length: flows }, (_, i) => {
      const srcPort = this.ports.length;
      this.ports.push(srcPort);
      const at = window + (i === 0 ? shift : 0);
      this.flows.push({ interfaceId: `eni-${i % 2}`, window: at });
      return flow(i % 2, at, 1, { srcPort, firstMs: at * 60_000, lastMs: at * 60_000 + 1000 });
    });
    await this.#opened.spool.takeFlows(testRows(rows));
    await this.#opened.spool.closeWindows([{ window, covered: [0, 1] }], window + 1);
  }

  /** What is on the disk now is all that is left. */
  async #crash(): Promise<void> {
    this.#life++;
    const killed = this.#opened;
    const folder = this.#folder;
    this.#folder = newRunFolder();
    cpSync(folder, this.#folder, { recursive: true });
    killed.run.abandon();
    await killed.spool.close();
    await this.open();
    rmSync(folder, { recursive: true });
  }
}

const portsOf = (lines: readonly string[]): number[] =>
  lines.filter((line) => line.endsWith(' OK')).map((line) => Number(line.split(' ')[5]));
const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

describe.each([60, 600] as const)('a flow log of %i s, whatever happens', (interval) => {
  const play = async (
    destination: (recipient: Recipient) => Destination,
    actions: readonly Action[],
    spoolBytes?: number,
  ): Promise<World> => {
    const world = new World(destination, interval, spoolBytes);
    await world.open();
    for (const one of actions) await world.play(one);
    await world.finish();
    return world;
  };
  const parameters = { numRuns: runs(2, 15) };
  const timeout = 30_000 + parameters.numRuns * 2000;
  const actions = fc.array(action, { maxLength: isLong ? 25 : 15, size: 'max' });

  it(
    'delivers each record once to what remembers',
    () =>
      fc.assert(
        fc.asyncProperty(actions, async (some) => {
          const { recipient, ports } = await play((to) => to.records(true), some);
          expect(sorted(portsOf(recipient.lines))).toEqual(ports);
        }),
        parameters,
      ),
    timeout,
  );

  it(
    'puts each record into one object',
    () =>
      fc.assert(
        fc.asyncProperty(actions, async (some) => {
          const { recipient, ports } = await play((to) => to.bucket(), some);
          expect(sorted(portsOf(recipient.objectLines))).toEqual(ports);
        }),
        parameters,
      ),
    timeout,
  );

  it.each([
    ['what remembers', (to: Recipient) => to.records(true), (to: Recipient) => to.lines],
    ['a bucket', (to: Recipient) => to.bucket(), (to: Recipient) => to.objectLines],
  ] as const)(
    'delivers each record to %s or, where the spool has no room, tells that it is lost',
    (_, destination, linesOf) =>
      fc.assert(
        fc.asyncProperty(fc.array(action, { maxLength: isLong ? 50 : 20, size: 'max' }), async (some) => {
          const { recipient, ports, flows } = await play(destination, some, 5000);
          const lines = linesOf(recipient);
          const taken = portsOf(lines);
          expect(taken.length).toBe(new Set(taken).size);
          const skipped = lines.filter((line) => line.endsWith(' SKIPDATA')).map((line) => line.split(' '));
          const isTold = (port: number) =>
            skipped.some((fields) => {
              const [start, end] = [Number(fields[10]), Number(fields[11])];
              const { interfaceId, window } = flows[port];
              return fields[2] === interfaceId && start <= window * 60 && window * 60 <= end;
            });
          const missing = ports.filter((port) => !taken.includes(port));
          expect(missing.filter((port) => !isTold(port))).toEqual([]);
        }),
        parameters,
      ),
    timeout,
  );

  it(
    'delivers each record to what does not remember, twice only where the answer did not come',
    () =>
      fc.assert(
        fc.asyncProperty(actions, async (some) => {
          const world = await play((to) => to.records(false), some);
          const { recipient, ports } = world;
          const taken = portsOf(recipient.lines);
          expect(sorted(new Set(taken))).toEqual(ports);
          const batches = new Set(recipient.batches.map(({ segment, piece }) => `${segment} ${piece}`));
          expect(recipient.batches.length - batches.size).toBeLessThanOrEqual(world.ambiguous);
        }),
        parameters,
      ),
    timeout,
  );
});
