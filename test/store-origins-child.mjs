// Puts records of two sources, each batch two times and more, until it is killed; prints what was acknowledged.
import { Logs } from '../dist/logs/index.js';
import { queryMacros } from '../dist/query/index.js';
import { parseHeader, parseLines } from '../dist/record/index.js';
import { Store } from '../dist/store/index.js';

const [directory, ...firsts] = process.argv.slice(2);
const store = await Store.open({ directory, macros: queryMacros, recentRows: 2000, threads: 1 });
const logs = new Logs({ store, accountId: '123456789012', region: 'eu-central-1' });
const format = parseHeader('start srcport dstport action');
process.stdout.write('open\n');

/** Batch `n` of a source has `1 + n % 50` records, whose source port is `n` and whose destination port is the row. */
function put(source, n) {
  const length = 1 + (n % 50);
  const lines = Array.from({ length }, (_, row) => `${1_600_000_000 + n} ${n} ${row} ACCEPT`);
  const zeros = new Float64Array(length);
  return logs.putRecords({
    logGroupName: `group-${source}`,
    logStreamName: lines.map((_, row) => `eni-${n % 7}-${row % 3}`),
    records: {
      ...parseLines(lines.join('\n'), format),
      interfaceIds: lines.map(() => 'eni'),
      endSeconds: zeros,
      packets: zeros,
      bytes: zeros,
    },
    origin: { source: `fl-${source}`, sequence: 'a', number: [n >> 2, n & 3] },
  });
}

async function work(source) {
  for (let n = Number(firsts[source]); ; n++) {
    await Promise.all([put(source, n), put(source, n)]);
    process.stdout.write(`${source} ${n}\n`);
    await put(source, n - (n % 3));
    if (n % 50 === 0) await store.flush();
  }
}

await Promise.all([work(0), work(1)]);
