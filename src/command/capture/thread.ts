/**
 * The capture thread: reads packets, judges and meters them, hands windows over. Its first message is its setup; what
 * may come after it (`NetworkUpdate`) waits in the queue until the thread looks.
 */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { ConfigError, invariant } from '../../fault/index.ts';
import { CaptureEngine } from './engine.ts';
import { captureFiles } from './file-capture.ts';
import { captureLive } from './live-capture.ts';
import { ThreadControl, type ThreadMessage, type ThreadSetup } from './thread-protocol.ts';

const port = parentPort;
invariant(port, 'the capture thread is started as a worker');
port.once('message', (setup: ThreadSetup) => void capture(setup, port));

async function capture(setup: ThreadSetup, port: MessagePort): Promise<void> {
  const control = new ThreadControl(setup.control);
  const isLive = setup.files.length === 0;
  try {
    const engine = new CaptureEngine(setup, control, port, isLive ? 'skip' : 'wait');
    try {
      if (isLive) captureLive(engine, setup, control);
      else await captureFiles(engine, setup, control);
    } finally {
      // Also what was captured before the damaged part of a file, or before a device failed.
      engine.close();
    }
    port.postMessage({ kind: 'end' } satisfies ThreadMessage);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, message, details } = error;
    port.postMessage({ kind: 'failed', code, message, details } satisfies ThreadMessage);
  }
  // A read of standard input may be pending for ever.
  port.close();
  process.exit();
}
