import type { Conversation, Profile } from './conversation.ts';
import { type Host, localHost, localHostCount, publicHost } from './hosts.ts';
import { Random } from './random.ts';

export interface TraceSpec {
  readonly seed: number;
  readonly packets: number;
  /** Bidirectional 5-tuples: both directions of one exchange count once. ICMP echo counts once per pair of hosts. */
  readonly conversations: number;
  readonly seconds: number;
}

interface Mix {
  readonly profile: Profile;
  /** Of all conversations. */
  readonly share: number;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly serverPorts: readonly number[];
  /** Packets of one conversation; `tail` scales with the trace, `short` does not. */
  readonly size: {
    readonly kind: 'short' | 'tail';
    readonly minimum: number;
    readonly maximum: number;
    readonly alpha: number;
  };
}

const short = (minimum: number, maximum: number): Mix['size'] => ({
  kind: 'short',
  minimum,
  maximum,
  alpha: 1.5,
});
const tail = (minimum: number, maximum: number, alpha: number): Mix['size'] => ({
  kind: 'tail',
  minimum,
  maximum,
  alpha,
});

const mixes: readonly Mix[] = [
  {
    profile: 'web',
    share: 0.37,
    protocol: 'tcp',
    serverPorts: [443, 443, 443, 80, 8080],
    size: tail(11, 4_000, 1.25),
  },
  {
    profile: 'bulk',
    share: 0.1,
    protocol: 'tcp',
    serverPorts: [443, 80, 5432, 3306, 9092],
    size: tail(60, 30_000, 1.1),
  },
  {
    profile: 'interactive',
    share: 0.09,
    protocol: 'tcp',
    serverPorts: [22, 6379, 5432, 8443],
    size: tail(20, 8_000, 1.2),
  },
  {
    profile: 'midstream',
    share: 0.03,
    protocol: 'tcp',
    serverPorts: [443, 22, 9092],
    size: tail(12, 4_000, 1.2),
  },
  { profile: 'refused', share: 0.02, protocol: 'tcp', serverPorts: [8081, 9200, 27017], size: short(2, 2) },
  {
    profile: 'scan',
    share: 0.05,
    protocol: 'tcp',
    serverPorts: [23, 445, 3389, 22, 5900],
    size: short(1, 3),
  },
  { profile: 'dns', share: 0.18, protocol: 'udp', serverPorts: [53], size: short(2, 2) },
  { profile: 'quic', share: 0.07, protocol: 'udp', serverPorts: [443], size: tail(14, 8_000, 1.2) },
  {
    profile: 'voice',
    share: 0.03,
    protocol: 'udp',
    serverPorts: [3478, 5004, 16384],
    size: tail(30, 4_000, 1.3),
  },
  { profile: 'fragmented', share: 0.02, protocol: 'udp', serverPorts: [2049, 500, 53], size: short(4, 60) },
  { profile: 'ping', share: 0.04, protocol: 'icmp', serverPorts: [0], size: short(2, 40) },
];

const protocolNumber = { tcp: [6, 6], udp: [17, 17], icmp: [1, 58] } as const;
const ipv6Share = 0.2;
const vlanShare = 0.04;

/** Draws who talks to whom, when and how much; the packet counts sum to `spec.packets` exactly. */
export function planConversations(spec: TraceSpec): Conversation[] {
  const random = new Random(spec.seed);
  const peers = Array.from({ length: Math.max(200, spec.conversations >> 1) }, () => publicHost(random));
  const taken = new Set<string>();
  const chosen = Array.from({ length: spec.conversations }, (_, i) => mixAt((i + 0.5) / spec.conversations));
  const sizes = planSizes(random, chosen, spec.packets);
  return chosen.map((mix, i) => planConversation(random, mix, sizes[i], peers, taken, spec.seconds));
}

function mixAt(position: number): Mix {
  let sum = 0;
  for (const mix of mixes) {
    sum += mix.share;
    if (position < sum) return mix;
  }
  return mixes[0];
}

function planSizes(random: Random, chosen: readonly Mix[], packets: number): number[] {
  const raw = chosen.map(({ size }) => random.pareto(size.minimum, size.maximum, size.alpha));
  const sumOf = (kind: 'short' | 'tail') =>
    raw.reduce((sum, value, i) => (chosen[i].size.kind === kind ? sum + Math.floor(value) : sum), 0);
  const scale = (packets - sumOf('short')) / sumOf('tail');
  const sizes = raw.map((value, i) => {
    const { kind, minimum } = chosen[i].size;
    return kind === 'short' ? Math.floor(value) : Math.max(minimum, Math.round(value * scale));
  });
  spreadDifference(sizes, packets);
  return sizes;
}

/** Rounding leaves a few packets too many or too few: the largest conversations give or take them in turn. */
function spreadDifference(sizes: number[], packets: number): void {
  const largest = sizes.map((_, i) => i).sort((a, b) => sizes[b] - sizes[a]);
  let difference = packets - sizes.reduce((sum, size) => sum + size, 0);
  const step = Math.ceil(Math.abs(difference) / 100);
  for (let i = 0; difference !== 0; i = (i + 1) % 100) {
    const change = Math.sign(difference) * Math.min(step, Math.abs(difference));
    sizes[largest[i]] += change;
    difference -= change;
  }
}

function planConversation(
  random: Random,
  mix: Mix,
  packetCount: number,
  peers: readonly Host[],
  taken: Set<string>,
  seconds: number,
): Conversation {
  const family = random.chance(ipv6Share) ? 6 : 4;
  const { startUs, endUs } = planTimes(random, mix, packetCount, seconds);
  return {
    profile: mix.profile,
    family,
    protocol: protocolNumber[mix.protocol][family === 6 ? 1 : 0],
    ...planEndpoints(random, mix, peers, taken, family),
    vlan: random.chance(vlanShare) ? 100 : 0,
    startUs,
    endUs,
    ending: random.pick(['fin', 'fin', 'fin', 'fin', 'fin', 'fin', 'fin', 'reset', 'open', 'fin'] as const),
    packetCount,
    sent: 0,
    clientSequence: random.int32(),
    serverSequence: random.int32(),
    datagramBytes: 0,
    datagramSent: 0,
    datagramId: 0,
  };
}

function planTimes(
  random: Random,
  mix: Mix,
  packetCount: number,
  seconds: number,
): { startUs: number; endUs: number } {
  const durationSeconds = mix.profile === 'dns' ? 0.02 : random.logNormal(6 * packetCount ** 0.45, 1);
  const latest = (mix.profile === 'midstream' ? 0.05 : 0.99) * seconds;
  const startUs = random.unit() ** 1.15 * latest * 1e6;
  const endUs = Math.min(startUs + durationSeconds * 1e6, seconds * 1e6 - 1);
  return { startUs: Math.floor(startUs), endUs };
}

function planEndpoints(
  random: Random,
  mix: Mix,
  peers: readonly Host[],
  taken: Set<string>,
  family: number,
): Pick<Conversation, 'client' | 'server' | 'clientPort' | 'serverPort'> {
  for (;;) {
    const [client, server] = planHosts(random, mix.profile, peers);
    const serverPort = random.pick(mix.serverPorts);
    const clientPort = random.between(32_768, 60_999);
    const ports = mix.protocol === 'icmp' ? '' : `${clientPort} ${serverPort}`;
    const pair = family === 6 ? [client.ipv6.join(), server.ipv6.join()] : [client.ipv4, server.ipv4];
    // ICMP has no ports to tell the ends apart, so that either order is the same conversation.
    const hosts = ports === '' ? pair.sort().join() : pair.join();
    const key = `${mix.protocol} ${hosts} ${ports}`;
    if (client === server || client.ipv4 === server.ipv4 || taken.has(key)) continue;
    taken.add(key);
    return { client, server, clientPort, serverPort };
  }
}

/** Client and server: local to public most often, also public to local, and within the local network. */
function planHosts(random: Random, profile: Profile, peers: readonly Host[]): [Host, Host] {
  const local = () => localHost(Math.floor(random.unit() ** 1.6 * localHostCount));
  const peer = () => peers[Math.floor(random.unit() ** 2 * peers.length)];
  const where = random.unit();
  if (profile === 'scan') return [peer(), local()];
  if (where < 0.68) return [local(), peer()];
  return where < 0.84 ? [peer(), local()] : [local(), local()];
}
