// Puts records to a delivery stream, which delivers them, until it is killed; prints the lane and number of each record when it is acknowledged.
import path from 'node:path';
import { Authorizer } from '../dist/iam/index.js';
import { ServiceAccess } from '../dist/iam/service-access.js';
import { ObjectStore } from '../dist/objects/index.js';
import { Resources } from '../dist/resource/index.js';
import { Store } from '../dist/store/index.js';
import { DeliveryStreams } from '../dist/stream/index.js';

const [directory, lanes] = process.argv.slice(2);
const report = (line) => process.stdout.write(`report ${line}\n`);
const store = await Store.open({ directory: path.join(directory, 'store'), macros: [], threads: 1 });
const resources = await Resources.open(store);
const objects = await ObjectStore.open({
  folder: path.join(directory, 's3'),
  indexFolder: path.join(directory, 's3-index'),
  archiveFolder: path.join(directory, 'archive'),
  restoreDelayMs: 0,
  report: () => undefined,
});
const streams = await DeliveryStreams.open({
  resources,
  folder: path.join(directory, 'firehose'),
  objects,
  access: new ServiceAccess(resources, new Authorizer(resources)),
  pollMs: 5,
  report,
});
const at = { place: { accountId: '123456789012', region: 'us-east-1' }, name: 'flows' };
process.stdout.write('open\n');

/** Begins with the last number that was acknowledged: taken again, it would be there twice. */
async function put(lane, first) {
  for (let n = first; ; n++) {
    const records = [`${lane} ${n} a\n`, `${lane} ${n} b\n`.padStart(100_000)].map((text) =>
      Buffer.from(text),
    );
    await streams.putRecords(at, records, { source: `lane ${lane}`, sequence: 'all', number: [n, 0] });
    process.stdout.write(`${lane} ${n}\n`);
  }
}

await Promise.all(lanes.split(',').map((first, lane) => put(lane, Number(first))));
