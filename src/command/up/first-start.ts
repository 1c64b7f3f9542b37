import { captureDefaults } from '../../config/index.ts';
import { type FlowLogResource, flowLogs } from '../../flowlog/index.ts';
import { type AccessKey, createAccount, newUniqueId, roles, type SecretVault } from '../../iam/index.ts';
import { defaultLogFormat } from '../../record/index.ts';
import { type Draft, iamPlace, newId, type Place } from '../../resource/index.ts';
import { type Network, putNetwork } from '../../vpc/index.ts';

export interface FirstStart {
  readonly home: Place;
  readonly network: Network;
  /** What the user has chosen; drawn by lot when absent. */
  readonly administratorKey?: AccessKey | undefined;
  readonly nowMs: number;
}

/** The role that the first flow log delivers under; an ordinary one, as the VPC guide has the user make it. */
const roleName = 'headgate-flow-logs';
const logsActions = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
];

/** What a data folder begins with: the home account, its network, and one flow log for each of its VPCs. */
export function beginFolder(draft: Draft, vault: SecretVault, first: FirstStart): AccessKey {
  const { home, network, administratorKey, nowMs } = first;
  const { accountId } = home;
  const key = createAccount(draft, vault, { accountId, name: 'home', isHome: true, administratorKey, nowMs });
  putNetwork(draft, home, network);
  const roleArn = putRole(draft, home, nowMs);
  for (const { VpcId = '' } of network.vpcs) {
    const flowLog = firstFlowLog(VpcId, roleArn, nowMs);
    draft.put(flowLogs, home, flowLog.FlowLogId, flowLog);
  }
  return key;
}

function putRole(draft: Draft, { accountId, region }: Place, nowMs: number): string {
  const arn = `arn:aws:iam::${accountId}:role/${roleName}`;
  draft.put(roles, iamPlace(accountId), roleName, {
    RoleName: roleName,
    RoleId: newUniqueId('AROA'),
    Path: '/',
    Arn: arn,
    CreateDate: new Date(nowMs).toISOString(),
    Description: 'Lets VPC Flow Logs deliver to CloudWatch Logs',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: { 'aws:SourceAccount': accountId },
            ArnLike: { 'aws:SourceArn': `arn:aws:ec2:${region}:${accountId}:vpc-flow-log/*` },
          },
        },
      ],
    }),
    MaxSessionDuration: 3600,
    Tags: [],
    inlinePolicies: {
      [roleName]: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: logsActions, Resource: '*' }],
      }),
    },
    attachedPolicies: [],
  });
  return arn;
}

function firstFlowLog(vpcId: string, roleArn: string, nowMs: number): FlowLogResource {
  const id = newId('fl');
  return {
    FlowLogId: id,
    CreationTime: new Date(nowMs).toISOString(),
    ResourceId: vpcId,
    resourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
    LogGroupName: captureDefaults.logGroup,
    DeliverLogsPermissionArn: roleArn,
    LogFormat: `${defaultLogFormat.text} \${decided-by} \${initiator}`,
    MaxAggregationInterval: 60,
    Tags: [{ Key: 'Name', Value: 'headgate' }],
    clientToken: id,
  };
}
