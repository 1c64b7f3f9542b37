import { assertCapturePrivilege, pollSockets } from '../../capture/index.ts';
import { FrameBatch } from '../../packet/index.ts';
import type { CaptureEngine } from './engine.ts';
import { LiveDevices, type OpenDevice } from './live-devices.ts';
import { LiveNetwork } from './live-network.ts';
import type { ThreadControl, ThreadSetup } from './thread-protocol.ts';

/** Also how long a change of the rules may wait on a quiet host. */
const pollMs = 20;
const rescanMs = 1000;
/** After the end of a window on the wall: the kernel hands a block of frames over at most 20 ms after its first. */
const graceMs = 200;
/** By then the kernel has given out every block that had a frame when the stop came. */
const lastBlockMs = 30;
/** Blocks of one device that are read in one turn: a flood on it must not keep the others waiting for ever. */
const blocksPerTurn = 64;

/** Captures devices of this host until it is told to stop; blocks the thread all that time. */
export function captureLive(engine: CaptureEngine, setup: ThreadSetup, control: ThreadControl): void {
  assertCapturePrivilege();
  const network = new LiveNetwork(engine, setup);
  const devices = new LiveDevices(engine, network, setup);
  const batch = new FrameBatch();
  engine.verdicts.startCapture(Date.now());
  engine.meter.closeBefore(engine.meter.clock.windowOf(Date.now()));
  devices.rescan();
  if (devices.sockets.length === 0 && !setup.tellsDevices) throw devices.nothingToCapture();
  try {
    // Not by the wall clock, which may be set back.
    let nextScanMs = performance.now() + rescanMs;
    while (!control.isStopped) {
      pollSockets(devices.sockets, pollMs);
      for (const open of devices.open) readFrames(engine, open, batch, blocksPerTurn);
      endWindows(engine, devices);
      engine.takeUpdate((update) => {
        const isTaken = network.replace(update);
        devices.rematch();
        return isTaken;
      });
      if (performance.now() < nextScanMs) continue;
      devices.rescan();
      devices.countDrops(Date.now());
      engine.tellConnections();
      nextScanMs = performance.now() + rescanMs;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastBlockMs);
    for (const open of devices.open) readFrames(engine, open, batch, Number.POSITIVE_INFINITY);
    devices.countDrops(Date.now());
  } finally {
    devices.closeAll();
  }
}

function readFrames(
  { meter }: CaptureEngine,
  { socket, point }: OpenDevice,
  batch: FrameBatch,
  blocks: number,
): void {
  for (let turn = 0; turn < blocks && socket.read(batch) > 0; turn++) {
    if (point) meter.observeHost(batch, 0, batch.count, point);
    else meter.observeWire(batch, 0, batch.count);
  }
}

/** Windows end by the wall clock; what was dropped until then belongs to them. */
function endWindows({ meter }: CaptureEngine, devices: LiveDevices): void {
  const { clock } = meter;
  const window = clock.windowOf(Date.now() - graceMs);
  if (window === clock.current) return;
  devices.countDrops(clock.current * clock.windowMs);
  meter.closeBefore(window);
}
