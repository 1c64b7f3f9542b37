import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tcpFlag } from '../../src/packet/index.ts';
import { writeNetwork } from '../../src/vpc/write-network.ts';
import { writePcap } from '../capture-file-writer.ts';
import { icmpPacket, tcpPacket } from '../frames.ts';
import { testNetwork } from '../test-network.ts';
import { frame, smallPcap } from './captures.ts';
import { headgate, linesOf, Scratch, start, statsOf } from './headgate.ts';

const scratch = new Scratch();
const group = 'sg-0123456789abcdef0';
const acl = 'acl-0123456789abcdef0';
const server = 'eni-0123456789abcdef0';
const idle = 'eni-0fedcba9876543210';
const everything = '100 allow all all 0.0.0.0/0';

/** A web server that answers on port 443 and to pings, whose replies the network ACL refuses. */
const described = testNetwork({
  account: '999988887777',
  vpcId: 'vpc-0123456789abcdef0',
  subnets: { 'subnet-0123456789abcdef0': '10.0.1.0/24' },
  interfaces: [
    { id: server, addresses: ['10.0.1.9'], instance: 'i-0123456789abcdef0' },
    { id: idle, addresses: ['10.0.1.10'] },
  ],
  groups: { [group]: { ingress: ['tcp 443 0.0.0.0/0', 'icmp 8 0.0.0.0/0'], egress: [] } },
  acls: {
    [acl]: {
      subnets: ['subnet-0123456789abcdef0'],
      ingress: [everything],
      egress: ['90 deny icmp all 0.0.0.0/0', everything],
    },
  },
});
const network = {
  ...described,
  networkInterfaces: described.networkInterfaces.map((one) => ({
    ...one,
    TagSet: [{ Key: 'Name', Value: 'web server' }],
  })),
};

const peer = '203.0.113.5';
const to = (dstPort: number) => ({ src: peer, dst: '10.0.1.9', srcPort: 40_000, dstPort });
const traffic = writePcap([
  frame(0, tcpPacket({ ...to(443), flags: tcpFlag.syn })),
  frame(
    0,
    tcpPacket({
      src: '10.0.1.9',
      dst: peer,
      srcPort: 443,
      dstPort: 40_000,
      flags: tcpFlag.syn | tcpFlag.ack,
    }),
  ),
  frame(1, tcpPacket({ ...to(3389), flags: tcpFlag.syn })),
  frame(2, icmpPacket({ src: peer, dst: '10.0.1.9', type: 8 })),
  frame(2, icmpPacket({ src: '10.0.1.9', dst: peer, type: 0 })),
]);

function capture(...args: string[]) {
  const folder = scratch.folder({ 'a.pcap': traffic, 'small.pcap': smallPcap });
  writeNetwork(path.join(folder, 'net'), network);
  return headgate(folder, ['capture', 'a.pcap', '--vpc', 'net', '--stats', 'json', ...args]);
}

const format = (...fields: string[]) => ['--format', fields.map((field) => `$\{${field}}`).join(' ')];

describe.concurrent('capture FILE --vpc DIR', () => {
  it('says which rule accepted or refused', async () => {
    const ended = await capture(
      ...format('flow-direction', 'protocol', 'srcport', 'dstport', 'action', 'decided-by', 'initiator'),
    );
    expect(linesOf(ended.stdout)).toEqual([
      `ingress 6 40000 443 ACCEPT ${group}/ingress/tcp:443:0.0.0.0/0 peer`,
      `egress 6 443 40000 ACCEPT ${group}/ingress/tcp:443:0.0.0.0/0 peer`,
      `ingress 6 40000 3389 REJECT ${group}/ingress/default peer`,
      `ingress 1 0 0 ACCEPT ${group}/ingress/icmp:8:0.0.0.0/0 peer`,
      `egress 1 0 0 REJECT ${acl}/egress/90 peer`,
    ]);
    expect(ended.code).toBe(0);
    expect(statsOf(ended)).toMatchObject({
      packets: { accepted: 3, rejected: 2 },
      unaccounted: { frames: 0, packets: 0 },
    });
  });

  it.each([
    { type: 'ACCEPT', actions: ['ACCEPT', 'ACCEPT', 'ACCEPT'], others: 2 },
    { type: 'REJECT', actions: ['REJECT', 'REJECT'], others: 3 },
  ])('--traffic-type $type', async ({ type, actions, others }) => {
    const ended = await capture(
      '--traffic-type',
      type,
      ...format('protocol', 'srcport', 'dstport', 'flow-direction', 'action'),
    );
    expect(linesOf(ended.stdout).map((line) => line.split(' ').at(-1))).toEqual(actions);
    expect(statsOf(ended)).toMatchObject({
      records: { filteredPackets: others },
      unaccounted: { frames: 0, packets: 0 },
    });
  });

  it('tells account, instance and tags of the network', async () => {
    const { stdout } = await capture(
      ...format('account-id', 'interface-id', 'instance-id', 'vpc-id', 'interface-tag', 'interface-tag-2'),
      '--tag-field-specifications',
      'ResourceType=network-interface,TagKeys=Name,Owner',
    );
    expect(new Set(linesOf(stdout))).toEqual(
      new Set([`999988887777 ${server} i-0123456789abcdef0 vpc-0123456789abcdef0 web%20server -`]),
    );
  });

  it('takes what does not belong to the network for no interface of it', async () => {
    const folder = scratch.folder({ 'a.pcap': smallPcap });
    writeNetwork(path.join(folder, 'net'), { ...network, networkInterfaces: [network.networkInterfaces[1]] });
    const { stdout, stderr, code } = await headgate(folder, ['capture', 'a.pcap', '--vpc', 'net']);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'nothing was recorded: no packet is from or to a known network interface (--local CIDR,… or --vpc DIR says which addresses are)',
    );
    expect(stderr).toContain('6 no interface (unknown-address 6)');
    expect(code).toBe(0);
  });

  it('--vpc-id that the network does not have is an error', async () => {
    const { code, stderr } = await capture('--vpc-id', 'vpc-0000000000000000f');
    expect(stderr).toContain('vpc-0000000000000000f');
    expect(code).toBe(2);
  });
});

describe.concurrent('SIGHUP', () => {
  /** A connection attempt of its own, as a pipe goes on with it. */
  const attempt = (seconds: number, srcPort: number) =>
    frame(seconds, tcpPacket({ ...to(443), srcPort, flags: tcpFlag.syn }));

  it('reads the rules again, while a pipe is captured', async () => {
    const folder = scratch.folder();
    const rules = path.join(folder, 'net');
    writeNetwork(rules, network);
    const running = start(folder, ['capture', '-', '--vpc', 'net', ...format('srcport', 'action')]);
    await running.listensToSignals();
    await running.write(writePcap([attempt(0, 1), attempt(60, 2), attempt(61, 3)]));
    await running.waitFor('1 ACCEPT\n');
    rmSync(rules, { recursive: true });
    writeNetwork(rules, {
      ...network,
      securityGroups: network.securityGroups.map((one) => ({ ...one, IpPermissions: [] })),
    });
    running.child.kill('SIGHUP');
    await running.waitFor('the rules have been read again');
    running.child.stdin?.end(writePcap([attempt(62, 4)]).subarray(24));
    const { code, stdout } = await running.ended;
    expect(linesOf(stdout).filter((line) => !line.startsWith('-'))).toEqual([
      '1 ACCEPT',
      '2 ACCEPT',
      '3 ACCEPT',
      '4 REJECT',
    ]);
    expect(code).toBe(0);
  });
});
