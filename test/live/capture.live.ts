import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CaptureResult,
  type LiveRecord,
  runCaptureToEnd,
  startCapture,
  stopCapture,
  totalsBy,
} from './capture-run.ts';
import { allowed, host, hostAcl, peer, writeHostNetwork } from './host-network.ts';
import { hasProgram, liveUnavailable, Namespaces, program, type RunningCommand } from './namespaces.ts';

const isLive = liveUnavailable === undefined;
const work = path.join(tmpdir(), `headgate-live-${process.pid}`);
const rules = path.join(work, 'rules');
beforeAll(() => {
  // A capture without privileges has to get into its folder.
  if (isLive) mkdirSync(rules, { recursive: true, mode: 0o755 });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A port where the record has the one that names the service, else 0. */
const servicePort = ({ srcport, dstport }: LiveRecord): string =>
  [srcport, dstport].find((port) => Number(port) > 0 && Number(port) < 8000) ?? '0';
const conversation = (record: LiveRecord): string =>
  [
    record['flow-direction'],
    record.protocol,
    record.srcaddr,
    record.dstaddr,
    servicePort(record),
    record.action,
  ].join(' ');

/** What is sent between two hosts, and the services that answer it. */
class Hosts {
  readonly #namespaces: Namespaces;
  readonly #services: RunningCommand[] = [];

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  async serve(
    namespace: string,
    name: 'tcp-sink' | 'udp-echo',
    address: string,
    port: number,
  ): Promise<void> {
    const service = this.#namespaces.start(namespace, 'node', program(name), address, String(port));
    await service.waitFor('listening');
    this.#services.push(service);
  }

  ping(from: string, address: string, count: number): void {
    const answer = this.#namespaces.run(from, 'node', program('ping'), address, String(count));
    expect(answer).toBe(`answered ${count}\n`);
  }

  udp(from: string, address: string, port: number, count: number, everyMs = 10): string {
    const args = [address, String(port), String(count), String(everyMs)];
    return this.#namespaces.run(from, 'node', program('udp-send'), ...args).trim();
  }

  tcp(from: string, address: string, port: number, bytes: number): string {
    const args = [address, String(port), String(bytes)];
    return this.#namespaces.run(from, 'node', program('tcp-send'), ...args).trim();
  }
}

describe.skipIf(!isLive)('headgate capture between two hosts', () => {
  const namespaces = new Namespaces(work);
  const hosts = new Hosts(namespaces);
  let hostName: string;
  let peerName: string;

  beforeAll(async () => {
    hostName = namespaces.add('host');
    peerName = namespaces.add('peer');
    namespaces.connect(hostName, 'data1', peerName, 'data2');
    for (const [namespace, device, side] of [
      [hostName, 'data1', host],
      [peerName, 'data2', peer],
    ] as const) {
      namespaces.ip(namespace, 'link', 'set', device, 'address', side.mac);
      // One link for both subnets of the VPC: the prefixes are longer in the rules than on the wire.
      namespaces.addAddress(namespace, device, `${side.ipv4}/16`, `${side.ipv6}/48`);
    }
    await hosts.serve(hostName, 'tcp-sink', host.ipv4, allowed.tcpIn);
    await hosts.serve(hostName, 'tcp-sink', host.ipv4, 5002);
    await hosts.serve(hostName, 'tcp-sink', host.ipv6, allowed.tcpIn);
    await hosts.serve(hostName, 'udp-echo', host.ipv4, allowed.udpIn);
    await hosts.serve(hostName, 'udp-echo', host.ipv4, 6001);
    await hosts.serve(hostName, 'udp-echo', host.ipv6, allowed.udpIn);
    await hosts.serve(hostName, 'udp-echo', host.ipv6, 6001);
    await hosts.serve(peerName, 'tcp-sink', peer.ipv4, allowed.tcpOut);
    await hosts.serve(peerName, 'tcp-sink', peer.ipv4, 7002);
  });
  beforeEach(() => writeHostNetwork(rules));
  afterAll(() => namespaces.remove());

  it('accepts everything without rules, and counts packets and bytes as they are', async () => {
    const capture = await startCapture(namespaces, hostName, [], ['data1']);
    hosts.ping(peerName, host.ipv4, 3);
    hosts.ping(peerName, host.ipv6, 2);
    expect(hosts.udp(peerName, host.ipv4, allowed.udpIn, 5)).toBe('answered 5');
    expect(hosts.udp(peerName, host.ipv6, allowed.udpIn, 4)).toBe('answered 4');
    expect(hosts.tcp(peerName, host.ipv4, allowed.tcpIn, 1000)).toBe('done');
    expect(hosts.tcp(peerName, host.ipv6, allowed.tcpIn, 1000)).toBe('done');
    const { records, sums } = await stopCapture(capture);

    expect(new Set(records.map(({ action }) => action))).toEqual(new Set(['ACCEPT']));
    expect(new Set(records.map((record) => record['interface-id'])).size).toBe(1);
    const totals = totalsBy(records, conversation);
    // Echo requests: 56 bytes of data, 8 of ICMP header; datagrams: 100 bytes of data, 8 of UDP header.
    expect(totals).toMatchObject({
      [`ingress 1 ${peer.ipv4} ${host.ipv4} 0 ACCEPT`]: { packets: 3, bytes: 3 * 84 },
      [`egress 1 ${host.ipv4} ${peer.ipv4} 0 ACCEPT`]: { packets: 3, bytes: 3 * 84 },
      [`ingress 58 ${peer.ipv6} ${host.ipv6} 0 ACCEPT`]: { packets: 2, bytes: 2 * 104 },
      [`egress 58 ${host.ipv6} ${peer.ipv6} 0 ACCEPT`]: { packets: 2, bytes: 2 * 104 },
      [`ingress 17 ${peer.ipv4} ${host.ipv4} 6000 ACCEPT`]: { packets: 5, bytes: 5 * 128 },
      [`egress 17 ${host.ipv4} ${peer.ipv4} 6000 ACCEPT`]: { packets: 5, bytes: 5 * 128 },
      [`ingress 17 ${peer.ipv6} ${host.ipv6} 6000 ACCEPT`]: { packets: 4, bytes: 4 * 148 },
      [`egress 17 ${host.ipv6} ${peer.ipv6} 6000 ACCEPT`]: { packets: 4, bytes: 4 * 148 },
    });
    for (const [to, from] of [
      [host.ipv4, peer.ipv4],
      [host.ipv6, peer.ipv6],
    ]) {
      const tcp = records.filter(({ protocol }) => protocol === '6');
      // SYN and FIN from the client; SYN-ACK and FIN from the server, unless a window ended between.
      const flags = (address: string) =>
        tcp
          .filter(({ srcaddr }) => srcaddr === address)
          .reduce((all, record) => all | Number(record['tcp-flags']), 0);
      expect([flags(from), flags(to)]).toEqual([3, 19]);
    }
    expect(Object.keys(sums.frames.malformed)).toEqual([]);
    expect(sums.frames.kernelDropped).toBe(0);
  });

  it('judges by security groups and network ACLs, and names the rule', async () => {
    const capture = await startCapture(namespaces, hostName, ['interface:data1', '--vpc', rules], [host.id]);
    hosts.ping(peerName, host.ipv4, 3);
    hosts.ping(peerName, host.ipv6, 2);
    for (const port of [allowed.udpIn, 6001]) {
      hosts.udp(peerName, host.ipv4, port, 3);
      hosts.udp(peerName, host.ipv6, port, 2);
    }
    hosts.tcp(peerName, host.ipv4, allowed.tcpIn, 1000);
    hosts.tcp(peerName, host.ipv4, 5002, 1000);
    hosts.tcp(peerName, host.ipv6, allowed.tcpIn, 1000);
    hosts.tcp(hostName, peer.ipv4, allowed.tcpOut, 1000);
    hosts.tcp(hostName, peer.ipv4, 7002, 1000);
    const { records } = await stopCapture(capture);

    expect(new Set(records.map((record) => record['interface-id']))).toEqual(new Set([host.id]));
    const toHost4 = `${peer.ipv4} ${host.ipv4}`;
    const toPeer4 = `${host.ipv4} ${peer.ipv4}`;
    const toHost6 = `${peer.ipv6} ${host.ipv6}`;
    const toPeer6 = `${host.ipv6} ${peer.ipv6}`;
    const totals = totalsBy(records, conversation);
    const seen = Object.keys(totals).filter((key) => !isNeighbourTalk(key));
    expect(seen.toSorted()).toEqual(
      [
        // AWS's ping example: the group lets the request in, the ACL refuses the reply.
        `ingress 1 ${toHost4} 0 ACCEPT`,
        `egress 1 ${toPeer4} 0 REJECT`,
        // The group lets ICMP in, not ICMPv6; what answers a refused request is refused too.
        `ingress 58 ${toHost6} 0 REJECT`,
        `egress 58 ${toPeer6} 0 REJECT`,
        `ingress 17 ${toHost4} 6000 ACCEPT`,
        `egress 17 ${toPeer4} 6000 ACCEPT`,
        `ingress 17 ${toHost6} 6000 ACCEPT`,
        `egress 17 ${toPeer6} 6000 ACCEPT`,
        `ingress 17 ${toHost4} 6001 REJECT`,
        `egress 17 ${toPeer4} 6001 REJECT`,
        `ingress 17 ${toHost6} 6001 REJECT`,
        `egress 17 ${toPeer6} 6001 REJECT`,
        `ingress 6 ${toHost4} 5001 ACCEPT`,
        `egress 6 ${toPeer4} 5001 ACCEPT`,
        `ingress 6 ${toHost4} 5002 REJECT`,
        `egress 6 ${toPeer4} 5002 REJECT`,
        `ingress 6 ${toHost6} 5001 ACCEPT`,
        `egress 6 ${toPeer6} 5001 ACCEPT`,
        `egress 6 ${toPeer4} 7001 ACCEPT`,
        `ingress 6 ${toHost4} 7001 ACCEPT`,
        `egress 6 ${toPeer4} 7002 REJECT`,
        `ingress 6 ${toHost4} 7002 REJECT`,
      ].toSorted(),
    );
    const causes = (key: string) =>
      new Set(records.filter((record) => conversation(record) === key).map((record) => record['decided-by']));
    expect(causes(`egress 1 ${toPeer4} 0 REJECT`)).toEqual(new Set([`${hostAcl}/egress/90`]));
    expect(causes(`ingress 6 ${toHost4} 5002 REJECT`)).toEqual(new Set([`${host.group}/ingress/default`]));
    expect(causes(`egress 6 ${toPeer4} 7002 REJECT`)).toEqual(new Set([`${host.group}/egress/default`]));
    expect(totals[`ingress 17 ${toHost4} 6001 REJECT`]).toEqual({ packets: 3, bytes: 3 * 128 });
  });

  it('takes changed rules on SIGHUP', async () => {
    const capture = await startCapture(namespaces, hostName, ['interface:data1', '--vpc', rules], [host.id]);
    expect(hosts.udp(peerName, host.ipv4, allowed.udpIn, 3)).toBe('answered 3');
    writeHostNetwork(rules, { udpIn: false });
    capture.child.kill('SIGHUP');
    // A new port each time, so a connection of its own; the rules are taken within a second or two.
    for (let i = 0; i < 30; i++) hosts.udp(peerName, host.ipv4, allowed.udpIn, 1);
    const { records } = await stopCapture(capture);
    const actions = records.filter((record) => servicePort(record) === '6000').map(({ action }) => action);
    expect(new Set(actions)).toEqual(new Set(['ACCEPT', 'REJECT']));
  });

  it('names the device that no network interface matches, and captures the others', async () => {
    const other = namespaces.add('other');
    namespaces.connect(hostName, 'extra1', other, 'extra2');
    namespaces.addAddress(hostName, 'extra1', '10.66.0.1/24');
    const capture = await startCapture(namespaces, hostName, ['--vpc', rules], [host.id, 'extra1']);
    hosts.ping(peerName, host.ipv4, 2);
    const { records, stderr } = await stopCapture(capture);
    expect(new Set(records.map((record) => record['interface-id']))).toEqual(new Set([host.id]));
    expect(stderr).toMatch(/extra1 is not captured/);
    namespaces.ip(hostName, 'link', 'del', 'extra1');
  });

  it('follows devices that come and go', async () => {
    const capture = await startCapture(namespaces, hostName, [], ['data1']);
    const other = namespaces.add('later');
    namespaces.connect(hostName, 'later1', other, 'later2');
    namespaces.addAddress(hostName, 'later1', '10.67.0.1/24');
    namespaces.addAddress(other, 'later2', '10.67.0.2/24');
    await capture.waitFor('later1');
    hosts.ping(other, '10.67.0.1', 2);
    hosts.ping(peerName, host.ipv4, 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    namespaces.ip(hostName, 'link', 'del', 'later1');
    await capture.waitFor('later1 is no longer captured: gone');
    hosts.ping(peerName, host.ipv4, 2);
    const { records } = await stopCapture(capture);
    const totals = totalsBy(
      records.filter(({ protocol }) => protocol === '1'),
      conversation,
    );
    expect(totals).toEqual({
      'ingress 1 10.67.0.2 10.67.0.1 0 ACCEPT': { packets: 2, bytes: 168 },
      'egress 1 10.67.0.1 10.67.0.2 0 ACCEPT': { packets: 2, bytes: 168 },
      [`ingress 1 ${peer.ipv4} ${host.ipv4} 0 ACCEPT`]: { packets: 4, bytes: 336 },
      [`egress 1 ${host.ipv4} ${peer.ipv4} 0 ACCEPT`]: { packets: 4, bytes: 336 },
    });
  });

  it('captures a device again as the same interface when it has its address back', async () => {
    const other = namespaces.add('lease');
    namespaces.connect(hostName, 'lease1', other, 'lease2');
    namespaces.addAddress(hostName, 'lease1', '10.68.0.1/24');
    namespaces.addAddress(other, 'lease2', '10.68.0.2/24');
    const capture = await startCapture(namespaces, hostName, ['interface:lease1'], ['lease1']);
    hosts.ping(other, '10.68.0.1', 2);
    namespaces.ip(hostName, 'addr', 'flush', 'dev', 'lease1');
    await capture.waitFor('lease1 is no longer captured: it has no address');
    namespaces.addAddress(hostName, 'lease1', '10.68.0.1/24');
    await capture.waitFor(/capturing lease1 eni-\w+\s[\s\S]*capturing lease1 eni-/);
    hosts.ping(other, '10.68.0.1', 2);
    const { records } = await stopCapture(capture);
    const pings = records.filter(({ protocol }) => protocol === '1');
    expect(new Set(pings.map((record) => record['interface-id'])).size).toBe(1);
    expect(totalsBy(pings, conversation)).toEqual({
      'ingress 1 10.68.0.2 10.68.0.1 0 ACCEPT': { packets: 4, bytes: 336 },
      'egress 1 10.68.0.1 10.68.0.2 0 ACCEPT': { packets: 4, bytes: 336 },
    });
    namespaces.ip(hostName, 'link', 'del', 'lease1');
  });

  it('goes on with the former rules when new ones cannot be used', async () => {
    const capture = await startCapture(namespaces, hostName, ['--vpc', rules], [host.id]);
    const file = path.join(rules, 'NetworkInterfaces.json');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replaceAll(/"SubnetId":\s*"/g, '"SubnetId": "subnet-unknown'));
    capture.child.kill('SIGHUP');
    await capture.waitFor('the rules stay as they were');
    writeFileSync(file, good);
    hosts.ping(peerName, host.ipv4, 2);
    const { records } = await stopCapture(capture);
    expect(records.some(({ protocol, action }) => protocol === '1' && action === 'ACCEPT')).toBe(true);
  });

  it('says what to do without the privilege, and exits with 2', async () => {
    const command = ['setpriv', '--reuid', '65534', '--clear-groups', '--bounding-set=-all'];
    const { status, stdout, stderr } = await runCaptureToEnd(namespaces, hostName, command);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('sudo setcap cap_net_raw+ep');
    expect(stderr).toContain('capture file');
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  });
});

/** Neighbour discovery and multicast listener reports of the hosts' own. */
const isNeighbourTalk = (key: string): boolean => / (ff0|fe80:)/.test(key);

describe.skipIf(!isLive)('headgate capture on a host that masquerades', () => {
  const namespaces = new Namespaces(work);
  const hosts = new Hosts(namespaces);
  let container: string;
  let gateway: string;
  let internet: string;

  beforeAll(async () => {
    container = namespaces.add('container');
    gateway = namespaces.add('gateway');
    internet = namespaces.add('internet');
    namespaces.connect(container, 'eth0', gateway, 'port0');
    namespaces.connect(gateway, 'up0', internet, 'net0');
    namespaces.addBridge(gateway, 'bridge0', ['port0']);
    namespaces.addAddress(container, 'eth0', '10.88.0.5/24');
    namespaces.addAddress(gateway, 'bridge0', '10.88.0.1/24');
    namespaces.addAddress(gateway, 'up0', '10.99.0.1/24');
    namespaces.addAddress(internet, 'net0', '10.99.0.9/24');
    namespaces.ip(container, 'route', 'add', 'default', 'via', '10.88.0.1');
    namespaces.run(gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    masquerade(namespaces, gateway);
    await hosts.serve(internet, 'tcp-sink', '10.99.0.9', 5001);
    await hosts.serve(internet, 'udp-echo', '10.99.0.9', 6000);
  });
  afterAll(() => namespaces.remove());

  it('records each conversation once per device and direction, as a NAT gateway does', async () => {
    const capture = await startCapture(namespaces, gateway, [], ['bridge0', 'up0']);
    hosts.ping(container, '10.99.0.9', 3);
    expect(hosts.udp(container, '10.99.0.9', 6000, 4)).toBe('answered 4');
    expect(hosts.tcp(container, '10.99.0.9', 5001, 500)).toBe('done');
    const { records } = await stopCapture(capture);

    expect(new Set(records.map((record) => record['interface-id'])).size).toBe(2);
    const addresses = (record: LiveRecord) =>
      [
        record['flow-direction'],
        record.protocol,
        record.srcaddr,
        record.dstaddr,
        record['pkt-srcaddr'],
        record['pkt-dstaddr'],
      ].join(' ');
    const unicast = records.filter(({ protocol }) => ['1', '6', '17'].includes(protocol));
    const totals = totalsBy(unicast, addresses);
    const legs = (protocol: number) => [
      `ingress ${protocol} 10.88.0.5 10.88.0.1 10.88.0.5 10.99.0.9`,
      `egress ${protocol} 10.99.0.1 10.99.0.9 10.99.0.1 10.99.0.9`,
      `ingress ${protocol} 10.99.0.9 10.99.0.1 10.99.0.9 10.99.0.1`,
      `egress ${protocol} 10.88.0.1 10.88.0.5 10.99.0.9 10.88.0.5`,
    ];
    expect(Object.keys(totals).toSorted()).toEqual([1, 6, 17].flatMap(legs).toSorted());
    for (const leg of legs(1)) expect(totals[leg]).toEqual({ packets: 3, bytes: 3 * 84 });
    for (const leg of legs(17)) expect(totals[leg]).toEqual({ packets: 4, bytes: 4 * 128 });
    // The same packets on both devices.
    const [outIn, outOut, backIn, backOut] = legs(6).map((leg) => totals[leg]);
    expect(outIn).toEqual(outOut);
    expect(backIn).toEqual(backOut);
  });
});

/** By nftables, or by iptables where there is no nft. */
function masquerade(namespaces: Namespaces, gateway: string): void {
  try {
    const chain = '{ type nat hook postrouting priority 100; }';
    namespaces.run(gateway, 'nft', 'add table ip nat');
    namespaces.run(gateway, 'nft', `add chain ip nat postrouting ${chain}`);
    namespaces.run(gateway, 'nft', 'add rule ip nat postrouting oifname "up0" masquerade');
  } catch {
    const rule = ['-t', 'nat', '-A', 'POSTROUTING', '-o', 'up0', '-j', 'MASQUERADE'];
    namespaces.run(gateway, 'iptables', ...rule);
  }
}

describe.skipIf(!isLive)('headgate capture under load', () => {
  const namespaces = new Namespaces(work);
  let sender: string;
  let receiver: string;

  beforeAll(() => {
    sender = namespaces.add('sender');
    receiver = namespaces.add('receiver');
    namespaces.connect(sender, 'load0', receiver, 'load1');
    for (const [namespace, device] of [
      [sender, 'load0'],
      [receiver, 'load1'],
    ]) {
      namespaces.run(namespace, 'sysctl', '-qw', `net.ipv6.conf.${device}.disable_ipv6=1`);
    }
    namespaces.ip(receiver, 'link', 'set', 'load1', 'address', '02:00:00:00:00:01');
    namespaces.addAddress(receiver, 'load1', '10.55.0.1/24');
  });
  afterAll(() => namespaces.remove());

  it('accounts for every frame of 100,000 packets a second', async () => {
    const capture = await startCapture(namespaces, receiver, ['interface:load1'], ['load1']);
    const before = namespaces.readCounter(sender, 'load0', 'tx_packets');
    const flood = { device: 'load0', count: 400_000, perSecond: 100_000, hex: datagramFrame() };
    const options = JSON.stringify({ ...flood, vary: { offset: 34, values: 20_000 } });
    namespaces.run(sender, 'node', program('send-frames'), options);
    const handedOver = namespaces.readCounter(sender, 'load0', 'tx_packets') - before;
    const { records, sums } = await stopCapture(capture);

    expect(handedOver).toBeGreaterThan(0);
    expect(sums.frames.captured + sums.frames.kernelDropped).toBe(handedOver);
    expect(sums.packets.ingress).toBe(sums.frames.captured);
    const ports = new Set(records.map(({ srcport }) => srcport));
    if (sums.frames.kernelDropped === 0) expect(ports.size).toBe(20_000);
    const recorded = records.reduce((total, { packetCount }) => total + packetCount, 0);
    expect(recorded + sums.packets.skipped).toBe(sums.frames.captured);
    const bytes = records.reduce((total, { byteCount }) => total + byteCount, 0);
    expect(bytes).toBe(recorded * 46);
  });

  /** A UDP datagram of 18 bytes to an address that nobody has, so that nobody answers. */
  function datagramFrame(): string {
    const ipv4 = '4500002e00000000401100000a3700020a370063';
    const udp = '40001388001a0000';
    return `0200000000010200000000020800${ipv4}${udp}${'5a'.repeat(18)}`;
  }
});

describe.skipIf(!isLive)('headgate capture of bulk TCP', () => {
  const namespaces = new Namespaces(work);
  const hosts = new Hosts(namespaces);
  const hasIperf3 = hasProgram('iperf3');
  let sender: string;
  let receiver: string;

  beforeAll(async () => {
    sender = namespaces.add('bulk-a');
    receiver = namespaces.add('bulk-b');
    namespaces.connect(sender, 'bulk0', receiver, 'bulk1');
    namespaces.addAddress(sender, 'bulk0', '10.44.0.1/24');
    namespaces.addAddress(receiver, 'bulk1', '10.44.0.2/24');
    await hosts.serve(receiver, 'tcp-sink', '10.44.0.2', 5001);
  });
  afterAll(() => namespaces.remove());

  /** What one end sent, by its own kernel: TCP segments, bytes of IPv4, and frames of its device. */
  function counters(): { segments: number; ipBytes: number; frames: number; frameBytes: number } {
    return {
      segments: readProc(namespaces.run(sender, 'cat', '/proc/net/snmp'), 'Tcp', 'OutSegs'),
      ipBytes: readProc(namespaces.run(sender, 'cat', '/proc/net/netstat'), 'IpExt', 'OutOctets'),
      frames: namespaces.readCounter(sender, 'bulk0', 'tx_packets'),
      frameBytes: namespaces.readCounter(sender, 'bulk0', 'tx_bytes'),
    };
  }

  /** By iperf3, or by a program of ours where there is none. */
  async function sendBulk(bytes: number): Promise<void> {
    if (!hasIperf3) {
      expect(hosts.tcp(sender, '10.44.0.2', 5001, bytes)).toBe('done');
      return;
    }
    const server = namespaces.start(receiver, 'iperf3', '-s', '-1', '--forceflush');
    await server.waitFor('Server listening');
    namespaces.run(sender, 'iperf3', '-c', '10.44.0.2', '-n', String(bytes));
    await server.ended;
  }

  interface BulkRun {
    readonly sent: ReturnType<typeof counters>;
    readonly packets: number;
    readonly bytes: number;
  }

  async function captureBulk(namespace: string, device: string, bytes: number): Promise<BulkRun> {
    const capture = await startCapture(namespaces, namespace, [`interface:${device}`], [device]);
    const before = counters();
    await sendBulk(bytes);
    const after = counters();
    const { records, sums }: CaptureResult = await stopCapture(capture);
    expect(sums.frames.kernelDropped).toBe(0);
    const fromSender = records.filter(({ srcaddr, protocol }) => srcaddr === '10.44.0.1' && protocol === '6');
    return {
      sent: {
        segments: after.segments - before.segments,
        ipBytes: after.ipBytes - before.ipBytes,
        frames: after.frames - before.frames,
        frameBytes: after.frameBytes - before.frameBytes,
      },
      packets: fromSender.reduce((total, { packetCount }) => total + packetCount, 0),
      bytes: fromSender.reduce((total, { byteCount }) => total + byteCount, 0),
    };
  }

  const ratio = (a: number, b: number): number => Math.abs(a / b - 1);

  it.each([
    { name: 'at the sender', namespace: () => sender, device: 'bulk0' },
    { name: 'at the receiver', namespace: () => receiver, device: 'bulk1' },
  ])('counts super-packets as the segments they are: $name', async ({ namespace, device }) => {
    const { sent, packets, bytes } = await captureBulk(namespace(), device, 100_000_000);
    // Else nothing was offloaded, and nothing is shown.
    expect(sent.segments).toBeGreaterThan(2 * sent.frames);
    expect(ratio(packets, sent.segments)).toBeLessThan(0.01);
    // Each segment but one of a super-packet has 20 bytes of IPv4 and 32 of TCP header more than the kernel counted.
    const expectedBytes = sent.ipBytes + 52 * (sent.segments - sent.frames);
    expect(ratio(bytes, expectedBytes)).toBeLessThan(0.01);
  });

  it('counts the frames of the device where nothing is offloaded', async () => {
    namespaces.run(sender, 'node', program('set-offload'), 'bulk0');
    namespaces.run(receiver, 'node', program('set-offload'), 'bulk1');
    const { sent, packets, bytes } = await captureBulk(sender, 'bulk0', 50_000_000);
    expect(ratio(sent.segments, sent.frames)).toBeLessThan(0.01);
    expect(ratio(packets, sent.frames)).toBeLessThan(0.01);
    expect(ratio(bytes, sent.frameBytes - 14 * sent.frames)).toBeLessThan(0.01);
  });
});

/** A number of /proc/net/snmp or netstat: a line of names, then a line of values, both after `group:`. */
function readProc(text: string, group: string, name: string): number {
  const [names, values] = text.split('\n').filter((line) => line.startsWith(`${group}: `));
  return Number(values.split(' ')[names.split(' ').indexOf(name)]);
}
