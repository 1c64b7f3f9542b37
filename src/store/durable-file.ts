import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Puts a file in the place of another, or of none: who opens it finds the whole of the one or of the other. */
export async function replaceDurably(file: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncDirectory(path.dirname(file));
}

export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Until then a file made, renamed or removed in it may come back after a power failure. */
export const syncDirectory = syncFile;
