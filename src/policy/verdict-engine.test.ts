import { describe, expect, it } from 'vitest';
import {
  aclEntry,
  atMs,
  emptyNetwork,
  flagsOf,
  networkInterface,
  securityGroup,
  TestGate,
  type TestPacket,
  type Way,
} from '../../test/policy/fixtures.ts';
import { ConfigError } from '../fault/index.ts';
import type { Network } from '../vpc/network.ts';
import { direction } from './answer.ts';

const local = '10.0.1.10';
const peer = '203.0.113.5';

/** One interface at `local` with a group `sg-1`; `ingress` and `egress` are its rules. */
function hostWith(ingress: string[], egress: string[], more: Partial<Network> = {}): Network {
  return {
    ...emptyNetwork(),
    networkInterfaces: [networkInterface('eni-1', local)],
    securityGroups: [securityGroup('sg-1', ingress, egress)],
    ...more,
  };
}

function acl(ingress: string[], egress: string[]): Partial<Network> {
  const Entries = [
    ...ingress.map((text) => aclEntry('ingress', text)),
    ...egress.map((text) => aclEntry('egress', text)),
  ];
  return { networkAcls: [{ NetworkAclId: 'acl-1', VpcId: 'vpc-1', IsDefault: true, Entries }] };
}

type Step = readonly [seconds: number, way: Way, packet: TestPacket, answer: string];

/** `ACCEPT cause initiator`, or `REJECT …`. */
function play(gate: TestGate, steps: readonly Step[]): void {
  const seen = steps.map(([seconds, way, packet]) => {
    const answer = gate.see(way, packet, seconds);
    return `${answer.accepted ? 'ACCEPT' : 'REJECT'} ${answer.cause} ${answer.initiator}`;
  });
  expect(seen).toEqual(steps.map((step) => step[3]));
}

/** Between the peer's `peerPort` and the local `localPort`, in the direction that `way` says. */
function between(way: Way, protocol: number, localPort: number, peerPort: number, flags = 0): TestPacket {
  return way === 'ingress'
    ? { src: peer, dst: local, protocol, srcPort: peerPort, dstPort: localPort, flags }
    : { src: local, dst: peer, protocol, srcPort: localPort, dstPort: peerPort, flags };
}
const ssh = (way: Way, flags: string) => between(way, 6, 22, 40_000, flagsOf(flags));
const dns = (way: Way) => between(way, 17, 53, 5353);
const icmp = (way: Way, type: number, code = 0): TestPacket => ({ ...between(way, 1, 0, 0), type, code });

const sshOnly = () => hostWith(['tcp 22 0.0.0.0/0'], []);
const sshRule = 'sg-1/ingress/tcp:22:0.0.0.0/0';
const dnsRule = 'sg-1/ingress/udp:53:0.0.0.0/0';

describe('documented examples', () => {
  it('accepts SSH and rejects RDP (reference 9.1)', () => {
    play(new TestGate(sshOnly()), [
      [0, 'ingress', between('ingress', 6, 22, 20_641, flagsOf('S')), `ACCEPT ${sshRule} peer`],
      [0, 'ingress', between('ingress', 6, 3389, 49_761, flagsOf('S')), 'REJECT sg-1/ingress/default peer'],
    ]);
  });

  it('accepts a ping and rejects its reply, naming the ACL entry (reference 2.8 and 9.3)', () => {
    const network = hostWith(
      ['icmp all 0.0.0.0/0'],
      [],
      acl(['100 allow all all 0.0.0.0/0'], ['90 deny icmp all 0.0.0.0/0']),
    );
    play(new TestGate(network), [
      [0, 'ingress', icmp('ingress', 8), 'ACCEPT sg-1/ingress/icmp:all:0.0.0.0/0 peer'],
      [0, 'egress', icmp('egress', 0), 'REJECT acl-1/egress/90 peer'],
      [1, 'ingress', icmp('ingress', 8), 'ACCEPT sg-1/ingress/icmp:all:0.0.0.0/0 peer'],
      [1, 'egress', icmp('egress', 0), 'REJECT acl-1/egress/90 peer'],
    ]);
  });

  it('accepts both when the ACL lets the reply out, and only rejects the request when the group does not allow it', () => {
    const open = acl(['100 allow all all 0.0.0.0/0'], ['100 allow all all 0.0.0.0/0']);
    play(new TestGate(hostWith(['icmp all 0.0.0.0/0'], [], open)), [
      [0, 'ingress', icmp('ingress', 8), 'ACCEPT sg-1/ingress/icmp:all:0.0.0.0/0 peer'],
      [0, 'egress', icmp('egress', 0), 'ACCEPT sg-1/ingress/icmp:all:0.0.0.0/0 peer'],
    ]);
    play(new TestGate(hostWith([], [], open)), [
      [0, 'ingress', icmp('ingress', 8), 'REJECT sg-1/ingress/default peer'],
    ]);
  });

  it('accepts SSH over IPv6 (reference 9.4)', () => {
    const address = '2001:db8:1234:a102:3304:8879:34cf:4071';
    const network = {
      ...hostWith(['tcp 22 2001:db8::/32'], []),
      networkInterfaces: [networkInterface('eni-1', address)],
    };
    const packet = {
      src: '2001:db8:1234:a100::f105',
      dst: address,
      protocol: 6,
      srcPort: 34_892,
      dstPort: 22,
      flags: 2,
    };
    const stranger = { ...packet, src: '2001:db9::1' };
    play(new TestGate(network), [
      [0, 'ingress', packet, 'ACCEPT sg-1/ingress/tcp:22:2001:db8::/32 peer'],
      [0, 'ingress', stranger, 'REJECT sg-1/ingress/default peer'],
    ]);
  });
});

describe('idle timeouts', () => {
  it('forgets UDP after 30 s: the answer at 45 s is refused', () => {
    play(new TestGate(hostWith(['udp 53 0.0.0.0/0'], [])), [
      [0, 'ingress', dns('ingress'), `ACCEPT ${dnsRule} peer`],
      [30, 'egress', dns('egress'), `ACCEPT ${dnsRule} peer`],
      [75, 'egress', dns('egress'), 'REJECT sg-1/egress/default local'],
    ]);
  });

  it('keeps UDP for 180 s after a second request and reply', () => {
    play(new TestGate(hostWith(['udp 53 0.0.0.0/0'], [])), [
      [0, 'ingress', dns('ingress'), `ACCEPT ${dnsRule} peer`],
      [1, 'egress', dns('egress'), `ACCEPT ${dnsRule} peer`],
      [2, 'ingress', dns('ingress'), `ACCEPT ${dnsRule} peer`],
      [3, 'egress', dns('egress'), `ACCEPT ${dnsRule} peer`],
      [183, 'egress', dns('egress'), `ACCEPT ${dnsRule} peer`],
      [364, 'egress', dns('egress'), 'REJECT sg-1/egress/default local'],
    ]);
  });

  it("takes the interface's own timeouts", () => {
    const network = hostWith(['udp 53 0.0.0.0/0', 'tcp 22 0.0.0.0/0'], []);
    const ConnectionTrackingConfiguration = { UdpTimeout: 60, TcpEstablishedTimeout: 100 };
    const [first] = network.networkInterfaces;
    play(new TestGate({ ...network, networkInterfaces: [{ ...first, ConnectionTrackingConfiguration }] }), [
      [0, 'ingress', dns('ingress'), `ACCEPT ${dnsRule} peer`],
      [59, 'egress', dns('egress'), `ACCEPT ${dnsRule} peer`],
      [60, 'ingress', ssh('ingress', 'S'), `ACCEPT ${sshRule} peer`],
      [60, 'egress', ssh('egress', 'SA'), `ACCEPT ${sshRule} peer`],
      [60, 'ingress', ssh('ingress', 'A'), `ACCEPT ${sshRule} peer`],
      [160, 'egress', ssh('egress', 'A'), `ACCEPT ${sshRule} peer`],
      [261, 'egress', ssh('egress', 'A'), 'REJECT sg-1/egress/default -'],
    ]);
  });

  it('keeps an established TCP connection for five days, a half-open one for a minute', () => {
    const days = 432_000;
    play(new TestGate(sshOnly()), [
      [0, 'ingress', ssh('ingress', 'S'), `ACCEPT ${sshRule} peer`],
      [61, 'egress', ssh('egress', 'SA'), 'REJECT sg-1/egress/default -'],
      [62, 'ingress', ssh('ingress', 'S'), `ACCEPT ${sshRule} peer`],
      [62, 'egress', ssh('egress', 'SA'), `ACCEPT ${sshRule} peer`],
      [62, 'ingress', ssh('ingress', 'A'), `ACCEPT ${sshRule} peer`],
      [62 + days, 'egress', ssh('egress', 'PA'), `ACCEPT ${sshRule} peer`],
      [63 + 2 * days, 'egress', ssh('egress', 'PA'), 'REJECT sg-1/egress/default -'],
    ]);
  });

  it('keeps ICMP for 600 s', () => {
    play(new TestGate(hostWith(['icmp 8 0.0.0.0/0'], [])), [
      [0, 'ingress', icmp('ingress', 8), 'ACCEPT sg-1/ingress/icmp:8:0.0.0.0/0 peer'],
      [600, 'egress', icmp('egress', 0), 'ACCEPT sg-1/ingress/icmp:8:0.0.0.0/0 peer'],
      [1201, 'egress', icmp('egress', 0), 'REJECT sg-1/egress/default -'],
    ]);
  });
});

describe('the end of a TCP connection', () => {
  const open: Step[] = [
    [0, 'ingress', ssh('ingress', 'S'), `ACCEPT ${sshRule} peer`],
    [0, 'egress', ssh('egress', 'SA'), `ACCEPT ${sshRule} peer`],
    [0, 'ingress', ssh('ingress', 'A'), `ACCEPT ${sshRule} peer`],
  ];

  it('refuses data after FIN, FIN and ACK where the rules do not allow it', () => {
    play(new TestGate(sshOnly()), [
      ...open,
      [1, 'ingress', ssh('ingress', 'FA'), `ACCEPT ${sshRule} peer`],
      [1, 'egress', ssh('egress', 'PA'), `ACCEPT ${sshRule} peer`],
      [2, 'egress', ssh('egress', 'FA'), `ACCEPT ${sshRule} peer`],
      [2, 'ingress', ssh('ingress', 'A'), `ACCEPT ${sshRule} peer`],
      [3, 'egress', ssh('egress', 'PA'), 'REJECT sg-1/egress/default peer'],
      [3, 'ingress', ssh('ingress', 'PA'), `ACCEPT ${sshRule} peer`],
      [3, 'egress', ssh('egress', 'A'), 'REJECT sg-1/egress/default peer'],
      [4, 'ingress', ssh('ingress', 'S'), `ACCEPT ${sshRule} peer`],
      [4, 'egress', ssh('egress', 'SA'), `ACCEPT ${sshRule} peer`],
    ]);
  });

  it('closes at once on RST', () => {
    play(new TestGate(sshOnly()), [
      ...open,
      [1, 'ingress', ssh('ingress', 'R'), `ACCEPT ${sshRule} peer`],
      [1, 'egress', ssh('egress', 'PA'), 'REJECT sg-1/egress/default peer'],
    ]);
  });

  it('does not close on a FIN that was refused', () => {
    const gate = new TestGate(sshOnly());
    play(gate, open);
    gate.load(hostWith(['tcp 22 0.0.0.0/0'], [], acl([], [])));
    play(gate, [
      [1, 'ingress', ssh('ingress', 'R'), 'REJECT acl-1/ingress/default peer'],
      [1, 'egress', ssh('egress', 'PA'), 'REJECT acl-1/egress/default peer'],
    ]);
    gate.load(sshOnly());
    play(gate, [[2, 'egress', ssh('egress', 'PA'), `ACCEPT ${sshRule} peer`]]);
  });

  it('lets a retransmitted SYN belong to its attempt, and judges one on an open connection as a new attempt', () => {
    const gate = new TestGate(sshOnly());
    play(gate, [open[0], open[0], open[1], open[2]]);
    gate.load(hostWith([], []));
    play(gate, [
      [5, 'ingress', ssh('ingress', 'S'), 'REJECT sg-1/ingress/default peer'],
      [5, 'ingress', ssh('ingress', 'PA'), `ACCEPT ${sshRule} peer`],
    ]);
  });

  it('tolerates a simultaneous open', () => {
    const outRule = 'sg-1/egress/tcp:40000:0.0.0.0/0';
    play(new TestGate(hostWith([], ['tcp 40000 0.0.0.0/0'])), [
      [0, 'egress', ssh('egress', 'S'), `ACCEPT ${outRule} local`],
      [0, 'ingress', ssh('ingress', 'S'), `ACCEPT ${outRule} local`],
      [0, 'egress', ssh('egress', 'SA'), `ACCEPT ${outRule} local`],
      [0, 'ingress', ssh('ingress', 'SA'), `ACCEPT ${outRule} local`],
      [1, 'egress', ssh('egress', 'PA'), `ACCEPT ${outRule} local`],
      [5000, 'ingress', ssh('ingress', 'PA'), `ACCEPT ${outRule} local`],
    ]);
  });
});

describe('rules that change under an open connection', () => {
  const open: Step[] = [
    [0, 'ingress', ssh('ingress', 'S'), `ACCEPT ${sshRule} peer`],
    [0, 'egress', ssh('egress', 'SA'), `ACCEPT ${sshRule} peer`],
    [0, 'ingress', ssh('ingress', 'A'), `ACCEPT ${sshRule} peer`],
  ];

  it('does not cut a tracked one when its group rule goes', () => {
    const gate = new TestGate(sshOnly());
    play(gate, open);
    const before = gate.engine.generation;
    gate.load(hostWith([], []));
    expect(gate.engine.generation).not.toBe(before);
    play(gate, [
      [1, 'ingress', ssh('ingress', 'PA'), `ACCEPT ${sshRule} peer`],
      [1, 'egress', ssh('egress', 'PA'), `ACCEPT ${sshRule} peer`],
      [1, 'ingress', between('ingress', 6, 22, 40_001, flagsOf('S')), 'REJECT sg-1/ingress/default peer'],
    ]);
  });

  it('cuts it when an ACL deny comes', () => {
    const gate = new TestGate(
      hostWith(
        ['tcp 22 0.0.0.0/0'],
        [],
        acl(['100 allow all all 0.0.0.0/0'], ['100 allow all all 0.0.0.0/0']),
      ),
    );
    play(gate, open);
    const denied = ['50 deny tcp 22 203.0.113.0/24', '100 allow all all 0.0.0.0/0'];
    gate.load(hostWith(['tcp 22 0.0.0.0/0'], [], acl(denied, ['100 allow all all 0.0.0.0/0'])));
    play(gate, [
      [1, 'ingress', ssh('ingress', 'PA'), 'REJECT acl-1/ingress/50 peer'],
      [1, 'egress', ssh('egress', 'PA'), `ACCEPT ${sshRule} peer`],
    ]);
  });

  it('keeps the former rules when the new ones cannot be understood', () => {
    const gate = new TestGate(sshOnly());
    const wrong = hostWith(['tcp 70000 0.0.0.0/0', 'gre all 10.0.0.0/8', 'tcp 1 10.0.0.0/33'], []);
    const failure = capture(() => gate.load(wrong));
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as ConfigError).details).toHaveLength(3);
    play(gate, open);
  });
});

function capture(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('ICMP', () => {
  it('allows echo and not redirect', () => {
    play(new TestGate(hostWith(['icmp 8.0 0.0.0.0/0'], [])), [
      [0, 'ingress', icmp('ingress', 8), 'ACCEPT sg-1/ingress/icmp:8.0:0.0.0.0/0 peer'],
      [0, 'ingress', icmp('ingress', 5, 1), 'REJECT sg-1/ingress/default -'],
      [0, 'egress', icmp('egress', 0), 'ACCEPT sg-1/ingress/icmp:8.0:0.0.0.0/0 peer'],
      [0, 'egress', icmp('egress', 8), 'REJECT sg-1/egress/default local'],
      [0, 'egress', icmp('egress', 14), 'REJECT sg-1/egress/default -'],
    ]);
  });

  const unreachable = (way: Way, quoted: TestPacket): TestPacket => ({
    ...icmp(way, 3, 3),
    src: '198.51.100.1',
    quoted,
  });

  it('lets an error about an accepted connection pass, from wherever, and no other', () => {
    const rule = 'sg-1/egress/udp:53:0.0.0.0/0';
    const query = between('egress', 17, 5353, 53);
    const gate = new TestGate(hostWith([], ['udp 53 0.0.0.0/0']));
    play(gate, [
      [0, 'ingress', unreachable('ingress', query), 'REJECT sg-1/ingress/default -'],
      [1, 'egress', query, `ACCEPT ${rule} local`],
      [2, 'ingress', unreachable('ingress', query), `ACCEPT ${rule} local`],
    ]);
    expect(gate.engine.connection).toBe(-1);
    play(gate, [
      [20, 'ingress', unreachable('ingress', query), `ACCEPT ${rule} local`],
      [32, 'ingress', unreachable('ingress', query), 'REJECT sg-1/ingress/default -'],
    ]);
  });

  it('asks the rules about the quoted packet when its conversation is untracked', () => {
    const everything = ['all all 0.0.0.0/0'];
    const query = between('egress', 17, 5353, 53);
    const gate = new TestGate(hostWith(everything, everything));
    play(gate, [[0, 'egress', query, 'ACCEPT sg-1/egress/all:all:0.0.0.0/0 local']]);
    gate.load(hostWith([], everything));
    play(gate, [[1, 'ingress', unreachable('ingress', query), 'ACCEPT sg-1/egress/all:all:0.0.0.0/0 local']]);
    gate.load(hostWith([], []));
    play(gate, [[2, 'ingress', unreachable('ingress', query), 'REJECT sg-1/ingress/default -']]);
  });

  it('lets an error out about a packet that came in', () => {
    const error = { ...icmp('egress', 3, 3), quoted: dns('ingress') };
    play(new TestGate(hostWith(['udp 53 0.0.0.0/0'], [])), [
      [0, 'ingress', dns('ingress'), `ACCEPT ${dnsRule} peer`],
      [0, 'egress', error, `ACCEPT ${dnsRule} peer`],
      [0, 'egress', { ...error, type: 5 }, 'REJECT sg-1/egress/default -'],
    ]);
  });

  it('tracks ICMPv6 echo', () => {
    const [src, dst] = ['2001:db8::1', '2001:db8::2'];
    const network = {
      ...hostWith(['icmpv6 128 ::/0'], []),
      networkInterfaces: [networkInterface('eni-1', dst)],
    };
    play(new TestGate(network), [
      [0, 'ingress', { src, dst, protocol: 58, type: 128 }, 'ACCEPT sg-1/ingress/icmpv6:128:::/0 peer'],
      [
        0,
        'egress',
        { src: dst, dst: src, protocol: 58, type: 129 },
        'ACCEPT sg-1/ingress/icmpv6:128:::/0 peer',
      ],
      [0, 'egress', { src: dst, dst: src, protocol: 58, type: 128 }, 'REJECT sg-1/egress/default local'],
    ]);
  });
});

describe('nothing that answers a refused packet begins a connection', () => {
  const refused = 'REJECT sg-1/ingress/default peer';
  const outRule = 'sg-1/egress/all:all:0.0.0.0/0';
  const gateWithAllOut = () => {
    const gate = new TestGate(hostWith([], ['all all 0.0.0.0/0']));
    gate.engine.startCapture(atMs(0));
    return gate;
  };

  it('TCP: neither SYN-ACK nor RST nor data', () => {
    play(gateWithAllOut(), [
      [0, 'ingress', ssh('ingress', 'S'), refused],
      [0, 'egress', ssh('egress', 'SA'), 'REJECT sg-1/egress/default peer'],
      [1, 'ingress', ssh('ingress', 'A'), refused],
      [1, 'egress', ssh('egress', 'PA'), 'REJECT sg-1/egress/default peer'],
      [2, 'egress', ssh('egress', 'RA'), 'REJECT sg-1/egress/default peer'],
      [3, 'ingress', ssh('ingress', 'PA'), refused],
    ]);
  });

  it('UDP: the answers pass by the rules of their direction, and further requests stay refused', () => {
    play(gateWithAllOut(), [
      [0, 'ingress', dns('ingress'), refused],
      [20, 'egress', dns('egress'), `ACCEPT ${outRule} peer`],
      [45, 'egress', dns('egress'), `ACCEPT ${outRule} peer`],
      [46, 'ingress', dns('ingress'), refused],
      [77, 'egress', dns('egress'), `ACCEPT ${outRule} local`],
      [78, 'ingress', dns('ingress'), `ACCEPT ${outRule} local`],
    ]);
  });

  it('ICMP: a reply to a refused query begins nothing, an own query does', () => {
    play(gateWithAllOut(), [
      [0, 'ingress', icmp('ingress', 8), refused],
      [0, 'egress', icmp('egress', 0), `ACCEPT ${outRule} peer`],
      [1, 'ingress', icmp('ingress', 8), refused],
      [2, 'egress', icmp('egress', 8), `ACCEPT ${outRule} local`],
      [2, 'ingress', icmp('ingress', 0), `ACCEPT ${outRule} local`],
      [3, 'ingress', icmp('ingress', 8), refused],
    ]);
  });

  it('a refusal by the ACL counts as well', () => {
    const network = hostWith(
      ['udp 53 0.0.0.0/0'],
      [],
      acl(['10 deny udp 53 0.0.0.0/0'], ['10 allow all all 0.0.0.0/0']),
    );
    play(new TestGate(network), [
      [0, 'ingress', dns('ingress'), 'REJECT acl-1/ingress/10 peer'],
      [0, 'egress', dns('egress'), 'REJECT sg-1/egress/default peer'],
    ]);
  });

  it('an opening SYN from the other side is no answer', () => {
    play(gateWithAllOut(), [
      [0, 'ingress', ssh('ingress', 'S'), refused],
      [1, 'egress', ssh('egress', 'S'), `ACCEPT ${outRule} local`],
      [1, 'ingress', ssh('ingress', 'SA'), `ACCEPT ${outRule} local`],
    ]);
  });

  it('takes effect at once when the rules come to allow it', () => {
    const gate = gateWithAllOut();
    play(gate, [[0, 'ingress', ssh('ingress', 'S'), refused]]);
    gate.load(hostWith(['tcp 22 203.0.113.0/24'], []));
    play(gate, [
      [1, 'ingress', ssh('ingress', 'A'), 'REJECT sg-1/ingress/default peer'],
      [2, 'ingress', ssh('ingress', 'S'), 'ACCEPT sg-1/ingress/tcp:22:203.0.113.0/24 peer'],
      [2, 'egress', ssh('egress', 'SA'), 'ACCEPT sg-1/ingress/tcp:22:203.0.113.0/24 peer'],
    ]);
  });
});

describe('pick-up', () => {
  const gateAt = (network: Network) => {
    const gate = new TestGate(network);
    gate.engine.startCapture(atMs(0));
    return gate;
  };

  it('takes up a connection that began unseen, by the rules of either direction', () => {
    play(gateAt(sshOnly()), [
      [119, 'egress', ssh('egress', 'PA'), `ACCEPT ${sshRule} -`],
      [500, 'ingress', ssh('ingress', 'A'), `ACCEPT ${sshRule} -`],
      [500, 'egress', between('egress', 6, 3389, 40_000, flagsOf('A')), 'REJECT sg-1/egress/default -'],
    ]);
  });

  it('knows who began when it sees the SYN-ACK', () => {
    const gate = gateAt(hostWith(['tcp 22 0.0.0.0/0'], ['tcp 40000 0.0.0.0/0']));
    play(gate, [[1, 'egress', ssh('egress', 'SA'), `ACCEPT ${sshRule} peer`]]);
    play(gateAt(hostWith([], ['tcp 40000 0.0.0.0/0'])), [
      [1, 'egress', ssh('egress', 'SA'), 'REJECT sg-1/egress/default -'],
      [1, 'ingress', ssh('ingress', 'A'), 'REJECT sg-1/ingress/default -'],
    ]);
  });

  it('ends after 120 s, and begins again after a loss', () => {
    const gate = gateAt(sshOnly());
    play(gate, [[121, 'egress', ssh('egress', 'PA'), 'REJECT sg-1/egress/default -']]);
    gate.engine.noteLoss(atMs(200));
    play(gate, [[201, 'egress', ssh('egress', 'PA'), `ACCEPT ${sshRule} -`]]);
  });
});

describe('the untracked case', () => {
  const all = () => hostWith(['all all 0.0.0.0/0'], ['all all 0.0.0.0/0']);
  const inRule = 'sg-1/ingress/all:all:0.0.0.0/0';
  const outRule = 'sg-1/egress/all:all:0.0.0.0/0';

  it('asks the rules for each packet, in its own direction, and knows who began', () => {
    play(new TestGate(all()), [
      [0, 'ingress', ssh('ingress', 'S'), `ACCEPT ${inRule} peer`],
      [0, 'egress', ssh('egress', 'SA'), `ACCEPT ${outRule} peer`],
      [1, 'ingress', ssh('ingress', 'R'), `ACCEPT ${inRule} peer`],
      [2, 'egress', ssh('egress', 'PA'), `ACCEPT ${outRule} peer`],
      [900, 'egress', ssh('egress', 'PA'), `ACCEPT ${outRule} -`],
    ]);
  });

  it('is cut at once when a rule goes', () => {
    const gate = new TestGate(all());
    play(gate, [
      [0, 'egress', ssh('egress', 'S'), `ACCEPT ${outRule} local`],
      [0, 'ingress', ssh('ingress', 'SA'), `ACCEPT ${inRule} local`],
    ]);
    gate.load(hostWith([], ['all all 0.0.0.0/0']));
    play(gate, [
      [1, 'egress', ssh('egress', 'A'), `ACCEPT ${outRule} local`],
      [1, 'ingress', ssh('ingress', 'PA'), 'REJECT sg-1/ingress/default local'],
    ]);
  });

  it('becomes tracked when its initiator sends under rules that track it', () => {
    const gate = new TestGate(all());
    play(gate, [[0, 'egress', dns('egress'), `ACCEPT ${outRule} local`]]);
    gate.load(hostWith([], ['all all 0.0.0.0/0']));
    play(gate, [
      [1, 'ingress', dns('ingress'), 'REJECT sg-1/ingress/default local'],
      [2, 'egress', dns('egress'), `ACCEPT ${outRule} local`],
      [3, 'ingress', dns('ingress'), `ACCEPT ${outRule} local`],
    ]);
  });

  it('does not apply to ICMP', () => {
    const gate = new TestGate(all());
    play(gate, [[0, 'ingress', icmp('ingress', 8), `ACCEPT ${inRule} peer`]]);
    gate.load(hostWith([], []));
    play(gate, [[1, 'egress', icmp('egress', 0), `ACCEPT ${inRule} peer`]]);
  });

  it('is that of an interface without groups, as those of NAT gateways', () => {
    const network = { ...all(), networkInterfaces: [networkInterface('eni-1', local, [])] };
    play(new TestGate(network), [
      [0, 'ingress', ssh('ingress', 'S'), 'ACCEPT - peer'],
      [0, 'egress', ssh('egress', 'SA'), 'ACCEPT - peer'],
    ]);
  });
});

describe('what rules are about', () => {
  it('does not ask the ACL within the subnet', () => {
    const network = hostWith(
      ['all all 0.0.0.0/0'],
      ['all all 0.0.0.0/0'],
      acl(['100 allow tcp 443 0.0.0.0/0'], []),
    );
    const from = (src: string): TestPacket => ({ ...ssh('ingress', 'S'), src });
    play(new TestGate(network), [
      [0, 'ingress', from('10.0.1.99'), 'ACCEPT sg-1/ingress/all:all:0.0.0.0/0 peer'],
      [0, 'ingress', from('10.0.2.99'), 'REJECT acl-1/ingress/default peer'],
    ]);
  });

  it('knows the members of a group that a rule names, also when they come later', () => {
    const network = {
      ...hostWith(['tcp 22 sg-2'], []),
      networkInterfaces: [
        networkInterface('eni-1', local),
        networkInterface('eni-2', '10.0.2.20', ['sg-2'], 'subnet-2'),
      ],
      securityGroups: [securityGroup('sg-1', ['tcp 22 sg-2'], []), securityGroup('sg-2', [], [])],
    };
    const gate = new TestGate(network);
    const from = (src: string): TestPacket => ({ ...ssh('ingress', 'S'), src });
    play(gate, [
      [0, 'ingress', from('10.0.2.20'), 'ACCEPT sg-1/ingress/tcp:22:sg-2 peer'],
      [0, 'ingress', from('10.0.2.21'), 'REJECT sg-1/ingress/default peer'],
    ]);
    const before = gate.engine.generation;
    gate.engine.join(gate.registry.put(networkInterface('eni-3', '10.0.2.21', ['sg-2'], 'subnet-2')));
    expect(gate.engine.generation).not.toBe(before);
  });

  it('expands prefix lists, of both families', () => {
    const network = hostWith(['tcp 22 pl-1'], [], {
      prefixLists: new Map([['pl-1', ['198.51.100.0/24', '2001:db8::/32']]]),
    });
    const from = (src: string, dst = local): TestPacket => ({ ...ssh('ingress', 'S'), src, dst });
    play(new TestGate(network), [
      [0, 'ingress', from('198.51.100.7'), 'ACCEPT sg-1/ingress/tcp:22:pl-1 peer'],
      [0, 'ingress', from('2001:db8::7', '2001:db8::8'), 'ACCEPT sg-1/ingress/tcp:22:pl-1 peer'],
      [0, 'ingress', from('198.51.101.7'), 'REJECT sg-1/ingress/default peer'],
    ]);
  });

  it('gives packets without known ports only to rules about all ports', () => {
    const later: TestPacket = { src: peer, dst: local, protocol: 17 };
    play(new TestGate(hostWith(['udp 0-100 0.0.0.0/0'], [])), [
      [0, 'ingress', later, 'REJECT sg-1/ingress/default peer'],
    ]);
    play(new TestGate(hostWith(['udp all 0.0.0.0/0'], [])), [
      [0, 'ingress', later, 'ACCEPT sg-1/ingress/udp:all:0.0.0.0/0 peer'],
    ]);
  });

  it('names rules by their sgr- id where it is known', () => {
    const SecurityGroupRule = {
      SecurityGroupRuleId: 'sgr-22',
      GroupId: 'sg-1',
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      CidrIpv4: '0.0.0.0/0',
    };
    const network = { ...sshOnly(), securityGroupRules: [SecurityGroupRule] };
    play(new TestGate(network), [[0, 'ingress', ssh('ingress', 'S'), 'ACCEPT sg-1/ingress/sgr-22 peer']]);
    const [group] = network.securityGroups;
    const bare = { ...network, securityGroups: [{ GroupId: group.GroupId, VpcId: 'vpc-1' }] };
    play(new TestGate(bare), [[0, 'ingress', ssh('ingress', 'S'), 'ACCEPT sg-1/ingress/sgr-22 peer']]);
  });
});

describe('confirm', () => {
  const see = (gate: TestGate, way: Way, packet: TestPacket, seconds: number) => {
    gate.see(way, packet, seconds);
    return [gate.engine.connection, gate.engine.connectionSerial] as const;
  };

  it('keeps an established connection alive, in both directions', () => {
    const gate = new TestGate(sshOnly());
    gate.see('ingress', ssh('ingress', 'S'));
    const [, first] = see(gate, 'egress', ssh('egress', 'SA'), 0);
    const [connection, serial] = see(gate, 'ingress', ssh('ingress', 'A'), 0);
    expect(serial).toBe(first);
    expect(gate.engine.confirm(connection, serial, direction.egress, atMs(400_000))).toBe(true);
    expect(gate.engine.confirm(connection, serial, direction.ingress, atMs(800_000))).toBe(true);
    expect(gate.engine.confirm(connection, serial, direction.ingress, atMs(1_300_000))).toBe(false);
  });

  it('leaves packets that move a connection on to judge', () => {
    const gate = new TestGate(hostWith(['udp 53 0.0.0.0/0'], []));
    const [connection, serial] = see(gate, 'ingress', dns('ingress'), 0);
    expect(gate.engine.confirm(connection, serial, direction.ingress, atMs(1))).toBe(true);
    expect(gate.engine.confirm(connection, serial, direction.egress, atMs(1))).toBe(false);
  });

  it('notices that the entry became another connection', () => {
    const gate = new TestGate(hostWith(['udp 53 0.0.0.0/0'], []), 1);
    const [connection, serial] = see(gate, 'ingress', dns('ingress'), 0);
    gate.see('ingress', { ...dns('ingress'), srcPort: 1 }, 0);
    expect(gate.engine.connection).toBe(connection);
    expect(gate.engine.confirm(connection, serial, direction.ingress, atMs(0))).toBe(false);
  });
});

describe('time', () => {
  it('survives an absurd timestamp, and packets a little out of order', () => {
    play(new TestGate(hostWith(['udp 53 0.0.0.0/0'], [])), [
      [10, 'ingress', dns('ingress'), `ACCEPT ${dnsRule} peer`],
      [1e9, 'ingress', dns('ingress'), `ACCEPT ${dnsRule} peer`],
      [9, 'egress', dns('egress'), `ACCEPT ${dnsRule} peer`],
      [-1e9, 'ingress', { ...dns('ingress'), srcPort: 1 }, `ACCEPT ${dnsRule} peer`],
      [45, 'egress', dns('egress'), 'REJECT sg-1/egress/default local'],
    ]);
  });

  it('is not a way to keep entries for ever', () => {
    const gate = new TestGate(hostWith(['udp 53 0.0.0.0/0'], []), 64);
    gate.see('ingress', dns('ingress'), 1e9);
    for (let port = 1; port <= 200; port++) gate.see('ingress', { ...dns('ingress'), srcPort: port }, 1);
    const { connection, connectionSerial } = gate.engine;
    expect(gate.engine.confirm(connection, connectionSerial, direction.ingress, atMs(2))).toBe(true);
    expect(gate.see('egress', dns('egress'), 3).accepted).toBe(false);
  });
});
