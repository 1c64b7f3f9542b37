import { rmSync } from 'node:fs';
import { ensureFlows } from './flow-file.ts';
import { dayMix } from './flow-mixes.ts';
import { ensureText, lineBatches } from './flow-text.ts';
import { callObjects } from './object-request.ts';
import type { PutBatch } from './put-lines.ts';
import { ServerProgram } from './server-program.ts';
import { workPath } from './work-folder.ts';

export const flowLogCount = 10;

const logGroupName = 'lines';
const streamNames = ['lines-0', 'lines-1', 'lines-2', 'lines-3'];

/** `headgate up` over a new data folder. */
export function freshHeadgate(name: string): Promise<ServerProgram> {
  const directory = workPath(name);
  rmSync(directory, { recursive: true, force: true });
  return ServerProgram.headgate(directory);
}

/** Leaves the account with so many flow logs, all of one VPC. */
export async function makeFlowLogs(server: ServerProgram): Promise<void> {
  const found = (await server.ec2('DescribeFlowLogs')).match(/\bfl-[0-9a-f]+/g) ?? [];
  if (found.length > 0) {
    await server.ec2(
      'DeleteFlowLogs',
      Object.fromEntries(found.map((id, at) => [`FlowLogId.${at + 1}`, id])),
    );
  }
  const made = await server.ec2('CreateVpc', { CidrBlock: '10.77.0.0/16' });
  const vpcId = /<vpcId>([^<]+)</.exec(made)?.[1];
  for (let at = 1; at <= flowLogCount; at++) {
    const answer = await server.ec2('CreateFlowLogs', {
      ResourceType: 'VPC',
      'ResourceId.1': vpcId,
      TrafficType: 'ALL',
      LogGroupName: `flows-${at}`,
      DeliverLogsPermissionArn: await roleArnOf(server),
    });
    if (!answer.includes('fl-')) throw new Error(`CreateFlowLogs: ${answer}`);
  }
}

/** The role of the first start; moto looks at none. */
async function roleArnOf(server: ServerProgram): Promise<string> {
  const owner = /<ownerId>(\d{12})</.exec(await server.ec2('DescribeVpcs'))?.[1];
  return `arn:aws:iam::${owner}:role/headgate-flow-logs`;
}

export async function makeStreams(server: ServerProgram): Promise<void> {
  await server.logs('CreateLogGroup', { logGroupName });
  for (const logStreamName of streamNames) {
    await server.logs('CreateLogStream', { logGroupName, logStreamName });
  }
}

/** Outside us-east-1 a bucket is told where it shall be. */
export async function makeBucket({ signer }: ServerProgram, name: string): Promise<void> {
  const where = `<LocationConstraint>${signer.region}</LocationConstraint>`;
  const body = Buffer.from(`<CreateBucketConfiguration>${where}</CreateBucketConfiguration>`);
  await callObjects(signer, { method: 'PUT', target: `/${name}`, body });
}

/** Twenty times a thousand lines of the default format, which happen now: queries find no events older than the group. */
export function putBatches(): PutBatch[] {
  const timestamp = Date.now();
  return [...lineBatches(ensureText(ensureFlows(dayMix(20_000))), 1000)]
    .filter((lines) => lines.length === 1000)
    .map((lines, at) => ({
      logGroupName,
      logStreamName: streamNames[at % streamNames.length],
      logEvents: lines.map((message) => ({ timestamp, message })),
    }));
}
