import { describe, expect, it } from 'vitest';
import { tcpPacket } from '../../test/frames.ts';
import { batchOf, type TimedFrame } from '../../test/meter-harness.ts';
import { testNetwork } from '../../test/test-network.ts';
import { linkType } from '../packet/frame-batch.ts';
import { tcpFlag } from '../packet/packet-view.ts';
import { VerdictEngine } from '../policy/index.ts';
import { InterfaceRegistry, VpcAddresses } from '../vpc/index.ts';
import { CaptureSums } from './capture-sums.ts';
import type { FlowRows } from './flow-row.ts';
import { type FlowSink, Meter } from './meter.ts';
import { Owners } from './owners.ts';
import { Unlogged } from './unlogged.ts';

const network = testNetwork({
  interfaces: [{ id: 'eni-1', addresses: ['10.0.1.5'] }],
  groups: { 'sg-1': { ingress: ['all all 0.0.0.0/0'] } },
});

/** A meter that keeps what it gives away: rows by batch, and the windows that it calls over. */
function meterOf(windowsEndByWallClock: boolean) {
  const batches: FlowRows[] = [];
  const over: number[] = [];
  const sink: FlowSink = {
    flows: (rows) => void batches.push(rows),
    opened: () => undefined,
    windowsOver: (windows) => void over.push(...windows.map(({ window }) => window)),
  };
  const verdicts = new VerdictEngine({ maxConnections: 1024 });
  const registry = new InterfaceRegistry();
  const addresses = new VpcAddresses(network, registry);
  verdicts.load(network, registry, addresses);
  const meter = new Meter({
    maxFlows: 4096,
    windowSeconds: 60,
    windowsEndByWallClock,
    includesExcluded: false,
    verdicts,
    sums: new CaptureSums(),
    sink,
  });
  meter.describe(
    new Unlogged(network, registry, addresses),
    new Owners({ addresses: addresses.captured, macs: addresses.macs }),
  );
  return { meter, batches, over };
}

const frame = (window: number, srcPort: number): TimedFrame => ({
  timeMs: window * 60_000,
  link: linkType.raw,
  bytes: tcpPacket({ src: '203.0.113.1', dst: '10.0.1.5', srcPort, dstPort: 80, flags: tcpFlag.syn }),
});

describe('Meter', () => {
  it('does not look through its flows each time that late packets lead the clock back and forth', () => {
    const { meter, batches, over } = meterOf(false);
    const frames = [100, 100, 101, 101, ...Array.from({ length: 400 }, (_, i) => 100 + ((i >> 1) & 1))].map(
      frame,
    );
    const batch = batchOf(frames);
    meter.observeWire(batch, 0, batch.count);
    expect(batches).toHaveLength(1);
    expect(over).toEqual([100]);
    meter.closeAll();
    expect(batches.map(({ count }) => count)).toEqual([2, 402]);
  });

  it('gives out what it has when the clock on the wall is set back, and goes on from there', () => {
    const { meter, batches, over } = meterOf(true);
    meter.closeBefore(100);
    const before = batchOf([frame(100, 1)]);
    meter.observeWire(before, 0, 1);
    meter.closeBefore(99);
    expect(batches).toHaveLength(0);
    meter.closeBefore(40);
    const after = batchOf([frame(40, 2)]);
    meter.observeWire(after, 0, 1);
    meter.closeBefore(41);
    expect(batches.map(({ count }) => count)).toEqual([1, 1]);
    expect(over).toEqual([100, 40]);
  });
});
