// Calls AWS's API with the JS SDK, one call a line of standard input: {"service","command","input"}. Prints a line for
// each: {"output"} or {"error": {"name","message"}}. Credentials, Region and endpoint come from the environment.
import { createInterface } from 'node:readline';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';

const services = {
  ec2: [ec2, new ec2.EC2Client({})],
  iam: [iam, new iam.IAMClient({})],
  logs: [logs, new logs.CloudWatchLogsClient({})],
};

for await (const line of createInterface({ input: process.stdin })) {
  const { service, command, input } = JSON.parse(line);
  const [client, instance] = services[service];
  try {
    const { $metadata, ...output } = await instance.send(new client[`${command}Command`](input));
    process.stdout.write(`${JSON.stringify({ output })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: { name: error.name, message: error.message } })}\n`);
  }
}
