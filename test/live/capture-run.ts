import path from 'node:path';
import { expect } from 'vitest';
import type { SumsReport } from '../../src/flow/index.ts';
import type { CommandResult, Namespaces, RunningCommand } from './namespaces.ts';

const mainProgram = path.resolve(import.meta.dirname, '../../dist/command/main.js');

const fields = [
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'action',
  'log-status',
  'pkt-srcaddr',
  'pkt-dstaddr',
  'flow-direction',
  'tcp-flags',
  'decided-by',
] as const;
const logFormat = fields.map((field) => `\${${field}}`).join(' ');

type FieldTexts = Readonly<Record<(typeof fields)[number], string>>;

/** A record with its fields by name, as text, and its counters as numbers. */
export type LiveRecord = FieldTexts & {
  readonly packetCount: number;
  readonly byteCount: number;
};

export interface CaptureResult {
  /** Records with log status OK. */
  readonly records: readonly LiveRecord[];
  readonly sums: SumsReport;
  readonly stderr: string;
}

/**
 * Starts `headgate capture` in a namespace, records to standard output, and waits until it has named the devices; all
 * of its words that are not records are on standard error.
 */
export async function startCapture(
  namespaces: Namespaces,
  namespace: string,
  args: readonly string[],
  devices: readonly string[],
): Promise<RunningCommand> {
  const output = ['--output', '-', '--format', logFormat, '--window', '10', '--stats', 'json'];
  const command = [process.execPath, mainProgram, 'capture', ...args, ...output];
  const capture = namespaces.start(namespace, ...command);
  for (const device of devices) await capture.waitFor(device);
  return capture;
}

/** Runs `headgate capture` under another command (such as one that takes privileges away) until it ends by itself. */
export function runCaptureToEnd(
  namespaces: Namespaces,
  namespace: string,
  under: readonly string[],
): Promise<CommandResult> {
  return namespaces.start(namespace, ...under, process.execPath, mainProgram, 'capture', '--output', '-')
    .ended;
}

/** Stops a capture, and checks what must hold for each: exit 0 and the two sums. */
export async function stopCapture(capture: RunningCommand): Promise<CaptureResult> {
  // What was sent last may still lie in a block that the kernel hands over 20 ms after its first frame.
  await new Promise((resolve) => setTimeout(resolve, 100));
  capture.child.kill('SIGTERM');
  const { status, stdout, stderr } = await capture.ended;
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(0);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const records = lines.map(parseRecord).filter((record) => record['log-status'] === 'OK');
  const sums = parseSums(stderr);
  expectSums(sums, records);
  return { records, sums, stderr };
}

function parseRecord(line: string): LiveRecord {
  const values = line.split(' ');
  expect(values.length, line).toBe(fields.length);
  const record = Object.fromEntries(fields.map((field, i) => [field, values[i]])) as FieldTexts;
  return {
    ...record,
    packetCount: Number(record.packets),
    byteCount: Number(record.bytes),
  };
}

function parseSums(stderr: string): SumsReport {
  const line = stderr.split('\n').findLast((each) => each.startsWith('{'));
  expect(line, stderr).toBeDefined();
  return JSON.parse(line ?? '') as SumsReport;
}

function expectSums({ frames, packets }: SumsReport, records: readonly LiveRecord[]): void {
  const { observed, excluded, noInterface, notIp, malformed } = frames;
  const others = [excluded, noInterface, notIp, malformed].flatMap((reasons) => Object.values(reasons));
  expect(frames.captured).toBe(observed + others.reduce((a, b) => a + b, 0));
  const recorded = records.reduce((total, { packetCount }) => total + packetCount, 0);
  expect(recorded + packets.skipped).toBe(packets.ingress + packets.egress);
}

/** Packets and bytes of records, by what tells a conversation apart; ports that the system chose are left out. */
export function totalsBy(
  records: readonly LiveRecord[],
  key: (record: LiveRecord) => string,
): Record<string, { packets: number; bytes: number }> {
  const totals: Record<string, { packets: number; bytes: number }> = {};
  for (const record of records) {
    const total = totals[key(record)] ?? { packets: 0, bytes: 0 };
    totals[key(record)] = {
      packets: total.packets + record.packetCount,
      bytes: total.bytes + record.byteCount,
    };
  }
  return totals;
}
