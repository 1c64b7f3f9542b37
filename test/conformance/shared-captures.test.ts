import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadNetwork } from '../../src/vpc/index.ts';
import { ethernet, icmpPacket, tcpPacket } from '../frames.ts';
import { type HarnessResult, runFiles, runFrames } from '../meter-harness.ts';
import { sharedData } from '../shared-data.ts';
import { type SlowPacket, slowFrames, slowPacket } from '../slow-capture.ts';

const folder = path.join(sharedData ?? '', 'pcap');
const captures = sharedData
  ? ['ipfixprobe', 'zeek'].flatMap((origin) =>
      readdirSync(path.join(folder, origin))
        .filter((file) => /\.pcap/.test(file))
        .map((file) => ({ name: `${origin}/${file}`, file: path.join(folder, origin, file) })),
    )
  : [];

/** With every unicast address an interface, each packet is one egress record's and one ingress record's. */
const everything = { local: ['0.0.0.0/0', '::/0'], includesExcluded: true };

interface Count {
  packets: number;
  bytes: number;
}
type Counts = Map<string, Count>;

function addTo(counts: Counts, key: string, packets: number, bytes: number): void {
  const count = counts.get(key) ?? { packets: 0, bytes: 0 };
  counts.set(key, { packets: count.packets + packets, bytes: count.bytes + bytes });
}

/** Multicast, broadcast and unspecified addresses are nobody's. */
const isUnicast = (address: string) =>
  !['0.0.0.0', '255.255.255.255', '::'].includes(address) && !/^(?:22[4-9]|23[0-9])\.|^ff/.test(address);

/** RFC 4861: counted, never judged. */
const isNeighbourDiscovery = ({ protocol, icmpType }: SlowPacket) =>
  protocol === 58 && icmpType >= 133 && icmpType <= 137;

/** What the file holds, by the frame category that the sums should have it in. */
function categories(file: string) {
  const counts = { captured: 0, observed: 0, neighbourDiscovery: 0, noInterface: 0, notIp: 0 };
  const directions: Counts = new Map();
  for (const frame of slowFrames(file)) {
    const packet = slowPacket(frame);
    counts.captured++;
    if (!packet) counts.notIp++;
    else if (isNeighbourDiscovery(packet)) counts.neighbourDiscovery++;
    else if (!isUnicast(packet.src) && !isUnicast(packet.dst)) counts.noInterface++;
    else {
      counts.observed++;
      if (isUnicast(packet.src)) addTo(directions, 'egress', 1, packet.length);
      // From an interface to itself: once, as egress.
      if (isUnicast(packet.dst) && packet.dst !== packet.src) addTo(directions, 'ingress', 1, packet.length);
    }
  }
  return { counts, directions };
}

const total = (reasons: Readonly<Record<string, number>>) =>
  Object.values(reasons).reduce((sum, count) => sum + count, 0);

function recordedDirections({ lines }: HarnessResult): Counts {
  const counts: Counts = new Map();
  for (const line of lines) {
    const [way, packets, bytes] = line.split(' ');
    addTo(counts, way, Number(packets), Number(bytes));
  }
  return counts;
}

describe.skipIf(!sharedData)('captures that nobody here made (skipped without the shared data)', () => {
  it('are all there', () => {
    expect(captures).toHaveLength(36);
  });

  it.each(captures)(
    '$name: the records hold the packets and bytes that an independent count finds',
    async ({ file }) => {
      const { counts, directions } = categories(file);
      const result = await runFiles([file], { ...everything, format: 'flow-direction packets bytes' });
      const { frames } = result.stats;
      expect({
        captured: frames.captured,
        observed: frames.observed,
        neighbourDiscovery: frames.excluded['neighbour-discovery'] ?? 0,
        noInterface: total(frames.noInterface),
        notIp: total(frames.notIp),
      }).toEqual(counts);
      // None of these files holds a frame that is malformed or cut before the end of its IP header.
      expect(frames.malformed).toEqual({});
      expect(recordedDirections(result)).toEqual(directions);
      expect(result.stats.unaccounted).toEqual({ frames: 0, packets: 0 });
    },
  );

  it.each(captures)('$name runs clean with the defaults', async ({ file }) => {
    const { stats } = await runFiles([file]);
    expect(stats.unaccounted).toEqual({ frames: 0, packets: 0 });
    expect(stats.packets.rejected).toBe(0);
  });

  it('all 82,582 packets of echo-connections end in records, of 500 conversations', async () => {
    const file = path.join(folder, 'zeek/echo-connections.pcap.gz');
    const { lines, stats } = await runFiles([file], { format: 'srcport dstport packets' });
    expect(stats.records.recordedPackets).toBe(82_582);
    const conversations = new Set(lines.map((line) => line.split(' ').slice(0, 2).toSorted().join(' ')));
    expect(conversations.size).toBe(500);
  });

  it('all of them at once, merged by time, give what they give one by one', async () => {
    const small = captures.filter(({ name }) => !name.includes('echo')).map(({ file }) => file);
    const together = await runFiles(small, { ...everything, format: 'packets bytes' });
    const alone = await Promise.all(
      small.map((file) => runFiles([file], { ...everything, format: 'packets bytes' })),
    );
    expect(together.stats.frames.captured).toBe(
      alone.reduce((sum, { stats }) => sum + stats.frames.captured, 0),
    );
    expect(together.stats.records.recordedPackets).toBe(
      alone.reduce((sum, { stats }) => sum + stats.records.recordedPackets, 0),
    );
    expect(together.stats.unaccounted).toEqual({ frames: 0, packets: 0 });
  });
});

/** Packets and bytes by `src dst srcport dstport protocol`, of what another exporter found in the file. */
function expectedFlows(file: string): Counts {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const header = lines.find((line) => line.startsWith('ipaddr '))!;
  const columns = header.split(',').map((column) => column.split(' ')[1]);
  const counts: Counts = new Map();
  for (const line of lines) {
    if (line === header) continue;
    const row = Object.fromEntries(line.split(',').map((value, i) => [columns[i], value]));
    const { SRC_IP, DST_IP, SRC_PORT, DST_PORT, PROTOCOL } = row;
    addTo(
      counts,
      `${SRC_IP} ${DST_IP} ${SRC_PORT} ${DST_PORT} ${PROTOCOL}`,
      Number(row.PACKETS),
      Number(row.BYTES),
    );
    if (row.PACKETS_REV !== '0') {
      addTo(
        counts,
        `${DST_IP} ${SRC_IP} ${DST_PORT} ${SRC_PORT} ${PROTOCOL}`,
        Number(row.PACKETS_REV),
        Number(row.BYTES_REV),
      );
    }
  }
  return counts;
}

/** Why a packet that the other exporter counts is in no record of ours; the first reason that holds. */
function whyUnrecorded(packet: SlowPacket): string | undefined {
  if (isNeighbourDiscovery(packet)) return 'IPv6 neighbour discovery is counted, and never judged';
  if (!isUnicast(packet.src) && !isUnicast(packet.dst)) return 'from and to nobody: of no network interface';
  return undefined;
}

describe.skipIf(!sharedData)('what another exporter finds (skipped without the shared data)', () => {
  it.each([
    {
      name: 'mixed',
      expected: 'basic',
      unrecorded: {
        'IPv6 neighbour discovery is counted, and never judged': 8,
        // DHCP from 0.0.0.0 to broadcast, and multicast listener reports from ::.
        'from and to nobody: of no network interface': 22,
      },
    },
    // Three VLANs have the same conversation: a flow log has no field for them, so that it is one.
    { name: 'vlan', expected: 'vlan', unrecorded: {} },
  ])(
    'is in our records of $name too: conversations, packets and bytes',
    async ({ name, expected, unrecorded }) => {
      const file = path.join(folder, 'ipfixprobe', `${name}.pcap`);
      const flows = expectedFlows(path.join(folder, 'ipfixprobe', `${expected}.expected.txt`));
      const left: Record<string, number> = {};
      for (const packet of slowFrames(file).flatMap((frame) => slowPacket(frame) ?? [])) {
        const reason = whyUnrecorded(packet);
        if (reason === undefined) continue;
        left[reason] = (left[reason] ?? 0) + 1;
        const { src, dst, srcPort, dstPort, protocol, length } = packet;
        addTo(flows, `${src} ${dst} ${srcPort} ${dstPort} ${protocol}`, -1, -length);
      }
      expect(left).toEqual(unrecorded);
      for (const [key, { packets, bytes }] of flows) if (packets === 0 && bytes === 0) flows.delete(key);

      const format = 'pkt-srcaddr pkt-dstaddr srcport dstport protocol packets bytes flow-direction';
      const { lines } = await runFiles([file], { ...everything, format });
      const recorded: Counts = new Map();
      for (const line of lines) {
        const fields = line.split(' ');
        if (fields[7] === 'egress')
          addTo(recorded, fields.slice(0, 5).join(' '), Number(fields[5]), Number(fields[6]));
      }
      expect(recorded).toEqual(flows);
    },
  );
});

describe.skipIf(!sharedData)(
  'a described network that nobody here made (skipped without the shared data)',
  () => {
    const network = sharedData ? loadNetwork(path.join(sharedData, 'aws/hybrid-cloud')).network : undefined;
    const format = 'interface-id flow-direction action decided-by';
    const at = (packet: Uint8Array) => ({ timeMs: 1_700_000_000_000, bytes: ethernet({ payload: packet }) });
    const border = '192.168.1.186';
    const web = '10.0.0.54';

    const cases = [
      {
        name: 'SSH from anywhere to the border',
        vpcId: 'vpc-b390fad5',
        packet: tcpPacket({ src: '198.51.100.1', dst: border, srcPort: 40_000, dstPort: 22 }),
        lines: ['eni-707e5a5e ingress ACCEPT sg-331ad04e/ingress/tcp:22:0.0.0.0/0'],
      },
      {
        name: 'a ping from anywhere to the border',
        vpcId: 'vpc-b390fad5',
        packet: icmpPacket({ src: '198.51.100.1', dst: border, type: 8 }),
        lines: ['eni-707e5a5e ingress REJECT sg-331ad04e/ingress/default'],
      },
      {
        name: 'RDP from one host of the VPC to another',
        vpcId: 'vpc-b390fad5',
        packet: tcpPacket({ src: '192.168.2.22', dst: border, srcPort: 40_000, dstPort: 3389 }),
        lines: [
          'eni-4b466165 egress ACCEPT sg-331ad04e/egress/all:all:0.0.0.0/0',
          'eni-707e5a5e ingress ACCEPT sg-331ad04e/ingress/all:all:192.168.0.0/16',
        ],
      },
      {
        name: 'HTTP to the web server',
        vpcId: 'vpc-925131f4',
        packet: tcpPacket({ src: '198.51.100.1', dst: web, srcPort: 40_000, dstPort: 80 }),
        lines: ['eni-0681f828 ingress ACCEPT sg-94df21e9/ingress/tcp:80:0.0.0.0/0'],
      },
      {
        name: 'MySQL to the web server',
        vpcId: 'vpc-925131f4',
        packet: tcpPacket({ src: '10.0.0.30', dst: web, srcPort: 40_000, dstPort: 3306 }),
        lines: [
          'eni-822b55ac egress ACCEPT sg-83b348fe/egress/all:all:0.0.0.0/0',
          'eni-0681f828 ingress REJECT sg-94df21e9/ingress/default',
        ],
      },
    ];
    it.each(cases)('judges $name', async ({ vpcId, packet, lines }) => {
      const result = await runFrames([at(packet)], { network: network!, vpcId, format });
      expect(result.lines.filter((line) => !line.endsWith('- - -'))).toEqual(lines);
    });

    it('knows nobody of another VPC than the captured one', async () => {
      const packet = tcpPacket({ src: '198.51.100.1', dst: web, srcPort: 40_000, dstPort: 80 });
      const { stats } = await runFrames([at(packet)], { network: network!, vpcId: 'vpc-b390fad5' });
      expect(stats.frames.noInterface).toEqual({ 'unknown-address': 1 });
    });
  },
);
