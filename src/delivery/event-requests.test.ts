import { describe, expect, it } from 'vitest';
import { type TestFlow, testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import { buildRecords, defaultLogFormat, parseLogFormat, renderLines } from '../record/index.ts';
import { eventRequests } from './event-requests.ts';
import { StreamNames } from './stream-names.ts';

const view = new NetworkView(testIdentity, {}, () => undefined);
view.causes.push('cause');
const ids = ['eni-0', 'eni-1'];
view.load(testNetwork({ interfaces: ids.map((id, i) => ({ id, addresses: [`10.0.1.1${i}`] })) }));

const base = 1418530010;
const at = (second: number) => ({ firstMs: (base + second) * 1000, lastMs: (base + second + 1) * 1000 });

function requestsOf(flows: readonly Partial<TestFlow>[], format = defaultLogFormat) {
  const records = buildRecords(testRows(flows), view, format);
  const requests = [...eventRequests(records, new StreamNames('REJECT'))];
  const lines = renderLines(records, { header: false }).trimEnd().split('\n');
  return { requests, lines };
}

describe('eventRequests', () => {
  it('are in the order of time, for each stream', () => {
    const flows = [3, 1, 2, 1].map((second, srcPort) => ({
      srcPort,
      interfaceIndex: srcPort === 2 ? 1 : 0,
      ...at(second),
    }));
    const { requests, lines } = requestsOf(flows);
    const shown = requests.map(({ logStreamName, events }) => [
      logStreamName,
      events.map(({ timestamp, message }) => [timestamp / 1000 - base, lines.indexOf(message)]),
    ]);
    expect(shown).toEqual([
      [
        'eni-0-reject',
        [
          [1, 1],
          [1, 3],
          [3, 0],
        ],
      ],
      ['eni-1-reject', [[2, 2]]],
    ]);
  });

  it('hold 10,000 events, and 1 MiB with 26 bytes for each', () => {
    const { requests, lines } = requestsOf(
      Array.from({ length: 12_000 }, (_, i) => ({ srcPort: i, ...at(Math.floor(i / 1000)) })),
    );
    const sizes = requests.map(({ events }) =>
      events.reduce((sum, { message }) => sum + message.length + 26, 0),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_048_576);
    expect(Math.max(...sizes)).toBeGreaterThan(1_000_000);
    expect(requests.flatMap(({ events }) => events.map(({ message }) => message))).toEqual(lines);
    const short = requestsOf(
      Array.from({ length: 12_000 }, (_, i) => ({ srcPort: i, ...at(Math.floor(i / 1000)) })),
      parseLogFormat(`\${srcport}`),
    );
    expect(short.requests.map(({ events }) => events.length)).toEqual([10_000, 2000]);
  });

  it('span less than 24 hours', () => {
    const hours = [0, 23, 24, 47, 48, 100];
    const { requests } = requestsOf(hours.map((hour, srcPort) => ({ srcPort, ...at(hour * 3600) })));
    expect(requests.map(({ events }) => events.length)).toEqual([2, 2, 1, 1]);
  });

  it('have the end’s time where records show no start', () => {
    const [{ events }] = requestsOf([at(5)], parseLogFormat(`\${srcaddr} \${dstaddr}`)).requests;
    expect(events[0].timestamp).toBe((base + 6) * 1000);
  });
});
