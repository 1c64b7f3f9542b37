// Captures windows, or none with `drain`, and delivers them to three destinations until it is killed, or all is delivered.
// Prints the number of each segment when it is sealed.
import { appendFileSync, copyFileSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { NetworkView } from '../dist/command/capture/network-view.js';
import { FlowLogRun } from '../dist/delivery/flow-log-run.js';
import { originOf } from '../dist/delivery/record-origin.js';
import { Turns } from '../dist/delivery/turns.js';
import { flowRows, rowBytes, rowWords } from '../dist/flow/index.js';
import { runnableFlowLog } from '../dist/flowlog/index.js';
import { PlacedLogs } from '../dist/logs/index.js';
import { queryMacros } from '../dist/query/index.js';
import { defaultLogFormat, renderLines } from '../dist/record/index.js';
import { FlowSpool } from '../dist/spool/index.js';
import { Store } from '../dist/store/index.js';

const [folder, mode] = process.argv.slice(2);
const firstWindow = 28_000_000;
const nowMs = () => firstWindow * 60_000 + 86_400_000;
const place = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };
const report = (line) => process.stdout.write(`report ${line}\n`);

const view = new NetworkView(place, {}, () => undefined);
view.addCauses(['cause']);
view.load({
  origin: 'made-up',
  vpcs: [],
  subnets: [],
  networkInterfaces: [{ NetworkInterfaceId: 'eni-a', VpcId: 'vpc-1', SubnetId: 'subnet-1' }],
  securityGroups: [],
  networkAcls: [],
  routeTables: [],
  securityGroupRules: [],
  instances: [],
  prefixLists: new Map(),
});

const store = await Store.open({
  directory: path.join(folder, 'store'),
  macros: queryMacros,
  threads: 1,
  clock: nowMs,
  report,
});
const placedLogs = new PlacedLogs({ store, clock: nowMs, report });
const logs = placedLogs.at(place);
await logs.ensureLogGroup('flows', { deliveryFormat: defaultLogFormat });
const spool = await FlowSpool.open({
  folder: path.join(folder, 'spool'),
  windowSeconds: 60,
  names: view,
  maxBytes: 2 ** 26,
  maxAgeMs: 1e12,
  clock: nowMs,
  report: () => undefined,
});
const stateFolder = path.join(folder, 'spool', 'flow-logs');
mkdirSync(stateFolder, { recursive: true });
mkdirSync(path.join(folder, 'bucket'), { recursive: true });

const destinations = {
  logs: {
    takes: 'records',
    remembers: true,
    deliver: async ({ id, records }) => {
      const request = { logGroupName: 'flows', logStreamName: 'eni-a-all', records, origin: originOf(id) };
      await logs.putRecords(request);
      return { kind: 'delivered' };
    },
  },
  bucket: {
    takes: 'objects',
    prefix: '',
    put: async ({ key, file }) => {
      const name = path.join(folder, 'bucket', path.basename(key));
      copyFileSync(file, `${name}.part`);
      renameSync(`${name}.part`, name);
      return { kind: 'delivered' };
    },
  },
  file: {
    takes: 'records',
    deliver: async ({ id, records }) => {
      const text = renderLines(records, { header: false });
      appendFileSync(path.join(folder, 'taken'), `${id.segment}/${id.piece}\n${text}`);
      return { kind: 'delivered' };
    },
  },
};
const runs = Object.entries(destinations).map(([name, destination]) => {
  const resource = {
    FlowLogId: `fl-${name}`,
    ResourceId: 'eni-a',
    resourceType: 'NetworkInterface',
    TrafficType: 'ALL',
    LogFormat: defaultLogFormat.text,
    MaxAggregationInterval: 60,
  };
  return new FlowLogRun({
    resource,
    flowLog: runnableFlowLog(resource),
    place,
    view,
    windowSeconds: 60,
    maxFlows: 4096,
    spool,
    destination,
    stateFolder,
    nowMs,
    retryMs: { first: 1, longest: 10 },
    idleMs: 1e6,
    endMs: 10_000,
    deletedMs: 10_000,
    inTurn: new Turns().take,
    onNotice: report,
    onKept: () => {
      const before = Math.min(spool.next, ...runs.map(({ neededFrom }) => neededFrom));
      spool.release(before).catch((error) => report(error.message));
    },
  });
});
spool.onSealed(() => {
  for (const run of runs) run.noteSealed();
});
process.stdout.write('open\n');

if (mode === 'drain') {
  await spool.closeWindows([], Number.POSITIVE_INFINITY);
  for (;;) {
    const waiting = runs
      .map((run) => run.report().delivery)
      .filter((one) => one.waiting + one.waitingSegments);
    if (waiting.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  process.stdout.write(`ambiguous ${runs[2].report().delivery.ambiguous}\n`);
  for (let nextToken; ; ) {
    const token = nextToken ? { nextToken } : {};
    const page = await logs.filterLogEvents({ logGroupName: 'flows', limit: 10_000, ...token });
    for (const { message } of page.events) process.stdout.write(`event ${message}\n`);
    nextToken = page.nextToken;
    if (!nextToken) break;
  }
  for (const run of runs) await run.end();
  await spool.close();
  await placedLogs.close();
  await store.close();
} else {
  /** Segment `n` has `1 + n % 40` rows: the source port is `n`, the destination port the row. */
  for (let n = spool.next; ; n++) {
    const window = firstWindow + n;
    const count = 1 + (n % 40);
    const rows = flowRows(new ArrayBuffer(count * rowBytes), count);
    for (let i = 0; i < count; i++) {
      rows.words[i * rowWords + 8] = (n << 16) | i;
      rows.words[i * rowWords + 10] = 6;
      rows.words[i * rowWords + 11] = window;
      rows.words[i * rowWords + 16] = -1;
      rows.words[i * rowWords + 19] = 0x100;
      const float = (i * rowWords) / 2;
      rows.floats.set([1, 1, window * 60_000, window * 60_000 + 1000], float + 12);
    }
    await spool.takeFlows(rows);
    await spool.closeWindows([{ window, covered: [0] }], window + 1);
    process.stdout.write(`${n}\n`);
  }
}
