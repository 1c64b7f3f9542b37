import type { Worker } from 'node:worker_threads';
import { captureDefaults } from '../../config/index.ts';
import type { FlowLogs } from '../../delivery/index.ts';
import { ConfigError } from '../../fault/index.ts';
import type { SumsReport } from '../../flow/index.ts';
import type { Terminal } from '../../report/index.ts';
import type { Identity } from '../../vpc/index.ts';
import type { CaptureStatus } from '../administration/questions.ts';
import type { NetworkView } from '../capture/network-view.ts';
import { parseSources } from '../capture/options.ts';
import { CaptureRun } from '../capture/run.ts';
import type { NetworkFollower } from './network-follower.ts';
import type { UpOptions } from './options.ts';

export interface CaptureParts {
  readonly options: UpOptions;
  readonly thread: Worker;
  readonly identity: Identity;
  readonly view: NetworkView;
  readonly follower: NetworkFollower;
  readonly flowLogs: FlowLogs;
  readonly terminal: Terminal;
}

/** The capture of a service: where it cannot be, the service goes on without it, and says why. */
export class Capture {
  readonly #parts: CaptureParts;
  readonly #run: CaptureRun;
  #captured: readonly string[] = [];
  #state: CaptureStatus['state'] = 'running';
  #reason: string | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(parts: CaptureParts) {
    const { options, thread, identity, view, follower, flowLogs, terminal } = parts;
    const { files, devices } = parseSources(options.sources);
    this.#parts = parts;
    this.#captured = files;
    this.#run = new CaptureRun({
      thread,
      setup: {
        files,
        devices,
        identity,
        windowSeconds: options.windowSeconds,
        maxFlows: captureDefaults.maxFlows,
        includesExcluded: false,
        tellsDevices: true,
        shiftsToNow: options.shiftsToNow,
        network: follower.network,
      },
      view,
      outlet: flowLogs,
      terminal,
      onDevices: (captured) => this.#tell(captured),
      onHostDevices: (found) => void follower.followDevices(found),
    });
  }

  start(): void {
    const { follower, terminal } = this.#parts;
    this.#ended = this.#run.run().then(
      () => this.#tellEnd(),
      (error: unknown) => {
        this.#end('off', error);
        terminal.line(`nothing is captured: ${this.#reason}; the API works all the same`);
      },
    );
    follower.tell(this.#run);
  }

  /** Fulfilled when the open windows are closed and handed over. */
  async stop(): Promise<void> {
    this.#run.stop();
    await this.#ended;
  }

  get status(): CaptureStatus {
    const reason = this.#reason === undefined ? {} : { reason: this.#reason };
    return { state: this.#state, captured: this.#captured, ...reason };
  }

  get sums(): SumsReport {
    return this.#run.sums.report();
  }

  #tell(captured: readonly string[]): void {
    this.#captured = captured;
    if (captured.length > 0 && this.#parts.view.network?.networkInterfaces.length === 0) {
      this.#parts.terminal.line(
        'the network has no interface: no packet belongs to one until "headgate vpc import DIR" or the API makes some',
      );
    }
    this.#parts.terminal.line(
      `capturing ${captured.length > 0 ? captured.join(', ') : 'no device at present'}`,
    );
  }

  #tellEnd(): void {
    this.#end('ended');
    if (this.#run.isStopping) return;
    const { captured, observed, noInterface } = this.sums.frames;
    const strangers = Object.values(noInterface).reduce((sum, frames) => sum + frames, 0);
    this.#parts.terminal.line(
      `the capture has ended: ${captured} frames, ${observed} observed, ${strangers} of no interface of the network`,
    );
  }

  #end(state: CaptureStatus['state'], error?: unknown): void {
    this.#parts.follower.tell(undefined);
    this.#state = state;
    this.#captured = [];
    if (error === undefined) return;
    this.#reason = error instanceof ConfigError ? error.message : String((error as Error).stack ?? error);
  }
}
