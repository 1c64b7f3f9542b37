import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CreateFlowLogsCommand, DescribeFlowLogsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { type WrittenFrame, writePcap } from '../capture-file-writer.ts';
import { udpPacket } from '../frames.ts';
import { isLong } from '../runs.ts';
import { eni, frame, startSeconds } from './captures.ts';
import { linesOfText } from './delivered.ts';
import { Scratch } from './headgate.ts';
import { Up } from './up.ts';

const scratch = new Scratch();
const header =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

/** Fifty flows in a minute of the capture, told by their port. */
const minute = (number: number): WrittenFrame[] =>
  Array.from({ length: 50 }, (_, i) =>
    frame(
      number * 60 + 1 + i,
      udpPacket({ src: '10.0.1.5', dst: '10.0.1.9', srcPort: 1000 + number * 50 + i, dstPort: 53 }),
    ),
  );
const bytesOf = (frames: readonly WrittenFrame[]): Uint8Array => writePcap(frames).subarray(24);
/** Of each record with packets, the minute that its port tells. */
const minutesOf = (lines: readonly string[]): number[] =>
  lines
    .filter((line) => line.includes(' OK'))
    .map((line) => Math.floor((Number(line.split(' ')[5]) - 1000) / 50));

/** How many records each minute has. */
function counted(lines: readonly string[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const number of minutesOf(lines)) counts[number] = (counts[number] ?? 0) + 1;
  return counts;
}

/** Interface and start of each record that says that something was skipped. */
const skipsOf = (lines: readonly string[]): string[] =>
  lines
    .filter((line) => line.includes('SKIPDATA'))
    .map((line) => line.split(' '))
    .map((words) => `${words[2]} ${words[10]} ${words[11]}`)
    .sort();

async function eventsOf(up: Up): Promise<string[]> {
  const range = ['--start', '2023-11-14', '--end', '2023-11-16'];
  const { stdout } = await up.run('query', 'fields @message', ...range, '--output', 'json');
  return JSON.parse(stdout).map((row: Record<string, string>) => row['@message']);
}

function objectsOf(up: Up): string[] {
  const root = path.join(up.folder, 'headgate-data/s3/flows');
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return linesOfText(files, header);
}

/** Flow logs to a bucket and to a log group, both of the interval 60 and in the default format. */
async function prepare(up: Up): Promise<void> {
  const ec2 = new EC2Client(up.clients);
  const { FlowLogs = [] } = await ec2.send(new DescribeFlowLogsCommand({}));
  await new S3Client({ ...up.clients, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'flows' }),
  );
  const { Unsuccessful } = await ec2.send(
    new CreateFlowLogsCommand({
      ResourceType: 'VPC',
      ResourceIds: [FlowLogs[0]?.ResourceId ?? ''],
      TrafficType: 'ALL',
      MaxAggregationInterval: 60,
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::flows',
    }),
  );
  expect(Unsuccessful).toEqual([]);
}

describe.runIf(isLong)('headgate up, ended with kill -9', () => {
  it('has in its log group and its bucket all but the windows in progress, once, and says which they were', async () => {
    const folder = scratch.folder({ 'first.pcap': writePcap(minute(0)) });
    const making = await Up.start(folder, ['first.pcap', '--no-capture']);
    await prepare(making);
    await making.stop();

    const killed = await Up.start(folder, ['-']);
    await killed.running.write(writePcap([]));
    for (let number = 0; number < 14; number++) await killed.running.write(bytesOf(minute(number)));
    for (let tries = 0; tries < 100 && minutesOf(await eventsOf(killed)).length < 12 * 100; tries++) {
      await setTimeout(100);
    }
    killed.running.child.kill('SIGKILL');
    await killed.running.ended;

    const again = await Up.start(folder, ['-']);
    await again.running.write(writePcap([]));
    for (let number = 20; number < 24; number++) await again.running.write(bytesOf(minute(number)));
    again.running.child.stdin?.end();
    await again.running.waitFor('the capture has ended');
    await again.delivered();
    const events = await eventsOf(again);
    const objects = objectsOf(again);
    const { losses } = await again.status();
    await again.stop();

    const counts = counted(events);
    const last = Math.max(
      ...Object.keys(counts)
        .map(Number)
        .filter((number) => number < 20),
    );
    expect(last).toBeGreaterThanOrEqual(11);
    const kept = [...Array.from({ length: last + 1 }, (_, number) => number), 20, 21, 22, 23];
    // Each flow at both interfaces.
    expect(counts).toEqual(Object.fromEntries(kept.map((number) => [number, 100])));
    expect(counted(objects)).toEqual(counts);

    // The window in progress; of a capture that is no live one, nobody knows how far the next had come.
    const from = startSeconds + (last + 1) * 60;
    const skips = [from, from + 60].flatMap((start) =>
      [eni.client, eni.server].map((id) => `${id} ${start} ${start + 59}`),
    );
    expect(skipsOf(events)).toEqual(skips.sort());
    expect(skipsOf(objects)).toEqual(skips.sort());
    expect(losses.map(({ interfaceId, window }) => `${interfaceId} ${window} ${window + 59}`).sort()).toEqual(
      skips,
    );
    expect(losses.every(({ reason, isUnknown }) => reason === 'crashed' && isUnknown)).toBe(true);
  });
});
