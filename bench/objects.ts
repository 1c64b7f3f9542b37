import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatCount, markdownTable } from './figures.ts';
import type { BucketToFill } from './fill-bucket.ts';
import { objectBytes } from './object-request.ts';
import { addTo, load, newRate, rateTable } from './rates.ts';
import { machineLine, writeSection } from './results-page.ts';
import { freshHeadgate, makeBucket } from './served-account.ts';
import { runProgram, ServerProgram } from './server-program.ts';
import { workPath } from './work-folder.ts';

const mebi = 1024 ** 2;
const bucket = 'bench';

/** Of S3's objects: what the section on the results page says. */
export async function benchObjects(rounds: number): Promise<void> {
  const parts = [
    machineLine(),
    await reportTransfers(rounds, { title: 'Objects of 64 MiB', unit: 'MiB/s', size: 64 * mebi, ...large }),
    await reportTransfers(rounds, { title: 'Objects of 64 KiB', unit: 'requests/s', size: 65_536, ...small }),
    await reportPages(),
  ];
  writeSection('objects', parts.join('\n\n'));
}

const large = { connections: 1, objects: 1, seconds: 5, perAnswer: 64 };
const small = { connections: 4, objects: 64, seconds: 3, perAnswer: 1 };

interface Transfers {
  readonly title: string;
  readonly unit: string;
  readonly size: number;
  readonly connections: number;
  readonly objects: number;
  readonly seconds: number;
  readonly perAnswer: number;
}

/** Objects of one size, put and read in turns by Headgate and by a server that only has files. */
async function reportTransfers(rounds: number, transfers: Transfers): Promise<string> {
  const { title, unit, size, connections, objects, seconds, perAnswer } = transfers;
  const headgate = await freshHeadgate('objects');
  await makeBucket(headgate, bucket);
  const files = workPath('objects-bare');
  rmSync(files, { recursive: true, force: true });
  const bare = await ServerProgram.bareFiles(files);
  const tables: string[] = [];
  for (const method of ['PUT', 'GET'] as const) {
    const rates = ['headgate up', 'bare node:http'].map(newRate);
    for (let round = 0; round < rounds; round++) {
      for (const [at, server] of [headgate, bare].entries()) {
        const requests = requestsOf(server, { method, size, objects });
        addTo(rates[at], await load(server, { connections, requests, seconds, warmUpSeconds: 1 }));
      }
    }
    tables.push(`${method}:`, rateTable(rates, unit, perAnswer));
  }
  await headgate.stop();
  await bare.stop();
  return [`### ${title}`, ...tables, `Connections: ${connections}. ${objects} keys in turn.`].join('\n\n');
}

function requestsOf(
  { signer }: ServerProgram,
  { method, size, objects }: Pick<Transfers, 'size' | 'objects'> & { readonly method: 'PUT' | 'GET' },
): string[] {
  const body = method === 'PUT' ? { body: Buffer.alloc(size, 'headgate ') } : {};
  return Array.from({ length: objects }, (_, at) =>
    objectBytes(signer, { method, target: `/${bucket}/object-${size}-${at}`, ...body }).toString('base64'),
  );
}

const counts = [10_000, 1_000_000];
/** Of so many objects, the last folder before the last thousand of them. */
const beforeEnd = (objects: number): string => `${999 - Math.ceil(1_000_000 / objects)}`.padStart(4, '0');

/** Queries with their names in order. */
const pages = (objects: number): Readonly<Record<string, string>> => ({
  beginning: 'list-type=2',
  middle: 'list-type=2&start-after=0500%2F',
  end: `list-type=2&start-after=${beforeEnd(objects)}%2F~`,
  'delimiter, beginning': 'delimiter=%2F&list-type=2',
  'delimiter, middle': 'delimiter=%2F&list-type=2&start-after=0500%2F',
  'delimiter, end': 'delimiter=%2F&list-type=2&start-after=0998%2F',
  'delimiter, in one folder': 'delimiter=%2F&list-type=2&prefix=0700%2F',
});

async function reportPages(): Promise<string> {
  const times = new Map<string, number[]>();
  for (const objects of counts) {
    const headgate = await filled(objects);
    for (const [name, query] of Object.entries(pages(objects))) {
      const request = { method: 'GET', target: `/${bucket}?${query}` } as const;
      const requests = [objectBytes(headgate.signer, request).toString('base64')];
      const { p50 } = await load(headgate, { connections: 1, requests, seconds: 1, warmUpSeconds: 0.5 });
      times.set(name, [...(times.get(name) ?? []), p50]);
    }
    await headgate.stop();
  }
  const rows = [...times].map(([name, [few, many]]) => [
    name,
    few.toFixed(1),
    many.toFixed(1),
    (many / few).toFixed(2),
  ]);
  const columns = counts.map((count) => `of ${formatCount(count)} objects, ms`);
  return [
    '### A page of 1,000 keys',
    markdownTable(['', ...columns, 'ratio'], rows),
    'The median over a second, through ListObjectsV2. Keys are in 1,000 folders: 10 in each of the few, 1,000 in each of the many, so that the page of one folder has 10 keys of the few.',
  ].join('\n\n');
}

/** `headgate up` over a bucket with so many objects, which are made once. */
async function filled(objects: number): Promise<ServerProgram> {
  const directory = workPath(`objects-${objects}`);
  if (existsSync(directory)) return ServerProgram.headgate(directory);
  const unfinished = `${directory}-unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const headgate = await ServerProgram.headgate(unfinished);
  await makeBucket(headgate, bucket);
  await headgate.stop();
  process.stderr.write(`making a bucket of ${objects} objects\n`);
  const folders = { folder: join(unfinished, 's3'), indexFolder: join(unfinished, 's3-index') };
  await runProgram('fill-bucket', { ...folders, bucket, objects } satisfies BucketToFill);
  renameSync(unfinished, directory);
  return ServerProgram.headgate(directory);
}
