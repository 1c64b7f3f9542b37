import { invariant } from '../fault/index.ts';
import { parseModel, type ServiceModel } from './model.ts';
import { cloudwatch } from './models/cloudwatch.ts';
import { ec2 } from './models/ec2.ts';
import { firehose } from './models/firehose.ts';
import { iam } from './models/iam.ts';
import { logs } from './models/logs.ts';
import { oam } from './models/oam.ts';
import { resourcegroupstaggingapi } from './models/resourcegroupstaggingapi.ts';
import { s3 } from './models/s3.ts';
import { s3control } from './models/s3control.ts';
import { sts } from './models/sts.ts';

const texts = {
  ec2,
  logs,
  iam,
  sts,
  cloudwatch,
  oam,
  resourcegroupstaggingapi,
  s3,
  s3control,
  firehose,
} as const;

type ServiceName = keyof typeof texts;

/** The names that requests are signed for; S3 Control's are signed for S3, and told by their paths. */
const bySigningName: Readonly<Record<string, ServiceName>> = {
  ec2: 'ec2',
  logs: 'logs',
  iam: 'iam',
  sts: 'sts',
  monitoring: 'cloudwatch',
  oam: 'oam',
  tagging: 'resourcegroupstaggingapi',
  s3: 's3',
  firehose: 'firehose',
};

/** The first part of `X-Amz-Target`, and of the path of RPC v2. */
const byTarget: Readonly<Record<string, ServiceName>> = {
  Logs_20140328: 'logs',
  GraniteServiceVersion20100801: 'cloudwatch',
  ResourceGroupsTaggingAPI_20170126: 'resourcegroupstaggingapi',
  Firehose_20150804: 'firehose',
};

const parsed = new Map<string, ServiceModel>();

export const serviceNames = Object.keys(texts) as readonly string[];

/** The model of a service: parsed when it is first asked for. */
export function serviceModel(name: string): ServiceModel {
  const known = parsed.get(name);
  if (known) return known;
  invariant(Object.hasOwn(texts, name), `there is a model of ${name}`);
  const model = parseModel(name, texts[name as ServiceName]);
  invariant(Object.hasOwn(bySigningName, model.signingName), `${name} is found by ${model.signingName}`);
  parsed.set(name, model);
  return model;
}

export function serviceSignedAs(signingName: string): ServiceModel | undefined {
  return Object.hasOwn(bySigningName, signingName) ? serviceModel(bySigningName[signingName]) : undefined;
}

export function serviceOfTarget(target: string): ServiceModel | undefined {
  return Object.hasOwn(byTarget, target) ? serviceModel(byTarget[target]) : undefined;
}
