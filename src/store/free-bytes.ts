import { statfs } from 'node:fs/promises';

/** What the disk that a folder lies on has room for. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
