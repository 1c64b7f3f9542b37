import type { Worker } from 'node:worker_threads';
import { ConfigError } from '../../fault/index.ts';
import { CaptureSums, type FlowRows, flowRows, type Loss } from '../../flow/index.ts';
import type { CoveredWindow } from '../../flowlog/index.ts';
import { formatCount, progressBar, type Terminal } from '../../report/index.ts';
import type { DeviceDescription, Network } from '../../vpc/index.ts';
import type { NetworkView } from './network-view.ts';
import {
  type NetworkUpdate,
  ThreadControl,
  type ThreadMessage,
  type ThreadSetup,
} from './thread-protocol.ts';

const liveStatusMs = 1000;
const progressMs = 200;
/** A file that is read sooner needs no progress bar. */
const quietMs = 2000;

/** Where windows go. Each call has been taken in when its promise is fulfilled. */
export interface FlowOutlet {
  takeFlows(rows: FlowRows): Promise<void>;
  closeWindows(windows: readonly CoveredWindow[], before: number): Promise<void>;
  takeLosses(losses: readonly Loss[]): Promise<void>;
}

export interface CaptureRunOptions {
  /** The capture thread, as `startThread` gives it. */
  readonly thread: Worker;
  readonly setup: Omit<ThreadSetup, 'sums' | 'control'>;
  readonly view: NetworkView;
  readonly outlet: FlowOutlet;
  readonly terminal: Terminal;
  /** Called when what is captured becomes known, and whenever it changes. */
  readonly onDevices: (captured: readonly string[]) => void;
  /** Called with the devices of this host when they change, if the setup asks for them. */
  readonly onHostDevices?: (devices: readonly DeviceDescription[]) => void;
}

/** One capture: starts the capture thread, takes what it hands over in its order, and ends with it. */
export class CaptureRun {
  readonly sums = new CaptureSums();
  readonly #control = new ThreadControl();
  readonly #options: CaptureRunOptions;
  readonly #startedMs = performance.now();
  /** Messages are worked on one after the other. */
  #last: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(options: CaptureRunOptions) {
    this.#options = options;
  }

  get seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }

  /** Ends the capture: the open windows are closed and written. */
  stop(): void {
    this.#control.stop();
  }

  get isStopping(): boolean {
    return this.#control.isStopped;
  }

  /** Judges by another network from now on. Gives the number to ask `confirmed` about. */
  update(network: Network): number {
    this.#options.thread.postMessage({ network } satisfies NetworkUpdate);
    return this.#control.announceNetwork();
  }

  /** Whether, within the time, the capture thread came to judge every packet by that network or a later one. */
  confirmed(update: number, timeoutMs: number): Promise<boolean> {
    return this.#control.confirmed(update, timeoutMs);
  }

  /** Fulfilled when everything is written; rejected with what made the capture fail. */
  async run(): Promise<void> {
    const setup: ThreadSetup = {
      ...this.#options.setup,
      sums: this.sums.buffer,
      control: this.#control.buffer,
    };
    const { thread } = this.#options;
    thread.postMessage(setup);
    thread.on('message', (message: ThreadMessage) => this.#take(message));
    const status = this.#showStatus(setup.files.length === 0);
    try {
      await new Promise<void>((resolve) => {
        thread.on('error', (error) => {
          this.#failure ??= error;
        });
        thread.on('exit', () => resolve());
      });
      await this.#last;
    } finally {
      clearInterval(status);
      this.#options.terminal.clearStatus();
    }
    if (this.#failure) throw this.#failure;
  }

  #take(message: ThreadMessage): void {
    this.#last = this.#last
      .then(() => (this.#failure ? this.#drop(message) : this.#handle(message)))
      .catch((error: unknown) => {
        this.#failure ??= error;
        this.stop();
      });
  }

  async #handle(message: ThreadMessage): Promise<void> {
    const { view, outlet, terminal, onDevices } = this.#options;
    switch (message.kind) {
      case 'network':
        return view.load(message.network);
      case 'interfaces':
        return view.addInterfaces(message.interfaces);
      case 'flows':
        view.addCauses(message.causes);
        try {
          await outlet.takeFlows(flowRows(message.buffer, message.count));
        } finally {
          this.#control.release(message.buffer.byteLength);
        }
        return;
      case 'losses':
        for (const { interfaceIndex, reason, packets, flows } of message.losses) {
          const id = view.facts(interfaceIndex).interfaceId;
          const what = flows > 0 ? `${formatCount(flows)} flows, ` : '';
          terminal.line(`skipped at ${id}: ${what}${formatCount(packets)} packets (${reason})`);
        }
        return outlet.takeLosses(message.losses);
      case 'windowsOver':
        return outlet.closeWindows(message.windows, message.before);
      case 'notice':
        return terminal.line(message.line);
      case 'devices':
        return onDevices(message.captured);
      case 'hostDevices':
        return this.#options.onHostDevices?.(message.devices);
      case 'failed':
        throw new ConfigError(message.code, message.message, message.details);
      case 'end':
        return;
    }
  }

  /** After a failure the thread may still be waiting for room. */
  #drop(message: ThreadMessage): void {
    if (message.kind === 'flows') this.#control.release(message.buffer.byteLength);
  }

  #showStatus(isLive: boolean): NodeJS.Timeout | undefined {
    if (!this.#options.terminal.isTerminal) return undefined;
    return setInterval(() => this.#showStatusOnce(isLive), isLive ? liveStatusMs : progressMs).unref();
  }

  #showStatusOnce(isLive: boolean): void {
    const { terminal } = this.#options;
    if (isLive) terminal.status(this.#statusText());
    else if (this.seconds * 1000 > quietMs) terminal.status(this.#progressText());
  }

  #statusText(): string {
    const { sums } = this;
    const packets = sums.get('ingressPackets') + sums.get('egressPackets');
    return [
      `packets ${formatCount(packets)}`,
      `flows ${formatCount(sums.get('flows'))}`,
      `accepted ${formatCount(sums.get('acceptedPackets'))}`,
      `rejected ${formatCount(sums.get('rejectedPackets'))}`,
      `dropped ${formatCount(sums.get('kernelDropped') + sums.get('skippedPackets'))}`,
    ].join('  ');
  }

  #progressText(): string {
    const frames = this.sums.get('frames');
    const rate = `${formatCount(frames)} frames  ${(frames / this.seconds / 1e6).toFixed(1)} M/s`;
    const { progress } = this.#control;
    if (progress === undefined) return rate;
    return `${progressBar(progress)}  ${rate}`;
  }
}
