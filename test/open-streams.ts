import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { ServiceAccess } from '../src/iam/service-access.ts';
import { bucketPlace, buckets, ObjectStore } from '../src/objects/index.ts';
import {
  type DeliveryStreamResource,
  DeliveryStreams,
  type DeliveryStreamsOptions,
  deliveryStreams,
  type StreamAt,
  streamArn,
} from '../src/stream/index.ts';
import { OpenedAccount, policy, trust } from './open-account.ts';

type Destination = NonNullable<DeliveryStreamResource['Destinations']>[number];
export type S3Part = Partial<NonNullable<Destination['ExtendedS3DestinationDescription']>>;
export type HttpPart = Partial<NonNullable<Destination['HttpEndpointDestinationDescription']>>;

export const roleArn = 'arn:aws:iam::123456789012:role/firehose';
export const place = { accountId: '123456789012', region: 'us-east-1' };
export const at = (name: string): StreamAt => ({ place, name });
/** A target in the bucket `flows`, through a role that may put there. */
export const s3Part = (part: S3Part = {}) => ({
  RoleARN: roleArn,
  BucketARN: 'arn:aws:s3:::flows',
  BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
  CompressionFormat: 'UNCOMPRESSED' as const,
  EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' as const },
  ...part,
});

/** Delivery streams with a bucket and a role, at a time that moves when it is told to. */
export class OpenedStreams {
  readonly account: OpenedAccount;
  readonly reports: string[] = [];
  objects!: ObjectStore;
  streams!: DeliveryStreams;
  readonly #options: Partial<DeliveryStreamsOptions>;

  readonly #beganMs: number;

  private constructor(account: OpenedAccount, options: Partial<DeliveryStreamsOptions>) {
    this.account = account;
    this.#beganMs = account.nowMs;
    this.#options = options;
  }

  static async open(options: Partial<DeliveryStreamsOptions> = {}): Promise<OpenedStreams> {
    const account = await OpenedAccount.open();
    const opened = new OpenedStreams(account, options);
    const AssumeRolePolicyDocument = trust(
      { Service: 'firehose.amazonaws.com' },
      {
        Condition: {
          StringEquals: { 'sts:ExternalId': place.accountId, 'aws:SourceAccount': place.accountId },
        },
      },
    );
    await account.call('iam:CreateRole', { RoleName: 'firehose', AssumeRolePolicyDocument });
    await opened.allow('s3:PutObject');
    await opened.#openObjects();
    await opened.makeBucket('flows');
    await opened.reopen();
    return opened;
  }

  async #openObjects(): Promise<void> {
    this.objects = await ObjectStore.open({
      folder: this.folder('s3'),
      indexFolder: this.folder('s3-index'),
      archiveFolder: this.folder('archive'),
      restoreDelayMs: 0,
      clock: () => this.account.nowMs,
      report: () => undefined,
    });
  }

  /** Leaves the folder to another process. */
  async release(): Promise<void> {
    await this.streams.close();
    await this.objects.close();
    await this.account.store.close();
  }

  /** Takes the folder back, as it is now. */
  async acquire(): Promise<void> {
    await this.account.reopen();
    await this.#openObjects();
    await this.reopen();
  }

  /** What a restart finds. */
  async reopen(options: Partial<DeliveryStreamsOptions> = {}): Promise<void> {
    await this.streams?.close();
    const { account, objects } = this;
    this.streams = await DeliveryStreams.open({
      resources: account.resources,
      folder: this.folder('firehose'),
      objects: { put: (request) => objects.put(request) },
      access: new ServiceAccess(account.resources, account.authorizer),
      clock: () => account.nowMs,
      pollMs: 0,
      report: (line) => this.reports.push(line),
      ...this.#options,
      ...options,
    });
  }

  folder(...names: readonly string[]): string {
    return path.join(this.account.directory, ...names);
  }

  /** What the role may. */
  allow(action: string, Effect = 'Allow'): Promise<unknown> {
    const PolicyDocument = policy(action, { Effect });
    return this.account.call('iam:PutRolePolicy', {
      RoleName: 'firehose',
      PolicyName: 'deliver',
      PolicyDocument,
    });
  }

  async makeBucket(
    Name: string,
    more: { readonly policy?: string; readonly ownerAccountId?: string } = {},
  ): Promise<void> {
    await this.account.resources.write((draft) =>
      draft.put(buckets, bucketPlace, Name, {
        Name,
        ownerAccountId: place.accountId,
        BucketRegion: place.region,
        CreationDate: new Date(this.account.nowMs).toISOString(),
        ...more,
      }),
    );
    await this.objects.makeBucket(Name);
  }

  toBucket(name: string, part: S3Part = {}): Promise<void> {
    return this.make(name, {
      ExtendedS3DestinationDescription: { ...s3Part(part), S3BackupMode: 'Disabled', ...part },
    });
  }

  /** Lets a stream deliver elsewhere, to a bucket that is made where it has a policy or an owner of its own. */
  async toBucketOf(name: string, bucket: string, Effect?: string, ownerAccountId?: string): Promise<void> {
    const bucketArn = `arn:aws:s3:::${bucket}`;
    const Principal = { AWS: roleArn };
    const Statement = [{ Effect, Principal, Action: 's3:PutObject', Resource: `${bucketArn}/*` }];
    if (Effect !== undefined || ownerAccountId !== undefined) {
      await this.makeBucket(bucket, {
        ...(Effect !== undefined && { policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
        ...(ownerAccountId !== undefined && { ownerAccountId }),
      });
    }
    await this.account.resources.write((draft) => {
      const found = draft.get(deliveryStreams, place, name)!;
      const Destinations = [
        {
          DestinationId: 'destinationId-000000000001',
          ExtendedS3DestinationDescription: s3Part({ BucketARN: bucketArn }),
        },
      ];
      draft.put(deliveryStreams, place, name, {
        ...found,
        Destinations,
        VersionId: `${Number(found.VersionId) + 1}`,
      });
    });
  }

  toEndpoint(name: string, Url: string, part: HttpPart = {}, httpAccessKey?: string): Promise<void> {
    const HttpEndpointDestinationDescription = {
      EndpointConfiguration: { Url },
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
      S3DestinationDescription: s3Part(),
      ...part,
    };
    return this.make(name, { HttpEndpointDestinationDescription }, httpAccessKey);
  }

  async make(
    name: string,
    destination: Omit<Destination, 'DestinationId'>,
    httpAccessKey?: string,
  ): Promise<void> {
    await this.streams.create(at(name), () => ({
      DeliveryStreamName: name,
      DeliveryStreamARN: streamArn(at(name)),
      DeliveryStreamStatus: 'CREATING',
      DeliveryStreamType: 'DirectPut',
      VersionId: '1',
      Destinations: [{ DestinationId: 'destinationId-000000000001', ...destination }],
      ...(httpAccessKey !== undefined && { httpAccessKey }),
      tags: [],
    }));
  }

  put(name: string, ...records: readonly (string | Uint8Array)[]): Promise<unknown> {
    return this.streams.putRecords(
      at(name),
      records.map((record) => Buffer.from(record)),
    );
  }

  /** Lets time pass, and what is due be done. */
  async pass(seconds: number): Promise<void> {
    this.account.nowMs += seconds * 1000;
    await this.streams.poll();
  }

  status(name: string) {
    return this.streams.status().find((status) => status.name === name)!;
  }

  keys(bucket = 'flows'): string[] {
    return this.objects.list({ bucket, maxKeys: 1000 }).entries.map(({ key }) => key);
  }

  /** What objects hold, by the order of their keys; decompressed where they are called `.gz`. */
  async contents(bucket = 'flows', prefix = ''): Promise<string[]> {
    const { entries } = this.objects.list({ bucket, prefix, maxKeys: 1000 });
    return Promise.all(
      entries.map(async (entry) => {
        const body = Readable.from(await this.objects.read(bucket, entry));
        if (!entry.key.endsWith('.gz')) return text(body);
        return gunzipSync(Buffer.concat(await body.toArray())).toString();
      }),
    );
  }

  /** As it was when it was opened, for the next test. */
  async clear(): Promise<void> {
    for (const { DeliveryStreamName } of [...this.account.resources.list(deliveryStreams, place)]) {
      await this.streams.remove(at(DeliveryStreamName));
    }
    for (const { Name } of this.account.resources.list(buckets, bucketPlace)) {
      for (const key of this.keys(Name)) await this.objects.remove(Name, key);
    }
    await this.account.resources.write((draft) => {
      for (const { Name } of [...draft.list(buckets, bucketPlace)]) {
        if (Name !== 'flows') draft.remove(buckets, bucketPlace, Name);
      }
    });
    await this.allow('s3:PutObject');
    this.reports.length = 0;
    this.account.nowMs = this.#beganMs;
    await this.reopen();
  }

  async close(): Promise<void> {
    await this.streams.close();
    await this.objects.close();
    await this.account.close();
  }
}
