import { type ChildProcess, execFileSync, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { headgate, missingProgram } from './contenders.ts';
import { formatCount, markdownTable } from './figures.ts';
import { accountedFrames, type HeadgateSums, readHeadgateSums } from './headgate-sums.ts';
import type { Host } from './hosts.ts';
import { machineLine, writeSection } from './results-page.ts';
import { writeSmallPackets } from './small-packets.ts';
import { repositoryFolder, shownPath, workPath } from './work-folder.ts';

const senderSpace = 'headgate-bench-sender';
const receiverSpace = 'headgate-bench-receiver';
const senderDevice = 'hgbench0';
const receiverDevice = 'hgbench1';
const receiver: Host = {
  ipv4: (10 << 24) | (77 << 16) | 2,
  ipv6: [0, 0, 0, 0],
  mac: [0, 0, 0, 77, 2],
  local: true,
};

const packetsInFile = 100_000;
const flowCount = 10_000;
const packetsPerSecond = 1_000_000;
const seconds = 10;

interface LiveResult {
  readonly command: string;
  readonly replayCommand: string;
  readonly sent: number;
  readonly sentPerSecond: number;
  /** Packets that the kernel counted at Headgate's device meanwhile. */
  readonly arrived: number;
  readonly cpuSeconds: number;
  readonly peakRssMegabytes: number;
  readonly stopSeconds: number;
  readonly sums: HeadgateSums;
}

/** Small packets at 1 M/s for 10 s over a veth pair between two network namespaces. Needs root. */
export async function benchLive(): Promise<void> {
  const reason = whyNotLive();
  if (reason !== undefined) {
    process.stderr.write(`live: not run, ${reason}\n`);
    return;
  }
  removeNetwork();
  try {
    makeNetwork();
    const trace = workPath('small-packets.pcap');
    writeSmallPackets(trace, { packets: packetsInFile, flowCount, seed: 1 }, receiver);
    const result = await captureReplay(trace);
    writeSection('live', reportLive(result));
    checkLive(result);
  } finally {
    removeNetwork();
  }
}

function whyNotLive(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root';
  const programs = ['ip', 'nft', 'tcpreplay'].map(missingProgram);
  return programs.find((missing) => missing !== undefined) ?? headgate('', []).missing;
}

function inSpace(space: string, ...command: string[]): string[] {
  return ['ip', 'netns', 'exec', space, ...command];
}

function runNow([program, ...args]: readonly string[]): string {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  return execFileSync(program, args, { encoding: 'utf8', cwd: repositoryFolder, stdio });
}

function makeNetwork(): void {
  for (const space of [senderSpace, receiverSpace]) {
    runNow(['ip', 'netns', 'add', space]);
    // No router solicitations and the like between the packets that are counted.
    runNow(
      inSpace(
        space,
        'sysctl',
        '-qw',
        'net.ipv6.conf.default.disable_ipv6=1',
        'net.ipv6.conf.all.disable_ipv6=1',
      ),
    );
  }
  const pair = ['type', 'veth', 'peer', 'name', receiverDevice, 'netns', receiverSpace];
  runNow(['ip', 'link', 'add', senderDevice, 'netns', senderSpace, ...pair]);
  runNow(inSpace(receiverSpace, 'ip', 'link', 'set', receiverDevice, 'address', '02:00:00:00:4d:02'));
  runNow(inSpace(receiverSpace, 'ip', 'address', 'add', '10.77.0.2/24', 'dev', receiverDevice));
  runNow(inSpace(receiverSpace, 'ip', 'link', 'set', receiverDevice, 'up'));
  runNow(inSpace(senderSpace, 'ip', 'link', 'set', senderDevice, 'up'));
  // Behind the packet sockets and before the IP stack, which would answer each packet with an ICMP error.
  const drop = `add table netdev bench; add chain netdev bench in { type filter hook ingress device ${receiverDevice} priority 0; policy drop; }`;
  runNow(inSpace(receiverSpace, 'nft', drop));
}

/** Also before a run: a run that was killed may have left its namespaces. */
function removeNetwork(): void {
  for (const space of [senderSpace, receiverSpace])
    spawnSync('ip', ['netns', 'delete', space], { stdio: 'ignore' });
}

async function captureReplay(trace: string): Promise<LiveResult> {
  const output = workPath('output');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  const command = headgate('', ['--window', '10']).command(`interface:${receiverDevice}`, shownPath(output));
  const capture = startCapture(inSpace(receiverSpace, ...command));
  try {
    await waitForSocket(capture.child);
    const before = processCost(capture.child);
    const arrivedBefore = receivedPackets();
    const replayCommand = replay(trace);
    const replayed = runNow(inSpace(senderSpace, ...replayCommand));
    const arrived = receivedPackets() - arrivedBefore;
    const after = processCost(capture.child);
    const stopped = await stopCapture(capture);
    return {
      command: command.join(' ').replace(shownPath(output), 'DIR'),
      replayCommand: replayCommand.join(' '),
      ...readReplay(replayed),
      arrived,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      peakRssMegabytes: after.peakRssMegabytes,
      ...stopped,
    };
  } finally {
    capture.child.kill('SIGKILL');
  }
}

function replay(trace: string): string[] {
  const loops = (packetsPerSecond * seconds) / packetsInFile;
  const rate = ['--preload-pcap', `--loop=${loops}`, `--pps=${packetsPerSecond}`, '--pps-multi=100'];
  return ['tcpreplay', '-i', senderDevice, ...rate, shownPath(trace)];
}

function readReplay(output: string): { sent: number; sentPerSecond: number } {
  const sent = /Successful packets:\s+(\d+)/.exec(output);
  const rate = /([\d.]+) pps/.exec(output);
  if (!sent || !rate) throw new Error(`tcpreplay does not say what it sent:\n${output}`);
  return { sent: Number(sent[1]), sentPerSecond: Number(rate[1]) };
}

interface RunningCapture {
  readonly child: ChildProcess;
  readonly stderr: string[];
}

function startCapture([program, ...args]: readonly string[]): RunningCapture {
  const child = spawn(program, args, { cwd: repositoryFolder, stdio: ['ignore', 'ignore', 'pipe'] });
  const stderr: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  return { child, stderr };
}

/** The capture has begun when the namespace lists a packet socket. */
async function waitForSocket(child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`headgate ended with ${child.exitCode} before it captured`);
    const sockets =
      runNow(inSpace(receiverSpace, 'cat', '/proc/net/packet'))
        .trim()
        .split('\n').length - 1;
    await delay(100);
    if (sockets > 0) return;
  }
  throw new Error('headgate opened no packet socket within 10 s');
}

async function stopCapture({
  child,
  stderr,
}: RunningCapture): Promise<{ stopSeconds: number; sums: HeadgateSums }> {
  const began = performance.now();
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  const stopSeconds = (performance.now() - began) / 1000;
  const sums = readHeadgateSums(stderr.join(''));
  if (child.exitCode !== 0 || !sums)
    throw new Error(`headgate ended with ${child.exitCode}:\n${stderr.join('')}`);
  return { stopSeconds, sums };
}

/** CPU time so far and peak RSS, from /proc (proc(5)); `ip netns exec` becomes the command, so the pid is Headgate's. */
function processCost({ pid }: ChildProcess): { cpuSeconds: number; peakRssMegabytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const clockTicksPerSecond = 100;
  const ticks = Number(fields[11]) + Number(fields[12]);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { cpuSeconds: ticks / clockTicksPerSecond, peakRssMegabytes: Number(peak?.[1]) / 1024 };
}

function receivedPackets(): number {
  const statistics = `/sys/class/net/${receiverDevice}/statistics/rx_packets`;
  return Number(runNow(inSpace(receiverSpace, 'cat', statistics)));
}

function reportLive(result: LiveResult): string {
  const { frames, packets } = result.sums;
  const count = (number: number) => formatCount(Math.round(number));
  const rows = [
    ['packets sent', count(result.sent)],
    ['sent per second', count(result.sentPerSecond)],
    ['packets that arrived at the device', count(result.arrived)],
    ['frames captured', count(frames.captured)],
    ['frames in the sums', count(accountedFrames(result.sums))],
    ['kernel drops', count(frames.kernelDropped)],
    ['packets observed', count(packets.ingress + packets.egress)],
    ['packets skipped', count(packets.skipped)],
    [`Headgate's CPU time while they were sent, s`, result.cpuSeconds.toFixed(2)],
    ['peak RSS, MiB', result.peakRssMegabytes.toFixed(0)],
    ['from SIGTERM to the end, s', result.stopSeconds.toFixed(2)],
  ];
  return [
    machineLine(),
    `${formatCount(flowCount)} UDP flows of 64-byte frames, replayed over a veth pair between two network namespaces:`,
    ['```', result.replayCommand, result.command, '```'].join('\n'),
    markdownTable(['', 'figure'], rows),
  ].join('\n\n');
}

function checkLive({ sums, arrived }: LiveResult): void {
  const { captured, kernelDropped } = sums.frames;
  if (accountedFrames(sums) !== captured)
    throw new Error(`${captured} frames, ${accountedFrames(sums)} in the sums`);
  if (captured + kernelDropped < arrived)
    throw new Error(`${arrived} packets arrived, ${captured} captured and ${kernelDropped} dropped`);
}
