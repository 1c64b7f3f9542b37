// Puts, reads, copies and uploads an object of so many MiB, and tells what that took of memory and of the event loop.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ObjectStore } from '../dist/objects/index.js';

const mebi = 1024 ** 2;
const size = Number(process.argv[2]) * mebi;
const partSize = Math.max(5 * mebi, size / 16);
const folder = mkdtempSync(path.join(tmpdir(), 'headgate-memory-'));
const store = await ObjectStore.open({
  folder: path.join(folder, 's3'),
  indexFolder: path.join(folder, 'index'),
  archiveFolder: path.join(folder, 'archive'),
  restoreDelayMs: 0,
  report: (line) => process.stderr.write(`${line}\n`),
});
await store.makeBucket('b');

/** As a socket gives it: new pieces of 64 KiB. */
async function* body(bytes) {
  for (let left = bytes; left > 0; left -= 65_536) {
    await new Promise(setImmediate);
    yield Buffer.alloc(Math.min(left, 65_536), left % 251);
  }
}

const report = {};
async function measured(name, action) {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  global.gc();
  const idle = process.memoryUsage().rss;
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const began = performance.now();
  await action();
  clearInterval(timer);
  delays.disable();
  report[name] = {
    seconds: (performance.now() - began) / 1000,
    overIdleMebi: Math.max(0, peak - idle) / mebi,
    longestTurnMs: delays.max / 1e6,
  };
}

let entry;
await measured('put', async () => {
  entry = await store.put({ bucket: 'b', key: 'put', body: body(size), checksum: { algorithm: 'CRC32' } });
});
await measured('get', async () => {
  const md5 = createHash('md5');
  for await (const piece of await store.read('b', entry)) md5.update(piece);
  if (md5.digest('hex') !== entry.etag) throw new Error('other bytes');
});
await measured('copy', () => store.copy({ source: { bucket: 'b', entry }, bucket: 'b', key: 'copy' }));
await measured('upload', async () => {
  const upload = { bucket: 'b', key: 'upload' };
  const { uploadId } = await store.createUpload({
    ...upload,
    initiator: '',
    checksum: { algorithm: 'CRC64NVME' },
  });
  const numbers = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index + 1);
  const parts = [];
  for (const partNumber of numbers) {
    parts.push(await store.putPart({ ...upload, uploadId, partNumber, body: body(partSize) }));
  }
  await store.completeUpload({
    ...upload,
    uploadId,
    parts: parts.map(({ partNumber, etag }) => ({ partNumber, etag })),
  });
});
await measured('remove', () => store.remove('b', 'put'));
await store.close();
rmSync(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify(report));
