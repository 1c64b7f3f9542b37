import path from 'node:path';
import { CreateFlowLogsCommand, DescribeFlowLogsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { writePcap } from '../capture-file-writer.ts';
import { udpPacket } from '../frames.ts';
import { isLong } from '../runs.ts';
import { frame, startSeconds } from './captures.ts';
import { Scratch } from './headgate.ts';
import { Up } from './up.ts';

const scratch = new Scratch();
const daySeconds = Date.parse('2023-11-15T00:00:00Z') / 1000;
/** A packet in four of the twelve five minutes of each hour of a day, others in each hour: objects take their time. */
const slots = Array.from({ length: 96 }, (_, i) => daySeconds + i * 900 + (i % 3) * 300);
const trace = writePcap(
  slots.map((slot) =>
    frame(
      slot + 150 - startSeconds,
      udpPacket({ src: '10.0.1.5', dst: '10.0.1.9', srcPort: 9, dstPort: 53 }),
    ),
  ),
);

interface Layout {
  readonly fileFormat: 'plain-text' | 'parquet';
  readonly hive: boolean;
  readonly hourly: boolean;
  /** As AWS documents it: the page "Flow log files" of the VPC User Guide. */
  readonly documented: string;
}
const file = '<account>_vpcflowlogs_<region>_<flow-log-id>_<YYYY><MM><DD>T<HH><mm>Z_<hash>.log';
const hive = 'AWSLogs/aws-account-id=<account>/aws-service=vpcflowlogs/aws-region=<region>';
const day = 'year=<YYYY>/month=<MM>/day=<DD>';
const layouts: Layout[] = (['plain-text', 'parquet'] as const).flatMap((fileFormat) => {
  const name = `${file}.${fileFormat === 'parquet' ? 'parquet' : 'gz'}`;
  const plain = 'AWSLogs/<account>/vpcflowlogs/<region>/<YYYY>/<MM>/<DD>';
  return [
    { fileFormat, hive: false, hourly: false, documented: `${plain}/${name}` },
    { fileFormat, hive: false, hourly: true, documented: `${plain}/<HH>/${name}` },
    { fileFormat, hive: true, hourly: false, documented: `${hive}/${day}/${name}` },
    { fileFormat, hive: true, hourly: true, documented: `${hive}/${day}/hour=<HH>/${name}` },
  ];
});
const prefixOf = ({ fileFormat, hive, hourly }: Layout) =>
  `${fileFormat}${hive ? '-hive' : ''}${hourly ? '-hourly' : ''}/`;

/** The documented key of a slot; what Headgate makes up stays as it is. */
function documentedKey({ documented }: Layout, slot: number): string {
  const [date, time] = new Date(slot * 1000).toISOString().split('T');
  const [year = '', month = '', dayOfMonth = ''] = date?.split('-') ?? [];
  const [hour = '', minute = ''] = time?.split(':') ?? [];
  const values: Record<string, string> = {
    '<account>': '123456789012',
    '<region>': 'us-east-1',
    '<YYYY>': year,
    '<MM>': month,
    '<DD>': dayOfMonth,
    '<HH>': hour,
    '<mm>': minute,
  };
  return documented.replace(/<[A-Za-z]+>/g, (name) => values[name] ?? name);
}

/** Folders with their number of objects, and the first and the last object in each; of many folders likewise. */
function listing(keys: readonly string[]): string[] {
  const folders = [...new Set(keys.map((key) => path.posix.dirname(key)))];
  const ends = <T>(values: readonly T[], show: (value: T) => readonly string[], more: string): string[] =>
    values.length < 3
      ? values.flatMap(show)
      : [...show(values[0] as T), more, ...show(values[values.length - 1] as T)];
  return ends(
    folders,
    (folder) => {
      const names = keys
        .filter((key) => path.posix.dirname(key) === folder)
        .map((key) => path.posix.basename(key));
      return [`  ${folder}/ (${names.length} objects)`, ...ends(names, (name) => [`    ${name}`], '    …')];
    },
    `  … (${folders.length} folders)`,
  );
}

async function prepare(up: Up): Promise<void> {
  const ec2 = new EC2Client(up.clients);
  const { FlowLogs = [] } = await ec2.send(new DescribeFlowLogsCommand({}));
  const s3 = new S3Client({ ...up.clients, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'flows' }));
  for (const layout of layouts) {
    const { Unsuccessful } = await ec2.send(
      new CreateFlowLogsCommand({
        ResourceType: 'VPC',
        ResourceIds: [FlowLogs[0]?.ResourceId ?? ''],
        TrafficType: 'ALL',
        MaxAggregationInterval: 60,
        LogDestinationType: 's3',
        LogDestination: `arn:aws:s3:::flows/${prefixOf(layout)}`,
        DestinationOptions: {
          FileFormat: layout.fileFormat,
          HiveCompatiblePartitions: layout.hive,
          PerHourPartition: layout.hourly,
        },
      }),
    );
    expect(Unsuccessful).toEqual([]);
  }
}

describe.runIf(isLong)('the objects of a day', () => {
  it('are called what AWS documents, in each layout', async () => {
    const folder = scratch.folder({ 'day.pcap': trace });
    const making = await Up.start(folder, ['day.pcap', '--no-capture']);
    await prepare(making);
    await making.stop();
    const up = await Up.start(folder, ['day.pcap']);
    await up.running.waitFor('the capture has ended');
    await up.delivered();

    const s3 = new S3Client({ ...up.clients, forcePathStyle: true });
    const shown: string[] = [];
    for (const layout of layouts) {
      const Prefix = prefixOf(layout);
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'flows', Prefix }));
      const keys = Contents.map(({ Key = '' }) =>
        Key.slice(Prefix.length)
          .replace(/fl-[0-9a-f]{17}/, '<flow-log-id>')
          .replace(/_[0-9a-f]{8}(?=\.log)/, '_<hash>'),
      );
      expect(keys).toEqual(slots.map((slot) => documentedKey(layout, slot)));
      const title = `FileFormat=${layout.fileFormat},HiveCompatiblePartitions=${layout.hive},PerHourPartition=${layout.hourly}`;
      shown.push(title, `  AWS: ${layout.documented}`, ...listing(keys), '');
    }
    await up.stop();
    await expect(shown.join('\n')).toMatchFileSnapshot('golden/day-tree.txt');
  });
});
