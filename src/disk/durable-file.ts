import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file that must not exist yet and waits until it is on the disk; gives its size. */
export async function writeDurably(
  file: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const handle = await open(file, 'wx', 0o644);
  try {
    let bytes = 0;
    for await (const piece of pieces) {
      await handle.writeFile(piece);
      bytes += piece.length;
    }
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Moves a file to its place, making the directories on the way, and waits until the directory entries are kept. */
export async function moveDurably(from: string, to: string): Promise<void> {
  const directory = path.dirname(to);
  const firstMade = await mkdir(directory, { recursive: true });
  await rename(from, to);
  await syncPath(directory);
  if (firstMade === undefined) return;
  const top = path.dirname(firstMade);
  for (let at = directory; at !== top; ) {
    at = path.dirname(at);
    await syncPath(at);
  }
}

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
