import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFlowLogsCommand,
  DeleteFlowLogsCommand,
  DescribeFlowLogsCommand,
  type DestinationOptionsRequest,
  type LogDestinationType,
} from '@aws-sdk/client-ec2';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  idOf,
  type Provider,
  type Replayed,
  shownTags,
  shownTagsConfigured,
  single,
  tags,
  unlessGone,
} from './provider.ts';
import { deliveryStreamArn } from './streams.ts';

const trust = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: {
        Service: ['vpc-flow-logs.amazonaws.com', 'firehose.amazonaws.com', 'logs.amazonaws.com'],
      },
      Action: 'sts:AssumeRole',
    },
  ],
};
const delivery = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 's3:PutObject', 'firehose:PutRecordBatch'],
      Resource: '*',
    },
  ],
};

/** Documents come back URL-encoded, and are compared by what they mean. */
function documentOf(text: string | undefined): unknown {
  return JSON.parse(decodeURIComponent(text ?? ''));
}

export const role: Replayed = {
  type: 'aws_iam_role',
  create: async ({ iam, name }) => {
    await iam.send(
      new CreateRoleCommand({
        RoleName: name,
        Path: '/',
        AssumeRolePolicyDocument: JSON.stringify(trust),
        MaxSessionDuration: 3600,
        Tags: tags,
      }),
    );
    return name;
  },
  read: async ({ iam }, id) => {
    const found = await unlessGone(iam.send(new GetRoleCommand({ RoleName: id })), 'NoSuchEntityException');
    if (!found) return undefined;
    const { Role } = found;
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: id }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: id }));
    return {
      name: Role?.RoleName,
      path: Role?.Path,
      arn: typeof Role?.Arn,
      unique_id: Role?.RoleId?.slice(0, 4),
      create_date: Role?.CreateDate instanceof Date,
      max_session_duration: Role?.MaxSessionDuration,
      description: Role?.Description ?? '',
      assume_role_policy: documentOf(Role?.AssumeRolePolicyDocument),
      // Those of aws_iam_role_policy are in nobody's configuration of the role.
      policies: Array.isArray(PolicyNames),
      managed_policy_arns: AttachedPolicies,
      tags: shownTags(Role?.Tags),
    };
  },
  delete: async ({ iam }, id) => {
    const { InstanceProfiles } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: id }));
    if (InstanceProfiles?.length !== 0) throw new Error('the role is in instance profiles');
    await iam.send(new DeleteRoleCommand({ RoleName: id }));
  },
  configured: ({ name }) => ({
    name,
    path: '/',
    arn: 'string',
    unique_id: 'AROA',
    create_date: true,
    max_session_duration: 3600,
    description: '',
    assume_role_policy: trust,
    policies: true,
    managed_policy_arns: [],
    tags: shownTagsConfigured,
  }),
};

export const rolePolicy: Replayed = {
  type: 'aws_iam_role_policy',
  create: async (provider) => {
    const RoleName = idOf(provider, 'aws_iam_role');
    const document = { RoleName, PolicyName: 'delivery', PolicyDocument: JSON.stringify(delivery) };
    await provider.iam.send(new PutRolePolicyCommand(document));
    return `${RoleName}:delivery`;
  },
  read: async ({ iam }, id) => {
    const [RoleName, PolicyName] = id.split(':');
    const asked = iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    const found = await unlessGone(asked, 'NoSuchEntityException');
    return (
      found && {
        name: found.PolicyName,
        role: found.RoleName,
        policy: documentOf(found.PolicyDocument),
      }
    );
  },
  delete: async ({ iam }, id) => {
    const [RoleName, PolicyName] = id.split(':');
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  },
  configured: ({ name }) => ({ name: 'delivery', role: name, policy: delivery }),
};

export const logGroup: Replayed = {
  type: 'aws_cloudwatch_log_group',
  create: async ({ logs, name }) => {
    const given = Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
    await logs.send(new CreateLogGroupCommand({ logGroupName: name, tags: given }));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 14 }));
    return name;
  },
  read: async (provider, id) => {
    const { logs } = provider;
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: id }));
    const group = logGroups?.find(({ logGroupName }) => logGroupName === id);
    if (!group) return undefined;
    const arn = group.arn?.replace(/:\*$/, '') ?? '';
    const listed = await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return {
      name: group.logGroupName,
      arn: arn.endsWith(`:log-group:${id}`),
      log_group_class: group.logGroupClass,
      retention_in_days: group.retentionInDays,
      kms_key_id: group.kmsKeyId,
      tags: listed.tags,
    };
  },
  delete: async ({ logs }, id) => {
    await logs.send(new DeleteLogGroupCommand({ logGroupName: id }));
  },
  configured: ({ name }) => ({
    name,
    arn: true,
    log_group_class: 'STANDARD',
    retention_in_days: 14,
    kms_key_id: undefined,
    tags: shownTagsConfigured,
  }),
};

async function groupArn({ logs, name }: Provider): Promise<string> {
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  return single(logGroups).arn?.replace(/:\*$/, '') ?? '';
}

async function roleArn({ iam, name }: Provider): Promise<string | undefined> {
  return (await iam.send(new GetRoleCommand({ RoleName: name }))).Role?.Arn;
}

/** What of a flow log goes with its destination. */
interface Destined {
  readonly type: LogDestinationType;
  readonly destinationArn: (provider: Provider) => Promise<string>;
  readonly hasRole?: boolean;
  readonly options?: DestinationOptionsRequest;
}

function flowLogTo(name: string, { type, destinationArn, hasRole = false, options }: Destined): Replayed {
  const role = (provider: Provider) => (hasRole ? roleArn(provider) : undefined);
  return {
    type: name,
    create: async (provider) => {
      const { FlowLogIds, Unsuccessful } = await provider.ec2.send(
        new CreateFlowLogsCommand({
          ClientToken: `${provider.name}-${type}`,
          LogDestinationType: type,
          LogDestination: await destinationArn(provider),
          DeliverLogsPermissionArn: await role(provider),
          DestinationOptions: options,
          ResourceIds: [idOf(provider, 'aws_vpc')],
          ResourceType: 'VPC',
          TrafficType: 'ALL',
          MaxAggregationInterval: 600,
          TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: tags }],
        }),
      );
      if (Unsuccessful?.length) throw new Error(JSON.stringify(Unsuccessful));
      return single(FlowLogIds);
    },
    read: async (provider, id) => {
      const asked = provider.ec2.send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }));
      const found = await unlessGone(asked, 'InvalidFlowLogId.NotFound');
      if (!found?.FlowLogs?.length) return undefined;
      const one = single(found.FlowLogs);
      return {
        vpc_id: one.ResourceId,
        traffic_type: one.TrafficType,
        is_of_the_role: one.DeliverLogsPermissionArn === (await role(provider)),
        is_to_the_destination: one.LogDestination === (await destinationArn(provider)),
        log_destination_type: one.LogDestinationType,
        log_format: one.LogFormat,
        max_aggregation_interval: one.MaxAggregationInterval,
        destination_options: one.DestinationOptions,
        deliver_cross_account_role: one.DeliverCrossAccountRole,
        tags: shownTags(one.Tags),
      };
    },
    delete: async ({ ec2 }, id) => {
      const { Unsuccessful } = await ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }));
      if (Unsuccessful?.length) throw new Error(JSON.stringify(Unsuccessful));
    },
    configured: (provider) => ({
      vpc_id: idOf(provider, 'aws_vpc'),
      traffic_type: 'ALL',
      is_of_the_role: true,
      is_to_the_destination: true,
      log_destination_type: type,
      log_format:
        // biome-ignore lint/suspicious/noTemplateCurlyInString: AWS's own syntax
        '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}',
      max_aggregation_interval: 600,
      destination_options: options,
      deliver_cross_account_role: undefined,
      tags: shownTagsConfigured,
    }),
  };
}

export const flowLog = flowLogTo('aws_flow_log', {
  type: 'cloud-watch-logs',
  destinationArn: groupArn,
  hasRole: true,
});

export const flowLogToBucket = flowLogTo('aws_flow_log to a bucket', {
  type: 's3',
  destinationArn: async (provider) => `arn:aws:s3:::${idOf(provider, 'aws_s3_bucket')}`,
  options: { FileFormat: 'parquet', HiveCompatiblePartitions: true, PerHourPartition: true },
});

export const flowLogToStream = flowLogTo('aws_flow_log to a delivery stream', {
  type: 'kinesis-data-firehose',
  destinationArn: deliveryStreamArn,
});
