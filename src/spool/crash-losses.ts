import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { Loss } from '../flow/index.ts';
import type { SegmentEnd } from './segment-end.ts';
import type { Survey } from './segment-file.ts';
import type { OpenState, WatchedInterfaces } from './spool-state.ts';

export interface Crash {
  readonly state: OpenState | undefined;
  readonly watched: WatchedInterfaces | undefined;
  readonly survey: Survey;
  readonly windowSeconds: number;
  /** The last sign of life. */
  readonly seenMs: number;
  /** Device counters now, if they have counted on since. */
  readonly counters: ReadonlyMap<string, number>;
  /** Of the segment ahead: a crash may have followed upon another one. */
  readonly told: SegmentEnd | undefined;
}

export interface CrashLosses {
  readonly losses: readonly Loss[];
  /** By the numbers in the losses and in the rows. */
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
}

/** What a crash cut off: unknown losses of all that was watched, in the windows that were not closed. */
export function crashLosses(crash: Crash): CrashLosses {
  const interfaces = interfacesOf(crash);
  const cutOff = new Map<string, Pick<Loss, 'interfaceIndex' | 'window'>>();
  const add = (interfaceIndex: number, window: number): void => {
    cutOff.set(`${interfaceIndex} ${window}`, { interfaceIndex, window });
  };
  for (const window of openWindows(crash)) {
    for (const index of interfaces.watched) add(index, window);
  }
  for (const { interfaceIndex, window } of crash.survey.tally.losses('crashed')) add(interfaceIndex, window);
  const losses = [...cutOff.values()].map(({ interfaceIndex, window }): Loss => {
    const atMostPackets = countedSince(crash, interfaces.all.get(interfaceIndex));
    return {
      interfaceIndex,
      window,
      reason: 'crashed',
      flows: 0,
      packets: 0,
      isUnknown: true,
      ...(atMostPackets === undefined ? {} : { atMostPackets }),
    };
  });
  const isNews = newsOf(crash, interfaces.all);
  return { losses: [...crash.survey.losses, ...losses.filter(isNews)], interfaces: interfaces.all };
}

/** What was told of the crash before need not be told again, unless devices have counted more since. */
function newsOf({ told }: Crash, interfaces: ReadonlyMap<number, NetworkInterface>): (loss: Loss) => boolean {
  const ids = new Map(told?.names.flatMap((frame) => frame.interfaces));
  const idOf = (described: NetworkInterface | undefined) => described?.NetworkInterfaceId;
  const known = new Set<string>();
  for (const { reason, interfaceIndex, window } of told?.footer.losses ?? []) {
    if (reason === 'crashed') known.add(`${idOf(ids.get(interfaceIndex))} ${window}`);
  }
  return ({ interfaceIndex, window, atMostPackets = 0 }) =>
    atMostPackets > 0 || !known.has(`${idOf(interfaces.get(interfaceIndex))} ${window}`);
}

/**
 * The window that the last closing left open, and the next one when Headgate still lived in it: a window is closed some
 * time after its end. A live capture closes every window, so that without closings none was going on.
 */
function openWindows({ state, windowSeconds, seenMs }: Crash): number[] {
  if (!state || state.before === null) return [];
  const windowOf = (ms: number): number => Math.floor(ms / 1000 / windowSeconds);
  const seen = windowOf(seenMs);
  const first = state.before ?? windowOf(state.beganMs);
  if (state.before === undefined && seen > first + 2) return [];
  return seen > first ? [first, first + 1] : [first];
}

/** Those of the rows keep their numbers; a watched one of another run gets one that is free. */
function interfacesOf({ state, watched, survey }: Crash) {
  const all = new Map<number, NetworkInterface>();
  for (const { interfaces } of survey.names)
    for (const [index, described] of interfaces) all.set(index, described);
  const byId = new Map([...all].map(([index, { NetworkInterfaceId }]) => [NetworkInterfaceId, index]));
  const isSameRun = watched !== undefined && watched.runId === state?.runId;
  let free = 0;
  for (const index of all.keys()) free = Math.max(free, index + 1);
  for (const [index] of watched?.interfaces ?? []) free = Math.max(free, index + 1);
  const indexes: number[] = [];
  for (const [index, described] of watched?.interfaces ?? []) {
    const number = byId.get(described.NetworkInterfaceId) ?? (isSameRun ? index : free++);
    all.set(number, described);
    indexes.push(number);
  }
  return { all, watched: indexes };
}

function countedSince(
  { state, counters }: Crash,
  described: NetworkInterface | undefined,
): number | undefined {
  const id = described?.NetworkInterfaceId;
  if (id === undefined) return undefined;
  const before = state?.counters[id];
  const now = counters.get(id);
  return before === undefined || now === undefined || now < before ? undefined : now - before;
}
