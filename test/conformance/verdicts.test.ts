import { describe, expect, it } from 'vitest';
import { tcpFlag } from '../../src/packet/index.ts';
import { ethernet, icmpPacket, tcpPacket, udpPacket } from '../frames.ts';
import { MeterHarness, runFrames, type TimedFrame } from '../meter-harness.ts';
import { testNetwork } from '../test-network.ts';

const { fin, syn, rst, psh, ack } = tcpFlag;
/** A minute of the documentation's examples. */
const startMs = 1_432_917_000_000;
const at = (seconds: number, packet: Uint8Array, macs: { src?: string; dst?: string } = {}): TimedFrame => ({
  timeMs: startMs + seconds * 1000,
  bytes: ethernet({ ...macs, payload: packet }),
});

describe('AWS’s ping (reference 2.8 and 9.3)', () => {
  const ping = (seconds: number): TimedFrame[] => {
    const request = { src: '203.0.113.12', dst: '172.31.16.139', payload: new Uint8Array(56) };
    const reply = { src: request.dst, dst: request.src, payload: request.payload };
    return [
      at(seconds, icmpPacket({ ...request, type: 8 })),
      at(seconds + 0.1, icmpPacket({ ...reply, type: 0 })),
    ];
  };
  const pings = [27, 28, 29, 30].flatMap(ping);
  const networkWith = (ingress: readonly string[], aclEgress: readonly string[]) =>
    testNetwork({
      cidr: '172.31.0.0/16',
      subnets: { 'subnet-1': '172.31.16.0/20' },
      interfaces: [{ id: 'eni-1235b8ca123456789', addresses: ['172.31.16.139'] }],
      groups: { 'sg-1': { ingress, egress: [] } },
      groupRules: [
        {
          SecurityGroupRuleId: 'sgr-ping',
          GroupId: 'sg-1',
          IsEgress: false,
          IpProtocol: 'icmp',
          FromPort: -1,
          ToPort: -1,
          CidrIpv4: '0.0.0.0/0',
        },
      ],
      acls: { 'acl-1': { ingress: ['100 allow all all 0.0.0.0/0'], egress: aclEgress } },
    });

  it('is accepted by the group, and its reply rejected by the ACL', async () => {
    const network = networkWith(['icmp all 0.0.0.0/0'], ['90 deny icmp all 0.0.0.0/0']);
    const { lines } = await runFrames(pings, { network });
    expect(lines).toEqual([
      '2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 0 0 1 4 336 1432917027 1432917030 ACCEPT OK',
      '2 123456789010 eni-1235b8ca123456789 172.31.16.139 203.0.113.12 0 0 1 4 336 1432917027 1432917030 REJECT OK',
    ]);
  });

  const cases = [
    {
      name: 'the group allows in, the ACL denies out',
      network: networkWith(['icmp all 0.0.0.0/0'], ['90 deny icmp all 0.0.0.0/0']),
      lines: ['ingress ACCEPT sg-1/ingress/sgr-ping peer', 'egress REJECT acl-1/egress/90 peer'],
    },
    {
      name: 'no ACL entry lets it out',
      network: networkWith(['icmp all 0.0.0.0/0'], []),
      lines: ['ingress ACCEPT sg-1/ingress/sgr-ping peer', 'egress REJECT acl-1/egress/default peer'],
    },
    {
      name: 'the ACL lets it out',
      network: networkWith(['icmp all 0.0.0.0/0'], ['100 allow all all 0.0.0.0/0']),
      lines: ['ingress ACCEPT sg-1/ingress/sgr-ping peer', 'egress ACCEPT sg-1/ingress/sgr-ping peer'],
    },
  ];
  it.each(cases)('names what decided: $name', async ({ network, lines }) => {
    const format = 'flow-direction action decided-by initiator';
    expect((await runFrames(pings, { network, format })).lines).toEqual(lines);
  });

  it('gives one REJECT when the group does not allow it in, for there is no reply', async () => {
    const network = networkWith([], ['100 allow all all 0.0.0.0/0']);
    const requests = pings.filter((_, i) => i % 2 === 0);
    const format = 'flow-direction action decided-by packets';
    expect((await runFrames(requests, { network, format })).lines).toEqual([
      'ingress REJECT sg-1/ingress/default 4',
    ]);
  });
});

describe('SSH and RDP (reference 9.1 and 9.4)', () => {
  it('accepts SSH and rejects RDP', async () => {
    const network = testNetwork({
      cidr: '172.31.0.0/16',
      subnets: { 'subnet-1': '172.31.0.0/16' },
      interfaces: [{ id: 'eni-1235b8ca123456789', addresses: ['172.31.16.21', '172.31.9.12'] }],
      groups: { 'sg-1': { ingress: ['tcp 22 172.31.0.0/16'] } },
    });
    const ssh = { src: '172.31.16.139', dst: '172.31.16.21', srcPort: 20_641, dstPort: 22 };
    const rdp = { src: '172.31.9.69', dst: '172.31.16.21', srcPort: 49_761, dstPort: 3389 };
    const { lines } = await runFrames(
      [
        at(0, tcpPacket(ssh)),
        at(1, tcpPacket({ ...ssh, flags: ack })),
        at(2, tcpPacket(rdp)),
        at(3, tcpPacket(rdp)),
      ],
      { network },
    );
    expect(lines).toEqual([
      '2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 2 80 1432917000 1432917001 ACCEPT OK',
      '2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.16.21 49761 3389 6 2 80 1432917002 1432917003 REJECT OK',
    ]);
  });

  it('accepts SSH over IPv6', async () => {
    const address = '2001:db8:1234:a102:3304:8879:34cf:4071';
    const network = testNetwork({
      subnets: { 'subnet-1': '2001:db8:1234:a102::/64' },
      interfaces: [{ id: 'eni-1235b8ca123456789', addresses: ['10.0.1.5', address] }],
      groups: { 'sg-1': { ingress: ['tcp 22 2001:db8:1234:a100::/64'] } },
    });
    const ssh = { src: '2001:db8:1234:a100:8d6e:3477:df66:f105', dst: address, srcPort: 34_892, dstPort: 22 };
    const { lines } = await runFrames([at(0, tcpPacket(ssh))], { network });
    expect(lines).toEqual([
      `2 123456789010 eni-1235b8ca123456789 ${ssh.src} ${address} 34892 22 6 1 60 1432917000 1432917000 ACCEPT OK`,
    ]);
  });
});

describe('no data and skipped data (reference 9.2)', () => {
  const network = testNetwork({
    interfaces: [
      { id: 'eni-busy', addresses: ['10.0.1.5'] },
      { id: 'eni-quiet', addresses: ['10.0.1.6'] },
    ],
    groups: { 'sg-1': { ingress: ['all all 0.0.0.0/0'] } },
  });
  const frame = (seconds: number, dst: string) =>
    at(seconds, udpPacket({ src: '203.0.113.1', dst, srcPort: 1, dstPort: 2 }));

  it('gives no NODATA for a window in which the source that covers the interface captured nothing', async () => {
    const harness = new MeterHarness({ network });
    harness.wireOf(0, frame(0, '10.0.1.5'), frame(1, '10.0.1.5'));
    harness.wireOf(1, frame(60, '10.0.1.6'), frame(61, '10.0.1.6'));
    harness.wireOf(0, frame(120, '10.0.1.5')).wireOf(1, frame(121, '203.0.113.9'));
    const { lines } = await harness.finish();
    expect(lines.filter((line) => line.endsWith('NODATA'))).toEqual([
      '2 123456789010 eni-quiet - - - - - - - 1432917120 1432917179 - NODATA',
    ]);
  });

  it('gives NODATA for a covered interface without traffic, in windows in which something was captured', async () => {
    const frames = [frame(0, '10.0.1.5'), frame(1, '10.0.1.6'), frame(60, '10.0.1.5'), frame(61, '10.0.1.5')];
    const later = [frame(300, '10.0.1.6'), frame(301, '10.0.1.6')];
    const { lines, stats } = await runFrames([...frames, ...later], { network });
    expect(lines.filter((line) => line.endsWith('NODATA'))).toEqual([
      '2 123456789010 eni-quiet - - - - - - - 1432917060 1432917119 - NODATA',
      '2 123456789010 eni-busy - - - - - - - 1432917300 1432917359 - NODATA',
    ]);
    expect(stats.records.noData).toBe(2);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it('gives none for interfaces that were made up from the file', async () => {
    const { lines } = await runFrames([frame(0, '10.0.1.5'), frame(60, '10.0.1.6'), frame(61, '10.0.1.6')]);
    expect(lines).toHaveLength(2);
    expect(lines.every((line) => line.endsWith('ACCEPT OK'))).toBe(true);
  });

  it('gives one SKIPDATA for each interface and window of flows that could not be kept', async () => {
    const frames = [frame(0, '10.0.1.5'), frame(1, '10.0.1.6'), frame(2, '10.0.1.6')];
    const { lines, stats, losses } = await new MeterHarness({ network, isBehind: true })
      .wire(...frames)
      .finish();
    expect(lines.toSorted()).toEqual([
      '2 123456789010 eni-busy - - - - - - - 1432917000 1432917059 - SKIPDATA',
      '2 123456789010 eni-quiet - - - - - - - 1432917000 1432917059 - SKIPDATA',
    ]);
    expect(losses.map(({ flows, packets, reason }) => [flows, packets, reason])).toEqual([
      [1, 1, 'delivery-behind'],
      [1, 2, 'delivery-behind'],
    ]);
    expect(stats.packets.skipped).toBe(3);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it('gives one SKIPDATA for each interface of a device on which the kernel dropped', async () => {
    const harness = new MeterHarness({ network }).wire(frame(0, '10.0.1.5'));
    const busy = harness.engine.registry.indexOf('eni-busy') ?? -1;
    harness.engine.noteKernelDrops([busy], 100, startMs);
    harness.engine.noteKernelDrops([busy], 11, startMs + 1000);
    const { lines, losses } = await harness.finish();
    expect(lines.filter((line) => line.endsWith('SKIPDATA'))).toEqual([
      '2 123456789010 eni-busy - - - - - - - 1432917000 1432917059 - SKIPDATA',
    ]);
    expect(losses).toMatchObject([{ packets: 111, reason: 'kernel-dropped' }]);
  });
});

describe('TCP flags (reference 9.5)', () => {
  const network = testNetwork({
    subnets: { 'subnet-1': '10.0.0.0/24' },
    interfaces: [{ id: 'eni-1', addresses: ['10.0.0.62'] }],
    groups: { 'sg-1': { ingress: ['tcp 5001 0.0.0.0/0'], egress: [] } },
  });
  const client = (port: number, flags: number) =>
    tcpPacket({ src: '52.213.180.42', dst: '10.0.0.62', srcPort: port, dstPort: 5001, flags });
  const server = (port: number, flags: number) =>
    tcpPacket({ src: '10.0.0.62', dst: '52.213.180.42', srcPort: 5001, dstPort: port, flags });
  const format = 'srcport dstport packets action tcp-flags';
  const opened = (port: number, seconds: number) => [
    at(seconds, client(port, syn)),
    at(seconds, server(port, syn | ack)),
    at(seconds, client(port, ack)),
    at(seconds + 1, client(port, psh | ack)),
    at(seconds + 1, server(port, ack)),
  ];
  const closed = (port: number, seconds: number) => [
    at(seconds, server(port, fin | ack)),
    at(seconds, client(port, fin | ack)),
    at(seconds, server(port, ack)),
  ];

  it('show the opening in one interval and the end in the next', async () => {
    const frames = [...opened(43_416, 0), ...opened(43_418, 2), ...closed(43_418, 61)];
    expect((await runFrames(frames, { network, format })).lines).toEqual([
      '43416 5001 3 ACCEPT 2',
      '5001 43416 2 ACCEPT 18',
      '43418 5001 3 ACCEPT 2',
      '5001 43418 2 ACCEPT 18',
      '5001 43418 2 ACCEPT 1',
      '43418 5001 1 ACCEPT 1',
    ]);
  });

  it('show a whole connection inside one interval', async () => {
    const frames = [...opened(43_638, 0), ...closed(43_638, 5)];
    expect((await runFrames(frames, { network, format })).lines).toEqual([
      '43638 5001 4 ACCEPT 3',
      '5001 43638 4 ACCEPT 19',
    ]);
  });

  it.each([
    { name: 'a SYN with ECN', flags: syn | 0xc0, shown: 2 },
    { name: 'a lone ACK', flags: ack, shown: 0 },
    { name: 'PSH and URG', flags: psh | 0x20, shown: 0 },
    { name: 'no flag', flags: 0, shown: 0 },
    { name: 'FIN-ACK', flags: fin | ack, shown: 1 },
    { name: 'RST-ACK', flags: rst | ack, shown: 4 },
    { name: 'SYN-ACK with more', flags: syn | ack | psh | 0x40, shown: 18 },
    { name: 'all of them', flags: 0xff, shown: 23 },
  ])('show $name as $shown', async ({ flags, shown }) => {
    const { lines } = await runFrames([at(0, client(1000, flags))], { network, format: 'tcp-flags' });
    expect(lines).toEqual([`${shown}`]);
  });

  it('are 0 for other protocols', async () => {
    const { lines } = await runFrames(
      [at(0, udpPacket({ src: '52.213.180.42', dst: '10.0.0.62', srcPort: 1, dstPort: 2 }))],
      { network, format: 'protocol tcp-flags' },
    );
    expect(lines).toEqual(['17 0']);
  });
});

describe('a NAT gateway on the wire (reference 9.6)', () => {
  const router = '02:00:00:00:00:ff';
  const instance = '02:00:00:00:00:05';
  const gateway = '02:00:00:00:00:20';
  const network = testNetwork({
    subnets: { 'subnet-private': '10.0.1.0/24', 'subnet-public': '10.0.0.0/24' },
    interfaces: [
      {
        id: 'eni-1111aaaa2222bbbb3',
        addresses: ['10.0.1.5'],
        subnet: 'subnet-private',
        mac: instance,
        instance: 'i-01234567890123456',
      },
      {
        id: 'eni-1235b8ca123456789',
        addresses: ['10.0.0.220'],
        subnet: 'subnet-public',
        mac: gateway,
        type: 'natGateway',
        groups: [],
      },
    ],
    groups: { 'sg-1': { ingress: [] } },
  });
  const request = { src: '10.0.1.5', dst: '203.0.113.5', srcPort: 40_000, dstPort: 80 };
  const translated = { ...request, src: '10.0.0.220' };
  const turned = ({ src, dst, srcPort, dstPort }: typeof request) => ({
    src: dst,
    dst: src,
    srcPort: dstPort,
    dstPort: srcPort,
  });
  const frames = [
    at(0, tcpPacket(request), { src: instance, dst: gateway }),
    at(0.1, tcpPacket(translated), { src: gateway, dst: router }),
    at(0.2, tcpPacket({ ...turned(translated), flags: syn | ack }), { src: router, dst: gateway }),
    at(0.3, tcpPacket({ ...turned(request), flags: syn | ack }), { src: gateway, dst: instance }),
  ];

  it('gives four records at the gateway and two at the instance', async () => {
    const format = 'instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr';
    const { lines, stats } = await runFrames(frames, { network, format });
    expect(lines.filter((line) => line.startsWith('-'))).toEqual([
      '- eni-1235b8ca123456789 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5',
      '- eni-1235b8ca123456789 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5',
      '- eni-1235b8ca123456789 203.0.113.5 10.0.0.220 203.0.113.5 10.0.0.220',
      '- eni-1235b8ca123456789 10.0.0.220 10.0.1.5 203.0.113.5 10.0.1.5',
    ]);
    expect(lines.filter((line) => line.startsWith('i-'))).toEqual([
      'i-01234567890123456 eni-1111aaaa2222bbbb3 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5',
      'i-01234567890123456 eni-1111aaaa2222bbbb3 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5',
    ]);
    expect(stats.frames.observed).toBe(4);
    expect(stats.packets).toMatchObject({ egress: 3, ingress: 3, accepted: 6 });
  });

  it('accepts all of it: the gateway has no groups, and the instance asked', async () => {
    const { lines } = await runFrames(frames, { network, format: 'action' });
    expect(new Set(lines)).toEqual(new Set(['ACCEPT']));
  });
});

describe('a regional NAT gateway (reference 9.7)', () => {
  it('has no network interface to be seen at; the instance’s own gives two records', async () => {
    const network = testNetwork({
      interfaces: [{ id: 'eni-1111aaaa2222bbbb3', addresses: ['10.0.1.5'], instance: 'i-01234567890123456' }],
      subnets: { 'subnet-aaaaaaaa012345678': '10.0.1.0/24' },
      groups: { 'sg-1': { ingress: [] } },
    });
    const request = { src: '10.0.1.5', dst: '203.0.113.5', srcPort: 40_000, dstPort: 80 };
    const reply = { src: request.dst, dst: request.src, srcPort: 80, dstPort: 40_000, flags: syn | ack };
    const translated = { ...request, src: '107.22.182.139' };
    const format = 'resource-id instance-id interface-id subnet-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr';
    const { lines, stats } = await runFrames(
      [at(0, tcpPacket(request)), at(0, tcpPacket(translated)), at(0, tcpPacket(reply))],
      { network, format },
    );
    expect(lines).toEqual([
      '- i-01234567890123456 eni-1111aaaa2222bbbb3 subnet-aaaaaaaa012345678 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5',
      '- i-01234567890123456 eni-1111aaaa2222bbbb3 subnet-aaaaaaaa012345678 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5',
    ]);
    expect(stats.frames.noInterface).toEqual({ 'unknown-address': 1 });
  });
});

describe('a transit gateway on the wire (reference 9.8)', () => {
  const macs = {
    server: '02:00:00:00:00:33',
    attachmentIn: '02:00:00:00:00:11',
    attachmentOut: '02:00:00:00:00:22',
    beyond: '02:00:00:00:00:fe',
  };
  const network = testNetwork({
    cidr: '10.40.0.0/16',
    subnets: { 'subnet-11111111aaaaaaaaa': '10.40.1.0/24', 'subnet-22222222bbbbbbbbb': '10.40.2.0/24' },
    interfaces: [
      {
        id: 'eni-33333333333333333',
        addresses: ['10.40.2.236'],
        subnet: 'subnet-22222222bbbbbbbbb',
        mac: macs.server,
        instance: 'i-01234567890123456',
      },
      {
        id: 'eni-11111111111111111',
        addresses: ['10.40.1.175'],
        subnet: 'subnet-11111111aaaaaaaaa',
        mac: macs.attachmentIn,
        type: 'transit_gateway',
        groups: [],
      },
      {
        id: 'eni-22222222222222222',
        addresses: ['10.40.2.31'],
        subnet: 'subnet-22222222bbbbbbbbb',
        mac: macs.attachmentOut,
        type: 'transit_gateway',
        groups: [],
      },
    ],
    groups: { 'sg-1': { ingress: ['tcp 80 10.20.0.0/16'], egress: [] } },
  });

  it('shows the gateway’s own address beside the client’s', async () => {
    const request = { src: '10.20.33.164', dst: '10.40.2.236', srcPort: 39_812, dstPort: 80 };
    const reply = { src: request.dst, dst: request.src, srcPort: 80, dstPort: 39_812 };
    const { lines } = await runFrames(
      [
        at(0, tcpPacket(request), { src: macs.attachmentIn, dst: macs.server }),
        at(0, tcpPacket({ ...reply, flags: syn | ack }), { src: macs.server, dst: macs.attachmentOut }),
        at(1, tcpPacket({ ...request, flags: fin | ack }), { src: macs.attachmentIn, dst: macs.server }),
        at(1, tcpPacket({ ...reply, flags: fin | ack }), { src: macs.server, dst: macs.attachmentOut }),
      ],
      {
        network,
        format:
          'version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol tcp-flags type pkt-srcaddr pkt-dstaddr action log-status',
      },
    );
    expect(lines.toSorted()).toEqual([
      // What leaves the gateway towards the VPC: egress at its interface, which is none of the packet's addresses.
      '3 eni-11111111111111111 123456789010 vpc-abcdefab012345678 subnet-11111111aaaaaaaaa - 10.40.1.175 10.40.2.236 39812 80 6 3 IPv4 10.20.33.164 10.40.2.236 ACCEPT OK',
      '3 eni-22222222222222222 123456789010 vpc-abcdefab012345678 subnet-22222222bbbbbbbbb - 10.40.2.236 10.40.2.31 80 39812 6 19 IPv4 10.40.2.236 10.20.33.164 ACCEPT OK',
      '3 eni-33333333333333333 123456789010 vpc-abcdefab012345678 subnet-22222222bbbbbbbbb i-01234567890123456 10.20.33.164 10.40.2.236 39812 80 6 3 IPv4 10.20.33.164 10.40.2.236 ACCEPT OK',
      '3 eni-33333333333333333 123456789010 vpc-abcdefab012345678 subnet-22222222bbbbbbbbb i-01234567890123456 10.40.2.236 10.20.33.164 80 39812 6 19 IPv4 10.40.2.236 10.20.33.164 ACCEPT OK',
    ]);
  });
});

describe('a container behind a masquerading host, on the host’s devices (reference 9.6)', () => {
  const network = testNetwork({
    subnets: { 'subnet-bridge': '172.17.0.0/16', 'subnet-host': '10.0.0.0/24' },
    interfaces: [
      { id: 'eni-bridge', addresses: ['172.17.0.1'], subnet: 'subnet-bridge' },
      { id: 'eni-uplink', addresses: ['10.0.0.220'], subnet: 'subnet-host' },
    ],
    groups: { 'sg-1': { ingress: ['all all 0.0.0.0/0'] } },
  });
  const outgoing = 4;

  it('gives one ingress and one egress record per device and direction', async () => {
    const request = { src: '172.17.0.2', dst: '203.0.113.5', srcPort: 40_000, dstPort: 80 };
    const translated = { ...request, src: '10.0.0.220' };
    const reply = { src: request.dst, dst: translated.src, srcPort: 80, dstPort: 40_000, flags: syn | ack };
    const format = 'interface-id flow-direction srcaddr dstaddr pkt-srcaddr pkt-dstaddr action';
    const { lines, stats } = await new MeterHarness({ network, format })
      .host('eni-bridge', at(0, tcpPacket(request)))
      .host(
        'eni-uplink',
        { ...at(0, tcpPacket(translated)), packetType: outgoing },
        at(0.1, tcpPacket(reply)),
      )
      .host('eni-bridge', { ...at(0.1, tcpPacket({ ...reply, dst: request.src })), packetType: outgoing })
      .finish();
    expect(lines).toEqual([
      'eni-bridge ingress 172.17.0.2 172.17.0.1 172.17.0.2 203.0.113.5 ACCEPT',
      'eni-uplink egress 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5 ACCEPT',
      'eni-uplink ingress 203.0.113.5 10.0.0.220 203.0.113.5 10.0.0.220 ACCEPT',
      'eni-bridge egress 172.17.0.1 172.17.0.2 203.0.113.5 172.17.0.2 ACCEPT',
    ]);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });

  it('counts frames for other hosts, of VLAN sub-interfaces and of neighbours, and does not observe them', async () => {
    const packet = tcpPacket({ src: '10.0.0.9', dst: '10.0.0.220', srcPort: 1, dstPort: 2 });
    const tagged = (id: number) => ({ ...at(0, packet), bytes: ethernet({ vlans: [id], payload: packet }) });
    const { lines, stats } = await new MeterHarness({ network, format: 'packets', vlanIds: [7] })
      .host(
        'eni-uplink',
        { ...at(0, packet), packetType: 3 },
        { ...at(0, packet), strippedVlan: 7 },
        tagged(7),
      )
      .host('eni-uplink', at(0, icmpPacket({ src: 'fe80::1', dst: 'ff02::1', type: 134 })), tagged(8))
      .finish();
    expect(lines[0]).toBe('1');
    expect(stats.frames).toMatchObject({
      observed: 1,
      noInterface: { 'other-host': 1, 'vlan-sub-interface': 2 },
      excluded: { 'neighbour-discovery': 1 },
    });
  });

  it('counts a super-packet as the segments it is', async () => {
    const packet = tcpPacket({
      src: '10.0.0.220',
      dst: '203.0.113.5',
      srcPort: 1,
      dstPort: 2,
      flags: ack,
      payload: new Uint8Array(4380),
    });
    const { lines } = await new MeterHarness({ network, format: 'packets bytes' })
      .host('eni-uplink', { ...at(0, packet), packetType: outgoing, segmentBytes: 1460 })
      .finish();
    expect(lines[0]).toBe('3 4500');
  });
});
