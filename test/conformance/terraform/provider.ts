import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import type { ServedAccount } from '../server.ts';

/** What Terraform keeps of a resource; a plan compares it with the configuration. */
export type State = Readonly<Record<string, unknown>>;

/** The provider's clients, and what was made before for others to refer to. */
export interface Provider {
  readonly ec2: EC2Client;
  readonly logs: CloudWatchLogsClient;
  readonly iam: IAMClient;
  /** The id of a resource by its type. */
  readonly made: Map<string, string>;
  readonly name: string;
}

/**
 * A resource of hashicorp/aws: the calls that the provider makes for it, in its order, as its source has them
 * (internal/service/ec2, logs and iam of terraform-provider-aws 5 and 6).
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
    made: new Map(),
    name: served.name('terraform'),
  };
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
