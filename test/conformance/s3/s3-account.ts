import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { ServedAccount } from '../server.ts';

/** An account with a client of S3, and buckets that go with it. */
export class S3Account {
  readonly served: ServedAccount;
  readonly client: S3Client;
  readonly #buckets: string[] = [];

  private constructor(served: ServedAccount) {
    this.served = served;
    this.client = this.clientOf();
  }

  static async open(): Promise<S3Account> {
    return new S3Account(await ServedAccount.open());
  }

  /** A client that signs as somebody else, or for another Region. */
  clientOf(...options: Parameters<ServedAccount['client']>): S3Client {
    return new S3Client({ ...this.served.client(...options), forcePathStyle: true });
  }

  async newBucket(more: object = {}): Promise<string> {
    const Bucket = this.served.name('s3');
    await this.client.send(new CreateBucketCommand({ Bucket, ...more }));
    this.#buckets.push(Bucket);
    return Bucket;
  }

  put(Bucket: string, Key: string, Body: PutObjectCommandInput['Body'] = 'x', more: object = {}) {
    return this.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  }

  async text(Bucket: string, Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return (await Body?.transformToString()) ?? '';
  }

  async close(): Promise<void> {
    for (const Bucket of this.#buckets) await this.#remove(Bucket);
    await this.served.close();
  }

  async #remove(Bucket: string): Promise<void> {
    const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents) await this.client.send(new DeleteObjectCommand({ Bucket, Key }));
    await this.client.send(new DeleteBucketCommand({ Bucket }));
  }
}
