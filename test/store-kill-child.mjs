// Commits seeded batches to a store until it is killed; prints the number of each commit when it is acknowledged.
import { defaultLogFormat } from '../dist/record/index.js';
import { Store } from '../dist/store/index.js';

const [directory, first] = process.argv.slice(2);
const hourMs = 3_600_000;
const baseMs = Date.UTC(2026, 10, 20, 7);

const store = await Store.open({
  directory,
  macros: [],
  recentRows: 2000,
  // Hours settle at once, so that segments are merged all the time.
  clock: () => baseMs + 10 * hourMs,
  report: (sentence) => process.stdout.write(`report ${sentence}\n`),
});
if (first === '1') {
  await store.commit({
    documents: [
      { put: 'formats', key: '1', value: { text: defaultLogFormat.text } },
      { put: 'logGroups', key: '1', value: { name: 'group' } },
      { put: 'logStreams', key: '1', value: { group: 1, name: 'stream' } },
    ],
  });
}
process.stdout.write('open\n');

/** Commit `n` has the document `n` and `1 + n % 700` rows, whose `packets` is `n` and whose `bytes` is the row. */
function commitOf(n) {
  const length = 1 + (n % 700);
  const zeros = new Int32Array(length);
  const timestampsMs = Float64Array.from(zeros, (_, row) => baseMs + (n % 3) * hourMs + row * 1000);
  const columns = defaultLogFormat.fields.map(({ token, type }) => {
    if (token === 'packets') return { type, values: new Float64Array(length).fill(n) };
    if (token === 'bytes') return { type, values: Float64Array.from(zeros, (_, row) => row) };
    if (type === 'int32') return { type, values: zeros };
    if (type === 'int64') return { type, values: new Float64Array(length) };
    if (!token.endsWith('addr')) return { type: 'text', codes: zeros, texts: [`${token} ${n % 5}`] };
    return { type: 'address', values: new Uint32Array(length), codes: zeros, texts: ['2001:db8::1'] };
  });
  const rows = [
    { kind: 'records', group: 1, stream: 1, ingestionMs: baseMs, format: 1, timestampsMs, columns },
  ];
  return { documents: [{ put: 'commits', key: String(n), value: { rows: length } }], rows };
}

async function work(start) {
  for (let n = start; ; n += 4) {
    await store.commit(commitOf(n));
    process.stdout.write(`${n}\n`);
    // Merging waits while rows come fast, but not for who asks.
    if (n % 40 === 0) await store.flush();
  }
}

await Promise.all([0, 1, 2, 3].map((lane) => work(Number(first) + lane)));
