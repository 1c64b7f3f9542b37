import { rm } from 'node:fs/promises';
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { crashLosses } from './crash-losses.ts';
import type { KeptSegments } from './kept-segments.ts';
import { OpenSegment } from './open-segment.ts';
import type { Reserve } from './reserve.ts';
import { RowTally } from './row-tally.ts';
import { readEnd, type SegmentEnd } from './segment-end.ts';
import type { Survey } from './segment-file.ts';
import type { Footer } from './segment-frames.ts';
import type { OpenState, SpoolState } from './spool-state.ts';

export interface LoadSpoolOptions {
  readonly kept: KeptSegments;
  readonly state: SpoolState;
  readonly reserve: Reserve;
  readonly windowSeconds: number;
  readonly nowMs: number;
  readonly bootId: string;
  readonly counters: ReadonlyMap<string, number>;
  readonly report: (line: string) => void;
}

export interface LoadedSpool {
  /** Of the segment that begins now. */
  readonly next: number;
  /** Ends of segments that have losses, oldest first. */
  readonly ends: readonly SegmentEnd[];
}

/** Puts the segments of earlier runs into `kept`; one that a crash left unfinished is finished. */
export async function loadSpool(options: LoadSpoolOptions): Promise<LoadedSpool> {
  const { kept, state } = options;
  const numbers = await kept.list();
  const last = numbers.at(-1) ?? 0;
  const lastFooter = last > 0 ? await footerOf(kept, last) : undefined;
  const open = upToDate(await state.readOpen(), last, lastFooter);
  const isLastSealed = lastFooter !== undefined;
  const openNumber = Math.max(
    open?.number ?? 1,
    isLastSealed || last < (open?.number ?? 0) ? last + 1 : last,
  );
  const ends: SegmentEnd[] = [];
  for (const [i, number] of numbers.entries()) {
    if (i > 0) kept.addGone(numbers[i - 1] + 1, number, options.nowMs);
    if (number === openNumber) continue;
    const end = await addSealed(options, number);
    if (end) ends.push(end);
  }
  if (last > 0) kept.addGone(last + 1, openNumber, options.nowMs);
  const hasCrashed = openNumber === last || (open ? !open.isClosed : last > 0);
  const end = hasCrashed ? await finish(options, openNumber, open) : undefined;
  return { next: end ? openNumber + 1 : openNumber, ends: end ? [...ends, end] : ends };
}

/** Whether something tells which numbers were given: only the last ones are there for sure. */
export async function areNumbersKnown(kept: KeptSegments, state: SpoolState): Promise<boolean> {
  if (await state.readOpen()) return true;
  const last = (await kept.list()).at(-1);
  return last !== undefined && (await footerOf(kept, last)) !== undefined;
}

/** Undefined of a segment that is not sealed. */
async function footerOf(kept: KeptSegments, number: number): Promise<Footer | undefined> {
  const opened = kept.open(number);
  try {
    return await opened?.file.footer();
  } finally {
    opened?.close();
  }
}

/** A crash may have come between the sealing of a segment and the writing of the state: its windows are closed. */
function upToDate(
  open: OpenState | undefined,
  last: number,
  footer: Footer | undefined,
): OpenState | undefined {
  if (!open || !footer || open.number > last || footer.runId !== open.runId) return open;
  return { ...open, before: footer.before };
}

/** Gives its end when it has losses. */
async function addSealed({ kept, nowMs }: LoadSpoolOptions, number: number) {
  const opened = kept.open(number);
  if (!opened) return undefined;
  try {
    const footer = await opened.file.footer();
    const bytes = kept.size(number);
    if (footer === undefined) {
      kept.add({ number, bytes, sealedMs: nowMs, rows: 1, isSummary: false });
      return undefined;
    }
    const { sealedMs, rows, isDropped, losses } = footer;
    kept.add({ number, bytes, sealedMs, rows, isSummary: isDropped });
    return isDropped || losses.length > 0 ? await readEnd(opened.file) : undefined;
  } finally {
    opened.close();
  }
}

/** Undefined when there is nothing to tell: then its number has not been used. */
async function finish(
  options: LoadSpoolOptions,
  number: number,
  open: OpenState | undefined,
): Promise<SegmentEnd | undefined> {
  const { kept, state, reserve, windowSeconds, nowMs, bootId, counters, report } = options;
  const survey = await surveyOf(kept, number);
  const { losses, interfaces } = crashLosses({
    state: open,
    watched: await state.readWatched(),
    survey,
    windowSeconds,
    seenMs: open ? Math.min(nowMs, await state.touchedMs()) : nowMs,
    told: await endOf(kept, number - 1),
    counters: open?.bootId === bootId && bootId !== '' ? counters : new Map(),
  });
  const file = kept.file(number);
  if (losses.length === 0 && survey.tally.flows === 0) {
    await rm(file, { force: true });
    return undefined;
  }
  report(
    `Headgate was not ended last time: of the windows that were open, ${survey.tally.flows} flows are here; what else was in them is lost, and told as SKIPDATA`,
  );
  const seal = {
    runId: open?.runId ?? '',
    sealedMs: nowMs,
    before: open?.before === undefined ? 0 : open.before,
    windows: [],
  };
  const segment = new OpenSegment({
    number,
    kept,
    reserve,
    names: namesOf(interfaces),
    makeRoom: () => Promise.resolve(false),
    // They are in the end that is given back.
    onLoss: () => undefined,
    report,
    crashed: { survey, losses },
  });
  const sealed = await segment.seal(seal);
  kept.add(sealed);
  const footer = { ...seal, losses, rows: sealed.rows, isDropped: sealed.isSummary, namesAt: [], tallyAt: 0 };
  return { footer, tally: survey.tally, names: [{ interfaces: [...interfaces], causes: [] }] };
}

/** Undefined of a segment that is not there. */
async function endOf(kept: KeptSegments, number: number): Promise<SegmentEnd | undefined> {
  const opened = kept.open(number);
  try {
    return opened && (await readEnd(opened.file));
  } finally {
    opened?.close();
  }
}

async function surveyOf(kept: KeptSegments, number: number): Promise<Survey> {
  const opened = kept.open(number);
  if (!opened) return { tally: new RowTally(), names: [], namesAt: [], losses: [], end: 0 };
  try {
    return await opened.file.survey();
  } finally {
    opened.close();
  }
}

/** By the numbers of the run that crashed: causes stand before the rows that have them. */
function namesOf(interfaces: ReadonlyMap<number, NetworkInterface>) {
  return {
    causes: [],
    interfaceOf: (index: number) => interfaces.get(index) as NetworkInterface,
    formerInterface: () => -1,
    formerCause: () => -1,
  };
}
