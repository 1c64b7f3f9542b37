/** A process of its own that delivers flows of a mix, or does the least of it that cannot be spared. */
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { fields } from '../src/record/index.ts';
import type { DeliveryRun, DeliveryWay } from './delivery-run.ts';
import { ensureFlows, readFlows } from './flow-file.ts';
import { mixStartSeconds } from './flow-mix.ts';
import { deliveryMix } from './flow-mixes.ts';
import { flowRecords, streamNames } from './flow-records.ts';
import { ensureText } from './flow-text.ts';
import { MixRows } from './mix-rows.ts';
import {
  allowBucket,
  bucketFolder,
  groupName,
  OpenedDelivery as Opened,
  type OpenedDelivery,
  place,
  subscribe,
} from './opened-delivery.ts';
import { peakMegabytes } from './peak-memory.ts';
import { TurnTimes } from './turn-times.ts';

const mebibyte = 2 ** 20;
const way: DeliveryWay = JSON.parse(process.argv[2]);
const { directory, flows: flowsPerWindow, windows } = way;
const flows = ensureFlows(deliveryMix(flowsPerWindow * windows, windows));
const rows = new MixRows(flows);
/** The last window is the last of five minutes, in which AWS's objects end. */
const shiftSeconds = ((5 - (windows % 5)) % 5) * 60;
let nowMs = (mixStartSeconds + shiftSeconds) * 1000;
const residentMegabytes = () => process.memoryUsage.rss() / mebibyte;

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });

type Measured = Omit<DeliveryRun, 'peakMegabytes'>;

class Meter {
  readonly #turns = new TurnTimes();
  #began = 0;
  #cpu = process.cpuUsage();

  begin(): void {
    this.#began = performance.now();
    this.#cpu = process.cpuUsage();
    this.#turns.begin();
  }

  end(): Pick<DeliveryRun, 'seconds' | 'cpuSeconds' | 'turnMs' | 'longestMs'> {
    const { user, system } = process.cpuUsage(this.#cpu);
    const turns = this.#turns.end();
    return {
      seconds: (performance.now() - this.#began) / 1000,
      cpuSeconds: (user + system) / 1e6,
      turnMs: turns.p99,
      longestMs: turns.longest,
    };
  }
}
const meter = new Meter();

async function openDelivery(flowLog: Parameters<typeof Opened.open>[0]['flowLog']): Promise<OpenedDelivery> {
  return Opened.open({
    directory,
    rows,
    clock: () => nowMs,
    spoolBytes: way.spoolBytes ?? 2048 * mebibyte,
    flowLog,
    ...(way.isWide && { logFormat: wideFormat }),
  });
}

/** All that AWS had up to version 5: 29 fields. */
const wideFormat = fields
  .filter(({ origin, version }) => origin === 'aws' && version <= 5)
  .map(({ token }) => `\${${token}}`)
  .join(' ');

async function feed(
  { flowLogs }: Pick<OpenedDelivery, 'flowLogs'>,
  onSealed: () => Promise<void> = async () => undefined,
): Promise<number> {
  let count = 0;
  for (const window of readFlows(flows)) {
    for (const piece of rows.pieces(window, shiftSeconds)) {
      count += piece.count;
      await flowLogs.takeFlows(piece);
    }
    const number = (window.startSeconds + shiftSeconds) / 60;
    nowMs = (number + 1) * 60_000 + 500;
    await flowLogs.closeWindows([{ window: number, covered: [] }], number + 1);
    await onSealed();
  }
  return count;
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await sleep(2);
}

/** Puts what a stream has waiting into its bucket. */
async function drain({ streams }: OpenedDelivery): Promise<void> {
  nowMs += 120_000;
  await until(() =>
    streams.status().every(({ takenRecords, deliveredRecords }) => deliveredRecords >= takenRecords),
  );
}

/** From the first flow until the last record can be read where it belongs. */
async function deliver(
  flowLog: NonNullable<Parameters<typeof Opened.open>[0]['flowLog']>,
  begin: (opened: OpenedDelivery) => Promise<void>,
  finish: (opened: OpenedDelivery) => Promise<void>,
): Promise<Measured> {
  const opened = await openDelivery(flowLog);
  await begin(opened);
  meter.begin();
  const records = await feed(opened);
  const sealed = performance.now();
  await until(() => opened.isTaken);
  await finish(opened);
  const readableSeconds = (performance.now() - sealed) / 1000;
  const measured = meter.end();
  const told = opened.flowLogs.report().flowLogs[0];
  if (told.records.records < records * 0.5)
    throw new Error(`only ${told.records.records} records of ${records} flows`);
  await opened.close();
  const kept =
    flowLog.LogDestinationType === 'cloud-watch-logs' ? join(directory, 'store') : bucketFolder(directory);
  return { ...measured, readableSeconds, records: told.records.records, keptBytes: bytesIn(kept) };
}

const nothing = async (): Promise<void> => undefined;
const toBucket = (FileFormat: 'plain-text' | 'parquet') => () =>
  deliver(
    {
      LogDestinationType: 's3',
      DestinationOptions: { FileFormat, HiveCompatiblePartitions: false, PerHourPartition: false },
    },
    nothing,
    nothing,
  );
const subscribed = (pattern: string) => () =>
  deliver(
    { LogDestinationType: 'cloud-watch-logs' },
    (opened) => subscribe(opened, pattern),
    async (opened) => {
      await until(() => opened.logs.subscriptions().every(({ behind }) => behind === 0));
      await drain(opened);
      // The first is a message that says that the filter is there.
      if (!opened.streams.status().every(({ takenRecords }) => takenRecords > 1))
        throw new Error('no event came through the subscription filter');
    },
  );

const ways: Readonly<Record<string, () => Promise<Measured>>> = {
  group: () => deliver({ LogDestinationType: 'cloud-watch-logs' }, nothing, nothing),
  text: toBucket('plain-text'),
  parquet: toBucket('parquet'),
  stream: () => deliver({ LogDestinationType: 'kinesis-data-firehose' }, nothing, drain),
  'subscribed-all': subscribed(''),
  'subscribed-reject': subscribed('[v, a, i, s, d, sp, dp, pr, p, b, st, en, action=REJECT, status]'),
  'put-records': putRecords,
  'gzip-lines': gzipLines,
  'spool-in': spoolIn,
  'spool-out': spoolOut,
  'bytes-in': bytesIntoFile,
  'bytes-out': bytesOutOfFile,
  down,
};

/** The store alone takes the records of the mix. */
async function putRecords(): Promise<Measured> {
  const opened = await openDelivery(undefined);
  await opened.logs.at(place).ensureLogGroup(groupName);
  meter.begin();
  let records = 0;
  for (const window of readFlows(flows)) {
    records += window.length;
    await opened.logs.at(place).putRecords({
      logGroupName: groupName,
      logStreamName: streamNames(flows, window),
      records: flowRecords(flows, window),
    });
  }
  const measured = meter.end();
  await opened.close();
  return { ...measured, records };
}

/** The lines of the mix, which are there, through gzip into a file. */
async function gzipLines(): Promise<Measured> {
  const text = ensureText(flows);
  const file = join(directory, 'lines.gz');
  meter.begin();
  await pipeline(
    createReadStream(text, { highWaterMark: mebibyte }),
    createGzip({ level: 2 }),
    createWriteStream(file),
  );
  await synced(file);
  return { ...meter.end(), records: flows.spec.records, keptBytes: statSync(file).size };
}

async function synced(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.sync();
  await handle.close();
}

async function spoolIn(): Promise<Measured> {
  const opened = await openDelivery(undefined);
  meter.begin();
  const records = await feed({ flowLogs: opened.flowLogs });
  const measured = meter.end();
  await opened.close();
  return { ...measured, records };
}

/** As a flow log reads it. */
async function spoolOut(): Promise<Measured> {
  const opened = await openDelivery({ LogDestinationType: 's3' });
  await allowBucket(opened.resources, false);
  await feed(opened);
  const { spool } = opened;
  meter.begin();
  let records = 0;
  for (let number = spool.first; number < spool.next; number++) {
    for await (const piece of (await spool.read(number)).pieces()) records += piece.count;
  }
  const measured = meter.end();
  process.stdout.write(`${JSON.stringify({ ...measured, records, peakMegabytes: peakMegabytes() })}\n`);
  process.exit(0);
}

/** A file for each window, synced. */
async function bytesIntoFile(): Promise<Measured> {
  meter.begin();
  const records = await writeRows();
  return { ...meter.end(), records };
}

async function writeRows(): Promise<number> {
  let records = 0;
  for (const [i, window] of [...readFlows(flows)].entries()) {
    const handle = await open(join(directory, `${i}.rows`), 'w');
    for (const { words, count } of rows.pieces(window, shiftSeconds)) {
      records += count;
      await handle.write(new Uint8Array(words.buffer, 0, count * 128));
    }
    await handle.sync();
    await handle.close();
  }
  return records;
}

async function bytesOutOfFile(): Promise<Measured> {
  const records = await writeRows();
  meter.begin();
  for (const name of readdirSync(directory)) await readFile(join(directory, name));
  return { ...meter.end(), records };
}

/** A bucket that refuses all until the spool is full and gives up its oldest windows. */
async function down(): Promise<Measured> {
  const opened = await openDelivery({ LogDestinationType: 's3' });
  await allowBucket(opened.resources, false);
  const idleMegabytes = residentMegabytes();
  let downMegabytes = 0;
  meter.begin();
  const fed = await feed(opened, async () => {
    await sleep(20);
    downMegabytes = Math.max(downMegabytes, residentMegabytes());
  });
  const { droppedSegments, segments } = opened.flowLogs.report().spool;
  await allowBucket(opened.resources, true);
  await until(() => opened.isTaken);
  const measured = meter.end();
  await sleep(500);
  const afterMegabytes = residentMegabytes();
  await opened.close();
  return {
    ...measured,
    records: fed,
    memory: { idleMegabytes, downMegabytes, afterMegabytes, droppedSegments, segments },
  };
}

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const run = await ways[way.name]();
process.stdout.write(`${JSON.stringify({ ...run, peakMegabytes: peakMegabytes() })}\n`);
process.exit(0);
