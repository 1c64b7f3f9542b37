import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writePcap, writePcapng } from '../capture-file-writer.ts';
import { arp, ethernet, udpPacket } from '../frames.ts';
import { eni, frame, handshake, lookups, records, smallPcap } from './captures.ts';
import { headgate, linesOf, Scratch, statsOf } from './headgate.ts';

const scratch = new Scratch();
const noFault = { frames: 0, packets: 0 };

/** `headgate capture` in a folder that holds `small.pcap`. */
async function capture(args: readonly string[], files: Readonly<Record<string, Uint8Array | string>> = {}) {
  const ended = await headgate(scratch.folder({ 'small.pcap': smallPcap, ...files }), ['capture', ...args]);
  return { ...ended, lines: linesOf(ended.stdout) };
}

const format = (...fields: string[]) => ['--format', fields.map((field) => `$\{${field}}`).join(' ')];

describe.concurrent('records of a file', () => {
  it.each([
    { name: 'pcap', files: {}, args: ['small.pcap'] },
    { name: 'gzip', files: { 'a.pcap.gz': gzipSync(smallPcap) }, args: ['a.pcap.gz'] },
    { name: 'pcapng', files: { 'a.pcapng': writePcapng([...handshake, ...lookups]) }, args: ['a.pcapng'] },
    {
      name: 'several files, by packet time',
      files: { 'a.pcap': writePcap(lookups), 'b.pcap': gzipSync(writePcap(handshake)) },
      args: ['a.pcap', 'b.pcap'],
    },
    { name: '--output -', files: {}, args: ['small.pcap', '--output', '-'] },
  ])('$name', async ({ files, args }) => {
    const { code, lines, stderr } = await capture(args, files);
    expect(lines).toEqual(records);
    expect(linesOf(stderr)).toEqual([
      'frames   6 captured = 6 observed + 0 excluded + 0 no interface + 0 not IP + 0 malformed; kernel dropped 0',
      'packets  4 egress + 4 ingress = 8 in 8 records + 0 skipped',
    ]);
    expect(code).toBe(0);
  });

  it('are the same when the file is captured again', async () => {
    const [first, second] = await Promise.all([capture(['small.pcap']), capture(['small.pcap'])]);
    expect(second.stdout).toBe(first.stdout);
  });

  it('--header', async () => {
    const { lines } = await capture(['small.pcap', '--header']);
    expect(lines).toEqual([
      'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
      ...records,
    ]);
  });

  it.each([
    { name: '--window 10: records every ten seconds', args: ['--window', '10'], expected: ['1 40', '1 55'] },
    { name: 'records every minute without it', args: [], expected: ['2 40'] },
  ])('$name', async ({ args, expected }) => {
    const packet = udpPacket({ src: '10.0.1.5', dst: '192.0.2.53', srcPort: 1, dstPort: 2 });
    const files = { 'w.pcap': writePcap([frame(0, packet), frame(15, packet)]) };
    const { lines } = await capture(['w.pcap', ...args, ...format('packets', 'start')], files);
    expect(lines).toEqual(expected.map((text) => text.replace(' ', ' 17000000')));
  });

  it('--interval 600: one record for ten minutes', async () => {
    const { lines } = await capture([
      'small.pcap',
      '--interval',
      '600',
      ...format('interface-id', 'srcport', 'packets', 'bytes', 'start', 'end'),
    ]);
    expect(lines.toSorted()).toEqual(
      [
        `${eni.client} 40000 1 40 1700000040 1700000040`,
        `${eni.server} 40000 1 40 1700000040 1700000040`,
        `${eni.server} 22 1 40 1700000040 1700000040`,
        `${eni.client} 22 1 40 1700000040 1700000040`,
        `${eni.server} 5353 2 60 1700000041 1700000101`,
        `${eni.server} 53 2 58 1700000042 1700000102`,
      ].toSorted(),
    );
  });

  it('--local: which addresses are interfaces', async () => {
    const ended = await capture([
      'small.pcap',
      '--local',
      '10.0.1.5/32',
      '--stats',
      'json',
      ...format('srcaddr'),
    ]);
    expect(ended.lines).toEqual(['10.0.1.5', '10.0.1.9']);
    expect(statsOf(ended).frames).toMatchObject({ observed: 2, noInterface: { 'unknown-address': 4 } });
    expect(statsOf(ended).unaccounted).toEqual(noFault);
  });

  it('takes every unicast address for an interface where none is private, and says so', async () => {
    const publicOnly = writePcap([
      frame(0, udpPacket({ src: '192.0.2.1', dst: '198.51.100.2', srcPort: 1, dstPort: 2 })),
    ]);
    const { lines, stderr } = await capture(['p.pcap', ...format('srcaddr', 'flow-direction')], {
      'p.pcap': publicOnly,
    });
    expect(lines).toEqual(['192.0.2.1 egress', '192.0.2.1 ingress']);
    expect(linesOf(stderr)[0]).toBe(
      'none of the addresses is private or link-local: every unicast address is taken for a network interface (--local CIDR,… says which are)',
    );
  });

  it('--account and --region', async () => {
    const args = ['--account', '111122223333', '--region', 'eu-west-1', ...format('account-id', 'region')];
    const { lines } = await capture(['small.pcap', ...args]);
    expect(new Set(lines)).toEqual(new Set(['111122223333 eu-west-1']));
  });

  it('--ip-ranges', async () => {
    const ranges = JSON.stringify({
      prefixes: [{ ip_prefix: '192.0.2.0/24', service: 'S3' }],
      ipv6_prefixes: [],
    });
    const { lines } = await capture(
      ['small.pcap', '--ip-ranges', 'r.json', ...format('dstaddr', 'pkt-dst-aws-service')],
      { 'r.json': ranges },
    );
    expect(lines).toContain('192.0.2.53 S3');
    expect(lines).toContain('10.0.1.9 -');
  });
});

describe.concurrent('what AWS never logs', () => {
  const dhcp = frame(0, udpPacket({ src: '10.0.1.5', dst: '255.255.255.255', srcPort: 68, dstPort: 67 }));
  const files = { 'dhcp.pcap': writePcap([dhcp]) };

  it('is counted, and said to be the reason why nothing was recorded', async () => {
    const { lines, stderr, code } = await capture(['dhcp.pcap'], files);
    expect(lines).toEqual([]);
    expect(linesOf(stderr)[0]).toBe(
      'nothing was recorded: AWS never logs this traffic (--include-excluded records it)',
    );
    expect(stderr).toContain('1 excluded (dhcp 1)');
    expect(code).toBe(0);
  });

  it('is recorded with --include-excluded', async () => {
    const { lines } = await capture(
      ['dhcp.pcap', '--include-excluded', ...format('srcport', 'dstport')],
      files,
    );
    expect(lines).toEqual(['68 67']);
  });
});

describe.concurrent('--stats json', () => {
  it('is one line with both sums', async () => {
    const ended = await capture(['small.pcap', '--stats', 'json']);
    expect(linesOf(ended.stderr)).toHaveLength(1);
    const stats = statsOf(ended);
    expect(stats).toMatchObject({
      frames: { captured: 6, observed: 6, kernelDropped: 0 },
      packets: { ingress: 4, egress: 4, accepted: 8, rejected: 0, skipped: 0, late: 0 },
      records: { records: 8, recordedPackets: 8, filteredPackets: 0, noData: 0, skipData: 0, objects: 0 },
      unaccounted: noFault,
      losses: [],
      cutOffFiles: 0,
    });
  });

  it('counts frames by reason', async () => {
    const frames = [
      {
        bytes: ethernet({ payload: arp({ senderIp: '10.0.1.5', targetIp: '10.0.1.9' }), etherType: 0x0806 }),
      },
      { bytes: ethernet({ payload: [0x45, 0, 0] }) },
      ...handshake,
    ];
    const stats = statsOf(await capture(['x.pcap', '--stats', 'json'], { 'x.pcap': writePcap(frames) }));
    expect(stats.frames).toMatchObject({ captured: 4, observed: 2, notIp: { arp: 1 } });
    expect(Object.values(stats.frames.malformed)).toEqual([1]);
    expect(stats.unaccounted).toEqual(noFault);
  });

  it('counts packets of the other traffic type', async () => {
    const ended = await capture(['small.pcap', '--stats', 'json', '--traffic-type', 'REJECT']);
    expect(ended.lines).toEqual([]);
    expect(ended.stderr).toContain('nothing was recorded: all traffic is of another type');
    expect(statsOf(ended).records.filteredPackets).toBe(8);
    expect(statsOf(ended).unaccounted).toEqual(noFault);
  });
});

describe.concurrent('incomplete captures', () => {
  it('a file that is cut off: what came before is recorded, and it is counted', async () => {
    const ended = await capture(['cut.pcap', '--stats', 'json'], { 'cut.pcap': smallPcap.subarray(0, -3) });
    expect(ended.code).toBe(0);
    expect(ended.lines).toEqual(records.slice(0, -1));
    expect(statsOf(ended)).toMatchObject({ cutOffFiles: 1, unaccounted: noFault });
  });

  it('a gzip file that is cut off', async () => {
    const gzip = gzipSync(smallPcap);
    const ended = await capture(['cut.gz', '--stats', 'json'], { 'cut.gz': gzip.subarray(0, -20) });
    expect(ended.code).toBe(0);
    expect(statsOf(ended)).toMatchObject({ cutOffFiles: 1, unaccounted: noFault });
  });

  it('a capture without frames says why nothing was recorded', async () => {
    const { code, lines, stderr } = await capture(['none.pcap'], { 'none.pcap': writePcap([]) });
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
    expect(linesOf(stderr)[0]).toBe('nothing was recorded: no frame was captured');
  });

  it('a damaged file: what came before is recorded, and the place is named', async () => {
    const damaged = Buffer.concat([writePcap(handshake), Buffer.alloc(64, 0xff)]);
    const { code, lines, stderr } = await capture(['d.pcap'], { 'd.pcap': damaged });
    expect(lines).toEqual(records.slice(0, 4));
    expect(stderr).toMatch(/^d\.pcap: damaged pcap at byte [0-9]+: found /m);
    expect(code).toBe(2);
  });
});
