import { FrameMerger, type FrameSource, openCaptureFile } from '../../capture/index.ts';
import { invariant } from '../../fault/index.ts';
import { decodeFrame, decodeOutcome, FrameBatch, PacketView } from '../../packet/index.ts';
import { AddressNetwork, defaultLocalPrefixes, everyUnicastPrefixes } from '../../vpc/index.ts';
import type { CaptureEngine } from './engine.ts';
import type { ThreadControl, ThreadSetup } from './thread-protocol.ts';

/** How often a quiet standard input is looked at: has its window passed on the wall, is there another network? */
const idleCheckMs = 100;
/** A pipe whose packets are younger than this is live: then the wall clock ends its windows too. */
const liveLagMs = 30_000;
/** How long a live pipe is read ahead for an address that is local: its records must not wait for one for ever. */
const lookAheadMs = 2_000;
/** After the end of a window on the wall, for packets that are still under way through the pipe. */
const graceMs = 2_000;

/** Wire vantage: reads capture files, merged by packet time, to their end or until it is told to stop. */
export async function captureFiles(
  engine: CaptureEngine,
  setup: ThreadSetup,
  control: ThreadControl,
): Promise<void> {
  const sources: FrameSource[] = [];
  try {
    for (const file of setup.files) sources.push(await openCaptureFile(file));
    await loadNetwork(engine, setup, sources, control);
    for (const source of sources) source.commit();
    const shiftMs = setup.shiftsToNow ? Date.now() - (await lastPacketMs(setup.files, control)) : 0;
    await meterFrames(engine, sources, control, shiftMs);
  } finally {
    for (const source of sources) await source.close();
  }
}

async function loadNetwork(
  engine: CaptureEngine,
  setup: ThreadSetup,
  sources: readonly FrameSource[],
  control: ThreadControl,
): Promise<void> {
  if (setup.network) {
    engine.load(setup.network);
    return;
  }
  let made = new AddressNetwork(setup.localPrefixes ?? defaultLocalPrefixes, setup.identity);
  if (!setup.localPrefixes && !(await hasLocalAddress(sources, made, control))) {
    engine.notice(
      'none of the addresses is private or link-local: every unicast address is taken for a network interface (--local CIDR,… says which are)',
    );
    made = new AddressNetwork(everyUnicastPrefixes, setup.identity);
  }
  engine.load(made.network, made);
}

/** Whether any packet has an address inside; leaves the sources at their beginning. */
async function hasLocalAddress(
  sources: readonly FrameSource[],
  network: AddressNetwork,
  control: ThreadControl,
): Promise<boolean> {
  let packets = 0;
  for (const source of sources) {
    const found = await lookAhead(source, network, control);
    invariant(await source.rewind(), 'what was read ahead is still there');
    if (found.isLocal) return true;
    packets += found.packets;
  }
  return packets === 0;
}

async function lookAhead(
  source: FrameSource,
  network: AddressNetwork,
  control: ThreadControl,
): Promise<{ packets: number; isLocal: boolean }> {
  const batch = new FrameBatch();
  const lag = new PipeLag();
  let packets = 0;
  let deadlineMs = Number.POSITIVE_INFINITY;
  const isEnough = (): boolean =>
    control.isStopped || (isPipe(source) && lag.isLive && performance.now() > deadlineMs);
  while (await unlessOver(source.next(batch), isEnough)) {
    const found = countUntilLocal(batch, network);
    packets += found.packets;
    if (found.isLocal) return { packets, isLocal: true };
    if (packets > 0) deadlineMs = Math.min(deadlineMs, performance.now() + lookAheadMs);
    lag.note(batch.timeMs[batch.count - 1]);
    if (isEnough() || !source.canRewind()) break;
  }
  return { packets, isLocal: false };
}

/** Standard input, or a named pipe. */
const isPipe = ({ progress }: FrameSource): boolean => progress.totalBytes === undefined;

function countUntilLocal(batch: FrameBatch, network: AddressNetwork): { packets: number; isLocal: boolean } {
  const view = new PacketView();
  let packets = 0;
  for (let i = 0; i < batch.count; i++) {
    const outcome = decodeFrame(
      view,
      batch.bytes,
      batch.offset[i],
      batch.capturedLength[i],
      batch.originalLength[i],
      batch.linkType[i],
      0,
    );
    if (outcome !== decodeOutcome.ip) continue;
    packets++;
    if (
      network.isLocal(view.family as 4 | 6, view.src0, view.src1, view.src2, view.src3) ||
      network.isLocal(view.family as 4 | 6, view.dst0, view.dst1, view.dst2, view.dst3)
    ) {
      return { packets, isLocal: true };
    }
  }
  return { packets, isLocal: false };
}

/** Reads the files once to find the time of the latest packet. */
async function lastPacketMs(files: readonly string[], control: ThreadControl): Promise<number> {
  const batch = new FrameBatch();
  let last = Number.NEGATIVE_INFINITY;
  for (const file of files) {
    const source = await openCaptureFile(file);
    try {
      while (!control.isStopped && (await source.next(batch))) {
        for (let i = 0; i < batch.count; i++) if (batch.timeMs[i] > last) last = batch.timeMs[i];
      }
    } finally {
      await source.close();
    }
  }
  return Number.isFinite(last) ? last : Date.now();
}

/** `shiftMs` is added to the times of packets. */
async function meterFrames(
  engine: CaptureEngine,
  sources: readonly FrameSource[],
  control: ThreadControl,
  shiftMs: number,
): Promise<void> {
  const merger = new FrameMerger(sources);
  const hasPipe = sources.some(isPipe);
  const lag = new PipeLag();
  const isOver = (): boolean => {
    takeUpdate(engine);
    if (lag.isLive) engine.meter.closeBefore(engine.meter.clock.windowOf(Date.now() - graceMs));
    return control.isStopped;
  };
  let hasStarted = false;
  while (!control.isStopped) {
    const run = hasPipe ? await unlessOver(merger.next(), isOver) : await merger.next();
    if (!run) break;
    takeUpdate(engine);
    if (shiftMs !== 0) for (let i = run.from; i < run.to; i++) run.batch.timeMs[i] += shiftMs;
    if (!hasStarted) engine.verdicts.startCapture(run.batch.timeMs[run.from]);
    hasStarted = true;
    engine.meter.observeWire(run.batch, run.from, run.to, run.source);
    lag.note(run.batch.timeMs[run.to - 1]);
    reportProgress(sources, control);
  }
  engine.sums.set(
    'cutOffFiles',
    sources.reduce((sum, source) => sum + source.counts.cutOff, 0),
  );
}

/** After SIGHUP the main thread has read the rules again. */
function takeUpdate(engine: CaptureEngine): void {
  engine.takeUpdate((network) => engine.replace(network));
}

function reportProgress(sources: readonly FrameSource[], control: ThreadControl): void {
  let read = 0;
  let total: number | undefined = 0;
  for (const { progress } of sources) {
    read += progress.bytesRead;
    total =
      total === undefined || progress.totalBytes === undefined ? undefined : total + progress.totalBytes;
  }
  control.setProgress(read, total);
}

/** Waits for the next frames; while none come it asks now and then whether to wait any longer. */
async function unlessOver<T>(next: Promise<T>, isOver: () => boolean): Promise<T | undefined> {
  for (;;) {
    const idle = Symbol('idle');
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<symbol>((resolve) => {
      timer = setTimeout(resolve, idleCheckMs, idle);
    });
    const winner = await Promise.race([next, timeout]).finally(() => clearTimeout(timer));
    if (winner !== idle) return winner as T;
    if (isOver()) return undefined;
  }
}

/** How far the packets of a pipe lie behind the wall clock. */
class PipeLag {
  #lagMs = Number.POSITIVE_INFINITY;

  note(packetTimeMs: number): void {
    this.#lagMs = Date.now() - packetTimeMs;
  }

  /** An old capture that is piped in slowly has its own time; only a live one follows the wall. */
  get isLive(): boolean {
    return Math.abs(this.#lagMs) <= liveLagMs;
  }
}
