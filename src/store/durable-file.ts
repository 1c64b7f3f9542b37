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
  await syncPath(path.dirname(file));
}

/** A file's bytes, or a directory's names: until then one made, renamed or removed may come back after a power failure. */
export async function syncPath(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
