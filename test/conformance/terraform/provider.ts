import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../api-server.ts';
import type { ServedAccount } from '../server.ts';

/** What Terraform keeps of a resource; a plan compares it with the configuration. */
export type State = Readonly<Record<string, unknown>>;

/** The provider's clients, and what was made before for others to refer to. */
export interface Provider {
  readonly ec2: EC2Client;
  readonly logs: CloudWatchLogsClient;
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly firehose: FirehoseClient;
  /** ListTagsForResource of S3 Control, for a bucket. */
  readonly bucketTags: (bucket: string) => Promise<State>;
  readonly accountId: string;
  readonly region: string;
  /** The id of a resource by its type. */
  readonly made: Map<string, string>;
  readonly name: string;
}

/**
 * A resource of hashicorp/aws: the calls that the provider makes for it, in its order, as its source has them
 * (internal/service/ec2, logs, iam, s3 and firehose of terraform-provider-aws 5 and 6).
 */
export interface Replayed {
  readonly type: string;
  /** Makes it, waits as the provider waits, and gives its id. */
  readonly create: (provider: Provider) => Promise<string>;
  /** Undefined when it is not found: by an empty answer or by one of the codes that the provider takes for that. */
  readonly read: (provider: Provider, id: string) => Promise<State | undefined>;
  readonly delete: (provider: Provider, id: string) => Promise<void>;
  /** What the configuration says: where the state is another, the second plan has a difference. */
  readonly configured: (provider: Provider) => State;
}

export function openProvider(served: ServedAccount): Provider {
  const options = served.client();
  return {
    ec2: new EC2Client(options),
    logs: new CloudWatchLogsClient(options),
    iam: new IAMClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    firehose: new FirehoseClient(options),
    bucketTags: (bucket) => bucketTags(served, bucket),
    accountId: served.accountId,
    region: served.region,
    made: new Map(),
    name: served.name('terraform'),
  };
}

function fromEnvironment() {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = process.env;
  const key = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return { ...key, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) };
}

async function bucketTags(served: ServedAccount, bucket: string): Promise<State> {
  const {
    region,
    credentials = fromEnvironment(),
    endpoint = `https://${served.accountId}.s3-control.${region}.amazonaws.com`,
  } = served.client();
  const { host, hostname } = new URL(endpoint);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
  });
  const path = `/v20180820/tags/${encodeURIComponent(`arn:aws:s3:::${bucket}`)}`;
  const headers = { host, 'x-amz-account-id': served.accountId };
  const request = { method: 'GET', protocol: 'http:', hostname, path, headers };
  const signed = await signer.sign(request);
  const answer = await fetch(`${endpoint}${path}`, { headers: signed.headers });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(text);
  const found = [...text.matchAll(/<Tag><Key>([^<]*)<\/Key>(?:<Value>([^<]*)<\/Value>|<Value\/>)<\/Tag>/g)];
  return Object.fromEntries(found.map(([, key, value = '']) => [key, value]));
}

/** @throws Error where the provider expects that there is one */
export function idOf({ made }: Provider, type: string): string {
  const id = made.get(type);
  if (id === undefined) throw new Error(`no ${type} was made`);
  return id;
}

/** The provider fails with "empty result" or "too many results" otherwise. */
export function single<T>(values: readonly T[] | undefined): T {
  if (values?.length !== 1)
    throw new Error(`${values?.length ?? 'no'} results where the provider expects one`);
  return values[0];
}

/** What is found; undefined for an error of one of the codes. */
export async function unlessGone<T>(asked: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (codes.includes((error as Error).name)) return undefined;
    throw error;
  }
}

/** All resources get these tags. */
export const tags = [
  { Key: 'Name', Value: 'terraform' },
  { Key: 'empty', Value: '' },
];

export function shownTags(
  found: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): State {
  return Object.fromEntries((found ?? []).map(({ Key = '', Value }) => [Key, Value]));
}

export const shownTagsConfigured: State = shownTags(tags);
