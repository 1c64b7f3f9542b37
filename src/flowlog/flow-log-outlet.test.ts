import { describe, expect, it } from 'vitest';
import { type TestFlow, testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import { parseHeader, renderLines, type TrafficType } from '../record/index.ts';
import type { Network } from '../vpc/index.ts';
import { FlowLogOutlet } from './flow-log-outlet.ts';
import { makeFlowLog } from './index.ts';

const described = testNetwork({
  interfaces: [
    { id: 'eni-0', addresses: ['10.0.1.10'] },
    { id: 'eni-1', addresses: ['10.0.1.11'] },
    { id: 'eni-2', addresses: ['10.0.1.12'] },
  ],
});

/** Seconds of window 10. */
const startMs = 600_000;
const flow = (fields: Partial<TestFlow>): Partial<TestFlow> => ({
  window: 10,
  packets: 1,
  bytes: 100,
  firstMs: startMs,
  lastMs: startMs,
  ...fields,
});

interface Options {
  readonly network?: Network;
  readonly trafficType?: TrafficType;
  readonly interval?: 60 | 600;
  readonly windowSeconds?: number;
  readonly maxFlows?: number;
}

function outletOf({ network = described, trafficType = 'ALL', interval = 60, ...more }: Options = {}) {
  const view = new NetworkView(testIdentity, {}, () => undefined);
  view.causes.push('sg-1/ingress/default');
  view.load(network);
  const lines: string[] = [];
  const outlet = new FlowLogOutlet({
    flowLog: makeFlowLog(
      {
        trafficType,
        format: parseHeader('interface-id srcport packets bytes start end action log-status'),
        maxAggregationInterval: interval,
        destination: 'test',
        fileFormat: 'plain-text',
        hiveCompatiblePartitions: false,
        perHourPartition: false,
      },
      testIdentity,
    ),
    windowSeconds: more.windowSeconds ?? 60,
    maxFlows: more.maxFlows ?? 1024,
    view,
    destinations: [
      {
        write: async (records) => {
          lines.push(...renderLines(records, { header: false }).split('\n').slice(0, -1));
        },
        endWindow: () => undefined,
      },
    ],
  });
  return { outlet, lines };
}

const atEnd = Number.POSITIVE_INFINITY;

describe('FlowLogOutlet', () => {
  it('writes the flows of a window as they come, and counts what is in the records', async () => {
    const { outlet, lines } = outletOf();
    await outlet.takeFlows(testRows([flow({ srcPort: 1, packets: 3 }), flow({ srcPort: 2, packets: 4 })]));
    expect(lines).toEqual(['eni-0 1 3 100 600 600 ACCEPT OK', 'eni-0 2 4 100 600 600 ACCEPT OK']);
    expect(outlet.sums).toEqual({
      records: 2,
      recordedPackets: 7,
      filteredPackets: 0,
      noData: 0,
      skipData: 0,
    });
  });

  it('writes windows apart, the earliest first, whatever order they come in', async () => {
    const { outlet, lines } = outletOf();
    const windows = [12, 10, 12, 11];
    await outlet.takeFlows(testRows(windows.map((window, i) => flow({ window, srcPort: i }))));
    expect(lines.map((line) => line.split(' ')[1])).toEqual(['1', '3', '0', '2']);
  });

  it.each([
    { trafficType: 'ALL', ports: ['1', '2', '3'], filtered: 0 },
    { trafficType: 'ACCEPT', ports: ['1', '3'], filtered: 4 },
    { trafficType: 'REJECT', ports: ['2'], filtered: 10 },
  ] as const)('records $trafficType, and counts the packets of the others', async (row) => {
    const { outlet, lines } = outletOf({ trafficType: row.trafficType });
    await outlet.takeFlows(
      testRows([
        flow({ srcPort: 1, packets: 3 }),
        flow({ srcPort: 2, packets: 4, accepted: false }),
        flow({ srcPort: 3, packets: 7 }),
      ]),
    );
    expect(lines.map((line) => line.split(' ')[1])).toEqual(row.ports);
    expect(outlet.sums.filteredPackets).toBe(row.filtered);
    expect(outlet.sums.recordedPackets + outlet.sums.filteredPackets).toBe(14);
  });

  it('merges ten windows of a 600 s interval into one record, when it is over', async () => {
    const { outlet, lines } = outletOf({ interval: 600 });
    for (let window = 10; window < 20; window++) {
      const timeMs = window * 60_000;
      await outlet.takeFlows(
        testRows([flow({ window, srcPort: 1, firstMs: timeMs, lastMs: timeMs + 5000 })]),
      );
      expect(lines).toEqual([]);
      await outlet.closeWindows([{ window, covered: [] }], window + 1);
    }
    expect(lines).toEqual(['eni-0 1 10 1000 600 1145 ACCEPT OK']);
    expect(outlet.sums).toMatchObject({ records: 1, recordedPackets: 10 });
  });

  it('merges sixty windows of 10 s, and writes an interval that the capture cut short', async () => {
    const { outlet, lines } = outletOf({ interval: 600, windowSeconds: 10 });
    await outlet.takeFlows(testRows([flow({ window: 60, srcPort: 1 }), flow({ window: 119, srcPort: 1 })]));
    await outlet.takeFlows(testRows([flow({ window: 120, srcPort: 1 })]));
    await outlet.closeWindows(
      [
        { window: 60, covered: [] },
        { window: 119, covered: [] },
        { window: 120, covered: [] },
      ],
      121,
    );
    expect(lines).toEqual(['eni-0 1 2 200 600 600 ACCEPT OK']);
    await outlet.closeWindows([], atEnd);
    expect(lines).toHaveLength(2);
  });

  it('writes early what finds no room while it merges, and loses nothing', async () => {
    const { outlet, lines } = outletOf({ interval: 600, maxFlows: 1024 });
    const flows = Array.from({ length: 5000 }, (_, srcPort) => flow({ srcPort, lastMs: startMs + srcPort }));
    await outlet.takeFlows(testRows(flows));
    expect(lines.length).toBeGreaterThan(0);
    await outlet.closeWindows([{ window: 10, covered: [] }], atEnd);
    expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(5000);
    expect(outlet.sums.recordedPackets).toBe(5000);
  });

  it('writes NODATA for covered interfaces without flows', async () => {
    const { outlet, lines } = outletOf();
    await outlet.takeFlows(testRows([flow({ interfaceIndex: 1 })]));
    await outlet.closeWindows([{ window: 10, covered: [0, 1] }], 11);
    await outlet.closeWindows([{ window: 11, covered: [1] }], 12);
    expect(lines.slice(1)).toEqual(['eni-0 - - - 600 659 - NODATA', 'eni-1 - - - 660 719 - NODATA']);
    expect(outlet.sums.noData).toBe(2);
  });

  it('writes one SKIPDATA for each interface and interval, whatever was lost, and then no NODATA', async () => {
    const { outlet, lines } = outletOf({ interval: 600 });
    const loss = { flows: 2, packets: 5 };
    await outlet.takeLosses([
      { interfaceIndex: 0, window: 10, reason: 'kernel-dropped', ...loss },
      { interfaceIndex: 0, window: 11, reason: 'delivery-behind', ...loss },
      { interfaceIndex: 1, window: 11, reason: 'delivery-behind', ...loss },
    ]);
    expect(lines).toEqual(['eni-0 - - - 600 1199 - SKIPDATA', 'eni-1 - - - 600 1199 - SKIPDATA']);
    await outlet.closeWindows([{ window: 10, covered: [0, 1, 2] }], atEnd);
    expect(lines.slice(2)).toEqual(['eni-2 - - - 600 1199 - NODATA']);
    expect(outlet.sums).toMatchObject({ records: 3, skipData: 2, noData: 1, recordedPackets: 0 });
    expect(outlet.losses).toHaveLength(3);
  });
});
