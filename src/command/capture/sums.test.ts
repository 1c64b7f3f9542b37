import { describe, expect, it } from 'vitest';
import { CaptureSums, type SumsReport } from '../../flow/index.ts';
import { captureStats, sumsText, whyNothing } from './sums.ts';

type Frames = Partial<SumsReport['frames']>;
type Packets = Partial<SumsReport['packets']>;
type Records = Parameters<typeof captureStats>[1];

const noRecords: Records = {
  records: 0,
  recordedPackets: 0,
  filteredPackets: 0,
  noData: 0,
  skipData: 0,
  objects: 0,
};

function stats(frames: Frames, packets: Packets = {}, records: Partial<Records> = {}) {
  const report = new CaptureSums().report();
  return captureStats(
    { ...report, frames: { ...report.frames, ...frames }, packets: { ...report.packets, ...packets } },
    { ...noRecords, ...records },
    [],
    1.5,
  );
}

const whole = stats(
  {
    captured: 107_221,
    observed: 107_000,
    excluded: { dhcp: 2, 'neighbour-discovery': 39 },
    noInterface: { 'unknown-address': 18 },
    notIp: { arp: 161 },
    malformed: { 'ipv4-header': 1 },
    kernelDropped: 1_000,
  },
  { egress: 60_000, ingress: 52_000, skipped: 12 },
  { records: 8_411, recordedPackets: 111_000, filteredPackets: 988 },
);

describe('captureStats', () => {
  it('accounts for every frame and packet', () => {
    expect(whole.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it('says how many frames and packets are missing, or too many', () => {
    const wrong = stats({ captured: 10, observed: 9 }, { egress: 5 }, { recordedPackets: 7 });
    expect(wrong.unaccounted).toEqual({ frames: 1, packets: -2 });
  });
});

describe('sumsText', () => {
  it('is both sums, by reason', () => {
    expect(sumsText(whole).split('\n')).toEqual([
      'frames   107,221 captured = 107,000 observed + 41 excluded (dhcp 2, neighbour-discovery 39) + 18 no interface (unknown-address 18) + 161 not IP (arp 161) + 1 malformed (ipv4-header 1); kernel dropped 1,000',
      'packets  60,000 egress + 52,000 ingress = 111,000 in 8,411 records + 988 of another traffic type + 12 skipped',
    ]);
  });

  it('leaves out other traffic types where there were none', () => {
    expect(
      sumsText(stats({ captured: 1, observed: 1 }, { egress: 1 }, { records: 1, recordedPackets: 1 })),
    ).toBe(
      'frames   1 captured = 1 observed + 0 excluded + 0 no interface + 0 not IP + 0 malformed; kernel dropped 0\n' +
        'packets  1 egress + 0 ingress = 1 in 1 records + 0 skipped',
    );
  });

  it('shouts when a sum does not hold', () => {
    const text = sumsText(stats({ captured: 10, observed: 9 }, { ingress: 2_000 }));
    expect(text).toContain('+ 1 UNACCOUNTED; kernel');
    expect(text).toContain('+ 2,000 UNACCOUNTED');
  });
});

describe('whyNothing', () => {
  it.each([
    { name: 'no frame', of: stats({}), says: 'no frame was captured' },
    {
      name: 'another traffic type',
      of: stats({ captured: 1, observed: 1 }, { egress: 1 }, { filteredPackets: 1 }),
      says: 'all traffic is of another type (--traffic-type ALL records it)',
    },
    {
      name: 'excluded traffic',
      of: stats({ captured: 3, excluded: { dhcp: 2 }, notIp: { arp: 1 } }),
      says: 'AWS never logs this traffic (--include-excluded records it)',
    },
    {
      name: 'strangers',
      of: stats({ captured: 3, noInterface: { 'unknown-address': 2 }, notIp: { arp: 1 } }),
      says: 'no packet is from or to a known network interface (--local CIDR,… or --vpc DIR says which addresses are)',
    },
    { name: 'no IP', of: stats({ captured: 2, notIp: { arp: 2 } }), says: 'the frames hold no IP packets' },
    { name: 'malformed', of: stats({ captured: 2, malformed: { x: 2 } }), says: 'the packets are malformed' },
  ])('names the commonest reason: $name', ({ of, says }) => {
    expect(whyNothing(of)).toBe(`nothing was recorded: ${says}`);
  });

  it('is silent where there are records', () => {
    expect(whyNothing(whole)).toBeUndefined();
  });
});
