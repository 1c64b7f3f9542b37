import { describe, expect, it } from 'vitest';
import { decodeOutcome } from '../packet/index.ts';
import { CaptureSums, exclusions, strangers, sumIndex, unaccountedFrames } from './capture-sums.ts';

describe('CaptureSums', () => {
  it('counts in memory that another thread sees', () => {
    const sums = new CaptureSums();
    const elsewhere = new CaptureSums(sums.buffer);
    sums.add('frames', 2);
    sums.set('connections', 7);
    expect(elsewhere.get('frames')).toBe(2);
    expect(elsewhere.report().connections.open).toBe(7);
  });

  it('has a place of its own for each name', () => {
    const { excluded, noInterface, decode, ...counters } = sumIndex;
    const decoded = Object.values(decodeOutcome).map((outcome) => decode + outcome);
    const places = [
      ...Object.values(counters),
      ...Object.values(excluded),
      ...Object.values(noInterface),
      ...decoded,
    ];
    expect(new Set(places).size).toBe(places.length);
    expect(Math.max(...places)).toBeLessThan(new CaptureSums().values.length);
  });

  it('reports what was counted by reason, and leaves out what was not', () => {
    const sums = new CaptureSums();
    sums.values[sumIndex.excluded.dhcp] = 3;
    sums.values[sumIndex.noInterface['other-host']] = 4;
    sums.values[sumIndex.decode + decodeOutcome.arp] = 5;
    sums.values[sumIndex.decode + decodeOutcome.snapped] = 6;
    sums.values[sumIndex.decode + decodeOutcome.udpLength] = 7;
    sums.add('frames', 26);
    sums.add('observed', 1);
    sums.add('kernelDropped', 9);
    const report = sums.report();
    expect(report.frames).toEqual({
      captured: 26,
      observed: 1,
      excluded: { dhcp: 3 },
      noInterface: { 'other-host': 4 },
      notIp: { arp: 5, snapped: 6 },
      malformed: { 'udp-length': 7 },
      kernelDropped: 9,
    });
    expect(unaccountedFrames(report)).toBe(0);
  });

  it('notices a frame that no reason accounts for', () => {
    const sums = new CaptureSums();
    sums.add('frames', 1);
    expect(unaccountedFrames(sums.report())).toBe(1);
  });

  it.each([
    ...exclusions.map((name) => ({ name, index: sumIndex.excluded[name] })),
    ...strangers.map((name) => ({ name, index: sumIndex.noInterface[name] })),
  ])('has $name in the sum', ({ index }) => {
    const sums = new CaptureSums();
    sums.values[index] = 1;
    expect(unaccountedFrames(sums.report())).toBe(-1);
  });
});
