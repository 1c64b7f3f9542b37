import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { Firehose } from '@aws-sdk/client-firehose';
import { IAM } from '@aws-sdk/client-iam';
import { S3 } from '@aws-sdk/client-s3';
import { policy, trust } from '../open-account.ts';
import { type Delivered, delivered, faultPlace, streamBucket, targetName } from './delivered.ts';
import { type Recorded, recordedLine, recordedMessages, recordedObject } from './recorded.ts';

const mainProgram = path.resolve(import.meta.dirname, '../../src/command/main.js');
const roleName = 'firehose';

/** A Headgate of somebody else, whom nothing happens to: the destinations outside. */
export class OutsideServer {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #s3: S3;
  readonly #logs: CloudWatchLogs;
  readonly #firehose: Firehose;

  private constructor(url: string, child: ChildProcess) {
    const options = { endpoint: url, region: faultPlace.region };
    this.url = url;
    this.#process = child;
    this.#s3 = new S3({ ...options, forcePathStyle: true });
    this.#logs = new CloudWatchLogs(options);
    this.#firehose = new Firehose(options);
  }

  /** Signed with the credentials of the environment. */
  static async start(folder: string): Promise<OutsideServer> {
    mkdirSync(folder, { recursive: true });
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
    const child = spawn(
      process.execPath,
      [
        mainProgram,
        'up',
        '--no-capture',
        '--data-dir',
        path.join(folder, 'data'),
        '--listen',
        '127.0.0.1:0',
        '--account',
        faultPlace.accountId,
        '--region',
        faultPlace.region,
      ],
      {
        cwd: folder,
        env: {
          ...process.env,
          HEADGATE_ACCESS_KEY_ID: AWS_ACCESS_KEY_ID,
          HEADGATE_SECRET_ACCESS_KEY: AWS_SECRET_ACCESS_KEY,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      const listen = (piece: Buffer): void => {
        said += piece.toString();
        const found = /AWS's API is at (http:\S+):/.exec(said);
        if (found) resolve(found[1]);
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.once('exit', (code) => reject(new Error(`headgate up ended with ${code}: ${said}`)));
    });
    const outside = new OutsideServer(url, child);
    await outside.#makeRole();
    return outside;
  }

  /** What the flow logs of a schedule deliver to; log groups come to be by themselves. */
  async make(seed: number): Promise<void> {
    for (const one of delivered.filter(({ isOutside }) => isOutside)) {
      const target = targetName(seed, one);
      if (one.kind === 'group') continue;
      await this.#s3.createBucket({ Bucket: one.kind === 'stream' ? streamBucket(target) : target });
      if (one.kind === 'stream') await this.#makeStream(target);
    }
  }

  /** Keys and bytes of the objects of a bucket, as they are now. */
  async *objects(
    bucket: string,
    known: ReadonlySet<string> = new Set(),
  ): AsyncGenerator<[string, Uint8Array, string]> {
    let ContinuationToken: string | undefined;
    do {
      const page = await this.#s3.listObjectsV2({
        Bucket: bucket,
        ...(ContinuationToken !== undefined && { ContinuationToken }),
      });
      for (const { Key = '', ETag = '' } of page.Contents ?? []) {
        if (known.has(`${Key} ${ETag}`)) continue;
        const { Body } = await this.#s3.getObject({ Bucket: bucket, Key });
        yield [Key, (await Body?.transformToByteArray()) ?? new Uint8Array(), ETag];
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async records(seed: number, one: Delivered): Promise<Recorded[]> {
    const target = targetName(seed, one);
    if (one.kind === 'group') return this.#recordsOfGroup(target);
    const records: Recorded[] = [];
    for await (const [key, bytes] of this.objects(one.kind === 'stream' ? streamBucket(target) : target)) {
      records.push(...(one.kind === 'stream' ? recordedMessages(bytes) : await recordedObject(key, bytes)));
    }
    return records;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    for (const client of [this.#s3, this.#logs, this.#firehose]) client.destroy();
  }

  async #recordsOfGroup(logGroupName: string): Promise<Recorded[]> {
    const records: Recorded[] = [];
    let nextToken: string | undefined;
    try {
      do {
        const page = await this.#logs.filterLogEvents({
          logGroupName,
          ...(nextToken !== undefined && { nextToken }),
        });
        records.push(...(page.events ?? []).map(({ message = '' }) => recordedLine(message)));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    } catch (error) {
      // Nothing came.
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    }
    return records;
  }

  async #makeRole(): Promise<void> {
    const iam = new IAM({ endpoint: this.url, region: faultPlace.region });
    await iam.createRole({
      RoleName: roleName,
      AssumeRolePolicyDocument: trust({ Service: 'firehose.amazonaws.com' }),
    });
    await iam.putRolePolicy({ RoleName: roleName, PolicyName: 'deliver', PolicyDocument: policy('s3:*') });
    iam.destroy();
  }

  async #makeStream(DeliveryStreamName: string): Promise<void> {
    await this.#firehose.createDeliveryStream({
      DeliveryStreamName,
      DeliveryStreamType: 'DirectPut',
      ExtendedS3DestinationConfiguration: {
        RoleARN: `arn:aws:iam::${faultPlace.accountId}:role/${roleName}`,
        BucketARN: `arn:aws:s3:::${streamBucket(DeliveryStreamName)}`,
        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
        CompressionFormat: 'GZIP',
      },
    });
  }
}
