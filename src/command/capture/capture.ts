import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { captureDefaults } from '../../config/index.ts';
// Not by the room's index: a capture delivers to no bucket or stream of the service.
import { S3Tree } from '../../delivery/s3-tree.ts';
import { ConfigError } from '../../fault/index.ts';
import { type FlowLog, FlowLogOutlet, makeFlowLog, type RecordSink } from '../../flowlog/index.ts';
import { loadIpRanges } from '../../record/index.ts';
import { OutputStream, Terminal } from '../../report/index.ts';
import {
  type Identity,
  keepIdentity,
  loadNetwork,
  type Network,
  regionOf,
  resolveIdentity,
} from '../../vpc/index.ts';
import { openCapturedLogs, queryHint } from './captured-logs.ts';
import { LineDestination } from './line-destination.ts';
import { NetworkView } from './network-view.ts';
import { type CaptureOptions, captureHelp, parseCaptureOptions } from './options.ts';
import { PreviewDestination } from './preview-destination.ts';
import { CaptureRun } from './run.ts';
import { type CaptureStats, captureStats, sumsText, whyNothing } from './sums.ts';
import { TreeDestination } from './tree-destination.ts';

/** More than this waiting to be read: a window's preview is left out rather than kept. */
const maxPendingPreviewBytes = 64 * 1024;

/** `headgate capture`: gives the exit code. The capture thread has ended when it returns or throws. */
export async function captureCommand(args: readonly string[], thread: Worker): Promise<number> {
  try {
    return await capture(args, thread);
  } finally {
    await thread.terminate();
  }
}

async function capture(args: readonly string[], thread: Worker): Promise<number> {
  const options = parseCaptureOptions(args);
  const output = new OutputStream(1);
  if (options.help) {
    await output.write(captureHelp);
    return 0;
  }
  const terminal = new Terminal();
  const network =
    options.vpcDirectory === undefined ? undefined : readNetwork(options.vpcDirectory, terminal);
  const identity = captureIdentity(options, network);
  const flowLog = makeFlowLog({ ...options, destination: destinationName(options) }, identity);
  const view = new NetworkView(
    identity,
    { vpcId: options.vpcId },
    options.ipRangesFile === undefined ? () => undefined : loadIpRanges(options.ipRangesFile),
  );
  const tree = treeDestination(options, flowLog, identity, output, terminal, () => run.isStopping);
  const stored = await openCapturedLogs(options, flowLog, identity, terminal);
  const outlet = new FlowLogOutlet({
    flowLog,
    windowSeconds: options.windowSeconds,
    maxFlows: options.maxFlows,
    view,
    destinations: [tree ?? printed(options, output, terminal), ...(stored ? [stored.destination] : [])],
  });
  const run: CaptureRun = new CaptureRun({
    thread,
    setup: {
      files: options.files,
      devices: options.devices,
      identity,
      windowSeconds: options.windowSeconds,
      maxFlows: options.maxFlows,
      includesExcluded: options.includeExcluded,
      ...(network ? { network } : {}),
      ...(options.vpcId === undefined ? {} : { vpcId: options.vpcId }),
      ...(options.localPrefixes ? { localPrefixes: options.localPrefixes } : {}),
    },
    view,
    outlet,
    terminal,
    onDevices: announcer(options, flowLog.id, terminal),
  });
  if (!isLive(options) && terminal.isTerminal) tellRules(options, terminal);
  const stopListening = listenToSignals(run, options, terminal);
  const watch = stopWhenClosed(run, output);
  const failure = await run.run().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  clearInterval(watch);
  stopListening();
  await stored?.close();
  await output.flush();
  const stats = captureStats(
    run.sums.report(),
    { ...outlet.sums, objects: tree?.objects ?? 0 },
    outlet.losses.map(({ interfaceIndex, window, ...loss }) => ({
      interfaceId: view.facts(interfaceIndex).interfaceId,
      window: window * options.windowSeconds,
      ...loss,
    })),
    run.seconds,
    failure !== undefined,
  );
  // `| head` has what it wanted; and a capture that never began has no sums.
  const hasSums = !output.isClosed && !(failure && stats.frames.captured === 0);
  if (hasSums) printSums(stats, options, terminal);
  await terminal.flush();
  if (failure) throw failure.error;
  return stats.unaccounted.frames === 0 && stats.unaccounted.packets === 0 ? 0 : 1;
}

function readNetwork(directory: string, terminal: Terminal): Network {
  const { network, warnings } = loadNetwork(directory);
  for (const warning of warnings) terminal.line(`warning: ${warning}`);
  return network;
}

/** A described network tells its account and Region itself: those of the captured VPC. */
function captureIdentity(options: CaptureOptions, network: Network | undefined): Identity {
  const vpc = network?.vpcs.find(({ VpcId }) => options.vpcId === undefined || VpcId === options.vpcId);
  const subnets = network?.subnets.filter(({ VpcId }) => VpcId === vpc?.VpcId) ?? [];
  const interfaces = network?.networkInterfaces.filter(({ VpcId }) => VpcId === vpc?.VpcId) ?? [];
  // A description that was made anonymous may hold what is no account id.
  const owner = [vpc, ...subnets, ...interfaces].find((part) => /^[0-9]{12}$/.test(part?.OwnerId ?? ''));
  return resolveIdentity(
    {
      account: options.account ?? owner?.OwnerId,
      region: options.region ?? regionOf(undefined, subnets[0]),
    },
    process.env,
    options.dataDirectory,
  );
}

const isLive = ({ files }: CaptureOptions): boolean => files.length === 0;

/** Below which directory objects are written; undefined when records are printed. */
function treeRoot(options: CaptureOptions): string | undefined {
  if (options.output !== undefined) return options.output === '-' ? undefined : options.output;
  return isLive(options) ? path.join(options.dataDirectory, 's3', captureDefaults.bucket) : undefined;
}

function destinationName(options: CaptureOptions): string {
  if (options.output !== undefined) return options.output;
  return treeRoot(options) === undefined ? '-' : `arn:aws:s3:::${captureDefaults.bucket}`;
}

function treeDestination(
  options: CaptureOptions,
  flowLog: FlowLog,
  identity: Identity,
  output: OutputStream,
  terminal: Terminal,
  isStopping: () => boolean,
): TreeDestination | undefined {
  const root = treeRoot(options);
  if (root === undefined) return undefined;
  // A described network has its own; what is made up keeps its ids from run to run.
  if (options.output === undefined && options.vpcDirectory === undefined) {
    keepIdentity(options.dataDirectory, identity);
  }
  const onNotice = (line: string): void => terminal.line(line);
  const tree = new S3Tree({
    root,
    flowLog,
    accountId: identity.accountId,
    region: identity.region,
    keepBytes: options.keepBytes,
    minFreeFraction: captureDefaults.minFreeFraction,
    onNotice,
  });
  const print = isLive(options) || process.stdout.isTTY ? windowPrinter(output, terminal) : undefined;
  return new TreeDestination({ tree, isStopping, onNotice, ...(print ? { print } : {}) });
}

function printed(options: CaptureOptions, output: OutputStream, terminal: Terminal): RecordSink {
  const isPreview = options.output === undefined && process.stdout.isTTY;
  return isPreview
    ? new PreviewDestination(windowPrinter(output, terminal), options.header)
    : new LineDestination(output, options.header);
}

/** Where standard output and error are one terminal, the status line makes way for what is printed. */
function windowPrinter(output: OutputStream, terminal: Terminal): (text: string) => void {
  if (process.stdout.isTTY && terminal.isTerminal) return (text) => terminal.line(text);
  return (text) => {
    if (output.pendingBytes >= maxPendingPreviewBytes) return;
    // The records themselves are safe in their objects.
    output.write(`${text}\n`).catch((error: Error) => terminal.line(`standard output: ${error.message}`));
  };
}

/** Says once what is captured, where records go and by which rules; later only what is captured. */
function announcer(
  options: CaptureOptions,
  flowLogId: string,
  terminal: Terminal,
): (captured: readonly string[]) => void {
  let isFirst = true;
  return (captured) => {
    terminal.line(`capturing ${captured.length > 0 ? captured.join(', ') : 'no device at present'}`);
    if (!isFirst) return;
    isFirst = false;
    const root = treeRoot(options);
    const where = root === undefined ? 'standard output' : path.join(root, 'AWSLogs');
    terminal.line(`flow log ${flowLogId}: records every ${options.windowSeconds} s to ${where}`);
    const hint = queryHint(options);
    if (hint !== undefined) terminal.line(hint);
    tellRules(options, terminal);
  };
}

function tellRules(options: CaptureOptions, terminal: Terminal): void {
  if (options.vpcDirectory !== undefined || options.output === '-') return;
  terminal.line(
    'no rules given: every flow is ACCEPT; "headgate vpc init DIR" writes this network as AWS JSON to edit, "--vpc DIR" takes it',
  );
}

/** SIGINT and SIGTERM end the capture, a second one at once; SIGHUP reads the rules again. */
function listenToSignals(run: CaptureRun, options: CaptureOptions, terminal: Terminal): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    if (run.isStopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    run.stop();
  };
  const reload = (): void => {
    if (options.vpcDirectory === undefined) {
      stop('SIGHUP');
      return;
    }
    try {
      run.update(readNetwork(options.vpcDirectory, terminal));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const line of [error.message, ...error.details, 'the rules stay as they were'])
        terminal.line(line);
    }
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', reload);
  return () => {
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', reload);
  };
}

/** Nobody reads the records any more: `headgate capture FILE | head`. */
function stopWhenClosed(run: CaptureRun, output: OutputStream): NodeJS.Timeout {
  return setInterval(() => {
    if (output.isClosed) run.stop();
  }, 100).unref();
}

function printSums(stats: CaptureStats, options: CaptureOptions, terminal: Terminal): void {
  const why = whyNothing(stats);
  if (why !== undefined) terminal.line(why);
  terminal.line(options.stats === 'json' ? JSON.stringify(stats) : sumsText(stats));
}
