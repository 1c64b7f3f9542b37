import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeFlowLogsCommand,
  EC2Client,
  paginateDescribeFlowLogs,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal } from '../server.ts';
import { FlowLogAccount } from './flow-log-account.ts';

let account: FlowLogAccount;
beforeAll(async () => {
  account = await FlowLogAccount.open();
});
afterEach(() => account.deleteFlowLogs());
afterAll(() => account.close());

const onVpc = () => ({ Name: 'resource-id', Values: [account.vpcId] });

describe('DescribeFlowLogs: serialization', () => {
  it('has no members that were not said', async () => {
    const id = await account.createOne();
    const [flowLog] = await account.describe({ FlowLogIds: [id] });
    expect(Object.keys(flowLog).sort()).toEqual([
      'CreationTime',
      'DeliverLogsPermissionArn',
      'DeliverLogsStatus',
      'FlowLogId',
      'FlowLogStatus',
      'LogDestinationType',
      'LogFormat',
      'LogGroupName',
      'MaxAggregationInterval',
      'ResourceId',
      'Tags',
      'TrafficType',
    ]);
    expect(flowLog.CreationTime).toBeInstanceOf(Date);
  });

  it('is an empty list where there are none', async () => {
    const answer = await account.ec2.send(new DescribeFlowLogsCommand({ Filter: [onVpc()] }));
    expect(answer.FlowLogs).toEqual([]);
    expect(answer.NextToken).toBeUndefined();
  });
});

describe('DescribeFlowLogs: validation', () => {
  it('an unknown filter', async () => {
    const refused = account.describe({ Filter: [{ Name: 'vpc-id', Values: [account.vpcId] }] });
    expect(await refusal(refused)).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'vpc-id' is invalid",
      status: 400,
    });
  });

  it('a token that nobody gave', async () => {
    expect(await refusal(account.describe({ NextToken: 'none' }))).toMatchObject({ status: 400 });
  });

  it('what is no id', async () => {
    expect(await refusal(account.describe({ FlowLogIds: ['vpc-1'] }))).toMatchObject({
      code: 'InvalidParameterValue',
      message: "1 validation error detected: Value 'vpc-1' at 'flowLogId' has an invalid format",
    });
  });
});

describe('DescribeFlowLogs: behaviour', () => {
  it('filters by what AWS documents', async () => {
    const all = await account.createOne();
    const rejects = await account.createOne({
      TrafficType: 'REJECT',
      LogGroupName: 'headgate-rejects',
      TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: [{ Key: 'Purpose', Value: 'x' }] }],
    });
    const both = [all, rejects].sort();
    const cases: [string, string[], string[]][] = [
      ['deliver-log-status', ['SUCCESS'], both],
      ['deliver-log-status', ['FAILED'], []],
      ['log-destination-type', ['cloud-watch-logs', 's3'], both],
      ['log-destination-type', ['s3'], []],
      ['flow-log-id', [all], [all]],
      ['log-group-name', ['headgate-rejects'], [rejects]],
      ['traffic-type', ['REJECT'], [rejects]],
      ['tag-key', ['Purpose'], [rejects]],
      ['tag:Purpose', ['x'], [rejects]],
      ['tag:Purpose', ['y'], []],
    ];
    for (const [Name, Values, expected] of cases) {
      const found = await account.describe({ Filter: [onVpc(), { Name, Values }] });
      expect(found.map(({ FlowLogId }) => FlowLogId).sort(), `${Name} ${Values}`).toEqual(expected);
    }
  });

  it('leaves out ids that nobody has', async () => {
    const id = await account.createOne();
    expect(await account.describe({ FlowLogIds: [id, 'fl-0123456789abcdef0'] })).toHaveLength(1);
  });

  it('follows tags', async () => {
    const id = await account.createOne();
    const Tags = [{ Key: 'Name', Value: 'named' }];
    await account.ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
    expect((await account.describe({ FlowLogIds: [id] }))[0].Tags).toEqual(Tags);
    await account.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'Name' }] }));
    expect((await account.describe({ FlowLogIds: [id] }))[0].Tags).toEqual([]);
  });

  it.skipIf(isRemote)('pages', async () => {
    const ids = [];
    for (const LogGroupName of ['a', 'b', 'c']) ids.push(await account.createOne({ LogGroupName }));
    const found = [];
    for await (const page of paginateDescribeFlowLogs({ client: account.ec2, pageSize: 2 }, {})) {
      expect(page.FlowLogs?.length).toBeLessThanOrEqual(2);
      found.push(...(page.FlowLogs ?? []));
    }
    expect(found.map(({ FlowLogId }) => FlowLogId)).toEqual(ids.toSorted());
  });

  it.skipIf(isRemote)('tells what keeps records from being delivered', async () => {
    const id = await account.createOne();
    account.served.local.health.set(id, { status: 'FAILED', message: 'Access error' });
    expect(
      await account.describe({ Filter: [{ Name: 'deliver-log-status', Values: ['FAILED'] }] }),
    ).toMatchObject([
      { FlowLogId: id, DeliverLogsStatus: 'FAILED', DeliverLogsErrorMessage: 'Access error' },
    ]);
  });

  it('knows each Region by itself', async () => {
    const id = await account.createOne();
    const region = account.served.region === 'us-west-2' ? 'us-east-1' : 'us-west-2';
    const there = new EC2Client(account.served.client(undefined, { region }));
    const { FlowLogs } = await there.send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }));
    expect(FlowLogs).toEqual([]);
    there.destroy();
  });
});
