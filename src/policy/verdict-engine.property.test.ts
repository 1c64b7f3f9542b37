import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aclEntry,
  answerOf,
  atMs,
  emptyNetwork,
  flagsOf,
  networkInterface,
  packetView,
  securityGroup,
  type TestAnswer,
  TestGate,
  type TestPacket,
  type Way,
} from '../../test/policy/fixtures.ts';
import { SlowVerdict } from '../../test/policy/slow-verdict.ts';
import { runs } from '../../test/runs.ts';
import type { Network } from '../vpc/network.ts';
import { direction } from './answer.ts';

/** Few addresses and ports, so that conversations meet rules, entries and one another. */
const v4 = ['10.0.1.10', '10.0.1.20', '10.0.2.20', '203.0.113.5', '198.51.100.7'];
const v6 = ['2001:db8:1::10', '2001:db8:2::20', '2001:db9::1'];
const cidrs = [
  '0.0.0.0/0',
  '0.0.0.0/0',
  '::/0',
  '203.0.113.0/24',
  '10.0.0.0/16',
  '2001:db8::/32',
  '198.51.100.7/32',
];
const ports = [0, 22, 53, 1024];
const traffics = [
  ...[
    'all all',
    'all all',
    'tcp all',
    'tcp 22',
    'tcp 0-65535',
    'tcp 20-60',
    'udp all',
    'udp 53',
    'udp 1000-2000',
  ],
  ...['icmp all', 'icmp 8', 'icmp 8.0', 'icmp 0.0', 'icmp 3.3', 'icmpv6 all', 'icmpv6 128', '47 all'],
];
/** Interface number 0 owns the first addresses of both families, 1 and 2 are peers with groups. */
const interfaces = [
  { ...networkInterface('eni-1', v4[0], ['sg-1', 'sg-2']), Ipv6Addresses: [{ Ipv6Address: v6[0] }] },
  networkInterface('eni-2', v4[1], ['sg-2']),
  { ...networkInterface('eni-3', v4[2], ['sg-3'], 'subnet-2'), Ipv6Addresses: [{ Ipv6Address: v6[1] }] },
];

const ruleText = fc
  .tuple(fc.constantFrom(...traffics), fc.constantFrom(...cidrs, 'sg-2', 'sg-3', 'sg-9', 'pl-1', 'pl-9'))
  .map((parts) => parts.join(' '));
const ruleList = fc.array(ruleText, { maxLength: 4 });
const entryText = fc
  .tuple(fc.constantFrom('allow', 'allow', 'deny'), fc.constantFrom(...traffics), fc.constantFrom(...cidrs))
  .map((parts) => parts.join(' '));
const entryList = fc.array(entryText, { maxLength: 3 });

const networks: fc.Arbitrary<Network> = fc
  .record({
    groups: fc.array(fc.tuple(ruleList, ruleList), { minLength: 3, maxLength: 3 }),
    acl: fc.option(fc.tuple(entryList, entryList), { freq: 2 }),
    isDefault: fc.boolean(),
    timeouts: fc.option(
      fc.record({ UdpTimeout: fc.constantFrom(20, 45), TcpEstablishedTimeout: fc.constantFrom(60, 700) }),
    ),
  })
  .map(({ groups, acl, isDefault, timeouts }) => {
    const numbered = (way: Way, texts: string[]) =>
      texts.map((text, index) => aclEntry(way, `${100 - index * 10} ${text}`));
    return {
      ...emptyNetwork(),
      networkInterfaces: interfaces.map((one, index) =>
        timeouts && index === 0 ? { ...one, ConnectionTrackingConfiguration: timeouts } : one,
      ),
      securityGroups: groups.map(([ingress, egress], index) =>
        securityGroup(`sg-${index + 1}`, ingress, egress),
      ),
      networkAcls: acl
        ? [
            {
              NetworkAclId: 'acl-1',
              VpcId: 'vpc-1',
              IsDefault: isDefault,
              Associations: isDefault ? [] : [{ SubnetId: 'subnet-1' }],
              Entries: [...numbered('ingress', acl[0]), ...numbered('egress', acl[1])],
            },
          ]
        : [],
      prefixLists: new Map([['pl-1', ['203.0.113.0/25', '2001:db9::/32']]]),
    };
  });

interface Conversation {
  readonly index: number;
  readonly local: string;
  readonly peer: string;
  readonly protocol: number;
  readonly localPort: number;
  readonly peerPort: number;
  readonly query: number;
}

const conversations: fc.Arbitrary<Conversation> = fc
  .record({
    index: fc.constantFrom(0, 0, 0, 2),
    isV6: fc.boolean(),
    place: fc.nat({ max: 4 }),
    protocol: fc.constantFrom(6, 6, 17, 1, 47),
    localPort: fc.constantFrom(...ports),
    peerPort: fc.constantFrom(...ports),
    queryOf4: fc.constantFrom(8, 13),
  })
  .map(({ index, isV6, place, protocol, queryOf4, ...rest }) => ({
    index,
    local: isV6 ? v6[index === 0 ? 0 : 1] : v4[index],
    peer: isV6 ? v6[(place % 2) + (index === 0 ? 1 : 0)] : v4[place],
    protocol: protocol === 1 && isV6 ? 58 : protocol,
    query: isV6 ? 128 : queryOf4,
    ...rest,
  }));

type Event =
  | {
      readonly kind: 'packet';
      readonly which: number;
      readonly way: Way;
      readonly flags: string;
      readonly icmp: number;
      readonly quotes: number;
      readonly stepSeconds: number;
    }
  | { readonly kind: 'load'; readonly network: Network }
  /** All rules of one way go. */
  | { readonly kind: 'cut'; readonly way: Way }
  | { readonly kind: 'loss' };

const packets: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('packet'),
  which: fc.nat({ max: 3 }),
  way: fc.constantFrom<Way>('ingress', 'egress'),
  flags: fc.constantFrom('S', 'S', 'SA', 'A', 'A', 'PA', 'PA', 'FA', 'FA', 'R', 'RA', '', 'F', 'SF', 'SR'),
  icmp: fc.nat({ max: 5 }),
  quotes: fc.nat({ max: 3 }),
  stepSeconds: fc.constantFrom(0, 0, 0, 0.001, 0.001, 1, 1, -0.5, 10, 29, 31, 59, 61, 130, 181, 650),
});
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    { weight: 40, arbitrary: packets },
    { weight: 1, arbitrary: networks.map((network): Event => ({ kind: 'load', network })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Event>({ kind: 'cut', way: 'ingress' }, { kind: 'cut', way: 'egress' }),
    },
    { weight: 1, arbitrary: fc.constant<Event>({ kind: 'loss' }) },
  ),
  { minLength: 20, maxLength: 150 },
);

function packetOf(conversation: Conversation, way: Way): TestPacket {
  const { local, peer, protocol, localPort, peerPort } = conversation;
  const hasPorts = protocol === 6 || protocol === 17;
  const [srcPort, dstPort] = !hasPorts
    ? [0, 0]
    : way === 'egress'
      ? [localPort, peerPort]
      : [peerPort, localPort];
  const ends = way === 'egress' ? { src: local, dst: peer } : { src: peer, dst: local };
  return { ...ends, protocol, srcPort, dstPort };
}

/** Query, reply, error about another conversation, redirect … */
function withIcmp(packet: TestPacket, query: number, choice: number, quoted: TestPacket): TestPacket {
  const isV6 = packet.protocol === 58;
  const reply = query === 8 ? 0 : query + 1;
  const choices: Partial<TestPacket>[] = [
    { type: query },
    { type: query, code: 1 },
    { type: reply },
    { type: isV6 ? 1 : 3, code: 3, quoted },
    { type: isV6 ? 134 : 5, quoted },
    { type: isV6 ? 2 : 11 },
  ];
  return { ...packet, ...choices[choice] };
}

function eventPacket(event: Event & { kind: 'packet' }, talks: readonly Conversation[]): TestPacket {
  const talk = talks[event.which];
  const packet = packetOf(talk, event.way);
  if (talk.protocol === 6) return { ...packet, flags: flagsOf(event.flags) };
  if (talk.protocol !== 1 && talk.protocol !== 58) return packet;
  const about = talks[event.quotes];
  const quoted = packetOf(about, event.way === 'ingress' ? 'egress' : 'ingress');
  const isIcmp = about.protocol === 1 || about.protocol === 58;
  return withIcmp(packet, talk.query, event.icmp, isIcmp ? { ...quoted, type: about.query } : quoted);
}

interface Remembered {
  readonly answer: TestAnswer;
  readonly connection: number;
  readonly serial: number;
  readonly generation: number;
}

/** Asks as the meter does: a flow's last answer holds while `confirm` says so. */
class CachingGate {
  readonly gate: TestGate;
  confirmed = 0;
  readonly #flows = new Map<string, Remembered>();

  constructor(network: Network) {
    this.gate = new TestGate(network);
  }

  see(way: Way, packet: TestPacket, timeMs: number, index: number): TestAnswer {
    const { engine } = this.gate;
    const { quoted: _, flags = 0, ...tuple } = packet;
    const key = JSON.stringify([index, way, tuple]);
    const last = this.#flows.get(key);
    const isPlain = (flags & 7) === 0;
    if (last && isPlain && last.connection >= 0 && last.generation === engine.generation) {
      if (engine.confirm(last.connection, last.serial, direction[way], timeMs)) {
        this.confirmed++;
        return last.answer;
      }
    }
    engine.judge(packetView(packet, timeMs), index, direction[way]);
    const answer = answerOf(engine);
    const { connection, connectionSerial: serial, generation } = engine;
    this.#flows.set(key, { answer, connection, serial, generation });
    return answer;
  }
}

function withoutRules(network: Network, way: Way): Network {
  const gone = way === 'ingress' ? { IpPermissions: [] } : { IpPermissionsEgress: [] };
  return { ...network, securityGroups: network.securityGroups.map((group) => ({ ...group, ...gone })) };
}

function run(first: Network, talks: readonly Conversation[], sequence: readonly Event[]): number {
  const fast = new CachingGate(first);
  const slow = new SlowVerdict(first);
  let seconds = 0;
  fast.gate.engine.startCapture(atMs(0));
  slow.startPickUp(atMs(0));
  for (const [place, event] of sequence.entries()) {
    if (event.kind === 'load' || event.kind === 'cut') {
      const next = event.kind === 'load' ? event.network : withoutRules(slow.network, event.way);
      for (const one of next.networkInterfaces) fast.gate.registry.put(one);
      fast.gate.load(next);
      slow.network = next;
    } else if (event.kind === 'loss') {
      fast.gate.engine.noteLoss(atMs(seconds));
      slow.startPickUp(atMs(seconds));
    } else {
      seconds += event.stepSeconds;
      const packet = eventPacket(event, talks);
      const { index } = talks[event.which];
      const expected = slow.judge(slow.network.networkInterfaces[index], event.way, packet, atMs(seconds));
      const seen = fast.see(event.way, packet, atMs(seconds), index);
      expect({ place, packet, ...seen }).toEqual({ place, packet, ...expected });
    }
  }
  return fast.confirmed;
}

describe('the engine, asked as the meter asks it, agrees with the slow evaluator', () => {
  it('on random rules, connections and packets over time', () => {
    let confirmed = 0;
    const talks = fc.array(conversations, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(networks, talks, events, (first, some, sequence) => {
        confirmed += run(first, some, sequence);
      }),
      { numRuns: runs(100, 4000) },
    );
    expect(confirmed).toBeGreaterThan(0);
  });
});
