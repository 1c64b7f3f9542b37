import type { Worker } from 'node:worker_threads';
import { OutputStream, Terminal } from '../../report/index.ts';
import { StopSignal } from '../stop-signal.ts';
import { parseUpOptions, upHelp } from './options.ts';

/** `headgate up`: gives the exit code. The capture thread has ended when it returns or throws. */
export async function upCommand(args: readonly string[], startThread: () => Worker): Promise<number> {
  const options = parseUpOptions(args);
  const output = new OutputStream(1);
  if (options.does === 'help' || options.does === 'dump-config') {
    const text = options.does === 'help' ? upHelp : `${JSON.stringify(options.config, undefined, 2)}\n`;
    await output.write(text);
    return 0;
  }
  const terminal = new Terminal();
  if (options.does === 'check') {
    const { checkUp } = await import('./check.ts');
    await checkUp(options, terminal);
    await terminal.flush();
    return 0;
  }
  const stop = new StopSignal();
  const thread = options.captures ? startThread() : undefined;
  try {
    // Loaded when it is certain that there is something to serve.
    const { Service } = await import('./service.ts');
    const service = await Service.start(options, { terminal, thread });
    try {
      await stopped(stop.signal);
    } finally {
      terminal.line('stopping: open windows are closed and delivered');
      await service.close();
    }
    return 0;
  } finally {
    stop.close();
    await thread?.terminate();
    await terminal.flush();
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
