import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { formatCount, formatSpread, markdownTable, spread } from './figures.ts';
import type { LoadResult } from './load.ts';
import { measuredRun } from './measured-run.ts';
import type { LinesPut, LinesToPut, PutBatch } from './put-lines.ts';
import { askServer, pollMs, type Turns, type TurnTimes } from './query-turns.ts';
import { questions } from './questions.ts';
import { addTo, load, newRate, rateTable } from './rates.ts';
import { machineLine, versionLine, writeSection } from './results-page.ts';
import { flowLogCount, freshHeadgate, makeFlowLogs, makeStreams, putBatches } from './served-account.ts';
import { ensureMoto, runProgram, ServerProgram } from './server-program.ts';
import { bytesOf, sign } from './signed-request.ts';
import { workPath } from './work-folder.ts';

const measuredSeconds = 2;
const warmUpSeconds = 2;
const describeConnections = 8;
const putConnections = 4;

/** Of the server beside others: what the section on the results page says. */
export async function benchServer(records: number, rounds: number): Promise<void> {
  const moto = await ensureMoto();
  const parts = [
    machineLine(),
    await reportDescribe(rounds, moto),
    await reportPut(rounds, moto),
    await reportStart(rounds),
    await reportQueries(records, rounds),
    await reportLatency(records),
  ];
  writeSection('server', parts.join('\n\n'));
}

async function reportDescribe(rounds: number, moto: string | undefined): Promise<string> {
  const headgate = await freshHeadgate('server-describe');
  await makeFlowLogs(headgate);
  const answerFile = workPath('describe-answer.xml');
  writeFileSync(answerFile, await headgate.ec2('DescribeFlowLogs'));
  const contenders: [string, ServerProgram][] = [
    ['headgate up', headgate],
    ['bare node:http', await ServerProgram.bare('form', answerFile)],
  ];
  if (moto !== undefined) {
    const server = await ServerProgram.moto(moto);
    await makeFlowLogs(server);
    contenders.push(['moto', server]);
  }
  const rates = contenders.map(([name]) => newRate(name));
  for (let round = 0; round < rounds; round++) {
    for (const [at, [, server]] of contenders.entries()) {
      addTo(rates[at], await loaded(server, describeConnections, describeRequests(server)));
    }
  }
  for (const [, server] of contenders) await server.stop();
  return [
    `### DescribeFlowLogs with ${flowLogCount} flow logs`,
    rateTable(rates, 'requests/s', 1),
    `${describeConnections} connections. ${motoLine(moto)}`,
  ].join('\n\n');
}

async function reportPut(rounds: number, moto: string | undefined): Promise<string> {
  const batches = putBatches();
  const rates = ['headgate up', 'in process', 'bare node:http', 'moto'].map(newRate);
  const [served, inProcess, bare, motos] = rates;
  const answerFile = workPath('put-answer.json');
  for (let round = 0; round < rounds; round++) {
    const headgate = await freshHeadgate('server-put');
    await makeStreams(headgate);
    writeFileSync(answerFile, JSON.stringify(await headgate.logs('PutLogEvents', { ...batches[0] })));
    addTo(served, await loaded(headgate, putConnections, putRequests(headgate, batches)));
    await headgate.stop();
    const directory = workPath('server-put-store');
    const lines: LinesToPut = {
      directory,
      batches,
      atATime: putConnections,
      seconds: measuredSeconds,
      warmUpSeconds,
    };
    const put = await runProgram<LinesPut>('put-lines', lines);
    addTo(inProcess, { ...put, serverCpuSeconds: put.cpuSeconds });
    const server = await ServerProgram.bare('json', answerFile);
    addTo(bare, await loaded(server, putConnections, putRequests(server, batches)));
    await server.stop();
  }
  if (moto !== undefined) {
    // One round: it keeps all that it is given in memory.
    const server = await ServerProgram.moto(moto);
    await makeStreams(server);
    addTo(motos, await loaded(server, putConnections, putRequests(server, batches)));
    await server.stop();
  }
  return [
    '### PutLogEvents of 1,000 flow log lines',
    rateTable(
      rates.filter(({ perSecond }) => perSecond.length > 0),
      'lines/s',
      batches[0].logEvents.length,
    ),
    `${putConnections} connections, and as many batches at a time in the process that calls \`Logs.putLogEvents\`; each answers when the events are durable. A new store for each round; moto, which keeps them in memory, is measured once.`,
  ].join('\n\n');
}

async function reportStart(rounds: number): Promise<string> {
  const first: number[] = [];
  const again: number[] = [];
  const resident: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const directory = workPath('server-start');
    rmSync(directory, { recursive: true, force: true });
    for (const times of [first, again]) {
      const start = performance.now();
      const headgate = await ServerProgram.headgate(directory);
      await headgate.ec2('DescribeFlowLogs');
      times.push((performance.now() - start) / 1000);
      if (times === again) {
        await setTimeout(2000);
        resident.push(headgate.residentMegabytes);
      }
      await headgate.stop();
    }
  }
  const row = (name: string, values: readonly number[], digits: number) => [
    name,
    formatSpread(spread(values), digits),
  ];
  return [
    '### Start',
    markdownTable(
      ['', 'figure'],
      [
        row('launch of the program to an answered DescribeFlowLogs, new data folder, s', first, 2),
        row('the same, second start, s', again, 2),
        row('RSS two seconds later, MiB', resident, 0),
      ],
    ),
  ].join('\n\n');
}

/** A data folder whose store holds the records, for a server that may change it. */
function dataFolder(records: number, name: string): string {
  const pristine = workPath(`server-store-${records}`);
  if (!existsSync(pristine)) {
    process.stderr.write(`making a store of ${records} records\n`);
    const script = workPath('js', 'bench', 'store-ingest.js');
    const run = measuredRun(['node', script, 'records', String(records), pristine]);
    if (run.exitCode !== 0) throw new Error(`store-ingest ended with ${run.exitCode}:\n${run.stderr}`);
  }
  const folder = workPath(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(pristine, `${folder}/store`, { recursive: true });
  return folder;
}

const readsText: ReadonlySet<string> = new Set(['message-regex', 'parse']);

async function reportQueries(records: number, rounds: number): Promise<string> {
  const headgate = await ServerProgram.headgate(dataFolder(records, 'server-queries'));
  const asked = questions().filter(({ name }) => !readsText.has(name));
  const turns: Turns = {
    directory: `${dataFolder(records, 'server-queries-itself')}/store`,
    signer: headgate.signer,
    queryStrings: asked.map(({ insights }) => insights),
    rounds,
  };
  const times = await runProgram<TurnTimes[]>('query-turns', turns);
  await headgate.stop();
  const milliseconds = (values: readonly number[]) =>
    formatSpread(spread(values.map((value) => value * 1000)), 0);
  const rows = times.map(({ rows: found, itself, served }, at) => [
    asked[at].name,
    formatCount(found),
    milliseconds(itself),
    milliseconds(served),
    milliseconds(served.map((value, round) => value - itself[round])),
  ]);
  return [
    `### StartQuery to result, ${formatCount(records)} records`,
    markdownTable(['', 'rows', 'the query itself, ms', 'through the API, ms', 'difference, ms'], rows),
    `In turn, after one round that is not counted: \`Logs.runQuery\` in a process with a store of its own, and StartQuery and GetQueryResults every ${pollMs} ms of a server over a copy of it. The difference is the median of the rounds' differences. Questions that read the text of each message take seconds, and are left out.`,
  ].join('\n\n');
}

/** What comes in while latency is measured: batches of 1,000 lines. */
const ingestedBatchesPerSecond = 20;
const askedPerSecond = 200;
const latencySeconds = 8;

async function reportLatency(records: number): Promise<string> {
  const headgate = await ServerProgram.headgate(dataFolder(records, 'server-latency'));
  const batches = putBatches();
  await makeFlowLogs(headgate);
  await makeStreams(headgate);
  const measure = () =>
    load(headgate, {
      connections: 4,
      requests: describeRequests(headgate),
      seconds: latencySeconds,
      warmUpSeconds,
      ratePerSecond: askedPerSecond,
    });
  const idle = await measure();
  let isOver = false;
  let queries = 0;
  const asking = (async () => {
    const [{ insights }] = questions();
    for (; !isOver; queries++) await askServer(headgate.signer, insights);
  })();
  const [busy, ingest] = await Promise.all([
    measure(),
    load(headgate, {
      connections: 2,
      requests: putRequests(headgate, batches),
      seconds: latencySeconds,
      warmUpSeconds,
      ratePerSecond: ingestedBatchesPerSecond,
    }),
  ]);
  isOver = true;
  await asking;
  await headgate.stop();
  const lines = Math.round((ingest.answers / ingest.seconds) * batches[0].logEvents.length);
  const row = (name: string, { p50, p99, max }: LoadResult) => [
    name,
    ...[p50, p99, max].map((value) => value.toFixed(1)),
    (p99 / idle.p99).toFixed(1),
  ];
  return [
    '### Latency of DescribeFlowLogs',
    markdownTable(
      ['', 'median, ms', 'p99, ms', 'highest, ms', 'p99 / idle'],
      [row('idle', idle), row('under ingestion and a query', busy)],
    ),
    `${askedPerSecond} requests/s for ${latencySeconds} s over 4 connections, each measured from when it was due; meanwhile ${formatCount(lines)} lines/s by PutLogEvents and, without a pause, a query over ${formatCount(records)} records (${queries} of them).`,
  ].join('\n\n');
}

function describeRequests({ signer }: ServerProgram): string[] {
  const request = { service: 'ec2', operation: 'DescribeFlowLogs', input: {} } as const;
  return [bytesOf(sign(signer, request)).toString('base64')];
}

function putRequests({ signer }: ServerProgram, batches: readonly PutBatch[]): string[] {
  return batches.map((input) =>
    bytesOf(sign(signer, { service: 'logs', operation: 'PutLogEvents', input: { ...input } })).toString(
      'base64',
    ),
  );
}

/** As fast as it answers. */
function loaded(
  server: ServerProgram,
  connections: number,
  requests: readonly string[],
): Promise<LoadResult> {
  return load(server, { connections, requests, seconds: measuredSeconds, warmUpSeconds });
}

function motoLine(moto: string | undefined): string {
  if (moto === undefined) return 'moto could not be installed.';
  const version = versionLine(`${moto}/bin/pip`, ['show', 'moto'], /(?<=Version: )\S+/);
  return `moto is version ${version}, with its own server.`;
}
