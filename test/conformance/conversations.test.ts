import { describe, expect, it } from 'vitest';
import { tcpFlag } from '../../src/packet/index.ts';
import { ethernet, fragmentIpv4, icmpPacket, tcpPacket, udpPacket } from '../frames.ts';
import { type HarnessOptions, MeterHarness, runFrames, type TimedFrame } from '../meter-harness.ts';
import { testNetwork } from '../test-network.ts';

const { fin, syn, rst, psh, ack } = tcpFlag;
const startMs = 1_432_917_000_000;
const at = (seconds: number, packet: Uint8Array): TimedFrame => ({
  timeMs: startMs + seconds * 1000,
  bytes: ethernet({ payload: packet }),
});

const host = '10.0.1.10';
const peer = '203.0.113.5';
const inbound = (srcPort: number, dstPort: number) => ({ src: peer, dst: host, srcPort, dstPort });
const outbound = (srcPort: number, dstPort: number) => ({ src: host, dst: peer, srcPort, dstPort });

interface Rules {
  readonly ingress: readonly string[];
  readonly egress?: readonly string[];
  readonly acl?: { readonly ingress: readonly string[]; readonly egress: readonly string[] };
}
const openAcl = ['100 allow all all 0.0.0.0/0'];

/** One host with these rules, and no other. */
const hostWith = ({ ingress, egress = [], acl = { ingress: openAcl, egress: openAcl } }: Rules) =>
  testNetwork({
    interfaces: [{ id: 'eni-1', addresses: [host] }],
    groups: { 'sg-1': { ingress, egress } },
    acls: { 'acl-1': acl },
  });

const format = 'flow-direction srcport dstport packets action decided-by';
const linesOf = async (frames: readonly TimedFrame[], options: HarnessOptions) =>
  (await runFrames(frames, { format, ...options })).lines;

describe('UDP', () => {
  const network = hostWith({ ingress: [], egress: ['udp 53 0.0.0.0/0'] });
  const request = (seconds: number) => at(seconds, udpPacket(outbound(5000, 53)));
  const answer = (seconds: number) => at(seconds, udpPacket(inbound(53, 5000)));

  it('at 0 s and 45 s: the answer comes after the idle timeout and is rejected', async () => {
    expect(await linesOf([request(0), answer(45)], { network })).toEqual([
      'egress 5000 53 1 ACCEPT sg-1/egress/udp:53:0.0.0.0/0',
      'ingress 53 5000 1 REJECT sg-1/ingress/default',
    ]);
  });

  it('whose answer changes is two flows of one window', async () => {
    expect(await linesOf([request(0), answer(10), answer(50), answer(55)], { network })).toEqual([
      'egress 5000 53 1 ACCEPT sg-1/egress/udp:53:0.0.0.0/0',
      'ingress 53 5000 1 ACCEPT sg-1/egress/udp:53:0.0.0.0/0',
      'ingress 53 5000 2 REJECT sg-1/ingress/default',
    ]);
  });

  it('is a stream after a second request and answer, and then may be quiet for 180 s', async () => {
    const frames = [request(0), answer(1), request(2), answer(3), answer(180), answer(400)];
    expect(await linesOf(frames, { network })).toEqual([
      'egress 5000 53 2 ACCEPT sg-1/egress/udp:53:0.0.0.0/0',
      'ingress 53 5000 2 ACCEPT sg-1/egress/udp:53:0.0.0.0/0',
      'ingress 53 5000 1 ACCEPT sg-1/egress/udp:53:0.0.0.0/0',
      'ingress 53 5000 1 REJECT sg-1/ingress/default',
    ]);
  });
});

describe('TCP', () => {
  const network = hostWith({ ingress: ['tcp 22 0.0.0.0/0'] });
  const fromPeer = (seconds: number, flags: number) =>
    at(seconds, tcpPacket({ ...inbound(40_000, 22), flags }));
  const fromHost = (seconds: number, flags: number) =>
    at(seconds, tcpPacket({ ...outbound(22, 40_000), flags }));
  const open = [fromPeer(0, syn), fromHost(0, syn | ack), fromPeer(0, ack)];
  const ssh = 'sg-1/ingress/tcp:22:0.0.0.0/0';

  it('data after FIN, FIN and ACK is rejected where the rules do not allow it', async () => {
    const close = [fromPeer(1, fin | ack), fromHost(1, fin | ack), fromPeer(1, ack)];
    expect(
      await linesOf([...open, ...close, fromHost(2, psh | ack), fromHost(3, psh | ack)], { network }),
    ).toEqual([
      `ingress 40000 22 4 ACCEPT ${ssh}`,
      `egress 22 40000 2 ACCEPT ${ssh}`,
      'egress 22 40000 2 REJECT sg-1/egress/default',
    ]);
  });

  it('data after RST is rejected too', async () => {
    expect(await linesOf([...open, fromPeer(1, rst), fromHost(2, psh | ack)], { network })).toEqual([
      `ingress 40000 22 3 ACCEPT ${ssh}`,
      `egress 22 40000 1 ACCEPT ${ssh}`,
      'egress 22 40000 1 REJECT sg-1/egress/default',
    ]);
  });

  it('goes on when its group rule is revoked; a new connection does not begin', async () => {
    const harness = new MeterHarness({ network, format });
    harness.wire(...open);
    harness.load(hostWith({ ingress: [] }));
    harness.wire(fromPeer(1, psh | ack), fromHost(1, psh | ack), at(2, tcpPacket(inbound(40_001, 22))));
    expect((await harness.finish()).lines).toEqual([
      `ingress 40000 22 3 ACCEPT ${ssh}`,
      `egress 22 40000 2 ACCEPT ${ssh}`,
      'ingress 40001 22 1 REJECT sg-1/ingress/default',
    ]);
  });

  it('is cut at once by an ACL deny, and goes on when the deny is gone', async () => {
    const denied = hostWith({
      ingress: ['tcp 22 0.0.0.0/0'],
      acl: { ingress: ['50 deny tcp 22 203.0.113.0/24', ...openAcl], egress: openAcl },
    });
    const harness = new MeterHarness({ network, format });
    harness.wire(...open);
    harness.load(denied);
    harness.wire(fromPeer(1, psh | ack), fromHost(1, psh | ack));
    harness.load(network);
    harness.wire(fromPeer(2, psh | ack));
    expect((await harness.finish()).lines).toEqual([
      `ingress 40000 22 3 ACCEPT ${ssh}`,
      `egress 22 40000 2 ACCEPT ${ssh}`,
      'ingress 40000 22 1 REJECT acl-1/ingress/50',
    ]);
  });

  it('tells who began', async () => {
    expect(await linesOf(open, { network, format: 'flow-direction initiator' })).toEqual([
      'ingress peer',
      'egress peer',
    ]);
  });
});

describe('ICMP', () => {
  it('echo is allowed, redirect is not', async () => {
    const network = hostWith({ ingress: ['icmp 8.0 0.0.0.0/0'] });
    const frames = [
      at(0, icmpPacket({ src: peer, dst: host, type: 8 })),
      at(0, icmpPacket({ src: host, dst: peer, type: 0 })),
      at(1, icmpPacket({ src: peer, dst: host, type: 5, code: 1 })),
    ];
    expect(await linesOf(frames, { network })).toEqual([
      'ingress 0 0 1 ACCEPT sg-1/ingress/icmp:8.0:0.0.0.0/0',
      'egress 0 0 1 ACCEPT sg-1/ingress/icmp:8.0:0.0.0.0/0',
      'ingress 0 0 1 REJECT sg-1/ingress/default',
    ]);
  });

  it('an error about an accepted packet passes, one about nothing does not', async () => {
    const network = hostWith({ ingress: [], egress: ['udp all 0.0.0.0/0'] });
    const sent = udpPacket(outbound(5000, 33_434));
    const error = (payload: Uint8Array) => icmpPacket({ src: '198.51.100.1', dst: host, type: 11, payload });
    const frames = [at(0, sent), at(0, error(sent)), at(0, error(udpPacket(outbound(5000, 33_435))))];
    expect(await linesOf(frames, { network })).toEqual([
      'egress 5000 33434 1 ACCEPT sg-1/egress/udp:all:0.0.0.0/0',
      'ingress 0 0 1 ACCEPT sg-1/egress/udp:all:0.0.0.0/0',
      'ingress 0 0 1 REJECT sg-1/ingress/default',
    ]);
  });
});

describe('fragments', () => {
  it('are in the flow of their datagram', async () => {
    const network = hostWith({ ingress: ['udp 53 0.0.0.0/0'] });
    const pieces = fragmentIpv4(udpPacket({ ...inbound(5000, 53), payload: new Uint8Array(2000) }), 1480);
    expect(
      await linesOf(
        pieces.map((piece) => at(0, piece)),
        { network, format: 'srcport dstport packets bytes action' },
      ),
    ).toEqual(['5000 53 2 2048 ACCEPT']);
  });
});

describe('two interfaces on one wire', () => {
  const network = (egress: readonly string[], ingress: readonly string[]) =>
    testNetwork({
      interfaces: [
        { id: 'eni-a', addresses: ['10.0.1.21', '10.0.1.31'], groups: ['sg-a'] },
        { id: 'eni-b', addresses: ['10.0.1.22'], groups: ['sg-b'] },
      ],
      groups: { 'sg-a': { ingress: [], egress }, 'sg-b': { ingress, egress: [] } },
    });
  const web = { src: '10.0.1.21', dst: '10.0.1.22', srcPort: 40_000, dstPort: 80 };
  const shown = 'interface-id flow-direction action';

  it('give four records of a conversation', async () => {
    const frames = [
      at(0, tcpPacket(web)),
      at(0, tcpPacket({ src: web.dst, dst: web.src, srcPort: 80, dstPort: 40_000, flags: syn | ack })),
    ];
    const open = network(['tcp 80 10.0.0.0/16'], ['tcp 80 sg-a']);
    expect(await linesOf(frames, { network: open, format: shown })).toEqual([
      'eni-a egress ACCEPT',
      'eni-b ingress ACCEPT',
      'eni-b egress ACCEPT',
      'eni-a ingress ACCEPT',
    ]);
  });

  it('give an ingress record only of what egress let out', async () => {
    const packet = [at(0, tcpPacket(web))];
    expect(await linesOf(packet, { network: network([], ['tcp 80 sg-a']), format: shown })).toEqual([
      'eni-a egress REJECT',
    ]);
    expect(await linesOf(packet, { network: network(['tcp 80 10.0.0.0/16'], []), format: shown })).toEqual([
      'eni-a egress ACCEPT',
      'eni-b ingress REJECT',
    ]);
  });

  it('a packet from an interface to itself is recorded once, as egress', async () => {
    const toItself = { ...web, dst: '10.0.1.31' };
    const { lines, stats } = await runFrames([at(0, tcpPacket(toItself))], {
      network: network(['tcp 80 10.0.0.0/16'], []),
      format: 'interface-id flow-direction packets action',
    });
    expect(lines.filter((line) => line.startsWith('eni-a'))).toEqual(['eni-a egress 1 ACCEPT']);
    expect(stats.packets).toMatchObject({ egress: 1, ingress: 0 });
  });

  it('secondary addresses print the primary, and flows that print alike are one record', async () => {
    const open = network(['tcp 80 10.0.0.0/16'], []);
    const frames = [at(0, tcpPacket(web)), at(5, tcpPacket({ ...web, src: '10.0.1.31' }))];
    const alike = await linesOf(frames, { network: open, format: 'interface-id srcaddr packets start end' });
    expect(alike[0]).toBe('eni-a 10.0.1.21 2 1432917000 1432917005');
    const apart = await linesOf(frames, {
      network: open,
      format: 'interface-id srcaddr pkt-srcaddr packets',
    });
    expect(apart.filter((line) => line.startsWith('eni-a'))).toEqual([
      'eni-a 10.0.1.21 10.0.1.21 1',
      'eni-a 10.0.1.21 10.0.1.31 1',
    ]);
  });
});

describe('records that print alike', () => {
  it('are merged: ICMP types are no field', async () => {
    const network = hostWith({ ingress: ['icmp all 0.0.0.0/0'] });
    const frames = [8, 13, 8].map((type, i) => at(i, icmpPacket({ src: peer, dst: host, type })));
    const { lines, stats } = await runFrames(frames, { network, format });
    expect(lines).toEqual(['ingress 0 0 3 ACCEPT sg-1/ingress/icmp:all:0.0.0.0/0']);
    expect(stats.flows.observed).toBe(2);
  });

  it('are not merged across windows', async () => {
    const network = hostWith({ ingress: ['udp all 0.0.0.0/0'] });
    const frames = [0, 59, 60, 119].map((seconds) => at(seconds, udpPacket(inbound(1, 2))));
    expect(await linesOf(frames, { network, format: 'packets start end' })).toEqual([
      '2 1432917000 1432917059',
      '2 1432917060 1432917119',
    ]);
  });
});

describe('windows and intervals', () => {
  const network = hostWith({ ingress: ['udp all 0.0.0.0/0'] });
  const packet = (seconds: number, srcPort = 1) => at(seconds, udpPacket(inbound(srcPort, 2)));
  const counted = 'srcport packets start end';
  /** The ten minutes from 1432917000 to 1432917600 are an interval of 600 s. */
  const perMinute = Array.from({ length: 25 }, (_, i) => packet(i * 60));

  it('a flow log of 600 s merges ten windows', async () => {
    const { lines, stats } = await runFrames(perMinute, { network, format: counted, interval: 600 });
    expect(lines).toEqual([
      '1 10 1432917000 1432917540',
      '1 10 1432917600 1432918140',
      '1 5 1432918200 1432918440',
    ]);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it('a window of 10 s gives records of its own', async () => {
    const frames = [packet(0), packet(9.9), packet(10), packet(19.9)];
    expect(await linesOf(frames, { network, format: counted, windowSeconds: 10 })).toEqual([
      '1 2 1432917000 1432917009',
      '1 2 1432917010 1432917019',
    ]);
  });

  it('a late packet opens its window again, and yields a further record', async () => {
    const frames = [packet(0), packet(60), packet(61), packet(1), packet(62)];
    const { lines, stats } = await runFrames(frames, { network, format: counted });
    expect(lines).toEqual([
      '1 1 1432917000 1432917000',
      '1 1 1432917001 1432917001',
      '1 3 1432917060 1432917062',
    ]);
    expect(stats.packets.late).toBe(1);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  const farAhead = (year: number) => (Date.UTC(year, 0) - startMs) / 1000;
  it.each([
    { name: 'ahead', absurd: farAhead(2100) },
    { name: 'of the past', absurd: farAhead(1970) },
  ])('one absurd timestamp $name closes no other window', async ({ absurd }) => {
    const frames = [packet(0), packet(absurd, 9), packet(30), packet(59), packet(60), packet(61)];
    const { lines, stats } = await runFrames(frames, { network, format: counted });
    expect(lines).toContain('1 3 1432917000 1432917059');
    expect(lines).toContain('1 2 1432917060 1432917061');
    expect(lines.filter((line) => line.startsWith('9 '))).toHaveLength(1);
    expect(stats.packets.late).toBe(0);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it.each([
    { name: 'before the epoch', timeMs: -1e22, seconds: 0 },
    { name: 'no number', timeMs: Number.NaN, seconds: 0 },
    { name: 'beyond any calendar', timeMs: 1e22, seconds: 2 ** 31 * 60 - 1 },
  ])('a time $name is brought to the nearest that a record can tell', async ({ timeMs, seconds }) => {
    const strange = { ...packet(0, 9), timeMs };
    const { lines, stats } = await runFrames([packet(0), strange, packet(1)], { network, format: counted });
    expect(lines).toContain(`9 1 ${seconds} ${seconds}`);
    expect(lines).toContain('1 2 1432917000 1432917001');
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it('an absurd first timestamp hides no window', async () => {
    const frames = [packet(farAhead(2100), 9), packet(0), packet(30), packet(60), packet(61)];
    const { lines, stats } = await runFrames(frames, { network, format: counted });
    expect(lines.toSorted()).toEqual([
      '1 2 1432917000 1432917030',
      '1 2 1432917060 1432917061',
      expect.stringMatching(/^9 1 4/),
    ]);
    expect(stats.packets.late).toBe(0);
  });

  it('a full table closes the longest idle flows early, as ordinary records', async () => {
    const frames = Array.from({ length: 100 }, (_, i) => packet(i / 10, 1000 + i));
    const { lines, stats } = await runFrames(frames, { network, format: counted, maxFlows: 16 });
    expect(lines).toHaveLength(100);
    expect(stats.flows.closedEarly).toBeGreaterThan(80);
    expect(stats.packets.skipped).toBe(0);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });
});

describe('traffic types', () => {
  const network = hostWith({ ingress: ['udp 53 0.0.0.0/0'] });
  const frames = [
    at(0, udpPacket(inbound(1, 53))),
    at(0, udpPacket(inbound(1, 54))),
    at(1, udpPacket(inbound(1, 54))),
  ];
  it.each([
    { trafficType: 'ALL', lines: ['53 ACCEPT', '54 REJECT'], filtered: 0 },
    { trafficType: 'ACCEPT', lines: ['53 ACCEPT'], filtered: 2 },
    { trafficType: 'REJECT', lines: ['54 REJECT'], filtered: 1 },
  ] as const)('$trafficType', async ({ trafficType, lines, filtered }) => {
    const result = await runFrames(frames, { network, trafficType, format: 'dstport action' });
    expect(result.lines).toEqual(lines);
    expect(result.stats.records.filteredPackets).toBe(filtered);
    expect(result.stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });
});

describe('what AWS never logs', () => {
  const network = hostWith({ ingress: ['all all 0.0.0.0/0'], egress: ['all all 0.0.0.0/0'] });
  const frames = [
    at(0, tcpPacket({ src: host, dst: '169.254.169.254', srcPort: 40_000, dstPort: 80 })),
    at(1, udpPacket({ src: '10.0.0.2', dst: host, srcPort: 53, dstPort: 40_000 })),
    at(2, icmpPacket({ src: 'fe80::1', dst: 'ff02::1', type: 134 })),
    at(3, udpPacket(inbound(53, 40_000))),
  ];

  it('is excluded and counted by reason', async () => {
    const { lines, stats } = await runFrames(frames, { network, format: 'srcaddr packets' });
    expect(lines).toEqual(['203.0.113.5 1']);
    expect(stats.frames.excluded).toEqual({
      'amazon-dns': 1,
      'instance-metadata': 1,
      'neighbour-discovery': 1,
    });
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it('is recorded when asked for, but for neighbour discovery', async () => {
    const { lines, stats } = await runFrames(frames, {
      network,
      includesExcluded: true,
      format: 'srcaddr packets',
    });
    expect(lines).toEqual(['10.0.1.10 1', '10.0.0.2 1', '203.0.113.5 1']);
    expect(stats.frames.excluded).toEqual({ 'neighbour-discovery': 1 });
  });
});

describe('interfaces made up from addresses', () => {
  it('are the local ones, under the same ids in every run', async () => {
    const frames = [
      at(0, udpPacket({ src: '192.168.1.5', dst: '203.0.113.9', srcPort: 1, dstPort: 2 })),
      at(0, udpPacket({ src: '198.51.100.1', dst: '203.0.113.9', srcPort: 1, dstPort: 2 })),
      at(0, udpPacket({ src: 'fe80::5', dst: 'ff02::fb', srcPort: 5353, dstPort: 5353 })),
    ];
    const first = await runFrames(frames, { format: 'interface-id srcaddr dstaddr action' });
    const again = await runFrames(frames.toReversed(), { format: 'interface-id srcaddr dstaddr action' });
    expect(first.lines.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      '192.168.1.5 203.0.113.9 ACCEPT',
      'fe80::5 ff02::fb ACCEPT',
    ]);
    expect(again.lines.toSorted()).toEqual(first.lines.toSorted());
    expect(first.stats.frames.noInterface).toEqual({ 'unknown-address': 1 });
  });
});
