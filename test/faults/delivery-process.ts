/**
 * The process that is killed: delivery as `headgate up` does it, fed with flows that nobody captured, at a clock that goes
 * a window further with each of them. It ends when it is told to finish and everything is delivered.
 */
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetworkView } from '../../src/command/capture/network-view.ts';
import { objectFolders } from '../../src/command/data-folders.ts';
import { Destinations, FlowLogs } from '../../src/delivery/index.ts';
import { Authorizer, ServiceAccess } from '../../src/iam/index.ts';
import { PlacedLogs } from '../../src/logs/index.ts';
import { ObjectStore } from '../../src/objects/index.ts';
import { queryMacros } from '../../src/query/index.ts';
import { Resources } from '../../src/resource/index.ts';
import { FlowSpool } from '../../src/spool/index.ts';
import { Store } from '../../src/store/index.ts';
import { DeliveryStreams } from '../../src/stream/index.ts';
import { testRows } from '../flow-rows.ts';
import { testNetwork } from '../test-network.ts';
import {
  delivered,
  faultPlace,
  interfaceIds,
  type LifeOptions,
  type Outside,
  type Told,
  targetName,
  windowSeconds,
} from './delivered.ts';
import { localRecords } from './local-records.ts';
import { makeResources } from './make-resources.ts';
import { randomOf } from './schedule.ts';

const options: LifeOptions = JSON.parse(process.argv[2]);
const tell = (told: Told): void => {
  writeSync(1, `${JSON.stringify(told)}\n`);
};
const report = (line: string): void => tell({ type: 'report', line });

let nowMs = options.firstWindow * windowSeconds * 1000;
const clock = (): number => nowMs;
let isFinishing = false;
createInterface({ input: process.stdin })
  .on('line', () => {
    isFinishing = true;
  })
  .on('close', () => process.exit(3));

const { folder, seed, endpoints } = options;
// Jitter too follows from the seed, and from where this life begins.
Math.random = randomOf(seed + options.firstFlow);
mkdirSync(folder, { recursive: true });
const view = new NetworkView({ ...faultPlace, azId: 'use1-az1' }, {}, () => undefined);
view.addCauses(['sg-1/ingress/default']);
const interfaces = interfaceIds.map((id, i) => ({ id, addresses: [`10.0.1.1${i}`] }));
view.load(testNetwork({ vpcId: 'vpc-1', account: faultPlace.accountId, interfaces }));

const store = await Store.open({
  directory: path.join(folder, 'store'),
  macros: queryMacros,
  threads: 1,
  report,
});
const placedLogs = new PlacedLogs({ store, report });
await placedLogs.at(faultPlace).begin();
const resources = await Resources.open(store);
const access = new ServiceAccess(resources, new Authorizer(resources));
const objects = await ObjectStore.open({ ...objectFolders(folder), restoreDelayMs: 0, report });
const ruleOf = (kind: Outside, match: string) => ({
  match,
  endpoint: endpoints[kind],
  forcePathStyle: true,
  region: faultPlace.region,
});
const destinations = new Destinations({
  place: faultPlace,
  rules: [
    ruleOf('bucket', `arn:aws:s3:::out-${seed}-*`),
    ruleOf('group', `arn:aws:logs:*:log-group:out-${seed}-*`),
    ruleOf('stream', `arn:aws:firehose:*:deliverystream/out-${seed}-*`),
  ],
  resources,
  logsAt: (place) => placedLogs.at(place),
  objects,
  streams: {
    putRecords: (...records) => streams.putRecords(...records),
    forgetOrigin: (...origin) => streams.forgetOrigin(...origin),
  },
  access,
  report,
  timeouts: { connect: 300, idle: 300, whole: 2000 },
});
const streams = await DeliveryStreams.open({
  resources,
  folder: path.join(folder, 'firehose'),
  objects,
  access,
  clock,
  pollMs: 20,
  report,
});
await makeResources({ resources, objects, streams, seed });
const spool = await FlowSpool.open({
  folder: options.spoolFolder,
  windowSeconds,
  names: view,
  maxBytes: options.spoolBytes,
  maxAgeMs: 30 * 86_400_000,
  clock,
  report,
});
spool.onLoss((losses) =>
  tell({
    type: 'losses',
    losses: losses.map(({ interfaceIndex, window, reason, flows, isUnknown }) => ({
      interfaceId: view.facts(interfaceIndex).interfaceId,
      window,
      reason,
      flows,
      ...(isUnknown && { isUnknown }),
    })),
  }),
);
const flowLogs = new FlowLogs({
  resources,
  place: faultPlace,
  view,
  windowSeconds,
  maxFlows: 65_536,
  spool,
  stateFolder: path.join(options.spoolFolder, 'flow-logs'),
  destinationOf: (resource, flowLog) => destinations.of(resource, flowLog),
  onNotice: report,
  nowMs: clock,
  waits: { retryMs: { first: 10, longest: 100 } },
});

const statesNow = () =>
  flowLogs.report().flowLogs.map(({ flowLogId, health, detail, delivery, heldPackets }) => ({
    name: delivered.find((one) => one.flowLogId === flowLogId)?.name ?? flowLogId,
    status: health.status,
    message: health.message,
    detail,
    ambiguous: delivery.ambiguous,
    undelivered: delivery.undelivered,
    waiting: delivery.waiting,
    segments: delivery.waitingSegments,
    held: heldPackets,
  }));
let lastTold = '';
const telling = setInterval(() => {
  const states = statesNow();
  const text = JSON.stringify(states);
  if (text !== lastTold) tell({ type: 'state', states });
  lastTold = text;
}, 30);

let nextFlow = options.firstFlow;
/** A window with some flows of each interface; of some none. */
async function feed(window: number, most: number): Promise<void> {
  nowMs = (window * windowSeconds + windowSeconds / 2) * 1000;
  const flows = interfaceIds.map((_, i) => {
    const count = Math.random() < 0.2 ? 0 : Math.floor(Math.random() * (most + 1));
    return Array.from({ length: count }, () => [i, nextFlow++] as const);
  });
  // In two pieces: a crash may come in between.
  const pieces = [flows.flat().filter((_, i) => i % 2 === 0), flows.flat().filter((_, i) => i % 2 === 1)];
  tell({ type: 'feeding', window, flows: flows.flat() });
  for (const piece of pieces) {
    if (piece.length > 0)
      await flowLogs.takeFlows(testRows(piece.map(([i, number]) => rowOf(window, i, number))));
    if (Math.random() < 0.3) await sleep(Math.random() * options.paceMs);
  }
  nowMs = (window + 1) * windowSeconds * 1000 + 2000;
  await flowLogs.closeWindows([{ window, covered: interfaceIds.map((_, i) => i) }], window + 1);
  tell({ type: 'sealed', window });
}

const rowOf = (window: number, interfaceIndex: number, packets: number) => ({
  interfaceIndex,
  window,
  packets,
  srcPort: packets % 65_536,
  dstPort: Math.floor(packets / 65_536) + 1,
  firstMs: window * windowSeconds * 1000 + 1000,
  lastMs: window * windowSeconds * 1000 + 2000,
});

let window = options.firstWindow;
// Before any window was closed nobody knows what is watched: a crash then tells of no interface.
if (options.firstFlow === 1) await feed(window++, 0);
tell({ type: 'ready' });
for (; !isFinishing; window++) {
  await feed(window, options.mostFlows);
  await sleep(options.paceMs);
}
// To the end of what is merged, and put into one object.
do await feed(window, 0);
while (++window % 10 !== 0);

const isDelivered = () => statesNow().every(({ waiting, segments, held }) => waiting + segments + held === 0);
while (!isDelivered()) await sleep(5);
for (let lap = 0; lap < 2000 && streams.status().some(({ bufferedRecords }) => bufferedRecords > 0); lap++) {
  nowMs += windowSeconds * 1000;
  await sleep(10);
}
clearInterval(telling);
const states = statesNow();
tell({ type: 'state', states });
await flowLogs.close();
await spool.close();
await streams.close();
await destinations.close();
const result = {
  states,
  records: await localRecords(placedLogs.at(faultPlace), objects, (one) => targetName(seed, one)),
};
writeFileSync(options.resultFile, JSON.stringify(result));
await objects.close();
await placedLogs.close();
await store.close();
tell({ type: 'drained' });
process.exit(0);
