import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFlowLogsCommand,
  DeleteFlowLogsCommand,
  DescribeFlowLogsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { writePcap } from '../capture-file-writer.ts';
import { eni, handshake, lookups } from './captures.ts';
import { headgate, Scratch } from './headgate.ts';
import { Up } from './up.ts';

const scratch = new Scratch();
const trace = writePcap([...handshake, ...lookups]);

describe.concurrent('headgate up', () => {
  it('replays a file into the log group of the flow log that it begins with, and answers for it', async () => {
    const up = await Up.start(scratch.folder({ 'trace.pcap': trace }), ['trace.pcap', '--now']);
    const ec2 = new EC2Client(up.clients);
    const logs = new CloudWatchLogsClient(up.clients);

    const { Account, Arn } = await new STSClient(up.clients).send(new GetCallerIdentityCommand({}));
    expect({ Account, Arn }).toEqual({
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/admin',
    });
    const { FlowLogs = [] } = await ec2.send(new DescribeFlowLogsCommand({}));
    expect(FlowLogs).toMatchObject([
      {
        LogGroupName: 'vpc-flow-logs',
        TrafficType: 'ALL',
        FlowLogStatus: 'ACTIVE',
        MaxAggregationInterval: 60,
      },
    ]);
    const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
    expect(NetworkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId).sort()).toEqual(
      [eni.server, eni.client].sort(),
    );

    const events = async () =>
      (await logs.send(new FilterLogEventsCommand({ logGroupName: 'vpc-flow-logs' }))).events ?? [];
    for (let tries = 0; tries < 100; tries++) {
      if ((await events().catch(() => [])).length > 0) break;
      await setTimeout(100);
    }
    const messages = (await events()).map(({ message = '' }) => message);
    expect(messages.some((line) => line.includes(' 10.0.1.5 10.0.1.9 40000 22 6 1 '))).toBe(true);
    const { logStreams = [] } = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName: 'vpc-flow-logs' }),
    );
    expect(logStreams.map(({ logStreamName }) => logStreamName).sort()).toEqual(
      [`${eni.server}-all`, `${eni.client}-all`].sort(),
    );

    const now = Math.floor(Date.now() / 1000);
    const { queryId } = await logs.send(
      new StartQueryCommand({
        logGroupName: 'vpc-flow-logs',
        startTime: now - 3600,
        endTime: now + 60,
        queryString: 'filter dstPort = 22 | stats sum(packets) as packets by srcAddr',
      }),
    );
    let answer = await logs.send(new GetQueryResultsCommand({ queryId }));
    while (answer.status === 'Running' || answer.status === 'Scheduled') {
      await setTimeout(20);
      answer = await logs.send(new GetQueryResultsCommand({ queryId }));
    }
    expect(answer.results).toEqual([
      [
        { field: 'srcAddr', value: '10.0.1.5' },
        { field: 'packets', value: '2' },
      ],
    ]);
    const status = await up.run('status');
    expect(status.stdout).toContain(FlowLogs[0].FlowLogId);
    await up.stop();
  });

  it('keeps what was made and deleted over a restart, and begins a folder once', async () => {
    const folder = scratch.folder({ 'trace.pcap': trace });
    const first = await Up.start(folder, ['trace.pcap']);
    const ec2 = new EC2Client(first.clients);
    const { FlowLogs = [] } = await ec2.send(new DescribeFlowLogsCommand({}));
    await ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [FlowLogs[0].FlowLogId ?? ''] }));
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
    const { FlowLogIds = [], Unsuccessful } = await ec2.send(
      new CreateFlowLogsCommand({
        ResourceType: 'VPC',
        ResourceIds: [Vpcs[0].VpcId ?? ''],
        TrafficType: 'REJECT',
        LogGroupName: 'my-flows',
        DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/headgate-flow-logs',
      }),
    );
    expect({ count: FlowLogIds.length, Unsuccessful }).toEqual({ count: 1, Unsuccessful: [] });
    await first.stop();

    const second = await Up.start(folder, ['--no-capture']);
    expect(second.running.stderr).not.toContain('AWS_SECRET_ACCESS_KEY');
    expect(second.clients.credentials.accessKeyId).toBe(first.clients.credentials.accessKeyId);
    const again = await new EC2Client(second.clients).send(new DescribeFlowLogsCommand({}));
    expect(again.FlowLogs?.map(({ FlowLogId }) => FlowLogId)).toEqual(FlowLogIds);
    const data = path.join(folder, 'headgate-data');
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(data, 'secret.key')).mode & 0o777).toBe(0o600);

    const reset = JSON.parse((await second.run('keys', 'reset', '--output', 'json')).stdout)[0];
    const refused = new EC2Client(second.clients).send(new DescribeVpcsCommand({}));
    await expect(refused).rejects.toMatchObject({ name: 'AuthFailure' });
    const credentials = { accessKeyId: reset.AccessKeyId, secretAccessKey: reset.SecretAccessKey };
    const good = await new EC2Client({ ...second.clients, credentials }).send(new DescribeVpcsCommand({}));
    expect(good.Vpcs).toHaveLength(1);

    const other = JSON.parse((await second.run('account', 'create', 'other', '--output', 'json')).stdout)[0];
    const sts = new STSClient({
      ...second.clients,
      credentials: { accessKeyId: other.AccessKeyId, secretAccessKey: other.SecretAccessKey },
    });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: other.Account });
    await second.stop();
  });

  it('compares a described network with the stored one, which an import brings in line', async () => {
    const folder = scratch.folder({ 'trace.pcap': trace });
    const net = path.join(folder, 'net');
    await (await Up.start(folder, ['trace.pcap', '--no-capture'])).stop();
    const group = {
      GroupId: 'sg-0123456789abcdef0',
      GroupName: 'web',
      VpcId: 'vpc-0123456789abcdef0',
      Description: 'web',
      IpPermissions: [],
      IpPermissionsEgress: [],
    };
    const vpc = { VpcId: 'vpc-0123456789abcdef0', CidrBlock: '10.9.0.0/16', OwnerId: '123456789012' };
    const files = {
      Vpcs: [vpc],
      Subnets: [],
      NetworkInterfaces: [],
      SecurityGroups: [group],
      NetworkAcls: [],
    };
    mkdirSync(net);
    for (const [name, parts] of Object.entries(files)) {
      writeFileSync(path.join(net, `${name}.json`), JSON.stringify({ [name]: parts }));
    }
    const differs = await headgate(folder, ['up', '--vpc', 'net', '--no-capture', '--listen', '127.0.0.1:0']);
    expect(differs).toMatchObject({ code: 2 });
    expect(differs.stderr).toContain('add security-group sg-0123456789abcdef0');
    const dry = JSON.parse(
      (await headgate(folder, ['vpc', 'import', 'net', '--dry-run', '--output', 'json'])).stdout,
    );
    expect(dry).toContainEqual({ Change: 'add', Kind: 'vpc', Id: vpc.VpcId, Members: '' });
    const made = await headgate(folder, ['vpc', 'import', 'net']);
    expect(made).toMatchObject({ code: 0 });
    const none = await headgate(folder, ['vpc', 'import', 'net', '--output', 'json']);
    expect(JSON.parse(none.stdout)).toEqual([]);
    await (await Up.start(folder, ['--vpc', 'net', '--no-capture'])).stop();
  });

  it('says what its options are, and what is wrong with them, without making anything', async () => {
    const folder = scratch.folder({
      'good.json': '{"window": 10, "listen": "127.0.0.1:4651", "sources": ["interface:eth0"]}',
      'bad.json': '{"widow": 10}',
      'wrong.json': '{"window": 7}',
    });
    const run = (...args: string[]) => headgate(folder, ['up', ...args]);
    const dumped = await run('--config', 'good.json', '--window', '5', '--dump-config');
    expect(JSON.parse(dumped.stdout)).toEqual({
      window: '5',
      listen: '127.0.0.1:4651',
      sources: ['interface:eth0'],
    });
    expect(await run('--config', 'good.json', '--check')).toMatchObject({ code: 0 });
    const faults = [
      [
        ['--config', 'bad.json'],
        'bad.json: $.widow: found an unknown option, expected sources, destinations, data-dir',
      ],
      [['--config', 'wrong.json'], '--window: found "7", expected a number of seconds that divides 60'],
      [['--listen', 'nowhere'], '--listen: found "nowhere", expected ADDRESS:PORT'],
      [['--listen', '0.0.0.0:4650'], '--insecure'],
      [['--tls-cert', 'x'], '--tls-cert and --tls-key go together'],
      [['--now'], '--now is for capture files'],
      [['--check', '--vpc', 'none'], 'none: no such folder'],
    ] as const;
    for (const [args, says] of faults) {
      const ended = await run(...args);
      expect({ args, code: ended.code }).toEqual({ args, code: 2 });
      expect(ended.stderr).toContain(says);
    }
    expect(existsSync(path.join(folder, 'headgate-data'))).toBe(false);
  });
});
