import { close, constants, fstat, open, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { ConfigError } from '../fault/index.ts';
import type { CaptureBytes } from './capture-bytes.ts';
import { CaptureFile } from './capture-file.ts';
import { FileBytes } from './file-bytes.ts';
import type { FrameSource } from './frame-source.ts';
import { StreamBytes } from './stream-bytes.ts';

const openAsync = promisify(open);
const closeAsync = promisify(close);
const fstatAsync = promisify(fstat);

const standardInput = 0;
/** So that a named pipe without a writer is open at once, and a stop is heard while it waits for one. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is not a directory',
  ENXIO: 'a socket: pass it as standard input, -',
};

export interface CaptureFileOptions {
  /** Of each of the file's two buffers: 2 MiB unless told, less for a smaller file. Many files at once take less each. */
  readonly chunkBytes?: number;
}

/**
 * Opens a pcap or pcapng file, gzip or not; `-` is standard input, which may be a file, a pipe or a socket, as may be
 * what a path names. A file's format is told here, a pipe's by the first `next`.
 *
 * @throws {ConfigError} `CaptureFileUnreadable` or `CaptureFileInvalid`.
 */
export async function openCaptureFile(path: string, options: CaptureFileOptions = {}): Promise<FrameSource> {
  const fd = path === '-' ? standardInput : await openDescriptor(path);
  try {
    const stats = await fstatAsync(fd);
    const file = new CaptureFile(path, bytesOf(path, fd, stats), options.chunkBytes);
    if (stats.isFile()) await file.check();
    return file;
  } catch (error) {
    if (fd !== standardInput) await closeAsync(fd);
    throw toConfigError(path, error);
  }
}

async function openDescriptor(path: string): Promise<number> {
  try {
    return await openAsync(path, openFlags);
  } catch (error) {
    throw toConfigError(path, error);
  }
}

function bytesOf(path: string, fd: number, stats: Stats): CaptureBytes {
  if (stats.isFile()) return new FileBytes(fd, stats.size);
  // Not `process.stdin`: in a worker thread that is another stream.
  if (stats.isFIFO() || stats.isSocket())
    return new StreamBytes(new Socket({ fd, readable: true, writable: false }));
  if (stats.isDirectory()) throw unreadable(path, 'a directory');
  if (isatty(fd)) throw unreadable(path, 'a terminal: pipe a capture into it, as tcpdump -U -w - does');
  throw unreadable(path, 'a device, neither a file nor a pipe');
}

function toConfigError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ConfigError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return unreadable(path, reasons[code] ?? error.message, error);
}

function unreadable(path: string, why: string, cause?: Error): ConfigError {
  const expected = ['expected a pcap or pcapng file, or - for standard input'];
  return new ConfigError('CaptureFileUnreadable', `cannot read ${path}: ${why}`, expected, { cause });
}
