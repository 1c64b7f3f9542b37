import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/capture/index.ts';
import { packetType } from '../../src/packet/frame-batch.ts';
import { liveUnavailable, Namespaces, program, type RunningCommand } from './namespaces.ts';

interface SeenFrame {
  readonly capturedLength: number;
  readonly originalLength: number;
  readonly packetType: number;
  readonly linkType: number;
  readonly segmentBytes: number;
  readonly strippedVlan: number;
  readonly timeInside: boolean;
  readonly hex: string;
}

interface Seen {
  readonly frames: readonly SeenFrame[];
  readonly sums: {
    readonly frames: number;
    readonly bytes: number;
    readonly segmented: number;
    readonly oversize: number;
    readonly oversizeWithoutSegments: number;
  };
  readonly totals: { readonly received: number; readonly dropped: number };
  readonly linkType: number;
  readonly ringBytes: number;
  readonly error?: string;
  readonly staleBytes: number;
  readonly resident: number;
}

const ethernet = (destination: string, rest: string): string => `${destination}020000000002${rest}`;
const peerMac = '020000000001';
/** A frame whose Ethernet type nobody handles, with this many bytes after the header. */
const plainFrame = (destination: string, bytes: number): string =>
  ethernet(destination, `88b5${'5a'.repeat(bytes)}`);

describe.skipIf(liveUnavailable !== undefined)('PacketSocket on a veth pair', () => {
  const namespaces = new Namespaces();
  let here: string;
  let there: string;

  beforeAll(() => {
    here = namespaces.add('here');
    there = namespaces.add('there');
    // No IPv6 on `quiet`: nothing but what a test sends passes there.
    namespaces.connect(here, 'data0', there, 'data1');
    namespaces.connect(here, 'quiet0', there, 'quiet1');
    namespaces.addAddress(here, 'data0', '10.77.0.1/24');
    namespaces.addAddress(there, 'data1', '10.77.0.2/24');
    for (const [namespace, device] of [
      [here, 'quiet0'],
      [there, 'quiet1'],
    ]) {
      namespaces.run(namespace, 'sysctl', '-qw', `net.ipv6.conf.${device}.disable_ipv6=1`);
    }
    namespaces.ip(there, 'link', 'set', 'quiet1', 'address', '02:00:00:00:00:01');
  });
  afterAll(() => namespaces.remove());

  async function startReader(namespace: string, options: object): Promise<RunningCommand> {
    const reader = namespaces.start(namespace, 'node', program('read-device'), JSON.stringify(options));
    await reader.waitFor('ready\n');
    return reader;
  }

  async function stopReader(reader: RunningCommand): Promise<Seen> {
    reader.child.stdin?.end();
    const { stdout, stderr } = await reader.ended;
    expect(stderr).toBe('');
    return JSON.parse(stdout.slice(stdout.indexOf('\n') + 1)) as Seen;
  }

  function sendFrames(hex: string, count = 1): void {
    const options = JSON.stringify({ device: 'quiet0', hex, count });
    namespaces.run(here, 'node', program('send-frames'), options);
  }

  /** Frames that `quiet0` handed to its peer: a busy kernel drops some before anybody sees them. */
  const handedOver = () => namespaces.readCounter(here, 'quiet0', 'tx_packets');

  it('tells what the kernel says of each frame', async () => {
    const receiver = await startReader(there, { device: 'quiet1' });
    const sender = await startReader(here, { device: 'quiet0' });
    sendFrames(plainFrame(peerMac, 50));
    sendFrames(plainFrame('020000000009', 51));
    sendFrames(plainFrame('ffffffffffff', 52));
    sendFrames(plainFrame('01005e000001', 53));
    const received = await stopReader(receiver);
    const sent = await stopReader(sender);

    expect(received.frames.map((frame) => [frame.packetType, frame.originalLength])).toEqual([
      [packetType.host, 64],
      [packetType.otherHost, 65],
      [packetType.broadcast, 66],
      [packetType.multicast, 67],
    ]);
    expect(sent.frames.map((frame) => frame.packetType)).toEqual(Array(4).fill(packetType.outgoing));
    for (const frame of [...received.frames, ...sent.frames]) {
      expect(frame).toMatchObject({ linkType: 1, segmentBytes: 0, strippedVlan: -1, timeInside: true });
      expect(frame.capturedLength).toBe(frame.originalLength);
    }
    expect(received.frames[0].hex).toBe(plainFrame(peerMac, 50));
    expect(received.totals).toEqual({ received: 4, dropped: 0 });
  });

  it('gives the VLAN tag that was taken off the frame', async () => {
    const receiver = await startReader(there, { device: 'quiet1' });
    // Priority 3, VLAN 5; then an outer 802.1ad tag 7 about an inner 802.1Q tag 5.
    sendFrames(ethernet(peerMac, `8100600588b5${'5a'.repeat(60)}`));
    sendFrames(ethernet(peerMac, `88a800078100000588b5${'5a'.repeat(60)}`));
    const { frames } = await stopReader(receiver);
    expect(frames.map((frame) => [frame.strippedVlan, frame.originalLength])).toEqual([
      [5, 74],
      [7, 78],
    ]);
    expect(frames[0].hex.slice(24, 28)).toBe('88b5');
    expect(frames[1].hex.slice(24, 32)).toBe('81000005');
  });

  it('limits the captured length only', async () => {
    const receiver = await startReader(there, { device: 'quiet1', snapLength: 64 });
    sendFrames(plainFrame(peerMac, 20));
    sendFrames(plainFrame(peerMac, 1400));
    const { frames } = await stopReader(receiver);
    expect(frames.map((frame) => [frame.capturedLength, frame.originalLength])).toEqual([
      [34, 34],
      [64, 1414],
    ]);
  });

  it('hears other hosts in promiscuous mode only, and only while open', async () => {
    const promiscuity = () =>
      /promiscuity (\d+)/.exec(namespaces.ip(there, '-d', 'link', 'show', 'quiet1'))?.[1];
    const plain = await startReader(there, { device: 'quiet1' });
    expect(promiscuity()).toBe('0');
    await stopReader(plain);
    const promiscuous = await startReader(there, { device: 'quiet1', promiscuous: true });
    expect(promiscuity()).toBe('1');
    await stopReader(promiscuous);
    expect(promiscuity()).toBe('0');
  });

  it('counts every frame, read or dropped', async () => {
    const before = handedOver();
    const held = await startReader(there, { device: 'quiet1', ringBytes: 1 << 20, hold: true });
    // A small batch: a block is read in many parts.
    const reading = await startReader(there, { device: 'quiet1', ringBytes: 16 << 20, capacity: 100 });
    sendFrames(plainFrame(peerMac, 50), 30_000);
    const count = handedOver() - before;
    for (const seen of [await stopReader(held), await stopReader(reading)]) {
      expect(seen.totals.received + seen.totals.dropped).toBe(count);
      expect(seen.sums.frames).toBe(seen.totals.received);
      expect(seen.sums.bytes).toBe(seen.totals.received * 64);
      if (seen.ringBytes === 1 << 20) expect(seen.totals.dropped).toBeGreaterThan(0);
    }
  });

  it('knows the segment size of super-packets, in both directions', async () => {
    const sink = namespaces.start(there, 'node', program('tcp-sink'), '10.77.0.2', '5001');
    await sink.waitFor('listening');
    const receiver = await startReader(there, { device: 'data1', ringBytes: 16 << 20 });
    const sender = await startReader(here, { device: 'data0', ringBytes: 16 << 20 });
    const bytes = 20_000_000;
    expect(namespaces.run(here, 'node', program('tcp-send'), '10.77.0.2', '5001', String(bytes))).toBe(
      'done\n',
    );
    for (const { sums, frames } of [await stopReader(receiver), await stopReader(sender)]) {
      expect(sums.oversize).toBeGreaterThan(0);
      expect(sums.oversizeWithoutSegments).toBe(0);
      expect(sums.bytes).toBeGreaterThan(bytes);
      // 1500 bytes less the IPv4 header, the TCP header and its timestamps.
      const sizes = new Set(frames.map((frame) => frame.segmentBytes));
      expect([...sizes].filter((size) => size !== 0)).toEqual([1448]);
    }
    sink.child.kill();
    await sink.ended;
  });

  it('gives all its memory back when it closes, and leaves nothing to trip over', async () => {
    const ringBytes = 64 << 20;
    const reader = await startReader(there, { device: 'quiet1', ringBytes });
    sendFrames(plainFrame(peerMac, 50), 100);
    const seen = await stopReader(reader);
    expect(seen.ringBytes).toBe(ringBytes);
    expect(seen.resident).toBeGreaterThan(ringBytes * 0.9);
    expect(seen.staleBytes).toBe(0);
  });

  it('makes do with a smaller ring where memory is short', async () => {
    const reader = await startReader(there, { device: 'quiet1', ringBytes: 512 << 20, roomBytes: 100 << 20 });
    sendFrames(plainFrame(peerMac, 50), 100);
    const { ringBytes, sums } = await stopReader(reader);
    expect(ringBytes).toBeLessThan(100 << 20);
    expect(ringBytes).toBeGreaterThanOrEqual(1 << 20);
    expect(sums.frames).toBe(100);
  });

  it('tells that its device went down', async () => {
    const reader = await startReader(there, { device: 'quiet1' });
    namespaces.ip(there, 'link', 'set', 'quiet1', 'down');
    namespaces.ip(there, 'link', 'set', 'quiet1', 'up');
    sendFrames(plainFrame(peerMac, 50));
    const seen = await stopReader(reader);
    expect(seen.error).toBe('ENETDOWN');
    // The same socket goes on when the device is up again.
    expect(seen.frames.map((frame) => frame.originalLength)).toContain(64);
  });

  it('refuses a device that is not there', async () => {
    const reader = namespaces.start(
      there,
      'node',
      program('read-device'),
      '{"device":"gone7","deviceIndex":4711}',
    );
    const { status, stderr } = await reader.ended;
    expect(status).not.toBe(0);
    expect(stderr).toContain('NoSuchDevice');
    expect(stderr).toContain('no device gone7 (number 4711) to capture');
  });

  it('needs the privilege, and says so in two lines', async () => {
    const command = ['setpriv', '--reuid', '65534', '--clear-groups', '--bounding-set=-all'];
    const reader = namespaces.start(
      there,
      ...command,
      process.execPath,
      program('read-device'),
      '{"device":"quiet1"}',
    );
    const { stderr } = await reader.ended;
    expect(stderr).toContain("code: 'CapturePrivilege'");
    expect(stderr).toContain('sudo setcap cap_net_raw+ep');
  });

  it('reads IP packets from a device without link header', async () => {
    namespaces.ip(there, 'tuntap', 'add', 'tunnel0', 'mode', 'tun');
    const tun = namespaces.start(there, 'node', program('open-tun'), 'tunnel0');
    await tun.waitFor('open');
    namespaces.addAddress(there, 'tunnel0', '10.78.0.1/24');
    namespaces.ip(there, 'link', 'set', 'tunnel0', 'up');
    const reader = await startReader(there, { device: 'tunnel0' });
    // An IPv4 header from 10.78.0.2 to 10.78.0.9 with protocol 253; nobody forwards it.
    const packet = '4500001400000000400000000a4e00020a4e0009'.replace('40000000', '40fd0000');
    tun.child.stdin?.write(`${packet}\n`);
    await settle();
    const { linkType, frames } = await stopReader(reader);
    expect(linkType).toBe(101);
    expect(frames.map((frame) => frame.hex)).toContain(packet);
    tun.child.kill();
    await tun.ended;
  });
});

describe.skipIf(liveUnavailable !== undefined)('listDevices', () => {
  const namespaces = new Namespaces();
  afterAll(() => namespaces.remove());

  it('tells the devices of the namespace apart', () => {
    const host = namespaces.add('host');
    const peer = namespaces.add('peer');
    namespaces.connect(host, 'up0', peer, 'up1');
    namespaces.connect(host, 'bare0', peer, 'bare1');
    namespaces.connect(host, 'port0', peer, 'port1');
    namespaces.connect(host, 'down0', peer, 'down1');
    namespaces.addBridge(host, 'bridge0', ['port0']);
    namespaces.run(host, 'sysctl', '-qw', 'net.ipv6.conf.bare0.disable_ipv6=1');
    namespaces.addAddress(host, 'up0', '10.79.0.1/24', '10.79.0.7/24', 'fd79::1/64');
    namespaces.addAddress(host, 'bridge0', '10.80.0.1/24');
    namespaces.ip(host, 'link', 'set', 'up0', 'address', '02:00:00:00:00:79');
    namespaces.addAddress(host, 'down0', '10.81.0.1/24');
    namespaces.ip(host, 'link', 'set', 'down0', 'down');

    const devices = JSON.parse(namespaces.run(host, 'node', program('list-devices'))) as Device[];
    const byName = new Map(devices.map((device) => [device.name, device]));
    const reasons = [...byName].map(([name, device]) => [name, device.notCaptured]);
    expect(Object.fromEntries(reasons)).toEqual({
      lo: 'loopback',
      up0: undefined,
      bare0: 'no address',
      port0: 'bridge port or bond slave',
      down0: 'down',
      bridge0: undefined,
    });
    const up = byName.get('up0');
    expect(up?.macAddress).toBe('02:00:00:00:00:79');
    // A veth device has no hardware.
    expect(up?.permanentMac).toBeUndefined();
    expect(up?.addresses.slice(0, 3)).toEqual([
      { address: '10.79.0.1', prefixLength: 24 },
      { address: '10.79.0.7', prefixLength: 24 },
      { address: 'fd79::1', prefixLength: 64 },
    ]);
    const listed = namespaces.run(host, 'cat', '/sys/class/net/up0/ifindex');
    expect(up?.index).toBe(Number(listed));
  });
});

/** Lets the kernel deliver what was just written. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
