import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust } from '../../open-account.ts';
import { isRemote, ServedAccount } from '../server.ts';
import { AwsCommandLine, awsCommandLines, printed, shown } from './programs.ts';

const found = (await awsCommandLines()).map((client) => ({ ...client, name: shown(client) }));

let served: ServedAccount;

beforeAll(async () => {
  served = await ServedAccount.open();
});

afterAll(() => served.close());

const deliveryPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }],
});

const flowLine = '2 123456789012 eni-0123456789abcdef0 10.0.0.5 10.0.0.9 40000 22 6 5 300 1 2 REJECT OK';

describe.skipIf(isRemote).each(found)('$name', { timeout: 120_000 }, ({ program, version }) => {
  const aws = () => new AwsCommandLine(program, served);

  it.skipIf(!version).concurrent('knows who it is, and is someone else by a role', async () => {
    const cli = aws();
    const name = served.name('role');
    const { Role } = await cli.run(
      'iam create-role --role-name',
      name,
      '--assume-role-policy-document',
      trust({ AWS: served.accountId }),
    );
    const putPolicy = ['--policy-name', 'delivery', '--policy-document', deliveryPolicy];
    await cli.run('iam put-role-policy --role-name', name, ...putPolicy);
    const got = await cli.run('iam get-role-policy --policy-name delivery --role-name', name);
    expect(got.PolicyDocument).toEqual(JSON.parse(deliveryPolicy));
    expect((await cli.run('iam get-role --role-name', name)).Role.Arn).toBe(Role.Arn);
    const taken = await cli.run('sts assume-role --role-session-name cli --role-arn', Role.Arn);
    expect(taken.AssumedRoleUser.Arn).toBe(`arn:aws:sts::${served.accountId}:assumed-role/${name}/cli`);
    expect((await cli.run('sts get-caller-identity')).Account).toBe(served.accountId);
    expect(await cli.run('cloudwatch list-metrics')).toEqual({ Metrics: [] });
  });

  it.skipIf(!version).concurrent('makes a network, and flow logs for it', async () => {
    const cli = aws();
    const { Vpc } = await cli.run('ec2 create-vpc --cidr-block 10.50.0.0/16');
    const ofVpc = `Name=vpc-id,Values=${Vpc.VpcId}`;
    const { Subnet } = await cli.run('ec2 create-subnet --cidr-block 10.50.1.0/24 --vpc-id', Vpc.VpcId);
    expect(Subnet.AvailableIpAddressCount).toBe(251);
    const { GroupId } = await cli.run(
      'ec2 create-security-group --group-name web --vpc-id',
      Vpc.VpcId,
      '--description',
      'for the web',
    );
    await cli.run(
      'ec2 authorize-security-group-ingress --protocol tcp --port 443 --cidr 0.0.0.0/0 --group-id',
      GroupId,
    );
    const groups = await cli.run(
      'ec2 describe-security-groups --query SecurityGroups[].GroupName --filters',
      ofVpc,
    );
    expect(groups.sort()).toEqual(['default', 'web']);
    const { SecurityGroupRules } = await cli.run(
      'ec2 describe-security-group-rules --filters',
      `Name=group-id,Values=${GroupId}`,
    );
    expect(SecurityGroupRules).toHaveLength(2);

    const role = served.name('delivery');
    const { Role } = await cli.run(
      'iam create-role --role-name',
      role,
      '--assume-role-policy-document',
      trust({ Service: 'vpc-flow-logs.amazonaws.com' }),
    );
    const ids: string[] = [];
    for (const type of ['ALL', 'REJECT']) {
      const made = await cli.run(
        'ec2 create-flow-logs --resource-type VPC --resource-ids',
        Vpc.VpcId,
        '--traffic-type',
        type,
        '--log-group-name',
        `${role}-${type}`,
        '--deliver-logs-permission-arn',
        Role.Arn,
        '--tag-specifications',
        `ResourceType=vpc-flow-log,Tags=[{Key=type,Value=${type}}]`,
      );
      expect(made.Unsuccessful).toEqual([]);
      ids.push(...made.FlowLogIds);
    }
    const ofResource = ['--filter', `Name=resource-id,Values=${Vpc.VpcId}`];
    const { FlowLogs } = await cli.run('ec2 describe-flow-logs', ...ofResource);
    expect(FlowLogs.map((one: { FlowLogId: string }) => one.FlowLogId).sort()).toEqual(ids.sort());
    const paged = await cli.run('ec2 describe-flow-logs --page-size 5 --max-items 1', ...ofResource);
    expect(paged.FlowLogs).toHaveLength(1);
    expect(paged.NextToken).toEqual(expect.any(String));
    const rejects = ['--filter', `Name=tag:type,Values=REJ*`, `Name=resource-id,Values=${Vpc.VpcId}`];
    expect((await cli.run('ec2 describe-flow-logs', ...rejects)).FlowLogs).toMatchObject([
      { TrafficType: 'REJECT', Tags: [{ Key: 'type', Value: 'REJECT' }] },
    ]);
    expect(await cli.refusal('ec2 delete-vpc --vpc-id', Vpc.VpcId)).toContain('(DependencyViolation)');
    expect(await cli.refusal('ec2 delete-flow-logs --dry-run --flow-log-ids', ...ids)).toContain(
      '(DryRunOperation)',
    );
    expect(await cli.run('ec2 delete-flow-logs --flow-log-ids', ...ids)).toEqual({ Unsuccessful: [] });
    await cli.run('ec2 delete-security-group --group-id', GroupId);
    await cli.run('ec2 delete-subnet --subnet-id', Subnet.SubnetId);
    await cli.run('ec2 delete-vpc --vpc-id', Vpc.VpcId);
    expect(await cli.refusal('ec2 describe-vpcs --vpc-ids', Vpc.VpcId)).toContain(
      `(InvalidVpcID.NotFound) when calling the DescribeVpcs operation: The vpc ID '${Vpc.VpcId}' does not exist`,
    );
  });

  it.skipIf(!version).concurrent('puts, filters, queries and tails events', async () => {
    const cli = aws();
    const group = served.name('group');
    const ofGroup = ['--log-group-name', group];
    const ofStream = [...ofGroup, '--log-stream-name', 'one'];
    await cli.run('logs create-log-group --tags purpose=test', ...ofGroup);
    await cli.run('logs create-log-stream', ...ofStream);
    const put = (message: string) =>
      cli.run(
        'logs put-log-events',
        ...ofStream,
        '--log-events',
        JSON.stringify([{ timestamp: Date.now(), message }]),
      );
    await put(flowLine);
    await put('something else');
    const { events } = await cli.run('logs filter-log-events --filter-pattern REJECT', ...ofGroup);
    expect(events.map(({ message }: { message: string }) => message)).toEqual([flowLine]);
    const { logStreams } = await cli.run('logs describe-log-streams', ...ofGroup);
    expect(logStreams).toMatchObject([{ logStreamName: 'one', lastIngestionTime: expect.any(Number) }]);
    const second = Math.floor(Date.now() / 1000);
    const { queryId } = await cli.run(
      'logs start-query',
      ...ofGroup,
      '--start-time',
      String(second - 600),
      '--end-time',
      String(second + 60),
      '--query-string',
      'filter dstPort = 22 | stats sum(packets) as packets by srcAddr',
    );
    let answer = await cli.run('logs get-query-results --query-id', queryId);
    for (let tries = 0; tries < 20 && answer.status !== 'Complete'; tries++) {
      await setTimeout(100);
      answer = await cli.run('logs get-query-results --query-id', queryId);
    }
    expect(answer.results).toEqual([
      [
        { field: 'srcAddr', value: '10.0.0.5' },
        { field: 'packets', value: '5' },
      ],
    ]);
    if (version?.startsWith('aws-cli/2')) {
      expect(await cli.run('logs tail --since 1h --format short', group)).toContain(flowLine);
    }
    const arn = `arn:aws:logs:${served.region}:${served.accountId}:log-group:${group}`;
    const tail = cli.start('logs start-live-tail --log-group-identifiers', arn);
    try {
      const seen = printed(tail, 'tail me');
      let isOver = false;
      const refused = seen.then(() => {
        isOver = true;
      });
      // What a tail shows is what comes after it has begun, which it does not tell.
      for (let tries = 0; tries < 15 && !isOver; tries++) {
        await put(`tail me ${tries}`);
        await Promise.race([setTimeout(500), refused]);
      }
      // Debian's 2.9.19 is older than Live Tail.
      if (/aws-cli\/2\.9\./.test(version ?? '')) expect(await seen).toContain('Invalid choice');
      else expect(await seen).toContain('tail me');
    } finally {
      tail.kill();
    }
    await cli.run('logs delete-log-group', ...ofGroup);
  });
});
