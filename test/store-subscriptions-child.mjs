// Puts numbered events to a group with a subscription filter until it is killed; prints what was acknowledged. What
// the filter delivers goes to the end of a file.
import { appendFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PlacedLogs } from '../dist/logs/index.js';
import { queryMacros } from '../dist/query/index.js';
import { Store } from '../dist/store/index.js';

const [directory, file, first] = process.argv.slice(2);
const store = await Store.open({ directory, macros: queryMacros, recentRows: 2000, threads: 1 });
const placed = new PlacedLogs({ store });
const logs = placed.at({ accountId: '123456789012', region: 'eu-central-1' });
let puts = 0;
logs.beginSubscriptions(
  {
    check: async () => {},
    put: async (_arn, _role, _source, records) => {
      // Now and then it does not take what it is given, or is slow.
      if (++puts % 7 === 0) throw new Error('not now');
      if (puts % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const lines = records.flatMap((record) => JSON.parse(gunzipSync(record).toString()).logEvents);
      appendFileSync(file, lines.map(({ message }) => `${message}\n`).join(''));
    },
  },
  { lingerMs: 2, firstRetryMs: 2, lastRetryMs: 10, pageEvents: 50 },
);
const logGroupName = 'g';
if (first === '0') {
  await logs.createLogGroup({ logGroupName });
  for (const logStreamName of ['s', 't']) await logs.createLogStream({ logGroupName, logStreamName });
  const filter = {
    logGroupName,
    filterName: 'f',
    filterPattern: '-"5"',
    roleArn: 'arn:aws:iam::123456789012:role/r',
  };
  const destinationArn = 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/d';
  while (logs.describeSubscriptionFilters({ logGroupName }).subscriptionFilters.length === 0) {
    await logs.putSubscriptionFilter({ ...filter, destinationArn }).catch(() => undefined);
  }
}
process.stdout.write('open\n');

for (let n = Number(first); ; n += 10) {
  const logEvents = Array.from({ length: 10 }, (_, i) => ({
    timestamp: Date.now(),
    message: `event ${n + i}.`,
  }));
  await logs.putLogEvents({ logGroupName, logStreamName: n % 3 === 0 ? 's' : 't', logEvents });
  process.stdout.write(`${n + 10}\n`);
  if (n % 200 === 0) await store.flush();
}
