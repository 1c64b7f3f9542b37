import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../fault/index.ts';

/** What lies in a data folder from its first moment on. */
const ours: ReadonlySet<string> = new Set(['identity.json', 'secret.key', 'store']);

/**
 * Makes the data folder, for its owner alone: secrets lie in it, and records of who talks to whom. A folder that others
 * may open and that holds other things is left as it is: closing it to them might be the end of what they do there.
 * @throws ConfigError `DataFolderInvalid`
 */
export function makePrivate(dataDirectory: string): void {
  try {
    // Node's recursive way never ends where a folder takes none, as /proc does.
    mkdirSync(path.dirname(path.resolve(dataDirectory)), { recursive: true, mode: 0o700 });
    mkdirSync(dataDirectory, { recursive: existsSync(dataDirectory), mode: 0o700 });
    if ((statSync(dataDirectory).mode & 0o077) === 0) return;
    const names = readdirSync(dataDirectory);
    if (names.length === 0 || names.some((name) => ours.has(name))) {
      chmodSync(dataDirectory, 0o700);
      return;
    }
  } catch (error) {
    throw invalid(dataDirectory, (error as Error).message, error);
  }
  throw invalid(
    dataDirectory,
    'others may open it, and it holds other things; choose a folder for Headgate alone',
  );
}

function invalid(dataDirectory: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError('DataFolderInvalid', `${dataDirectory}: ${reason}`, [], { cause });
}
