import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Where the log store is in a data folder. */
export const storeFolder = (dataDirectory: string): string => path.join(dataDirectory, 'store');

/** What stands in the store for its last commit: another text after each. */
export function lastCommit(dataDirectory: string): string {
  try {
    return readFileSync(path.join(storeFolder(dataDirectory), 'acknowledged'), 'hex');
  } catch {
    // There is no store yet, or none any more.
    return '';
  }
}
