import type { CreateFlowLogsRequest, CreateFlowLogsResult } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../../test/open-account.ts';
import { Destinations } from '../../delivery/index.ts';
import { flowLogs } from '../../flowlog/index.ts';
import { type Caller, createAccount, roles, ServiceAccess } from '../../iam/index.ts';
import { type BucketResource, bucketPlace, buckets } from '../../objects/index.ts';
import { iamPlace } from '../../resource/index.ts';
import { type DeliveryStreamResource, deliveryStreams } from '../../stream/index.ts';
import { vpcs } from '../../vpc/kinds.ts';
import type { Action, Call } from '../action.ts';
import { flowLogActions } from './flow-logs.ts';

const accountId = '123456789012';
const otherAccount = '210987654321';
const place = { accountId, region: 'us-east-1' };
const vpcIds = ['vpc-00000000000000001', 'vpc-00000000000000002'];
const linkedRole = 'AWSServiceRoleForLogDelivery';

let account: OpenedAccount;
let otherKeyId: string;
let actions: Readonly<Record<string, Action>>;
/** May do everything, and may make flow logs but nothing with buckets. */
let administrator: Caller;
let clerk: Caller;

beforeAll(async () => {
  account = await OpenedAccount.open();
  administrator = account.administrator;
  await account.call('iam:CreateUser', { UserName: 'clerk' });
  const PolicyDocument = policy(['ec2:*', 'logs:*']);
  await account.call('iam:PutUserPolicy', { UserName: 'clerk', PolicyName: 'p', PolicyDocument });
  const key = await account.call('iam:CreateAccessKey', { UserName: 'clerk' });
  clerk = account.callerOf(key.AccessKey.AccessKeyId);
  const { accessKeyId } = await account.resources.write((draft) => {
    for (const VpcId of vpcIds) draft.put(vpcs, place, VpcId, { VpcId } as never);
    return createAccount(draft, account.vault, {
      accountId: otherAccount,
      name: 'other',
      isHome: false,
      nowMs: account.nowMs,
    });
  });
  otherKeyId = accessKeyId;
  const unused = () => expect.fail('nothing is delivered here');
  const destinations = new Destinations({
    place,
    resources: account.resources,
    logsAt: unused,
    objects: { put: unused },
    streams: { putRecords: unused, forgetOrigin: unused },
    access: new ServiceAccess(account.resources, account.authorizer),
    rules: [],
    report: unused,
  });
  actions = flowLogActions({ resources: account.resources, destinations });
});
afterAll(() => account.close());
beforeEach(() =>
  account.resources.write((draft) => {
    for (const [id] of draft.entries(flowLogs, place)) draft.remove(flowLogs, place, id);
    for (const [id] of draft.entries(buckets, bucketPlace)) draft.remove(buckets, bucketPlace, id);
    for (const id of [accountId, otherAccount]) {
      const at = { accountId: id, region: 'us-east-1' };
      for (const [name] of draft.entries(deliveryStreams, at)) draft.remove(deliveryStreams, at, name);
      draft.remove(roles, iamPlace(id), linkedRole);
    }
  }),
);

const callOf = (caller: Caller): Call =>
  ({
    place: { ...place, accountId: caller.accountId },
    caller,
    action: 'CreateFlowLogs',
    nowMs: account.nowMs,
    isAllowed: ({ action = '', resource, account: owner, keys = {}, resourcePolicy }) =>
      account.authorizer.decide({
        caller,
        action,
        resource,
        keys,
        ...(owner !== undefined && { resourceAccount: owner }),
        ...(resourcePolicy !== undefined && { resourcePolicy }),
      }).isAllowed,
  }) as Call;

const requestOf = (input: Partial<CreateFlowLogsRequest>) => ({
  ResourceType: 'VPC',
  ResourceIds: [vpcIds[0]],
  TrafficType: 'ALL',
  ...input,
});
const create = async (input: Partial<CreateFlowLogsRequest>, caller = administrator) =>
  (await actions.CreateFlowLogs.run(requestOf(input) as never, callOf(caller))) as CreateFlowLogsResult;
/** `made`, or code and sentence of the only resource. */
async function outcome(input: Partial<CreateFlowLogsRequest>, caller?: Caller): Promise<string> {
  const { FlowLogIds = [], Unsuccessful = [] } = await create(input, caller);
  expect(FlowLogIds.length + Unsuccessful.length).toBe(1);
  return FlowLogIds.length === 1
    ? 'made'
    : `${Unsuccessful[0].Error?.Code}: ${Unsuccessful[0].Error?.Message}`;
}

const toBucket = (folder = '', more: Partial<CreateFlowLogsRequest> = {}) =>
  ({ LogDestinationType: 's3', LogDestination: `arn:aws:s3:::flows${folder}`, ...more }) as const;
const putBucket = (more: Partial<BucketResource> = {}) =>
  account.resources.write((draft) =>
    draft.put(buckets, bucketPlace, 'flows', {
      Name: 'flows',
      ownerAccountId: accountId,
      BucketRegion: 'us-east-1',
      CreationDate: '2026-03-01T12:00:00.000Z',
      ...more,
    }),
  );
const policyText = () => account.resources.get(buckets, bucketPlace, 'flows')?.policy;
const policyOfBucket = () => JSON.parse(policyText() ?? 'null');
const denied = '400: Access Denied for LogDestination: flows. Please check LogDestination permission';

/** The guide's two statements. */
const statements = (objects: string | string[], owner = accountId) => [
  {
    Sid: 'AWSLogDeliveryWrite',
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: objects,
    Condition: {
      StringEquals: { 'aws:SourceAccount': owner, 's3:x-amz-acl': 'bucket-owner-full-control' },
      ArnLike: { 'aws:SourceArn': `arn:aws:logs:us-east-1:${owner}:*` },
    },
  },
  {
    Sid: 'AWSLogDeliveryAclCheck',
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: 's3:GetBucketAcl',
    Resource: 'arn:aws:s3:::flows',
    Condition: {
      StringEquals: { 'aws:SourceAccount': owner },
      ArnLike: { 'aws:SourceArn': `arn:aws:logs:us-east-1:${owner}:*` },
    },
  },
];
const objects = (folder = '', part = accountId) => `arn:aws:s3:::flows/${folder}AWSLogs/${part}/*`;
const document = (Statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement });

describe('a flow log to a bucket', () => {
  it('gives the bucket the policy that deliveries need', async () => {
    await putBucket();
    expect(await outcome(toBucket())).toBe('made');
    expect(policyOfBucket()).toEqual({
      Version: '2012-10-17',
      Id: 'AWSLogDeliveryWrite20150319',
      Statement: statements(objects()),
    });
  });

  it('adds its folder to the statements of the one before', async () => {
    await putBucket();
    await create(toBucket());
    await create(toBucket('/a/b'));
    await create(toBucket('/a/b/', { TrafficType: 'REJECT' }));
    await create(toBucket('/a/', { DestinationOptions: { HiveCompatiblePartitions: true } }));
    const hive = objects('a/', `aws-account-id=${accountId}`);
    expect(policyOfBucket().Statement).toEqual(statements([objects(), objects('a/b/'), hive]));
  });

  it('leaves what the policy says otherwise', async () => {
    const own = {
      Sid: 'AWSLogDeliveryWrite',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:DeleteObject',
      Resource: 'arn:aws:s3:::flows/*',
    };
    await putBucket({ policy: JSON.stringify({ Version: '2012-10-17', Id: 'mine', Statement: own }) });
    expect(await outcome(toBucket())).toBe('made');
    const [write, check] = statements(objects());
    expect(policyOfBucket()).toEqual({
      Version: '2012-10-17',
      Id: 'mine',
      Statement: [own, { ...write, Sid: 'AWSLogDeliveryWrite1' }, check],
    });
  });

  it('leaves a policy that is enough as it is', async () => {
    const enough = document(statements('arn:aws:s3:::flows/*'));
    await putBucket({ policy: enough });
    expect(await outcome(toBucket('/any'), clerk)).toBe('made');
    expect(policyText()).toBe(enough);
  });

  it('changes nothing when no flow log is made', async () => {
    await putBucket();
    const input = toBucket('', { ResourceIds: ['vpc-0000000000000dead'] });
    await expect(create(input)).rejects.toMatchObject({ code: 'InvalidVpcID.NotFound' });
    expect(policyText()).toBeUndefined();
  });

  it('changes nothing for a token whose flow logs are there', async () => {
    await putBucket();
    const input = toBucket('', { ClientToken: 'token' });
    const first = await create(input);
    await putBucket();
    expect((await create(input)).FlowLogIds).toEqual(first.FlowLogIds);
    expect(policyText()).toBeUndefined();
  });

  it('tells of each resource', async () => {
    const { FlowLogIds, Unsuccessful } = await create(toBucket('', { ResourceIds: vpcIds }));
    expect(FlowLogIds).toEqual([]);
    expect(Unsuccessful).toEqual(
      vpcIds.map((ResourceId) => ({
        ResourceId,
        Error: { Code: '400', Message: 'LogDestination: flows does not exist' },
      })),
    );
  });

  const refused: { name: string; bucket: Partial<BucketResource>; caller?: () => Caller; error: string }[] = [
    { name: 'whose policy the caller may not change', bucket: {}, caller: () => clerk, error: denied },
    { name: 'of another account', bucket: { ownerAccountId: otherAccount }, error: denied },
    {
      name: 'whose policy denies it',
      bucket: {
        policy: document({
          Effect: 'Deny',
          Principal: { Service: 'delivery.logs.amazonaws.com' },
          Action: 's3:*',
          Resource: 'arn:aws:s3:::flows/*',
        }),
      },
      error: denied,
    },
    {
      name: 'whose policy keeps its owner from changing it',
      bucket: {
        policy: document({
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutBucketPolicy',
          Resource: 'arn:aws:s3:::flows',
        }),
      },
      error: denied,
    },
    {
      name: 'whose policy has a NotAction',
      bucket: {
        policy: document({
          Effect: 'Deny',
          Principal: { AWS: otherAccount },
          NotAction: 's3:GetObject',
          Resource: 'arn:aws:s3:::flows/*',
        }),
      },
      error: denied,
    },
    {
      name: 'whose policy has no room',
      bucket: {
        policy: document({
          Effect: 'Deny',
          Principal: { AWS: otherAccount },
          Action: 's3:GetObject',
          Resource: Array.from({ length: 500 }, (_, i) => `arn:aws:s3:::flows/${i}/${'x'.repeat(13)}*`),
        }),
      },
      error:
        'LogDestinationPermissionIssueException: The policy of LogDestination flows would be larger than 20 KB',
    },
    {
      name: 'that lets in deliveries of another account alone',
      bucket: { policy: document(statements(objects('', otherAccount), otherAccount)) },
      caller: () => clerk,
      error: denied,
    },
    {
      name: 'that does not let its owner be read',
      bucket: { policy: document(statements('arn:aws:s3:::flows/*').slice(0, 1)) },
      caller: () => clerk,
      error: denied,
    },
  ];
  it.each(refused)('refuses a bucket $name', async ({ bucket, caller = () => administrator, error }) => {
    await putBucket(bucket);
    const before = policyText();
    expect(await outcome(toBucket(), caller())).toBe(error);
    expect(policyText()).toBe(before);
  });

  it('takes another account’s bucket whose policy lets it in, by whatever partition', async () => {
    const enough = document(statements(objects('logs/')));
    await putBucket({ ownerAccountId: otherAccount, policy: enough });
    expect(await outcome(toBucket('/logs'))).toBe('made');
    expect(await outcome(toBucket('/else'))).toBe(denied);
    const LogDestination = 'arn:aws-cn:s3:::flows/logs/';
    expect(await outcome(toBucket('', { LogDestination, TrafficType: 'REJECT' }))).toBe('made');
  });
});

const streamArn = (owner = accountId) => `arn:aws:firehose:us-east-1:${owner}:deliverystream/flows`;
const toStream = (owner?: string, more: Partial<CreateFlowLogsRequest> = {}) =>
  ({ LogDestinationType: 'kinesis-data-firehose', LogDestination: streamArn(owner), ...more }) as const;
const putStream = (owner = accountId, more: Partial<DeliveryStreamResource> = {}) =>
  account.resources.write((draft) =>
    draft.put(deliveryStreams, { accountId: owner, region: 'us-east-1' }, 'flows', {
      DeliveryStreamName: 'flows',
      DeliveryStreamARN: streamArn(owner),
      DeliveryStreamType: 'DirectPut',
      tags: [],
      ...more,
    } as unknown as DeliveryStreamResource),
  );
const tagsOf = (owner = accountId) =>
  account.resources.get(deliveryStreams, { accountId: owner, region: 'us-east-1' }, 'flows')?.tags;
const linkedRoleOf = (owner = accountId) => account.resources.get(roles, iamPlace(owner), linkedRole)?.Arn;

describe('a flow log to a delivery stream', () => {
  it('tags the stream, and has the service make its role', async () => {
    await putStream(accountId, {
      tags: [
        { Key: 'LogDeliveryEnabled', Value: 'false' },
        { Key: 'team', Value: 'a' },
      ],
    });
    expect(await outcome(toStream())).toBe('made');
    expect(tagsOf()).toEqual([
      { Key: 'team', Value: 'a' },
      { Key: 'LogDeliveryEnabled', Value: 'true' },
    ]);
    expect(linkedRoleOf()).toBe(
      `arn:aws:iam::${accountId}:role/aws-service-role/delivery.logs.amazonaws.com/${linkedRole}`,
    );
    await create(toStream(accountId, { TrafficType: 'REJECT' }));
    expect(tagsOf()).toHaveLength(2);
  });

  it('is refused where there is no stream, or another kind of one', async () => {
    expect(await outcome(toStream())).toBe('400: LogDestination: flows does not exist');
    await putStream(accountId, { DeliveryStreamType: 'KinesisStreamAsSource' });
    expect(await outcome(toStream())).toBe('400: LogDestination flows is undeliverable');
    expect(linkedRoleOf()).toBeUndefined();
  });

  it('needs leave to tag the stream, and once for the role', async () => {
    await putStream();
    const targets = () =>
      (actions.CreateFlowLogs.targets?.(requestOf(toStream()) as never, callOf(administrator)) ?? [])
        .filter(({ action = '' }) => !action.startsWith('ec2:') && action !== '')
        .map(({ action, resource }) => `${action} ${resource}`);
    const tagging = `firehose:TagDeliveryStream ${streamArn()}`;
    expect(targets()).toEqual([
      'logs:CreateLogDelivery *',
      tagging,
      `iam:CreateServiceLinkedRole arn:aws:iam::${accountId}:role/aws-service-role/delivery.logs.amazonaws.com/${linkedRole}`,
    ]);
    await create(toStream());
    expect(targets()).toEqual(['logs:CreateLogDelivery *', tagging]);
  });

  it('reaches another account’s stream by a role of each', async () => {
    const source = `arn:aws:iam::${accountId}:role/source`;
    const destination = `arn:aws:iam::${otherAccount}:role/AWSLogDeliveryFirehoseCrossAccountRole-flows`;
    const other = account.callerOf(otherKeyId);
    await putStream(otherAccount);
    const through = { DeliverLogsPermissionArn: source, DeliverCrossAccountRole: destination };
    const refusedNow = async () => {
      expect(await outcome(toStream(otherAccount, through))).toBe(denied);
      expect(tagsOf(otherAccount)).toEqual([]);
    };
    await account.call('iam:CreateRole', {
      RoleName: 'source',
      AssumeRolePolicyDocument: trust({ Service: 'delivery.logs.amazonaws.com' }),
    });
    expect(await outcome(toStream(otherAccount))).toBe(denied);
    await refusedNow();
    const theirs = {
      RoleName: 'AWSLogDeliveryFirehoseCrossAccountRole-flows',
      AssumeRolePolicyDocument: trust({ AWS: source }),
    };
    await account.call('iam:CreateRole', theirs, other);
    await refusedNow();
    const assuming = policy('sts:AssumeRole', { Resource: destination });
    await account.call('iam:PutRolePolicy', {
      RoleName: 'source',
      PolicyName: 'p',
      PolicyDocument: assuming,
    });
    await refusedNow();
    const tagging = policy(['firehose:TagDeliveryStream', 'iam:CreateServiceLinkedRole']);
    const { RoleName } = theirs;
    await account.call('iam:PutRolePolicy', { RoleName, PolicyName: 'p', PolicyDocument: tagging }, other);
    expect(await outcome(toStream(otherAccount, through))).toBe('made');
    expect(tagsOf(otherAccount)).toEqual([{ Key: 'LogDeliveryEnabled', Value: 'true' }]);
    expect(linkedRoleOf(otherAccount)).toBeDefined();
    expect(linkedRoleOf()).toBeUndefined();
  });
});
