import {
  CreateFlowLogsCommand,
  type CreateFlowLogsRequest,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultLogFormat } from '../../../src/record/index.ts';
import { isRemote, refusal } from '../server.ts';
import { FlowLogAccount } from './flow-log-account.ts';

let account: FlowLogAccount;
beforeAll(async () => {
  account = await FlowLogAccount.open();
});
afterEach(() => account.deleteFlowLogs());
afterAll(() => account.close());

const toS3 = {
  LogDestinationType: 's3',
  LogDestination: 'arn:aws:s3:::headgate-non-existent-bucket',
  LogGroupName: undefined,
  DeliverLogsPermissionArn: undefined,
} as const;

describe('CreateFlowLogs: serialization', () => {
  it('answers with the ids, a token and nothing unsuccessful', async () => {
    const { FlowLogIds, ClientToken, Unsuccessful } = await account.create();
    expect(FlowLogIds).toEqual([expect.stringMatching(/^fl-[0-9a-f]{17}$/)]);
    expect(ClientToken).toMatch(/^\S+$/);
    expect(Unsuccessful).toEqual([]);
  });

  it('reads every member', async () => {
    const id = await account.createOne({
      LogFormat: `\${version} \${vpc-id} \${subnet-id}`,
      TrafficType: 'REJECT',
      MaxAggregationInterval: 60,
      ClientToken: account.served.name('token'),
      TagSpecifications: [
        {
          ResourceType: 'vpc-flow-log',
          Tags: [
            { Key: 'Name', Value: 'a b+c' },
            { Key: 'Empty', Value: '' },
          ],
        },
      ],
    });
    const [flowLog] = await account.describe({ FlowLogIds: [id] });
    expect(flowLog).toMatchObject({
      LogFormat: `\${version} \${vpc-id} \${subnet-id}`,
      TrafficType: 'REJECT',
      MaxAggregationInterval: 60,
    });
    expect(flowLog.Tags?.toSorted((a, b) => (a.Key! < b.Key! ? -1 : 1))).toEqual([
      { Key: 'Empty', Value: '' },
      { Key: 'Name', Value: 'a b+c' },
    ]);
  });

  it('reads the keys of tag fields', async () => {
    const TagFieldSpecifications: CreateFlowLogsRequest['TagFieldSpecifications'] = [
      { ResourceType: 'instance', TagKeys: ['Name', 'Owner'] },
    ];
    const id = await account.createOne({
      LogFormat: `\${srcaddr} \${instance-tag-2}`,
      TagFieldSpecifications,
    });
    const [flowLog] = await account.describe({ FlowLogIds: [id] });
    expect(flowLog.TagFieldSpecifications).toEqual(TagFieldSpecifications);
  });
});

describe('CreateFlowLogs: validation', () => {
  type Change = Partial<CreateFlowLogsRequest>;
  const invalid = (message: string) => ({ code: 'InvalidParameter', message, status: 400 });
  const refused: {
    name: string;
    change: Change;
    error: { code: string; message?: unknown; status?: number };
  }[] = [
    {
      name: 'both a group and a destination',
      change: { LogDestination: 'arn:aws:logs:us-east-1:123456789012:log-group:x' },
      error: invalid('Please only provide LogGroupName or only provide LogDestination.'),
    },
    {
      name: 'S3 with a group',
      change: { ...toS3, LogDestination: undefined, LogGroupName: 'x' },
      error: invalid('LogDestination type must be cloud-watch-logs if LogGroupName is provided.'),
    },
    {
      name: 'no destination',
      change: { ...toS3, LogDestination: undefined },
      error: invalid("LogDestination can't be empty if LogGroupName is not provided."),
    },
    {
      name: 'no role',
      change: { DeliverLogsPermissionArn: undefined },
      error: invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."),
    },
    {
      name: 'a role that is not there',
      change: { DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/headgate-none' },
      error: {
        code: 'InvalidParameter',
        message: expect.stringContaining('Unable to assume given IAM role'),
      },
    },
    {
      name: 'a role for S3',
      change: { ...toS3, DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/x' },
      error: invalid('DeliverLogsPermissionArn is not applicable for s3 delivery'),
    },
    {
      name: 'an interval of 10 seconds',
      change: { MaxAggregationInterval: 10 },
      error: invalid('Invalid Flow Log Max Aggregation Interval'),
    },
    {
      name: 'tag fields without keys',
      change: { LogFormat: `\${instance-tag}` },
      error: invalid(
        'The TagFieldSpecifications parameter must be set when including tag fields in the log format',
      ),
    },
    {
      name: 'a format that ends in a space',
      change: { LogFormat: `\${version} ` },
      error: {
        code: 'InvalidParameterValue',
        message: `1 validation error detected: Value '\${version} ' at 'logFormat' has an invalid format`,
        status: 400,
      },
    },
    {
      name: 'an unknown field',
      change: { LogFormat: `\${srcadr}` },
      error: { code: 'InvalidParameter', status: 400 },
    },
    { name: 'no traffic type', change: { TrafficType: undefined }, error: { code: 'MissingParameter' } },
    {
      name: 'another traffic type',
      change: { TrafficType: 'all' as 'ALL' },
      error: { code: 'InvalidParameterValue' },
    },
    {
      name: 'another type of resource',
      change: { ResourceType: 'Instance' as 'VPC' },
      error: { code: 'InvalidParameterValue' },
    },
    {
      name: 'a VPC that is not there',
      change: { ResourceIds: ['vpc-0123456789abcdef0'] },
      error: { code: 'InvalidVpcID.NotFound' },
    },
    {
      name: 'a subnet that is not there',
      change: { ResourceType: 'Subnet', ResourceIds: ['subnet-0123456789abcdef0'] },
      error: { code: 'InvalidSubnetID.NotFound' },
    },
    {
      name: 'an interface that is not there',
      change: { ResourceType: 'NetworkInterface', ResourceIds: ['eni-0123456789abcdef0'] },
      error: { code: 'InvalidNetworkInterfaceID.NotFound' },
    },
  ];
  it.each(refused)('$name', async ({ change, error }) => {
    expect(await refusal(account.create(change))).toMatchObject(error);
  });

  it.each([{ member: 'ResourceIds' }, { member: 'ResourceType' }])('no $member', async ({ member }) => {
    const request = account.request({ [member]: undefined });
    expect(await refusal(account.ec2.send(new CreateFlowLogsCommand(request)))).toMatchObject({
      code: 'MissingParameter',
      status: 400,
    });
  });

  it('a bucket that is not there succeeds without a flow log', async () => {
    const answer = await account.create({ ...toS3 });
    expect(answer.FlowLogIds).toEqual([]);
    expect(answer.Unsuccessful).toEqual([
      {
        ResourceId: account.vpcId,
        Error: { Code: '400', Message: 'LogDestination: headgate-non-existent-bucket does not exist' },
      },
    ]);
  });
});

describe('CreateFlowLogs: behaviour', () => {
  it('uses the defaults', async () => {
    const id = await account.createOne();
    const [flowLog] = await account.describe({ FlowLogIds: [id] });
    expect(flowLog).toMatchObject({
      DeliverLogsPermissionArn: account.roleArn,
      DeliverLogsStatus: 'SUCCESS',
      FlowLogStatus: 'ACTIVE',
      LogDestinationType: 'cloud-watch-logs',
      LogFormat: defaultLogFormat.text,
      LogGroupName: 'headgate-conformance',
      MaxAggregationInterval: 600,
      ResourceId: account.vpcId,
      Tags: [],
      TrafficType: 'ALL',
    });
    expect(Math.abs((flowLog.CreationTime?.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('tells the group of an ARN, and leaves its :* out', async () => {
    const { accountId, region } = account.served;
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:headgate-conformance`;
    const id = await account.createOne({ LogGroupName: undefined, LogDestination: `${arn}:*` });
    const [flowLog] = await account.describe({ FlowLogIds: [id] });
    expect(flowLog).toMatchObject({ LogDestination: arn, LogGroupName: 'headgate-conformance' });
  });

  it('refuses the same flow log again', async () => {
    await account.create();
    expect(await refusal(account.create())).toEqual({
      code: 'FlowLogAlreadyExists',
      message: 'Error. There is an existing Flow Log with the same configuration and log destination.',
      status: 400,
    });
  });

  it('gives the same answer to the same token, and refuses it for another request', async () => {
    const ClientToken = account.served.name('token');
    const first = await account.create({ ClientToken });
    expect(first.ClientToken).toBe(ClientToken);
    expect((await account.create({ ClientToken })).FlowLogIds).toEqual(first.FlowLogIds);
    expect(await refusal(account.create({ ClientToken, TrafficType: 'REJECT' }))).toMatchObject({
      code: 'IdempotentParameterMismatch',
    });
  });

  it('makes one flow log for each resource', async () => {
    const { Vpc } = await account.ec2.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }));
    const VpcId = Vpc?.VpcId ?? '';
    const { Subnet } = await account.ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.1.1.0/24' }));
    const SubnetId = Subnet?.SubnetId ?? '';
    expect((await account.create({ ResourceIds: [account.vpcId, VpcId] })).FlowLogIds).toHaveLength(2);
    const onSubnet = await account.createOne({ ResourceType: 'Subnet', ResourceIds: [SubnetId] });
    expect(await account.describe({ FlowLogIds: [onSubnet] })).toMatchObject([{ ResourceId: SubnetId }]);
    await account.ec2.send(new DeleteSubnetCommand({ SubnetId }));
    await account.ec2.send(new DeleteVpcCommand({ VpcId }));
  });

  it('says what a dry run would have done', async () => {
    expect(await refusal(account.create({ DryRun: true }))).toEqual({
      code: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
      status: 412,
    });
    expect(await account.describe({ Filter: [{ Name: 'resource-id', Values: [account.vpcId] }] })).toEqual(
      [],
    );
  });

  it.skipIf(isRemote)('needs permission to create flow logs and to pass the role', async () => {
    const iam = new IAMClient(account.served.client());
    const UserName = account.served.name('user');
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
    const ec2 = new EC2Client(account.served.client({ accessKeyId, secretAccessKey }));
    const create = () => ec2.send(new CreateFlowLogsCommand(account.request({ DryRun: true })));
    const allow = (...Action: string[]) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName,
          PolicyName: 'flow-logs',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
          }),
        }),
      );
    const denied = { code: 'UnauthorizedOperation', status: 403 };
    expect(await refusal(create())).toMatchObject(denied);
    await allow('ec2:CreateFlowLogs');
    expect(await refusal(create())).toMatchObject(denied);
    await allow('ec2:CreateFlowLogs', 'iam:PassRole');
    expect(await refusal(create())).toMatchObject({ code: 'DryRunOperation' });
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'flow-logs' }));
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: accessKeyId }));
    await iam.send(new DeleteUserCommand({ UserName }));
    ec2.destroy();
    iam.destroy();
  });
});
