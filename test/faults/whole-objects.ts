import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { delivered, targetName } from './delivered.ts';
import type { OutsideServer } from './outside.ts';
import { recordedObject } from './recorded.ts';

const lapMs = 150;

/** Looks at the buckets of a schedule all the time: what is listed is whole. */
export class WholeObjects {
  readonly broken: string[] = [];
  readonly #seen = new Set<string>();
  readonly #outside: OutsideServer;
  readonly #seed: number;
  readonly #folder: string;
  readonly #looking: Promise<void>;
  #isEnded = false;

  /** @param folder the data folder of Headgate's own buckets, whose files are the objects */
  constructor(outside: OutsideServer, seed: number, folder: string) {
    this.#outside = outside;
    this.#seed = seed;
    this.#folder = folder;
    this.#looking = this.#look();
  }

  /** Gives how many objects were seen. */
  async end(): Promise<number> {
    this.#isEnded = true;
    await this.#looking;
    return this.#seen.size;
  }

  async #look(): Promise<void> {
    const targets = delivered.filter(({ kind }) => kind === 'bucket');
    for (let isLast = false; ; ) {
      for (const one of targets) {
        const bucket = targetName(this.#seed, one);
        if (one.isOutside) {
          for await (const [key, bytes, etag] of this.#outside.objects(bucket, this.#seen)) {
            await this.#check(key, bytes, `${key} ${etag}`);
          }
        } else await this.#lookAtFiles(path.join(this.#folder, 's3', bucket));
      }
      if (isLast) return;
      isLast = this.#isEnded;
      if (!isLast) await sleep(lapMs);
    }
  }

  async #lookAtFiles(folder: string): Promise<void> {
    for (const name of filesIn(folder)) {
      const file = path.join(folder, name);
      const version = versionOf(file);
      if (version === undefined || this.#seen.has(version)) continue;
      const bytes = readIfThere(file);
      if (bytes) await this.#check(name, bytes, version);
    }
  }

  async #check(key: string, bytes: Uint8Array, version: string): Promise<void> {
    this.#seen.add(version);
    await recordedObject(key, bytes).catch((error: Error) => {
      this.broken.push(`object ${key} of ${bytes.length} bytes was there, but not whole: ${error.message}`);
    });
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.log\.\w+$/.test(name),
    );
  } catch {
    return [];
  }
}

function versionOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat && `${file} ${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function readIfThere(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
