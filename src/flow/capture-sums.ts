import { type DecodeOutcome, decodeOutcome, isMalformed, outcomeReason } from '../packet/decode-outcome.ts';

/**
 * Why a frame was not observed although it held a packet of a known interface (VPC User Guide, "Flow log
 * limitations"), in the order of the counters.
 */
export const exclusions = [
  'dhcp',
  'amazon-dns',
  'instance-metadata',
  'amazon-time-sync',
  'windows-activation',
  'vpc-router',
  'endpoint-to-load-balancer',
  'neighbour-discovery',
] as const;
export type Exclusion = (typeof exclusions)[number];

/** Why a frame belongs to no network interface. */
export const strangers = [
  'unknown-address',
  'too-many-interfaces',
  'other-host',
  'vlan-sub-interface',
] as const;
export type Stranger = (typeof strangers)[number];

const decodeCodes = 32;
const counters = [
  'frames',
  'observed',
  'ingressPackets',
  'egressPackets',
  'acceptedPackets',
  'rejectedPackets',
  'flows',
  'latePackets',
  'earlyClosedFlows',
  'skippedFlows',
  'skippedPackets',
  'kernelReceived',
  'kernelDropped',
  'cutOffFiles',
  'connections',
  'evictedConnections',
] as const;
type Counter = (typeof counters)[number];

const exclusionBase = counters.length;
const strangerBase = exclusionBase + exclusions.length;
const decodeBase = strangerBase + strangers.length;
const length = decodeBase + decodeCodes;

const indexOfCounter = Object.fromEntries(counters.map((name, index) => [name, index])) as Record<
  Counter,
  number
>;
const indexOfExclusion = Object.fromEntries(exclusions.map((name, i) => [name, exclusionBase + i])) as Record<
  Exclusion,
  number
>;
const indexOfStranger = Object.fromEntries(strangers.map((name, i) => [name, strangerBase + i])) as Record<
  Stranger,
  number
>;
/** Where in the counters each name lies: the hot rooms count with these numbers. */
export const sumIndex = {
  ...indexOfCounter,
  excluded: indexOfExclusion,
  noInterface: indexOfStranger,
  decode: decodeBase,
};

/** The two sums that must hold, and what stands beside them; by reason. */
export interface SumsReport {
  readonly frames: {
    readonly captured: number;
    readonly observed: number;
    readonly excluded: Readonly<Record<string, number>>;
    readonly noInterface: Readonly<Record<string, number>>;
    readonly notIp: Readonly<Record<string, number>>;
    readonly malformed: Readonly<Record<string, number>>;
    /** Frames that the kernel had no room for; never captured, so beside the sum. */
    readonly kernelDropped: number;
  };
  readonly packets: {
    readonly ingress: number;
    readonly egress: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly skipped: number;
    readonly late: number;
  };
  readonly flows: { readonly observed: number; readonly closedEarly: number; readonly skipped: number };
  readonly connections: { readonly open: number; readonly evicted: number };
  readonly cutOffFiles: number;
}

/**
 * Counters of one capture, in shared memory: the capture thread counts, any thread reads at any time. A 64-bit float
 * counts exactly to 2^53.
 */
export class CaptureSums {
  readonly values: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(length * 8)) {
    this.values = new Float64Array(buffer);
  }

  get buffer(): SharedArrayBuffer {
    return this.values.buffer as SharedArrayBuffer;
  }

  get(counter: Counter): number {
    return this.values[indexOfCounter[counter]];
  }

  set(counter: Counter, value: number): void {
    this.values[indexOfCounter[counter]] = value;
  }

  add(counter: Counter, value: number): void {
    this.values[indexOfCounter[counter]] += value;
  }

  report(): SumsReport {
    const decoded = (wanted: (outcome: DecodeOutcome) => boolean) =>
      Object.fromEntries(
        Object.values(decodeOutcome)
          .filter((outcome) => outcome !== decodeOutcome.ip && wanted(outcome))
          .map((outcome) => [outcomeReason[outcome], this.values[decodeBase + outcome]] as const)
          .filter(([, count]) => count > 0),
      );
    const named = (names: readonly string[], base: number) =>
      Object.fromEntries(
        names.map((name, i) => [name, this.values[base + i]] as const).filter(([, count]) => count > 0),
      );
    return {
      frames: {
        captured: this.get('frames'),
        observed: this.get('observed'),
        excluded: named(exclusions, exclusionBase),
        noInterface: named(strangers, strangerBase),
        notIp: decoded((outcome) => !isMalformed(outcome)),
        malformed: decoded(isMalformed),
        kernelDropped: this.get('kernelDropped'),
      },
      packets: {
        ingress: this.get('ingressPackets'),
        egress: this.get('egressPackets'),
        accepted: this.get('acceptedPackets'),
        rejected: this.get('rejectedPackets'),
        skipped: this.get('skippedPackets'),
        late: this.get('latePackets'),
      },
      flows: {
        observed: this.get('flows'),
        closedEarly: this.get('earlyClosedFlows'),
        skipped: this.get('skippedFlows'),
      },
      connections: { open: this.get('connections'), evicted: this.get('evictedConnections') },
      cutOffFiles: this.get('cutOffFiles'),
    };
  }
}

/** captured − (observed + excluded + no interface + not IP + malformed): 0, or frames were lost in the counting. */
export function unaccountedFrames({ frames }: SumsReport): number {
  const sum = (reasons: Readonly<Record<string, number>>) =>
    Object.values(reasons).reduce((a, b) => a + b, 0);
  return (
    frames.captured -
    frames.observed -
    sum(frames.excluded) -
    sum(frames.noInterface) -
    sum(frames.notIp) -
    sum(frames.malformed)
  );
}
