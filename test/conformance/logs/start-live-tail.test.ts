import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  PutLogEventsCommand,
  StartLiveTailCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLong } from '../../runs.ts';
import { isRemote, refusal, ServedAccount } from '../server.ts';

const run = promisify(execFile);
const isThere = (program: string, ...args: string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  );
const hasBoto = await isThere(
  'python3',
  '-c',
  'import boto3; boto3.client("logs", "us-east-1").start_live_tail',
);
const hasCli = await isThere('aws', 'logs', 'start-live-tail', 'help');

let served: ServedAccount;
let logs: CloudWatchLogsClient;
let group: string;

beforeAll(async () => {
  served = await ServedAccount.open();
  logs = new CloudWatchLogsClient(served.client());
  group = served.name('tail');
  await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'stream' }));
});

afterAll(async () => {
  await logs.send(new DeleteLogGroupCommand({ logGroupName: group }));
  await served.close();
});

const groupArn = () => `arn:aws:logs:${served.region}:${served.accountId}:log-group:${group}`;

async function put(message: string): Promise<void> {
  const logEvents = [{ timestamp: Date.now(), message }];
  await logs.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: 'stream', logEvents }));
}

/** Puts it again and again until whoever tails has seen it. */
async function putUntil(message: string, seen: Promise<unknown>): Promise<void> {
  let isSeen = false;
  const noted = seen.then(() => {
    isSeen = true;
  });
  while (!isSeen) {
    await put(message);
    await Promise.race([noted, new Promise((resolve) => setTimeout(resolve, 300))]);
  }
}

function environment(): NodeJS.ProcessEnv {
  const { credentials, region, endpoint } = served.client();
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    PYTHONUNBUFFERED: '1',
  };
}

describe('behaviour', () => {
  it('the JS SDK sees the start of a session and what matches from then on', {
    timeout: 20_000,
  }, async () => {
    const { responseStream } = await logs.send(
      new StartLiveTailCommand({ logGroupIdentifiers: [groupArn()], logEventFilterPattern: 'wanted' }),
    );
    let started: unknown;
    const seen = (async () => {
      for await (const event of responseStream ?? []) {
        if (event.sessionStart) started = event.sessionStart;
        const [result] = event.sessionUpdate?.sessionResults ?? [];
        if (result) return result;
      }
      return undefined;
    })();
    await put('other');
    await putUntil('wanted', seen);
    expect(started).toMatchObject({
      logGroupIdentifiers: [groupArn()],
      logEventFilterPattern: 'wanted',
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await seen).toMatchObject({
      message: 'wanted',
      logStreamName: 'stream',
      timestamp: expect.any(Number),
      ingestionTime: expect.any(Number),
    });
  });

  // Programs of others start slowly: `npm run test:long` runs them.
  it.skipIf(isRemote || !isLong || !hasBoto)('boto3 does too', { timeout: 20_000 }, async () => {
    const program = `
import boto3, sys
answer = boto3.client('logs').start_live_tail(logGroupIdentifiers=[sys.argv[1]])
for event in answer['responseStream']:
    for result in event.get('sessionUpdate', {}).get('sessionResults', []):
        print(result['message'])
        sys.exit()
`;
    expect(await tailed('python3', ['-c', program, groupArn()], 'for boto3')).toContain('for boto3');
  });

  it.skipIf(isRemote || !isLong || !hasCli)('the AWS CLI does too', { timeout: 20_000 }, async () => {
    const args = ['logs', 'start-live-tail', '--log-group-identifiers', groupArn()];
    expect(await tailed('aws', args, 'for the CLI')).toContain('for the CLI');
  });

  it('a group that there is not', async () => {
    const logGroupIdentifiers = [`${groupArn()}-not`];
    expect(await refusal(logs.send(new StartLiveTailCommand({ logGroupIdentifiers })))).toMatchObject({
      code: 'ResourceNotFoundException',
      status: 400,
    });
  });
});

/** What a program has printed when the message was among it. */
async function tailed(program: string, args: readonly string[], message: string): Promise<string> {
  const child = spawn(program, args, { env: environment() });
  let printed = '';
  const note = (piece: unknown): void => {
    printed += String(piece);
  };
  child.stderr.on('data', note);
  const seen = new Promise<void>((resolve) => {
    child.stdout.on('data', (piece) => {
      note(piece);
      if (printed.includes(message)) resolve();
    });
    child.on('exit', () => resolve());
  });
  await putUntil(message, seen);
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return printed;
}
