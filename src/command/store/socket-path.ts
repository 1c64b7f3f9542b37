import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../fault/index.ts';

const socketName = 'headgate.sock';
/** Bytes of `sun_path` without the last, on Linux; macOS has four less. */
const maxPathBytes = 103;

/** A path by which the data folder's socket can be bound or reached, and what lets go of it. */
export interface SocketPath {
  readonly path: string;
  close(): void;
}

/**
 * The socket's path; one that is too long for the kernel goes by an open descriptor of the folder.
 * @throws ConfigError `DataFolderInvalid` where there is no such way
 */
export function openSocketPath(dataDirectory: string): SocketPath {
  const direct = path.join(path.resolve(dataDirectory), socketName);
  if (Buffer.byteLength(direct) <= maxPathBytes) return { path: direct, close: () => undefined };
  if (process.platform !== 'linux') {
    throw new ConfigError(
      'DataFolderInvalid',
      `${dataDirectory}: the path of its socket is longer than the ${maxPathBytes} bytes that the system allows`,
    );
  }
  const fd = openSync(dataDirectory, 'r');
  return { path: `/proc/self/fd/${fd}/${socketName}`, close: () => closeSync(fd) };
}
