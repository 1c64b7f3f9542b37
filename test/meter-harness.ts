import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { FrameMerger, type FrameSource } from '../src/capture/index.ts';
import { CaptureEngine } from '../src/command/capture/engine.ts';
import { captureFiles } from '../src/command/capture/file-capture.ts';
import { NetworkView } from '../src/command/capture/network-view.ts';
import { type CaptureStats, captureStats } from '../src/command/capture/sums.ts';
import {
  ThreadControl,
  type ThreadMessage,
  type ThreadSetup,
} from '../src/command/capture/thread-protocol.ts';
import { CaptureSums, type FlowRows, flowRows, type Loss } from '../src/flow/index.ts';
import { FlowLogOutlet, makeFlowLog, type RecordSink } from '../src/flowlog/index.ts';
import { type Prefix, parsePrefix } from '../src/ip/index.ts';
import { FrameBatch, linkType } from '../src/packet/index.ts';
import {
  defaultLogFormat,
  type FlowRecords,
  parseHeader,
  renderLines,
  type TrafficType,
} from '../src/record/index.ts';
import { AddressNetwork, defaultLocalPrefixes, type Network } from '../src/vpc/index.ts';

/** A frame as a capture point sees it; Ethernet, captured whole, unless told. */
export interface TimedFrame {
  readonly timeMs: number;
  readonly bytes: Uint8Array;
  readonly link?: number;
  readonly originalLength?: number;
  /** Host vantage: the kernel's packet type, and what offload says. */
  readonly packetType?: number;
  readonly segmentBytes?: number;
  readonly strippedVlan?: number;
}

export interface HarnessOptions {
  /** Without it, addresses inside `local` become interfaces. */
  readonly network?: Network;
  readonly vpcId?: string;
  readonly local?: readonly string[];
  /** Names of fields as in a header line; the default format when absent. */
  readonly format?: string;
  readonly trafficType?: TrafficType;
  readonly interval?: 60 | 600;
  readonly windowSeconds?: number;
  readonly maxFlows?: number;
  readonly includesExcluded?: boolean;
  /** Host vantage: VLANs that are sub-interfaces of the device. */
  readonly vlanIds?: readonly number[];
  /** Frames that are handed to the meter at once. */
  readonly batchFrames?: number;
  /** As a live capture whose records nobody takes: flows are skipped and counted. */
  readonly isBehind?: boolean;
}

export interface HarnessResult {
  readonly lines: readonly string[];
  /** Every record with what delivery knows of it. */
  readonly batches: readonly FlowRecords[];
  /** Rows as they were handed over. */
  readonly rows: readonly FlowRows[];
  readonly stats: CaptureStats;
  readonly losses: readonly Loss[];
  readonly notices: readonly string[];
}

export const testIdentity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' } as const;

/** The whole way from frames to lines, in this thread: what the capture thread and the main thread do between them. */
export class MeterHarness {
  readonly engine: CaptureEngine;
  readonly #setup: ThreadSetup;
  readonly #control = new ThreadControl();
  readonly #port: MessagePort;
  readonly #options: HarnessOptions;
  readonly #messages: ThreadMessage[] = [];
  #hasStarted = false;
  #isLoaded = false;

  constructor(options: HarnessOptions = {}) {
    this.#options = options;
    this.#setup = setupOf(options, this.#control);
    const { port1, port2 } = new MessageChannel();
    this.#port = port2;
    if (options.isBehind) this.#control.handOver(2 ** 30);
    this.engine = new CaptureEngine(this.#setup, this.#control, port1, options.isBehind ? 'skip' : 'wait');
  }

  /** Judges by this network from now on. */
  load(network: Network): void {
    this.#isLoaded = true;
    this.engine.load(network);
    this.#receive();
  }

  /** Frames on the wire, in this order. */
  wire(...frames: readonly TimedFrame[]): this {
    return this.wireOf(0, ...frames);
  }

  /** Frames of one of several sources on the wire. */
  wireOf(source: number, ...frames: readonly TimedFrame[]): this {
    this.#feed(frames, (batch) => this.engine.meter.observeWire(batch, 0, batch.count, source));
    return this;
  }

  /** Frames on a device that is this network interface. */
  host(interfaceId: string, ...frames: readonly TimedFrame[]): this {
    this.#feed(frames, (batch) => {
      const index = this.engine.registry.indexOf(interfaceId) ?? -1;
      this.engine.meter.observeHost(batch, 0, batch.count, {
        index,
        vlanIds: new Set(this.#options.vlanIds),
      });
    });
    return this;
  }

  /** Reads capture files to their end. */
  async files(...paths: readonly string[]): Promise<this> {
    await captureFiles(this.engine, { ...this.#setup, files: paths }, this.#control);
    this.#receive();
    return this;
  }

  /** Frames of these sources on the wire, merged by time, to their end. */
  async sources(...sources: readonly FrameSource[]): Promise<this> {
    const merger = new FrameMerger(sources);
    for (let run = await merger.next(); run; run = await merger.next()) {
      const { batch, from, to, source } = run;
      this.#start(batch.timeMs[from]);
      this.engine.meter.observeWire(batch, from, to, source);
      this.#receive();
    }
    return this;
  }

  /** Ends the capture and renders what it gave. */
  async finish(): Promise<HarnessResult> {
    this.engine.close();
    this.#receive();
    this.#port.close();
    return render(this.#messages, this.#setup, this.#options, this.engine.sums);
  }

  #feed(frames: readonly TimedFrame[], observe: (batch: FrameBatch) => void): void {
    if (frames.length > 0) this.#start(frames[0].timeMs);
    const size = this.#options.batchFrames ?? 1000;
    for (let at = 0; at < frames.length; at += size) {
      observe(batchOf(frames.slice(at, at + size)));
      this.#receive();
    }
  }

  #start(timeMs: number): void {
    if (!this.#isLoaded) this.#loadFirst();
    if (!this.#hasStarted) this.engine.verdicts.startCapture(timeMs);
    this.#hasStarted = true;
  }

  #loadFirst(): void {
    this.#isLoaded = true;
    const { network, localPrefixes = defaultLocalPrefixes, identity } = this.#setup;
    if (network) this.engine.load(network);
    else {
      const made = new AddressNetwork(localPrefixes, identity);
      this.engine.load(made.network, made);
    }
  }

  #receive(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (!received) return;
      this.#messages.push(received.message as ThreadMessage);
    }
  }
}

/** Frames on the wire, from the first to the end of the capture. */
export function runFrames(
  frames: readonly TimedFrame[],
  options: HarnessOptions = {},
): Promise<HarnessResult> {
  return new MeterHarness(options).wire(...frames).finish();
}

/** Capture files merged by time, from the first frame to the last. */
export async function runFiles(
  files: readonly string[],
  options: HarnessOptions = {},
): Promise<HarnessResult> {
  return (await new MeterHarness(options).files(...files)).finish();
}

/** Frames in a batch of their own. Its bytes are surrounded by others, as in a source's buffer. */
export function batchOf(frames: readonly TimedFrame[]): FrameBatch {
  const batch = new FrameBatch(Math.max(1, frames.length));
  const gap = 4;
  batch.bytes = new Uint8Array(frames.reduce((sum, { bytes }) => sum + bytes.length + gap, gap)).fill(0x45);
  let at = gap;
  for (const [i, frame] of frames.entries()) {
    batch.bytes.set(frame.bytes, at);
    batch.offset[i] = at;
    batch.capturedLength[i] = frame.bytes.length;
    batch.originalLength[i] = frame.originalLength ?? frame.bytes.length;
    batch.timeMs[i] = frame.timeMs;
    batch.linkType[i] = frame.link ?? linkType.ethernet;
    batch.packetType[i] = frame.packetType ?? 0;
    batch.segmentBytes[i] = frame.segmentBytes ?? 0;
    batch.strippedVlan[i] = frame.strippedVlan ?? -1;
    at += frame.bytes.length + gap;
  }
  batch.count = frames.length;
  return batch;
}

function setupOf(options: HarnessOptions, control: ThreadControl): ThreadSetup {
  const localPrefixes = options.local?.map((text) => parsePrefix(text) as Prefix);
  return {
    files: [],
    devices: [],
    identity: testIdentity,
    windowSeconds: options.windowSeconds ?? 60,
    maxFlows: options.maxFlows ?? 16_384,
    includesExcluded: options.includesExcluded ?? false,
    sums: new CaptureSums().buffer,
    control: control.buffer,
    ...(options.network ? { network: options.network } : {}),
    ...(options.vpcId ? { vpcId: options.vpcId } : {}),
    ...(localPrefixes ? { localPrefixes } : {}),
  };
}

async function render(
  messages: readonly ThreadMessage[],
  setup: ThreadSetup,
  options: HarnessOptions,
  sums: CaptureSums,
): Promise<HarnessResult> {
  const batches: FlowRecords[] = [];
  const rows: FlowRows[] = [];
  const losses: Loss[] = [];
  const notices: string[] = [];
  const destination: RecordSink = {
    write: async (records) => void batches.push(records),
    endWindow: () => undefined,
  };
  const view = new NetworkView(setup.identity, { vpcId: setup.vpcId }, () => undefined);
  const outlet = outletFor(view, destination, setup, options);
  for (const message of messages) {
    if (message.kind === 'network') view.load(message.network);
    else if (message.kind === 'interfaces') view.addInterfaces(message.interfaces);
    else if (message.kind === 'flows') {
      view.addCauses(message.causes);
      const handedOver = flowRows(message.buffer, message.count);
      rows.push(handedOver);
      await outlet.takeFlows(handedOver);
    } else if (message.kind === 'losses') {
      losses.push(...message.losses);
      await outlet.takeLosses(message.losses);
    } else if (message.kind === 'windowsOver') {
      await outlet.closeWindows(message.windows, message.before);
    } else if (message.kind === 'notice') notices.push(message.line);
  }
  const lines = batches.flatMap((batch) => renderLines(batch, { header: false }).split('\n').slice(0, -1));
  return {
    lines,
    batches,
    rows,
    losses,
    notices,
    stats: captureStats(sums.report(), { ...outlet.sums, objects: 0 }, [], 0),
  };
}

function outletFor(
  view: NetworkView,
  destination: RecordSink,
  { identity, windowSeconds, maxFlows }: ThreadSetup,
  { format, trafficType = 'ALL', interval = 60 }: HarnessOptions,
): FlowLogOutlet {
  const flowLog = makeFlowLog(
    {
      format: format === undefined ? defaultLogFormat : parseHeader(format),
      trafficType,
      maxAggregationInterval: interval,
      destination: 'test',
      fileFormat: 'plain-text',
      hiveCompatiblePartitions: false,
      perHourPartition: false,
    },
    identity,
  );
  return new FlowLogOutlet({ flowLog, windowSeconds, maxFlows, view, destinations: [destination] });
}
