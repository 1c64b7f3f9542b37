import { readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFlowLogsCommand,
  type CreateFlowLogsRequest,
  DescribeFlowLogsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamInput,
  FirehoseClient,
} from '@aws-sdk/client-firehose';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WrittenFrame, writePcap } from '../capture-file-writer.ts';
import { ethernet, udpPacket } from '../frames.ts';
import { isLong } from '../runs.ts';
import { handshake, lookups, records, startSeconds } from './captures.ts';
import { type Column, linesOfParquet, linesOfTable, linesOfText } from './delivered.ts';
import { Endpoint } from './endpoint.ts';
import { Scratch } from './headgate.ts';
import { Up } from './up.ts';

/** Four minutes around a midnight: two windows of each hour, and of each day. */
const offsets = [6240, 6360];
const later = (frame: WrittenFrame, seconds: number): WrittenFrame => ({
  ...frame,
  timeMs: (frame.timeMs ?? 0) + seconds * 1000,
});
const sixth: WrittenFrame = {
  timeMs: (startSeconds + 6250) * 1000,
  bytes: ethernet({ payload: udpPacket({ src: 'fd00::5', dst: 'fd00::9', srcPort: 9, dstPort: 9 }) }),
};
const trace = writePcap(
  [
    sixth,
    ...offsets.flatMap((seconds) => [...handshake, ...lookups].map((frame) => later(frame, seconds))),
  ].sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)),
);
/** What the IPv4 packets of it are in AWS's default format, by what `headgate capture` is tested against. */
const expected = offsets.flatMap((seconds) =>
  records.map((line) => line.replace(/\b17000\d{5}\b/g, (time) => String(Number(time) + seconds))),
);

const formats = {
  default:
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  custom:
    'interface-id flow-direction traffic-path decided-by initiator version vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr pkt-src-aws-service region az-id sublocation-type srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
} as const;
/** Athena's types of these, as AWS documents them; all others are text. */
const integers = new Set(['version', 'srcport', 'dstport', 'protocol', 'tcp-flags', 'traffic-path']);
const bigIntegers = new Set(['packets', 'bytes', 'start', 'end']);
const columnsOf = (header: string): Column[] =>
  header.split(' ').map((field) => ({
    name: field.replaceAll('-', '_'),
    sqlType: integers.has(field) ? 'INTEGER' : bigIntegers.has(field) ? 'BIGINT' : 'VARCHAR',
  }));

interface Records {
  readonly format: keyof typeof formats;
  readonly interval: 60 | 600;
}
interface Layout extends Records {
  readonly fileFormat: 'plain-text' | 'parquet';
  readonly hive: boolean;
  readonly hourly: boolean;
}
const each = <T extends object, K extends string, V>(rows: readonly T[], key: K, values: readonly V[]) =>
  rows.flatMap((row) => values.map((value) => ({ ...row, [key]: value }) as T & Record<K, V>));

const theRecords: Records[] = each(each([{}], 'format', ['default', 'custom'] as const), 'interval', [
  60, 600,
] as const);
const layouts: Layout[] = each(
  each(each(theRecords, 'fileFormat', ['plain-text', 'parquet'] as const), 'hive', [false, true]),
  'hourly',
  [false, true],
);
const nameOf = ({ format, interval }: Records) => `${format}-${interval}`;
const folderOf = (layout: Layout) =>
  `${nameOf(layout)}/${layout.fileFormat}${layout.hive ? '-hive' : ''}${layout.hourly ? '-hourly' : ''}`;
const sorted = (lines: readonly string[]) => [...lines].sort();
const account = '123456789012';
const roleArn = `arn:aws:iam::${account}:role/headgate-flow-logs`;
const streamArn = (name: string) => `arn:aws:firehose:us-east-1:${account}:deliverystream/${name}`;

/** Makes what is delivered to, and a flow log for each; the capture comes with the next start. */
class Setting {
  readonly #ec2: EC2Client;
  readonly #iam: IAMClient;
  readonly #firehose: FirehoseClient;
  readonly #s3: S3Client;
  #vpcId = '';

  constructor(up: Up) {
    this.#ec2 = new EC2Client(up.clients);
    this.#iam = new IAMClient(up.clients);
    this.#firehose = new FirehoseClient(up.clients);
    this.#s3 = new S3Client({ ...up.clients, forcePathStyle: true });
  }

  async make(endpoint: Endpoint): Promise<void> {
    const { FlowLogs = [] } = await this.#ec2.send(new DescribeFlowLogsCommand({}));
    this.#vpcId = FlowLogs[0]?.ResourceId ?? '';
    for (const Bucket of ['flows', 'streamed']) await this.#s3.send(new CreateBucketCommand({ Bucket }));
    const RoleARN = await this.#role();
    for (const each of theRecords) {
      const name = nameOf(each);
      await this.#flowLog(each, { LogGroupName: name, DeliverLogsPermissionArn: roleArn });
      const S3Configuration = { RoleARN, BucketARN: 'arn:aws:s3:::streamed', Prefix: `${name}/` };
      const BufferingHints = { SizeInMBs: 1, IntervalInSeconds: 0 };
      await this.#stream(each, `bucket-${name}`, {
        ExtendedS3DestinationConfiguration: { ...S3Configuration, BufferingHints, CompressionFormat: 'GZIP' },
      });
      await this.#stream(each, `http-${name}`, {
        HttpEndpointDestinationConfiguration: {
          EndpointConfiguration: { Url: endpoint.url(`/${name}`), Name: 'test' },
          BufferingHints,
          S3Configuration,
          RoleARN,
        },
      });
    }
    for (const layout of layouts) {
      await this.#flowLog(layout, {
        LogDestinationType: 's3',
        LogDestination: `arn:aws:s3:::flows/${folderOf(layout)}`,
        DestinationOptions: {
          FileFormat: layout.fileFormat,
          HiveCompatiblePartitions: layout.hive,
          PerHourPartition: layout.hourly,
        },
      });
    }
  }

  async #role(): Promise<string | undefined> {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'firehose.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    });
    const { Role } = await this.#iam.send(
      new CreateRoleCommand({ RoleName: 'firehose', AssumeRolePolicyDocument }),
    );
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::streamed*' }],
    });
    await this.#iam.send(
      new PutRolePolicyCommand({ RoleName: 'firehose', PolicyName: 'bucket', PolicyDocument }),
    );
    return Role?.Arn;
  }

  async #stream(
    each: Records,
    DeliveryStreamName: string,
    target: Partial<CreateDeliveryStreamInput>,
  ): Promise<void> {
    await this.#firehose.send(new CreateDeliveryStreamCommand({ DeliveryStreamName, ...target }));
    await this.#flowLog(each, {
      LogDestinationType: 'kinesis-data-firehose',
      LogDestination: streamArn(DeliveryStreamName),
    });
  }

  async #flowLog({ format, interval }: Records, to: Partial<CreateFlowLogsRequest>): Promise<void> {
    const LogFormat = formats[format].replace(/\S+/g, (field) => `\${${field}}`);
    const { Unsuccessful } = await this.#ec2.send(
      new CreateFlowLogsCommand({
        ResourceType: 'VPC',
        ResourceIds: [this.#vpcId],
        TrafficType: 'ALL',
        MaxAggregationInterval: interval,
        LogFormat,
        ...to,
      }),
    );
    expect(Unsuccessful).toEqual([]);
  }
}

const scratch = new Scratch();
let up: Up;
let endpoint: Endpoint;
/** What log groups hold, by the name of format and interval. */
const inGroups = new Map<string, readonly string[]>();

beforeAll(async () => {
  endpoint = await Endpoint.start();
  const folder = scratch.folder({ 'trace.pcap': trace });
  const first = await Up.start(folder, ['trace.pcap', '--no-capture']);
  await new Setting(first).make(endpoint);
  await first.stop();
  up = await Up.start(folder, ['trace.pcap']);
  await up.running.waitFor('the capture has ended');
  await up.delivered();
  for (const each of theRecords) inGroups.set(nameOf(each), await eventsOf(nameOf(each)));
}, 120_000);
afterAll(() => up.stop());

async function eventsOf(logGroupName: string): Promise<string[]> {
  const logs = new CloudWatchLogsClient(up.clients);
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
    messages.push(...(page.events ?? []).map(({ message = '' }) => message));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return sorted(messages);
}

const inGroup = (each: Records) => inGroups.get(nameOf(each)) ?? [];

// Some ten programs and as many seconds: `npm run test:long` runs it.
describe.skipIf(!isLong)('records of one capture, delivered everywhere', () => {
  it('are those of its packets', () => {
    const lines = inGroup({ format: 'default', interval: 60 }).filter((line) => line.endsWith(' OK'));
    expect(lines.filter((line) => !line.includes(':'))).toEqual(sorted(expected));
    expect(lines.filter((line) => line.includes(':'))).toHaveLength(2);
    for (const each of theRecords) {
      const packets = inGroup(each)
        .filter((line) => line.endsWith(' OK'))
        .map((line) => Number(line.split(' ')[formats[each.format].split(' ').indexOf('packets')]));
      expect(packets.reduce((sum, count) => sum + count, 0)).toBe(expected.length + 2);
    }
  });

  it.each(theRecords)('are found in the log group by a query: $format, $interval s', async (each) => {
    const { stdout, stderr } = await up.run(
      ...['query', 'fields @message', '--log-group', nameOf(each)],
      ...['--start', '2023-11-14', '--end', '2023-11-16', '--output', 'json'],
    );
    expect(stderr).toContain('1 log group');
    expect(messagesOf(stdout)).toEqual(inGroup(each));
  });

  it.each(layouts)(
    'are in objects: $format, $interval s, $fileFormat, hive $hive, hourly $hourly',
    async (layout) => {
      const root = path.join(up.folder, 'headgate-data/s3/flows', folderOf(layout));
      const files = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name));
      const wanted = inGroup(layout);
      const header = formats[layout.format];
      const columns = columnsOf(header);
      const isParquet = layout.fileFormat === 'parquet';
      const lines = isParquet ? await linesOfParquet(files, columns) : linesOfText(files, header);
      expect(sorted(lines)).toEqual(wanted);

      const extension = isParquet ? 'log.parquet' : 'log.gz';
      const duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
      const rows = await linesOfTable(duckdb, { root, extension, columns, isHive: layout.hive });
      duckdb.closeSync();
      expect(sorted(rows)).toEqual(wanted);

      const { stdout } = await up.run('query', 'fields @message', root, '--output', 'json');
      expect(messagesOf(stdout)).toEqual(wanted);
    },
  );

  it.each(theRecords)('are in objects of a stream: $format, $interval s', async (each) => {
    const s3 = new S3Client({ ...up.clients, forcePathStyle: true });
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: 'streamed', Prefix: `${nameOf(each)}/` }),
    );
    const texts = [];
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'streamed', Key }));
      texts.push(gunzipSync((await Body?.transformToByteArray()) ?? '').toString());
    }
    // Records of a stream follow each other without anything between them.
    const messages = texts.flatMap((text) => text.replaceAll('}{', '}\n{').split('\n'));
    expect(sorted(messages.map((text) => JSON.parse(text).message))).toEqual(inGroup(each));
  });

  it.each(theRecords)('are posted to an endpoint: $format, $interval s', (each) => {
    const posted = endpoint.records(`/${nameOf(each)}`);
    expect(sorted(posted.map((text) => JSON.parse(text).message))).toEqual(inGroup(each));
  });
});

function messagesOf(stdout: string): string[] {
  return sorted(JSON.parse(stdout).map((row: Record<string, string>) => row['@message']));
}
