/** A process of its own that fills a bucket with empty objects in 1,000 folders, as if they had been put. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectIndex } from '../src/objects/object-index.ts';

/** What standard input holds, as JSON. */
export interface BucketToFill {
  /** Of objects, and of their index. */
  readonly folder: string;
  readonly indexFolder: string;
  readonly bucket: string;
  readonly objects: number;
}

const emptyEtag = 'd41d8cd98f00b204e9800998ecf8427e';
const together = 50_000;

async function fill({ folder, indexFolder, bucket, objects }: BucketToFill): Promise<void> {
  const index = new ObjectIndex(indexFolder, () => undefined);
  const parents = Array.from({ length: Math.min(1000, objects) }, (_, at) => `${at}`.padStart(4, '0'));
  for (const parent of parents) mkdirSync(join(folder, bucket, parent), { recursive: true });
  const nowMs = Date.now();
  for (let from = 0; from < objects; from += together) {
    const keys = Array.from(
      { length: Math.min(together, objects - from) },
      (_, at) => `${parents[(from + at) % parents.length]}/${from + at}`,
    );
    for (const key of keys) writeFileSync(join(folder, bucket, key), '');
    await index.commit(() => {
      for (const [at, key] of keys.entries()) {
        index.objects.put(Buffer.from(`${bucket}\0${key}`), {
          size: 0,
          lastModifiedMs: nowMs,
          etag: emptyEtag,
          storageClass: 'STANDARD',
          version: `${from + at}`.padStart(32, '0'),
        });
      }
    });
  }
  await index.close();
}

await fill(JSON.parse(readFileSync(0, 'utf8')) as BucketToFill);
process.stdout.write('{}\n');
