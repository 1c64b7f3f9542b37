import { parseArgs } from 'node:util';
import { benchCaptureFile, describeTrace } from './capture-file.ts';
import { benchDelivery } from './delivery.ts';
import { ensureTrace } from './generate-trace.ts';
import { benchLive } from './live.ts';
import { benchObjects } from './objects.ts';
import { smokeObjects } from './objects-smoke.ts';
import { benchQuery } from './query.ts';
import { benchServer } from './server.ts';
import { smokeServer } from './server-smoke.ts';
import { smoke } from './smoke.ts';
import { benchStore } from './store.ts';
import { smokeStore } from './store-smoke.ts';
import { mixedTrace, smallTrace } from './traces.ts';
import { workPath } from './work-folder.ts';

const usage = `Usage: npm run bench -- [SECTION…] [--runs N] [--records N]

  generate      only make the traces
  capture-file  a generated and a real capture file, against softflowd and nfpcapd
  live          1 M packets/s over a veth pair (root)
  store         flow log records and their lines into the store, and what they take on disk
  query         ten questions in Insights QL, against SQL by hand and DuckDB on Parquet
  server        AWS's API beside a bare node:http server, the log store in process, and moto
  objects       S3's objects beside a bare node:http server with files, and pages of a million keys
  delivery      flows to log groups, buckets and streams, the spool, and memory while a bucket refuses
  smoke         a small trace, a small store, a server and objects: asserts sums, rows and answers, measures nothing

Without a section: all but generate and smoke. Figures go to bench/results.md. --runs is how often each is measured
(default 7 for capture-file, 3 for store, 5 for query, server and objects, 2 for delivery), --records how many there are for
store, query and server (10000000; lines are a fifth of that); a tenth of it is a window of delivery.
`;

function generate(): void {
  for (const [name, spec] of Object.entries({ mixed: mixedTrace, small: smallTrace })) {
    const trace = ensureTrace(workPath(`${name}.pcap`), spec);
    process.stdout.write(`${name}.pcap: ${describeTrace(trace)}\n`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      records: { type: 'string', default: '10000000' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const records = Number(values.records);
  const runs = (usual: number) => Number(values.runs ?? usual);
  const sections: Record<string, () => void | Promise<void>> = {
    generate,
    'capture-file': () => benchCaptureFile(runs(7)),
    live: benchLive,
    store: () => benchStore(records, runs(3)),
    query: () => benchQuery(records, runs(5)),
    server: () => benchServer(records, runs(5)),
    objects: () => benchObjects(runs(5)),
    delivery: () => benchDelivery(Math.round(records / 10), runs(2)),
    smoke: async () => {
      smoke();
      await smokeStore();
      await smokeServer();
      await smokeObjects();
    },
  };
  const chosen =
    positionals.length > 0
      ? positionals
      : ['capture-file', 'live', 'store', 'query', 'server', 'objects', 'delivery'];
  const unknown = chosen.filter((name) => !(name in sections));
  if (values.help || unknown.length > 0 || !(runs(1) >= 1) || !(records >= 1000)) {
    process.stderr.write(unknown.length > 0 ? `no section ${unknown.join(', ')}\n\n${usage}` : usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  for (const name of chosen) await sections[name]();
}

await main();
