import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../../fault/index.ts';
import { mayHoldEvents, type TimeRange } from './key-time.ts';

/** A file to read events from. */
export interface InputFile {
  /** As the user would say it. */
  readonly name: string;
  /** Absent for standard input. */
  readonly path?: string;
  /** Absent where it cannot be known before the end: a pipe. */
  readonly bytes?: number;
  /** When it was written last, for events that tell no time themselves; epoch milliseconds. */
  readonly modifiedMs: number;
  /** What its events' log stream is called when the path does not say. */
  readonly streamName?: string;
}

export interface InputFiles {
  readonly files: readonly InputFile[];
  /** Objects of buckets whose keys say that they hold nothing of the time asked for: folders and files. */
  readonly outsideTime: number;
  /** What lies in a bucket and is no flow log: the logs of other services, what tests that a bucket can be written. */
  readonly notFlowLogs: number;
}

/** Of the service that wrote an object, in its key: `AWSLogs/123456789012/CloudTrail/…`. */
const service = /(?:^|\/)AWSLogs\/(?:aws-account-id=)?[^/]+\/(?:aws-service=)?([^/]+)(?:\/|$)/;
/** What AWS writes to see whether it may, and what others leave in folders: no events in any of them. */
const noEvents = /^(?:\..*|aws-logs-write-test|_SUCCESS|.*\.crc)$/;

/**
 * Files and, of folders, all that lies below them, in the order of their names. Symbolic links in folders are followed to
 * files only.
 * @param range prunes folders that are laid out as a flow log's bucket; all is taken when absent
 * @throws ConfigError `CannotRead` for an operand that cannot be read
 */
export async function listInputFiles(
  operands: readonly string[],
  range?: TimeRange,
  nowMs = Date.now(),
): Promise<InputFiles> {
  const files: InputFile[] = [];
  const passedOver = { outsideTime: 0, notFlowLogs: 0 };
  for (const operand of operands) {
    if (operand === '-') files.push({ name: 'standard input', modifiedMs: nowMs });
    else {
      const found = await statOperand(operand);
      if (found.isDirectory()) await walk(operand, range, files, passedOver);
      else files.push(inputFile(operand, found));
    }
  }
  return { files, ...passedOver };
}

async function walk(
  folder: string,
  range: TimeRange | undefined,
  files: InputFile[],
  passedOver: { outsideTime: number; notFlowLogs: number },
): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const name = path.join(folder, entry.name);
    const key = path.resolve(name).replaceAll(path.sep, '/');
    if (noEvents.test(entry.name)) continue;
    if (!isFlowLogs(key, folder)) passedOver.notFlowLogs++;
    else if (range && !mayHoldEvents(key, range)) passedOver.outsideTime++;
    else if (entry.isDirectory()) await walk(name, range, files, passedOver);
    else {
      const found = await stat(name).catch(() => undefined);
      if (found?.isFile()) files.push(inputFile(name, found));
    }
  }
}

/** Who names the folder of another service means it. */
function isFlowLogs(key: string, folder: string): boolean {
  const name = service.exec(key)?.[1];
  if (name === undefined || name === 'vpcflowlogs') return true;
  return service.exec(path.resolve(folder).replaceAll(path.sep, '/'))?.[1] === name;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw cannotRead(folder, error);
  }
}

async function statOperand(operand: string): Promise<Stats> {
  try {
    return await stat(operand);
  } catch (error) {
    throw cannotRead(operand, error);
  }
}

function inputFile(name: string, { size, mtimeMs, ...found }: Stats): InputFile {
  const isPipe = (found.mode & 0o170000) === 0o010000;
  return { name, path: name, modifiedMs: Math.floor(mtimeMs), ...(isPipe ? {} : { bytes: size }) };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'a directory',
  ENOTDIR: 'no such file',
  ELOOP: 'too many symbolic links',
};

export function cannotRead(name: string, error: unknown): ConfigError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new ConfigError('CannotRead', `cannot read ${name}: ${reasons[code ?? ''] ?? message}`);
}
