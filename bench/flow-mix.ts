import type { FlowColumns } from './flow-columns.ts';
import { type FlowPlaces, flowPlaces, Popularity } from './flow-places.ts';
import { Random } from './random.ts';

/** What flow logs of a small estate hold in a day, as far as it decides size and speed of a store. */
export interface MixSpec {
  readonly seed: number;
  readonly records: number;
  /** One-minute windows. */
  readonly windows: number;
  /** From the start of a window to that of the next one: 60, or more to cover a day with few records. */
  readonly windowStepSeconds: number;
}

/** A window's records, by column, in the order in which their flows began. */
export interface MixWindow {
  readonly length: number;
  readonly startSeconds: number;
  readonly columns: FlowColumns;
}

/** 2026-01-05T00:00:00Z, a Monday. */
export const mixStartSeconds = 1_767_571_200;
const windowSeconds = 60;
const rejectShare = 0.05;
const tcp = 6;
const udp = 17;
const icmp = 1;

/** Port, protocol, share, and the median size of a packet towards the server and back. */
const services = [
  [443, tcp, 0.46, 180, 900],
  [5432, tcp, 0.12, 150, 400],
  [80, tcp, 0.09, 160, 800],
  [53, udp, 0.08, 75, 160],
  [6379, tcp, 0.07, 90, 200],
  [9092, tcp, 0.05, 700, 90],
  [8080, tcp, 0.04, 200, 700],
  [22, tcp, 0.02, 100, 150],
  [123, udp, 0.02, 76, 76],
  [0, icmp, 0.015, 84, 84],
  [3306, tcp, 0.015, 120, 500],
] as const;

const probedPorts = [
  23, 22, 445, 3389, 8080, 80, 443, 1433, 5900, 8443, 2222, 25, 6379, 5060, 81, 9200,
] as const;

interface Conversation {
  readonly interfaceNumber: number;
  readonly local: number;
  readonly peer: number;
  readonly localPort: number;
  readonly peerPort: number;
  readonly protocol: number;
  readonly localIsServer: boolean;
  readonly packetsPerWindow: number;
  readonly bytesToServer: number;
  readonly bytesToClient: number;
  windowsLeft: number;
}

/** One record before it has a place among the others. */
interface Entry {
  readonly interfaceNumber: number;
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  readonly isReject: boolean;
  readonly isNoData: boolean;
}

/** Makes the windows one after the other; the same spec gives the same records everywhere. */
export class FlowMix {
  readonly places: FlowPlaces;
  readonly #spec: MixSpec;
  readonly #random: Random;
  readonly #services = new Popularity(services.map(([, , share]) => share));
  readonly #probes = new Popularity(probedPorts.map((_, i) => 1 / (i + 1)));
  #conversations: Conversation[] = [];

  constructor(spec: MixSpec) {
    this.#spec = spec;
    this.#random = new Random(spec.seed);
    this.places = flowPlaces(this.#random);
  }

  *windows(): Generator<MixWindow, void, undefined> {
    const { records, windows, windowStepSeconds } = this.#spec;
    const shares = Array.from({ length: windows }, (_, i) => dayShare((i * windowStepSeconds) / 86_400));
    const sum = shares.reduce((a, b) => a + b, 0);
    let done = 0;
    let share = 0;
    for (let i = 0; i < windows; i++) {
      share += shares[i];
      const target = i === windows - 1 ? records : Math.round((records * share) / sum);
      yield this.#window(mixStartSeconds + i * windowStepSeconds, target - done);
      done = target;
    }
  }

  #window(startSeconds: number, length: number): MixWindow {
    const entries: Entry[] = [];
    const quiet = this.places.interfaces.map(({ isQuiet }) => isQuiet && !this.#random.chance(0.3));
    const rejects = length * rejectShare;
    while (entries.length < rejects) entries.push(this.#probe(startSeconds, quiet));
    this.#continue(entries, startSeconds);
    while (entries.length < length) this.#begin(entries, startSeconds, quiet);
    this.#noData(entries, startSeconds, length);
    entries.length = length;
    entries.sort((a, b) => a.start - b.start);
    return { length, startSeconds, columns: columnsOf(entries) };
  }

  /** A connection attempt from outside that is refused: one record, no answer. */
  #probe(startSeconds: number, quiet: readonly boolean[]): Entry {
    const random = this.#random;
    const interfaceNumber = this.#interface(quiet);
    const start = startSeconds + random.between(0, windowSeconds - 1);
    const port = random.chance(0.7)
      ? probedPorts[this.#probes.pick(random)]
      : Math.floor(random.pareto(1, 65_535, 0.3));
    const packets = Math.floor(random.pareto(1, 200, 1.6));
    const v6 = random.chance(0.01);
    const { scanners, otherScanners } = this.places;
    return {
      interfaceNumber,
      source: v6 ? otherScanners.pick(random) : scanners.pick(random),
      destination: this.#local(interfaceNumber, v6),
      sourcePort: random.between(1024, 65_535),
      destinationPort: port,
      protocol: random.chance(0.9) ? tcp : udp,
      packets,
      bytes: packets * random.pick([40, 44, 52, 60]),
      start,
      end: Math.min(startSeconds + windowSeconds - 1, start + (packets > 1 ? random.between(1, 40) : 0)),
      isReject: true,
      isNoData: false,
    };
  }

  #interface(quiet: readonly boolean[]): number {
    for (;;) {
      const number = this.places.interfaceShares.pick(this.#random);
      if (!quiet[number]) return number;
    }
  }

  #local(interfaceNumber: number, v6: boolean): number {
    const { ipv4, ipv6 } = this.places.interfaces[interfaceNumber];
    return v6 ? ipv6 : ipv4;
  }

  /** The conversations of the window before that go on. */
  #continue(entries: Entry[], startSeconds: number): void {
    this.#conversations = this.#conversations.filter((conversation) => conversation.windowsLeft > 0);
    for (const conversation of this.#conversations) {
      this.#speak(entries, conversation, startSeconds, this.#random.between(0, 6));
    }
  }

  #begin(entries: Entry[], startSeconds: number, quiet: readonly boolean[]): void {
    const conversation = this.#conversation(quiet);
    this.#conversations.push(conversation);
    this.#speak(entries, conversation, startSeconds, this.#random.between(0, windowSeconds - 1));
  }

  #conversation(quiet: readonly boolean[]): Conversation {
    const random = this.#random;
    const interfaceNumber = this.#interface(quiet);
    const v6 = random.chance(0.03);
    const localIsServer = random.chance(0.45);
    const [knownPort, protocol, , toServer, toClient] = services[this.#services.pick(random)];
    const port = random.chance(0.05) ? Math.floor(random.pareto(1024, 65_535, 0.5)) : knownPort;
    const client = protocol === icmp ? 0 : random.between(32_768, 60_999);
    const { peers, otherPeers } = this.places;
    return {
      interfaceNumber,
      local: this.#local(interfaceNumber, v6),
      peer: v6 ? otherPeers.pick(random) : peers.pick(random),
      localPort: localIsServer ? port : client,
      peerPort: localIsServer ? client : port,
      protocol,
      localIsServer,
      packetsPerWindow: protocol === udp ? 1 : random.pareto(2, 2_000_000, 0.9),
      bytesToServer: Math.min(1500, 40 + random.logNormal(toServer, 0.5)),
      bytesToClient: Math.min(1500, 40 + random.logNormal(toClient, 0.5)),
      windowsLeft: random.chance(0.7) || protocol === udp ? 1 : Math.floor(random.pareto(2, 600, 0.9)),
    };
  }

  /** Both directions of a conversation in one window. */
  #speak(entries: Entry[], conversation: Conversation, startSeconds: number, offset: number): void {
    const random = this.#random;
    conversation.windowsLeft--;
    const start = startSeconds + offset;
    const rest = windowSeconds - 1 - offset;
    const length =
      conversation.windowsLeft > 0 ? rest - random.between(0, Math.min(rest, 4)) : random.between(0, rest);
    const forth = Math.max(1, Math.round(conversation.packetsPerWindow * (0.8 + 0.4 * random.unit())));
    const back = Math.max(1, Math.round(forth * (0.6 + 0.6 * random.unit())));
    const { interfaceNumber, local, peer, localPort, peerPort, protocol, localIsServer } = conversation;
    const shared = {
      interfaceNumber,
      protocol,
      start,
      end: start + length,
      isReject: false,
      isNoData: false,
    };
    const [packetsIn, packetsOut] = localIsServer ? [forth, back] : [back, forth];
    const { bytesToServer, bytesToClient } = conversation;
    const [sizeIn, sizeOut] = localIsServer ? [bytesToServer, bytesToClient] : [bytesToClient, bytesToServer];
    entries.push({
      ...shared,
      source: local,
      destination: peer,
      sourcePort: localPort,
      destinationPort: peerPort,
      packets: packetsOut,
      bytes: Math.round(packetsOut * sizeOut),
    });
    entries.push({
      ...shared,
      source: peer,
      destination: local,
      sourcePort: peerPort,
      destinationPort: localPort,
      packets: packetsIn,
      bytes: Math.round(packetsIn * sizeIn),
    });
  }

  /** Puts a NODATA record in the place of another one for each interface without traffic. */
  #noData(entries: Entry[], startSeconds: number, length: number): void {
    const spoke = new Set(entries.slice(0, length).map(({ interfaceNumber }) => interfaceNumber));
    let at = length - 1;
    for (let interfaceNumber = 0; interfaceNumber < this.places.interfaces.length; interfaceNumber++) {
      if (spoke.has(interfaceNumber) || at < 0) continue;
      entries[at--] = {
        interfaceNumber,
        source: -1,
        destination: -1,
        sourcePort: -1,
        destinationPort: -1,
        protocol: -1,
        packets: -1,
        bytes: Number.NaN,
        start: startSeconds,
        end: startSeconds + windowSeconds - 1,
        isReject: false,
        isNoData: true,
      };
    }
  }
}

/** Traffic over the day: least at 4 in the morning, most at 16. */
function dayShare(dayFraction: number): number {
  return 1 - 0.45 * Math.cos(2 * Math.PI * (dayFraction - 4 / 24));
}

function columnsOf(entries: readonly Entry[]): FlowColumns {
  return {
    bytes: Float64Array.from(entries, ({ bytes }) => bytes),
    source: Int32Array.from(entries, ({ source }) => source),
    destination: Int32Array.from(entries, ({ destination }) => destination),
    sourcePort: Int32Array.from(entries, ({ sourcePort }) => sourcePort),
    destinationPort: Int32Array.from(entries, ({ destinationPort }) => destinationPort),
    packets: Int32Array.from(entries, ({ packets }) => packets),
    start: Int32Array.from(entries, ({ start }) => start),
    end: Int32Array.from(entries, ({ end }) => end),
    protocol: Int8Array.from(entries, ({ protocol }) => protocol),
    interfaceNumber: Uint8Array.from(entries, ({ interfaceNumber }) => interfaceNumber),
    action: Uint8Array.from(entries, ({ isReject, isNoData }) => (isNoData ? 2 : isReject ? 1 : 0)),
  };
}
