import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { ObjectStore, type ObjectStoreOptions } from '../src/objects/index.ts';

/** Stores of objects below a temporary folder; all are closed and gone after the file's tests. */
export class ObjectsUnderTest {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'headgate-objects-'));
  readonly lines: string[] = [];
  nowMs = Date.UTC(2026, 10, 21, 10, 30);
  #stores: ObjectStore[] = [];
  #count = 0;

  constructor() {
    afterAll(async () => {
      for (const store of this.#stores) await store.close();
      rmSync(this.folder, { recursive: true, force: true });
    }, 120_000);
  }

  /** In a folder of its own, or in one that was used before. */
  async open(name?: string, options: Partial<ObjectStoreOptions> = {}): Promise<ObjectStore> {
    this.#count += 1;
    const top = path.join(this.folder, name ?? `store-${this.#count}`);
    const store = await ObjectStore.open({
      folder: path.join(top, 's3'),
      indexFolder: path.join(top, 'index'),
      archiveFolder: path.join(top, 'archive'),
      restoreDelayMs: 60_000,
      clock: () => this.nowMs,
      report: (line) => this.lines.push(line),
      ...options,
    });
    this.#stores.push(store);
    return store;
  }

  async close(store: ObjectStore): Promise<void> {
    this.#stores = this.#stores.filter((other) => other !== store);
    await store.close();
  }

  path(...names: readonly string[]): string {
    return path.join(this.folder, ...names);
  }
}

/** Files and empty folders below it, in order; those of `.headgate` only where it is asked for itself. */
export function tree(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(
      (entry) => !entry.isDirectory() || readdirSync(path.join(entry.parentPath, entry.name)).length === 0,
    )
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('.headgate'))
    .sort();
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What a client gets; undefined where there is no such object. */
export async function textOf(store: ObjectStore, bucket: string, key: string): Promise<string | undefined> {
  const entry = store.head(bucket, key);
  return entry && (await bytesOf(await store.read(bucket, entry))).toString();
}

export async function putText(store: ObjectStore, bucket: string, key: string, text: string) {
  return store.put({ bucket, key, body: [Buffer.from(text)] });
}
