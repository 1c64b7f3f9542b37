// Changes objects until it is killed; tells each change before it is asked for, and when it was acknowledged.
import path from 'node:path';
import { ObjectStore } from '../dist/objects/index.js';

const [folder, round] = process.argv.slice(2);
const store = await ObjectStore.open({
  folder: path.join(folder, 's3'),
  indexFolder: path.join(folder, 'index'),
  archiveFolder: path.join(folder, 'archive'),
  restoreDelayMs: 0,
  report: (line) => process.stdout.write(`report ${line}\n`),
});
await store.makeBucket('b');
process.stdout.write('open\n');

/** As long as its number says, in no relation to the one before. */
const contentOf = (lane, n) => Buffer.from(`${round}.${n}.${lane} `.repeat(1 + ((n * 7919) % 30_000)));

async function change(key, lane, n) {
  if (n % 5 === 4) {
    await store.remove('b', key);
    return;
  }
  if (n % 5 === 2) {
    const { uploadId } = await store.createUpload({ bucket: 'b', key, initiator: '' });
    const { etag } = await store.putPart({
      bucket: 'b',
      key,
      uploadId,
      partNumber: 1,
      body: [contentOf(lane, n)],
    });
    await store.completeUpload({ bucket: 'b', key, uploadId, parts: [{ partNumber: 1, etag }] });
    return;
  }
  const storageClass = n % 7 === 3 ? 'GLACIER' : 'STANDARD';
  await store.put({ bucket: 'b', key, body: [contentOf(lane, n)], storageClass });
}

async function work(key, lane) {
  for (let n = lane; ; n += 1) {
    process.stdout.write(`begin ${JSON.stringify([key, n % 5 === 4 ? '' : `${round}.${n}.${lane}`])}\n`);
    await change(key, lane, n);
    process.stdout.write(`end ${JSON.stringify(key)}\n`);
  }
}

await Promise.all(
  ['k', 'k/x', 'k/x/y', 'k/', 'other', `${'long'.repeat(60)}/z`].map((key, lane) => work(key, lane)),
);
