import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs } from '../../test/open-logs.ts';
import { runs } from '../../test/runs.ts';
import { ReceivingSink, until } from '../../test/subscription-sink.ts';
import { DeliveryError } from '../fault/index.ts';
import { parseHeader, parseLines } from '../record/index.ts';

const bounds = { lingerMs: 0, firstRetryMs: 1, lastRetryMs: 4, pageEvents: 16, pageBytes: 2000 };
const roleArn = 'arn:aws:iam::123456789012:role/r';
const arnOf = (name: string) => `arn:aws:firehose:eu-central-1:123456789012:deliverystream/${name}`;

/** Two filters of each group: all of it, and what a slow obvious test finds. */
const filters = [
  { group: 'texts', name: 'all', pattern: '', finds: () => true },
  { group: 'texts', name: 'sevens', pattern: '"7"', finds: (line: string) => line.includes('7') },
  { group: 'flows', name: 'all', pattern: '', finds: () => true },
  {
    group: 'flows',
    name: 'rejected',
    pattern: '[start, port > 30, action = REJECT]',
    finds: (line: string) => Number(line.split(' ')[1]) > 30 && line.endsWith('REJECT'),
  },
] as const;

let opened: OpenedLogs | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('texts' as const), count: fc.integer({ min: 1, max: 30 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('flows' as const), count: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refuse' as const), of: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('accept' as const), of: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), of: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What comes to each filter, whatever happens meanwhile. */
class Play {
  readonly #opened: OpenedLogs;
  readonly #sink = new ReceivingSink();
  readonly #put = { texts: [] as string[], flows: [] as string[] };
  /** Pages that were on their way are sent again. */
  #mayRepeat = false;
  #number = 0;

  constructor(logs: OpenedLogs) {
    this.#opened = logs;
  }

  async begin(): Promise<void> {
    const { logs } = this.#opened;
    logs.beginSubscriptions(this.#sink, bounds);
    await logs.createLogGroup({ logGroupName: 'texts' });
    await logs.ensureLogGroup('flows');
    for (let i = 0; i < filters.length; i++) await this.#putFilter(i);
  }

  async round(steps: readonly Step[]): Promise<void> {
    await Promise.all(steps.filter(({ kind }) => kind !== 'restart').map((each) => this.#do(each)));
    if (!steps.some(({ kind }) => kind === 'restart')) return;
    this.#mayRepeat = true;
    await this.#opened.reopen();
    this.#opened.logs.beginSubscriptions(this.#sink, bounds);
  }

  async end(): Promise<void> {
    this.#sink.refusals.clear();
    for (const [i, { group, finds }] of filters.entries()) {
      const expected = this.#put[group].filter(finds).sort();
      const found = () => this.#sink.messages(arnOf(`${i}`));
      await until(
        () => new Set(found()).size >= expected.length,
        () => [i, expected.length, found().length, this.#opened.logs.subscriptions()],
      );
      expect([...new Set(found())].sort()).toEqual(expected);
      if (!this.#mayRepeat) expect(found()).toHaveLength(expected.length);
    }
    await until(() => this.#opened.logs.subscriptions().every(({ behind, lost }) => behind + lost === 0));
  }

  async #do(each: Step): Promise<unknown> {
    switch (each.kind) {
      case 'texts':
        return this.#putTexts(each.count);
      case 'flows':
        return this.#putFlows(each.count);
      case 'refuse':
        return this.#sink.refusals.set(
          arnOf(`${each.of}`),
          new DeliveryError(arnOf(`${each.of}`), true, 'away'),
        );
      case 'accept':
        return this.#sink.refusals.delete(arnOf(`${each.of}`));
      case 'again': {
        this.#mayRepeat = true;
        // Refused while its destination is away: then it stays as it was.
        return this.#putFilter(each.of).catch((error) =>
          expect(error.code).toBe('InvalidParameterException'),
        );
      }
      case 'flush':
        return this.#opened.store.flush();
      case 'restart':
        return undefined;
    }
  }

  async #putFilter(i: number): Promise<void> {
    const { group: logGroupName, name: filterName, pattern: filterPattern } = filters[i];
    const destinationArn = arnOf(`${i}`);
    const request = { logGroupName, filterName, filterPattern, destinationArn, roleArn };
    await this.#opened.logs.putSubscriptionFilter(request);
  }

  async #putTexts(count: number): Promise<void> {
    const { logs } = this.#opened;
    const logStreamName = `s${this.#number++}`;
    const messages = Array.from({ length: count }, () => `line ${this.#number++}`);
    this.#put.texts.push(...messages);
    await logs.createLogStream({ logGroupName: 'texts', logStreamName });
    const logEvents = messages.map((message, i) => ({ timestamp: noonMs + i, message }));
    await logs.putLogEvents({ logGroupName: 'texts', logStreamName, logEvents });
  }

  async #putFlows(count: number): Promise<void> {
    const lines = Array.from({ length: count }, (_, i) => {
      const start = noonMs / 1000 + this.#number++;
      return `${start} ${i} ${i % 3 ? 'ACCEPT' : 'REJECT'}`;
    });
    this.#put.flows.push(...lines);
    const zeros = new Float64Array(count);
    const records = {
      ...parseLines(lines.join('\n'), parseHeader('start srcport action')),
      interfaceIds: lines.map((_, i) => `eni-${i % 3}`),
      endSeconds: zeros,
      packets: zeros,
      bytes: zeros,
    };
    const logStreamName = lines.map((_, i) => `eni-${i % 3}-all`);
    await this.#opened.logs.putRecords({ logGroupName: 'flows', logStreamName, records });
  }
}

describe('subscription filters', () => {
  it('send all that they find, whoever puts what at the same time, is away, or begins anew', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 10 }),
        async (rounds) => {
          opened = await OpenedLogs.open();
          const play = new Play(opened);
          await play.begin();
          for (const round of rounds) await play.round(round);
          await play.end();
          await opened.close();
          opened = undefined;
        },
      ),
      { numRuns: runs(1, 25) },
    );
  }, 600_000);
});
