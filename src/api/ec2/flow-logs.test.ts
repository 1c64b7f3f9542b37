import type {
  CreateFlowLogsRequest,
  CreateFlowLogsResult,
  DescribeFlowLogsResult,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../../test/open-logs.ts';
import { OpenedResources } from '../../../test/open-resources.ts';
import { type FlowLogHealth, flowLogs } from '../../flowlog/index.ts';
import { type RoleResource, roles } from '../../iam/kinds.ts';
import { type Draft, iamPlace } from '../../resource/index.ts';
import {
  natGateways,
  networkInterfaces,
  subnets,
  transitGatewayAttachments,
  transitGateways,
  vpcs,
} from '../../vpc/kinds.ts';
import { PageTokens } from '../../wire/page-tokens.ts';
import type { Action, Call, Target } from '../action.ts';
import { flowLogActions } from './flow-logs.ts';

const place = { accountId: '123456789012', region: 'us-east-1' };
const vpcId = 'vpc-00000000000000001';
const otherVpcId = 'vpc-00000000000000002';
const subnetId = 'subnet-00000000000000001';
const interfaceId = 'eni-00000000000000001';
const gatewayId = 'tgw-00000000000000001';
const attachmentId = 'tgw-attach-00000000000000001';
const zonalNatId = 'nat-00000000000000001';
const regionalNatId = 'nat-00000000000000002';
const roleArn = 'arn:aws:iam::123456789012:role/flow-logs';
const groupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:my-flows';

let opened: OpenedResources;
let actions: Readonly<Record<string, Action>>;
const health = new Map<string, FlowLogHealth>();

beforeAll(async () => {
  opened = await OpenedResources.open(place);
  await opened.resources.write(putNetwork);
  actions = flowLogActions({
    resources: opened.resources,
    health: (id) => health.get(id) ?? { status: 'SUCCESS' },
  });
});
afterAll(() => opened.close());
beforeEach(async () => {
  health.clear();
  await opened.resources.write((draft) => {
    for (const [id] of draft.entries(flowLogs, place)) draft.remove(flowLogs, place, id);
    draft.remove(roles, iamPlace(place.accountId), 'AWSServiceRoleForVPCFlowLogs');
  });
});

/** What an action reads of a resource is that it is there. */
function putNetwork(draft: Draft): void {
  const put = (kind: { name: string }, id: string, more: object = {}) => draft.put(kind, place, id, more);
  for (const id of [vpcId, otherVpcId]) put(vpcs, id, { VpcId: id });
  put(subnets, subnetId, { SubnetId: subnetId, VpcId: vpcId });
  put(networkInterfaces, interfaceId, { NetworkInterfaceId: interfaceId, VpcId: vpcId });
  put(transitGateways, gatewayId);
  put(transitGatewayAttachments, attachmentId);
  put(natGateways, zonalNatId, { AvailabilityMode: 'zonal' });
  put(natGateways, regionalNatId, { AvailabilityMode: 'regional' });
  const role = { RoleName: 'flow-logs', Arn: roleArn, AssumeRolePolicyDocument: '{}' } as RoleResource;
  draft.put(roles, iamPlace(place.accountId), 'flow-logs', role);
  const other = iamPlace('210987654321');
  draft.put(roles, other, 'theirs', { ...role, Arn: 'arn:aws:iam::210987654321:role/theirs' });
}

const call = {
  place,
  action: 'CreateFlowLogs',
  nowMs: Date.UTC(2026, 2, 1, 12),
  tokens: new PageTokens(new Uint8Array(32)),
} as Call;

const run = async <Output>(action: string, input: object): Promise<Output> =>
  (await actions[action].run(input as never, { ...call, action })) as Output;
const create = (input: Partial<CreateFlowLogsRequest> = {}) =>
  run<CreateFlowLogsResult>('CreateFlowLogs', requestOf(input));
const list = async (input: object = {}) =>
  (await run<DescribeFlowLogsResult>('DescribeFlowLogs', input)).FlowLogs ?? [];

/** A request that succeeds, changed; `undefined` leaves a member out. */
function requestOf(input: Partial<CreateFlowLogsRequest>): object {
  const whole = {
    ResourceType: 'VPC',
    ResourceIds: [vpcId],
    TrafficType: 'ALL',
    LogGroupName: 'my-flows',
    DeliverLogsPermissionArn: roleArn,
    ...input,
  };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}

const toS3 = {
  LogDestinationType: 's3',
  LogDestination: 'arn:aws:s3:::non-existent-bucket/folder/',
  LogGroupName: undefined,
  DeliverLogsPermissionArn: undefined,
} as const;
const toFirehose = {
  LogDestinationType: 'kinesis-data-firehose',
  LogDestination: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/my-stream',
  LogGroupName: undefined,
  DeliverLogsPermissionArn: undefined,
} as const;
const invalid = (sentence: string) => `InvalidParameter: ${sentence}`;
const malformed = (value: string, member: string) =>
  `InvalidParameterValue: 1 validation error detected: Value ${value} at '${member}' has an invalid format`;

describe('CreateFlowLogs', () => {
  it('makes a flow log, with the defaults of AWS', async () => {
    const { FlowLogIds = [], ClientToken, Unsuccessful } = await create();
    expect(Unsuccessful).toEqual([]);
    expect(ClientToken).toMatch(/^\S{20,}$/);
    expect(FlowLogIds).toEqual([expect.stringMatching(/^fl-[0-9a-f]{17}$/)]);
    expect(await list()).toEqual([
      expect.objectContaining({
        CreationTime: '2026-03-01T12:00:00.000Z',
        DeliverLogsPermissionArn: roleArn,
        DeliverLogsStatus: 'SUCCESS',
        FlowLogId: FlowLogIds[0],
        FlowLogStatus: 'ACTIVE',
        LogDestinationType: 'cloud-watch-logs',
        LogFormat: `\${version} \${account-id} \${interface-id} \${srcaddr} \${dstaddr} \${srcport} \${dstport} \${protocol} \${packets} \${bytes} \${start} \${end} \${action} \${log-status}`,
        LogGroupName: 'my-flows',
        MaxAggregationInterval: 600,
        ResourceId: vpcId,
        Tags: [],
        TrafficType: 'ALL',
      }),
    ]);
    const [flowLog] = await list();
    expect(flowLog).not.toHaveProperty('LogDestination');
    expect(flowLog).not.toHaveProperty('DestinationOptions');
    expect(flowLog).not.toHaveProperty('DeliverLogsErrorMessage');
  });

  const accepted: { name: string; input: Partial<CreateFlowLogsRequest>; shown: object }[] = [
    {
      name: 'a group by its ARN, and tells its name',
      input: { LogGroupName: undefined, LogDestination: `${groupArn}:*` },
      shown: { LogDestination: groupArn, LogGroupName: 'my-flows' },
    },
    { name: 'a minute', input: { MaxAggregationInterval: 60 }, shown: { MaxAggregationInterval: 60 } },
    {
      name: 'a custom format, unchanged',
      input: { LogFormat: `\${version} \${vpc-id} \${subnet-id}` },
      shown: { LogFormat: `\${version} \${vpc-id} \${subnet-id}` },
    },
    {
      name: 'fields of Headgate',
      input: { LogFormat: `\${srcaddr} \${decided-by} \${initiator}` },
      shown: { LogFormat: `\${srcaddr} \${decided-by} \${initiator}` },
    },
    {
      name: 'tag fields with their keys',
      input: {
        LogFormat: `\${instance-tag} \${instance-tag-2} \${asg-tag}`,
        TagFieldSpecifications: [
          { ResourceType: 'instance', TagKeys: ['Name', 'Owner'] },
          { ResourceType: 'auto-scaling-group', TagKeys: ['Team'] },
        ],
      },
      shown: {
        TagFieldSpecifications: [
          { ResourceType: 'instance', TagKeys: ['Name', 'Owner'] },
          { ResourceType: 'auto-scaling-group', TagKeys: ['Team'] },
        ],
      },
    },
    {
      name: 'tags',
      input: {
        TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: [{ Key: 'Name', Value: 'all' }] }],
      },
      shown: { Tags: [{ Key: 'Name', Value: 'all' }] },
    },
    {
      name: 'a subnet',
      input: { ResourceType: 'Subnet', ResourceIds: [subnetId] },
      shown: { ResourceId: subnetId },
    },
    {
      name: 'an interface',
      input: { ResourceType: 'NetworkInterface', ResourceIds: [interfaceId] },
      shown: { ResourceId: interfaceId },
    },
    {
      name: 'a regional NAT gateway',
      input: { ResourceType: 'RegionalNatGateway', ResourceIds: [regionalNatId] },
      shown: { ResourceId: regionalNatId },
    },
    {
      name: 'a transit gateway, with its own default format',
      input: {
        ResourceType: 'TransitGateway',
        ResourceIds: [gatewayId],
        TrafficType: undefined,
        MaxAggregationInterval: 60,
      },
      shown: {
        LogFormat: expect.stringMatching(/^\$\{version\} \$\{resource-type\} .*\$\{pkt-dst-aws-service\}$/),
      },
    },
    {
      name: 'an attachment',
      input: {
        ResourceType: 'TransitGatewayAttachment',
        ResourceIds: [attachmentId],
        TrafficType: undefined,
        MaxAggregationInterval: 60,
        LogFormat: `\${tgw-id} \${packets-lost-blackhole}`,
      },
      shown: { ResourceId: attachmentId, LogFormat: `\${tgw-id} \${packets-lost-blackhole}` },
    },
  ];
  it.each(accepted)('takes $name', async ({ input, shown }) => {
    await create(input);
    expect(await list()).toEqual([expect.objectContaining(shown)]);
  });

  const refused: { name: string; input: Partial<CreateFlowLogsRequest>; error: string }[] = [
    {
      name: 'a group and a destination',
      input: { LogDestination: groupArn },
      error: invalid('Please only provide LogGroupName or only provide LogDestination.'),
    },
    {
      name: 'a bucket and a group',
      input: { ...toS3, LogGroupName: 'my-flows' },
      error: invalid('Please only provide LogGroupName or only provide LogDestination.'),
    },
    {
      name: 'S3 with a group instead of a bucket',
      input: { ...toS3, LogDestination: undefined, LogGroupName: 'my-flows' },
      error: invalid('LogDestination type must be cloud-watch-logs if LogGroupName is provided.'),
    },
    {
      name: 'S3 without a bucket',
      input: { ...toS3, LogDestination: undefined },
      error: invalid("LogDestination can't be empty if LogGroupName is not provided."),
    },
    {
      name: 'neither group nor destination',
      input: { LogGroupName: undefined },
      error: invalid("LogDestination can't be empty if LogGroupName is not provided."),
    },
    {
      name: 'a group without a role',
      input: { DeliverLogsPermissionArn: undefined },
      error: invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."),
    },
    {
      name: 'S3 with a role',
      input: { ...toS3, DeliverLogsPermissionArn: roleArn },
      error: invalid('DeliverLogsPermissionArn is not applicable for s3 delivery'),
    },
    {
      name: 'another interval',
      input: { MaxAggregationInterval: 10 },
      error: invalid('Invalid Flow Log Max Aggregation Interval'),
    },
    {
      name: 'ten minutes on a transit gateway',
      input: { ResourceType: 'TransitGateway', ResourceIds: [gatewayId], TrafficType: undefined },
      error: invalid('Invalid Flow Log Max Aggregation Interval'),
    },
    {
      name: 'no traffic type',
      input: { TrafficType: undefined },
      error: 'MissingParameter: The request must contain the parameter trafficType',
    },
    {
      name: 'a traffic type on a transit gateway',
      input: { ResourceType: 'TransitGateway', ResourceIds: [gatewayId], MaxAggregationInterval: 60 },
      error: invalid('TrafficType is not applicable for TransitGateway'),
    },
    {
      name: 'a role that is not there',
      input: { DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/none' },
      error: invalid('Unable to assume given IAM role'),
    },
    {
      name: 'a role of another account',
      input: { DeliverLogsPermissionArn: 'arn:aws:iam::210987654321:role/theirs' },
      error: invalid('Unable to assume given IAM role'),
    },
    {
      name: 'a role under another path',
      input: { DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/path/flow-logs' },
      error: invalid('Unable to assume given IAM role'),
    },
    {
      name: 'what is no role',
      input: { DeliverLogsPermissionArn: 'flow-logs' },
      error: invalid('Unable to assume given IAM role'),
    },
    {
      name: 'a format that ends in a space',
      input: { LogFormat: `\${version} \${vpc-id} ` },
      error: malformed(`'\${version} \${vpc-id} '`, 'logFormat'),
    },
    {
      name: 'bare names',
      input: { LogFormat: 'version,vpc-id' },
      error: malformed("'version,vpc-id'", 'logFormat'),
    },
    {
      name: 'an unknown field',
      input: { LogFormat: `\${version} \${srcadr}` },
      error: invalid('LogFormat: unknown field "srcadr", at character 13; expected perhaps srcaddr'),
    },
    {
      name: 'a field twice',
      input: { LogFormat: `\${version} \${version}` },
      error: invalid(
        'LogFormat: field version is there twice, at character 13; expected each field at most once',
      ),
    },
    {
      name: 'a field of transit gateways on a VPC',
      input: { LogFormat: `\${tgw-id}` },
      error: invalid('LogFormat: unknown field "tgw-id", at character 2; expected one of `headgate fields`'),
    },
    {
      name: 'tag fields without keys',
      input: { LogFormat: `\${srcaddr} \${interface-tag}` },
      error: invalid(
        'The TagFieldSpecifications parameter must be set when including tag fields in the log format',
      ),
    },
    {
      name: 'a second tag field with one key',
      input: {
        LogFormat: `\${instance-tag-2}`,
        TagFieldSpecifications: [{ ResourceType: 'instance', TagKeys: ['Name'] }],
      },
      error: invalid('TagFieldSpecifications names no tag key of instance for the field instance-tag-2'),
    },
    {
      name: 'three keys',
      input: { TagFieldSpecifications: [{ ResourceType: 'instance', TagKeys: ['a', 'b', 'c'] }] },
      error: invalid('TagFieldSpecifications: instance must have one or two tag keys'),
    },
    {
      name: 'options for a log group',
      input: { DestinationOptions: { FileFormat: 'parquet' } },
      error: invalid('DestinationOptions is only applicable for s3 delivery'),
    },
    {
      name: 'a folder AWSLogs',
      input: { ...toS3, LogDestination: 'arn:aws:s3:::bucket/AWSLogs/' },
      error: invalid('LogDestination: AWSLogs is a reserved word and cannot be used as a subfolder name.'),
    },
    {
      name: 'what is no bucket',
      input: { ...toS3, LogDestination: 'bucket' },
      error: invalid('LogDestination: bucket is not a valid ARN for this LogDestinationType.'),
    },
    {
      name: 'a group of another Region',
      input: { LogGroupName: undefined, LogDestination: groupArn.replace('us-east-1', 'eu-west-1') },
      error: invalid(
        'LogDestination: arn:aws:logs:eu-west-1:123456789012:log-group:my-flows is not in this account and Region.',
      ),
    },
    {
      name: 'a name that no group can have',
      input: { LogGroupName: 'my flows' },
      error: malformed("'my flows'", 'logGroupName'),
    },
    {
      name: 'more than 300 resources',
      input: { ResourceIds: Array.from({ length: 301 }, (_, i) => `vpc-${String(i).padStart(17, '0')}`) },
      error: invalid('The request can contain no more than 300 resource IDs.'),
    },
    {
      name: 'tags of something else',
      input: { TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'a', Value: '' }] }] },
      error: "InvalidParameterValue: 'vpc' is not a valid taggable resource type for this operation.",
    },
    {
      name: 'a VPC that is not there',
      input: { ResourceIds: ['vpc-0000000000000dead'] },
      error: "InvalidVpcID.NotFound: The vpc ID 'vpc-0000000000000dead' does not exist",
    },
    {
      name: 'a subnet that is not there',
      input: { ResourceType: 'Subnet', ResourceIds: ['subnet-0000000000000dead'] },
      error: "InvalidSubnetID.NotFound: The subnet ID 'subnet-0000000000000dead' does not exist",
    },
    {
      name: 'an interface that is not there',
      input: { ResourceType: 'NetworkInterface', ResourceIds: ['eni-0000000000000dead'] },
      error:
        "InvalidNetworkInterfaceID.NotFound: The networkInterface ID 'eni-0000000000000dead' does not exist",
    },
    {
      name: 'a subnet as a VPC',
      input: { ResourceIds: [subnetId] },
      error: `InvalidID: The ID '${subnetId}' is not valid`,
    },
    {
      name: 'a transit gateway that was never loaded',
      input: {
        ResourceType: 'TransitGateway',
        ResourceIds: ['tgw-0000000000000dead'],
        TrafficType: undefined,
        MaxAggregationInterval: 60,
      },
      error:
        'InvalidTransitGatewayID.NotFound: Transit Gateway tgw-0000000000000dead was deleted or does not exist.',
    },
  ];
  it.each(refused)('refuses $name', async ({ input, error }) => {
    expect(await refusal(() => create(input))).toBe(error);
    expect(await list()).toEqual([]);
  });

  it('does not take a zonal NAT gateway for a regional one', async () => {
    const request: Partial<CreateFlowLogsRequest> = {
      ResourceType: 'RegionalNatGateway',
      ResourceIds: [zonalNatId],
    };
    expect(await refusal(() => create(request))).toMatch(/^NatGatewayNotFound: /);
  });

  it.each([
    { name: 'bucket', input: toS3, message: 'LogDestination: non-existent-bucket does not exist' },
    { name: 'delivery stream', input: toFirehose, message: 'LogDestination: my-stream does not exist' },
  ])('succeeds without any flow log where the $name does not exist', async ({ input, message }) => {
    const answer = await create({ ...input, ResourceIds: [vpcId, otherVpcId] });
    expect(answer.FlowLogIds).toEqual([]);
    expect(answer.Unsuccessful).toEqual(
      [vpcId, otherVpcId].map((ResourceId) => ({ ResourceId, Error: { Code: '400', Message: message } })),
    );
  });

  it('makes what it can of several resources, and tells of the others', async () => {
    const unknown = 'vpc-0000000000000dead';
    await create({ ResourceIds: [otherVpcId] });
    const answer = await create({ ResourceIds: [vpcId, unknown, otherVpcId] });
    expect(answer.FlowLogIds).toHaveLength(1);
    expect(answer.Unsuccessful).toEqual([
      {
        ResourceId: unknown,
        Error: { Code: 'InvalidVpcID.NotFound', Message: `The vpc ID '${unknown}' does not exist` },
      },
      {
        ResourceId: otherVpcId,
        Error: {
          Code: 'FlowLogAlreadyExists',
          Message: 'Error. There is an existing Flow Log with the same configuration and log destination.',
        },
      },
    ]);
  });

  const others: { name: string; change: Partial<CreateFlowLogsRequest> }[] = [
    { name: 'group', change: { LogGroupName: 'other' } },
    { name: 'traffic type', change: { TrafficType: 'REJECT' } },
    { name: 'format', change: { LogFormat: `\${srcaddr}` } },
    { name: 'interval', change: { MaxAggregationInterval: 60 } },
    { name: 'resource', change: { ResourceIds: [otherVpcId] } },
  ];
  it.each(others)('takes a second flow log of another $name', async ({ change }) => {
    await create();
    await create(change);
    expect(await list()).toHaveLength(2);
  });

  it('refuses the same again, also by the ARN of the group', async () => {
    await create();
    const error =
      'FlowLogAlreadyExists: Error. There is an existing Flow Log with the same configuration and log destination.';
    expect(await refusal(() => create())).toBe(error);
    expect(await refusal(() => create({ LogGroupName: undefined, LogDestination: groupArn }))).toBe(error);
  });

  it('gives a resource 250 flow logs at most', async () => {
    const [plain] = (await create()).FlowLogIds ?? [];
    await opened.resources.write((draft) => {
      const flowLog = draft.get(flowLogs, place, plain)!;
      for (let i = 1; i < 250; i++) {
        const FlowLogId = `fl-${String(i).padStart(17, '0')}`;
        draft.put(flowLogs, place, FlowLogId, { ...flowLog, FlowLogId, LogGroupName: `group-${i}` });
      }
    });
    expect(await refusal(() => create({ LogGroupName: 'one-more' }))).toBe(
      `FlowLogsLimitExceeded: The maximum number of flow logs for ${vpcId} is 250.`,
    );
  });

  it('gives the same answer to the same token, and takes it for nothing else', async () => {
    const first = await create({ ClientToken: 'token' });
    expect(await create({ ClientToken: 'token' })).toEqual(first);
    expect(await refusal(() => create({ ClientToken: 'token', TrafficType: 'REJECT' }))).toMatch(
      /^IdempotentParameterMismatch: /,
    );
    expect(await list()).toHaveLength(1);
    expect((await create({ ClientToken: 'other', LogGroupName: 'other' })).FlowLogIds).not.toEqual(
      first.FlowLogIds,
    );
  });

  it('has the service make its role for tag fields', async () => {
    const role = 'AWSServiceRoleForVPCFlowLogs';
    const account = iamPlace(place.accountId);
    await create();
    expect(opened.resources.get(roles, account, role)).toBeUndefined();
    const TagFieldSpecifications: CreateFlowLogsRequest['TagFieldSpecifications'] = [
      { ResourceType: 'instance', TagKeys: ['Name'] },
    ];
    await create({ LogFormat: `\${instance-tag}`, TagFieldSpecifications });
    expect(opened.resources.get(roles, account, role)?.Arn).toBe(
      `arn:aws:iam::123456789012:role/aws-service-role/vpc-flow-logs.amazonaws.com/${role}`,
    );
  });

  it('keeps flow logs over a restart', async () => {
    await create();
    const before = await list();
    await opened.reopen();
    actions = flowLogActions({ resources: opened.resources });
    expect(await list()).toEqual(before);
  });
});

describe('targets of CreateFlowLogs', () => {
  const targetsOf = (input: Partial<CreateFlowLogsRequest>): readonly Target[] =>
    actions.CreateFlowLogs.targets?.(requestOf(input) as never, call) ?? [];
  const names = (input: Partial<CreateFlowLogsRequest>) =>
    targetsOf(input).map(({ action = 'ec2:CreateFlowLogs', resource }) => `${action} ${resource}`);
  const arn = 'arn:aws:ec2:us-east-1:123456789012:';

  it('are the flow log, its resources and the role that is passed', () => {
    expect(names({ ResourceIds: [vpcId, otherVpcId] })).toEqual([
      `ec2:CreateFlowLogs ${arn}vpc-flow-log/*`,
      `ec2:CreateFlowLogs ${arn}vpc/${vpcId}`,
      `ec2:CreateFlowLogs ${arn}vpc/${otherVpcId}`,
      `iam:PassRole ${roleArn}`,
    ]);
    expect(targetsOf({}).at(-1)?.keys).toEqual({ 'iam:PassedToService': 'vpc-flow-logs.amazonaws.com' });
  });

  it('are tags, deliveries and the tags that records show', () => {
    const TagSpecifications = [
      { ResourceType: 'vpc-flow-log', Tags: [{ Key: 'Name', Value: 'x' }] },
    ] as const;
    expect(names({ TagSpecifications: structuredClone(TagSpecifications) as never })).toContain(
      `ec2:CreateTags ${arn}vpc-flow-log/*`,
    );
    expect(names(toS3)).toContain('logs:CreateLogDelivery *');
    expect(names(toFirehose)).toContain('logs:CreateLogDelivery *');
    expect(names({ LogFormat: `\${srcaddr} \${instance-tag}` })).toContain('ec2:DescribeTags *');
  });
});

describe('DescribeFlowLogs', () => {
  it('tells how deliveries go', async () => {
    const [id] = (await create()).FlowLogIds ?? [];
    health.set(id, { status: 'FAILED', message: 'Access error' });
    actions = flowLogActions({
      resources: opened.resources,
      health: (flowLogId) => health.get(flowLogId) ?? { status: 'SUCCESS' },
    });
    expect(await list()).toEqual([
      expect.objectContaining({ DeliverLogsStatus: 'FAILED', DeliverLogsErrorMessage: 'Access error' }),
    ]);
  });

  it('filters', async () => {
    const [all] = (await create()).FlowLogIds ?? [];
    const [rejects] =
      (
        await create({
          ResourceIds: [otherVpcId],
          TrafficType: 'REJECT',
          LogGroupName: 'rejects',
          TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: [{ Key: 'Name', Value: 'x y' }] }],
        })
      ).FlowLogIds ?? [];
    health.set(rejects, { status: 'FAILED', message: 'Rate limited' });
    const both = [all, rejects].sort();
    const cases: [string, string[], string[]][] = [
      ['deliver-log-status', ['SUCCESS'], [all]],
      ['deliver-log-status', ['FAILED'], [rejects]],
      ['log-destination-type', ['cloud-watch-logs', 's3'], both],
      ['log-destination-type', ['s3'], []],
      ['flow-log-id', [all], [all]],
      ['log-group-name', ['rej*'], [rejects]],
      ['log-group-name', ['none'], []],
      ['resource-id', [vpcId, otherVpcId], both],
      ['traffic-type', ['REJECT'], [rejects]],
      ['traffic-type', ['reject'], []],
      ['tag-key', ['Name'], [rejects]],
      ['tag:Name', ['x?y'], [rejects]],
      ['tag:Name', ['y'], []],
    ];
    for (const [Name, Values, expected] of cases) {
      const found = await list({ Filter: [{ Name, Values }] });
      expect(
        found.map(({ FlowLogId }) => FlowLogId),
        `${Name} ${Values}`,
      ).toEqual(expected);
    }
    expect(
      await list({
        Filter: [
          { Name: 'resource-id', Values: [vpcId] },
          { Name: 'traffic-type', Values: ['REJECT'] },
        ],
      }),
    ).toEqual([]);
    expect(await refusal(() => list({ Filter: [{ Name: 'vpc-id', Values: ['x'] }] }))).toBe(
      "InvalidParameterValue: The filter 'vpc-id' is invalid",
    );
  });

  it('pages, with tokens that are good for the same question only', async () => {
    const ids: string[] = [];
    for (const LogGroupName of ['a', 'b', 'c'])
      ids.push(...((await create({ LogGroupName })).FlowLogIds ?? []));
    const first = await run<DescribeFlowLogsResult>('DescribeFlowLogs', { MaxResults: 2 });
    const second = await run<DescribeFlowLogsResult>('DescribeFlowLogs', {
      MaxResults: 2,
      NextToken: first.NextToken,
    });
    const found = [...(first.FlowLogs ?? []), ...(second.FlowLogs ?? [])];
    expect(found.map(({ FlowLogId }) => FlowLogId)).toEqual(ids.toSorted());
    expect(second.NextToken).toBeUndefined();
    const Filter = [{ Name: 'traffic-type', Values: ['ALL'] }];
    expect(await refusal(() => list({ MaxResults: 2, NextToken: first.NextToken, Filter }))).toMatch(
      /^InvalidNextToken: /,
    );
    expect(await refusal(() => list({ MaxResults: 1001 }))).toMatch(/^InvalidMaxResults: /);
  });

  it('leaves out ids that nobody has, and refuses what is none', async () => {
    const [id] = (await create()).FlowLogIds ?? [];
    expect(await list({ FlowLogIds: [id, 'fl-1a2b3c4d'] })).toHaveLength(1);
    expect(await refusal(() => list({ FlowLogIds: ['vpc-1'] }))).toBe(malformed("'vpc-1'", 'flowLogId'));
  });
});

describe('DeleteFlowLogs', () => {
  it('deletes all that it names', async () => {
    const { FlowLogIds } = await create({ ResourceIds: [vpcId, otherVpcId] });
    expect(await run('DeleteFlowLogs', { FlowLogIds })).toEqual({ Unsuccessful: [] });
    expect(await list()).toEqual([]);
  });

  const unknown = ['fl-1a2b3c4d', 'fl-2b3c4d5e'];
  it.each([
    { name: 'one', ids: unknown.slice(0, 1), listed: '[TotalCount: 1] fl-1a2b3c4d' },
    { name: 'two', ids: unknown, listed: '[TotalCount: 2] fl-1a2b3c4d fl-2b3c4d5e' },
  ])('names $name that nobody has, and deletes no other', async ({ ids, listed }) => {
    const { FlowLogIds = [] } = await create();
    expect(await refusal(() => run('DeleteFlowLogs', { FlowLogIds: [...FlowLogIds, ...ids] }))).toBe(
      `InvalidFlowLogId.NotFound: These flow log ids in the input list are not found: ${listed}`,
    );
    expect(await list()).toHaveLength(1);
  });

  it('refuses what is no id', async () => {
    expect(await refusal(() => run('DeleteFlowLogs', { FlowLogIds: [] }))).toBe(
      malformed('null', 'flowLogId'),
    );
  });
});

it('GetFlowLogsIntegrationTemplate is refused by name', async () => {
  expect(await refusal(() => run('GetFlowLogsIntegrationTemplate', {}))).toMatch(
    /^UnsupportedOperation: GetFlowLogsIntegrationTemplate /,
  );
});
