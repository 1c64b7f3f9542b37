/** A policy's document, as AWS publishes it. */
export interface PublishedDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** Actions of one service by their names. */
function actions(service: string, names: string): string[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => `${service}:${name}`);
}

function allow(Action: string | readonly string[], rest: Readonly<Record<string, unknown>> = {}) {
  return { Effect: 'Allow', Action, Resource: '*', ...rest };
}

function document(...Statement: readonly Readonly<Record<string, unknown>>[]): PublishedDocument {
  return { Version: '2012-10-17', Statement };
}

const vpcFullActions = `
  AcceptVpcPeeringConnection AcceptVpcEndpointConnections AllocateAddress AssignIpv6Addresses
  AssignPrivateIpAddresses AssociateAddress AssociateDhcpOptions AssociateRouteTable
  AssociateSubnetCidrBlock AssociateVpcCidrBlock AttachClassicLinkVpc AttachInternetGateway
  AttachNetworkInterface AttachVpnGateway AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress
  CreateCarrierGateway CreateCustomerGateway CreateDefaultSubnet CreateDefaultVpc CreateDhcpOptions
  CreateEgressOnlyInternetGateway CreateFlowLogs CreateInternetGateway
  CreateLocalGatewayRouteTableVpcAssociation CreateNatGateway CreateNetworkAcl CreateNetworkAclEntry
  CreateNetworkInterface CreateNetworkInterfacePermission CreateRoute CreateRouteTable CreateSecurityGroup
  CreateSubnet CreateTags CreateVpc CreateVpcEndpoint CreateVpcEndpointConnectionNotification
  CreateVpcEndpointServiceConfiguration CreateVpcPeeringConnection CreateVpnConnection
  CreateVpnConnectionRoute CreateVpnGateway DeleteCarrierGateway DeleteCustomerGateway DeleteDhcpOptions
  DeleteEgressOnlyInternetGateway DeleteFlowLogs DeleteInternetGateway
  DeleteLocalGatewayRouteTableVpcAssociation DeleteNatGateway DeleteNetworkAcl DeleteNetworkAclEntry
  DeleteNetworkInterface DeleteNetworkInterfacePermission DeleteRoute DeleteRouteTable DeleteSecurityGroup
  DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints DeleteVpcEndpointConnectionNotifications
  DeleteVpcEndpointServiceConfigurations DeleteVpcPeeringConnection DeleteVpnConnection
  DeleteVpnConnectionRoute DeleteVpnGateway DescribeAccountAttributes DescribeAddresses
  DescribeAvailabilityZones DescribeCarrierGateways DescribeClassicLinkInstances DescribeCustomerGateways
  DescribeDhcpOptions DescribeEgressOnlyInternetGateways DescribeFlowLogs DescribeInstances
  DescribeInternetGateways DescribeIpv6Pools DescribeLocalGatewayRouteTables
  DescribeLocalGatewayRouteTableVpcAssociations DescribeKeyPairs DescribeMovingAddresses DescribeNatGateways
  DescribeNetworkAcls DescribeNetworkInterfaceAttribute DescribeNetworkInterfacePermissions
  DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables DescribeSecurityGroupReferences
  DescribeSecurityGroupRules DescribeSecurityGroups DescribeStaleSecurityGroups DescribeSubnets DescribeTags
  DescribeVpcAttribute DescribeVpcClassicLink DescribeVpcClassicLinkDnsSupport
  DescribeVpcEndpointConnectionNotifications DescribeVpcEndpointConnections DescribeVpcEndpoints
  DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions DescribeVpcEndpointServices
  DescribeVpcPeeringConnections DescribeVpcs DescribeVpnConnections DescribeVpnGateways DetachClassicLinkVpc
  DetachInternetGateway DetachNetworkInterface DetachVpnGateway DisableVgwRoutePropagation
  DisableVpcClassicLink DisableVpcClassicLinkDnsSupport DisassociateAddress DisassociateRouteTable
  DisassociateSubnetCidrBlock DisassociateVpcCidrBlock EnableVgwRoutePropagation EnableVpcClassicLink
  EnableVpcClassicLinkDnsSupport GetSecurityGroupsForVpc ModifyNetworkInterfaceAttribute
  ModifySecurityGroupRules ModifySubnetAttribute ModifyVpcAttribute ModifyVpcEndpoint
  ModifyVpcEndpointConnectionNotification ModifyVpcEndpointServiceConfiguration
  ModifyVpcEndpointServicePermissions ModifyVpcPeeringConnectionOptions ModifyVpcTenancy MoveAddressToVpc
  RejectVpcEndpointConnections RejectVpcPeeringConnection ReleaseAddress ReplaceNetworkAclAssociation
  ReplaceNetworkAclEntry ReplaceRoute ReplaceRouteTableAssociation ResetNetworkInterfaceAttribute
  RestoreAddressToClassic RevokeSecurityGroupEgress RevokeSecurityGroupIngress UnassignIpv6Addresses
  UnassignPrivateIpAddresses UpdateSecurityGroupRuleDescriptionsEgress
  UpdateSecurityGroupRuleDescriptionsIngress
`;

const vpcReadOnlyActions = `
  DescribeAccountAttributes DescribeAddresses DescribeCarrierGateways DescribeClassicLinkInstances
  DescribeCustomerGateways DescribeDhcpOptions DescribeEgressOnlyInternetGateways DescribeFlowLogs
  DescribeInternetGateways DescribeLocalGatewayRouteTables DescribeLocalGatewayRouteTableVpcAssociations
  DescribeMovingAddresses DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaceAttribute
  DescribeNetworkInterfacePermissions DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables
  DescribeSecurityGroupReferences DescribeSecurityGroupRules DescribeSecurityGroups
  DescribeSecurityGroupVpcAssociations DescribeStaleSecurityGroups DescribeSubnets DescribeTags
  DescribeVpcAttribute DescribeVpcClassicLink DescribeVpcClassicLinkDnsSupport DescribeVpcEndpoints
  DescribeVpcEndpointConnectionNotifications DescribeVpcEndpointConnections
  DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions DescribeVpcEndpointServices
  DescribeVpcPeeringConnections DescribeVpcs DescribeVpnConnections DescribeVpnGateways
  GetSecurityGroupsForVpc
`;

const glueReadOnlyActions = `
  BatchGetDevEndpoints BatchGetJobs BatchGetPartition BatchGetTriggers BatchGetWorkflows
  CheckSchemaVersionValidity GetCatalogImportStatus GetClassifier GetClassifiers GetCrawler
  GetCrawlerMetrics GetCrawlers GetDatabase GetDatabases GetDataCatalogEncryptionSettings GetPartition
  GetPartitions GetResourcePolicy GetTable GetTables GetTableVersion GetTableVersions GetTags
  GetUserDefinedFunction GetUserDefinedFunctions ListCrawlers
`;

const logsReadOnlyActions = `
  Describe* Get* List* StartQuery StopQuery TestMetricFilter FilterLogEvents StartLiveTail StopLiveTail
`;

const quotaServices = [
  's3',
  'dynamodb',
  'kinesis',
  'sns',
  'bedrock',
  'lambda',
  'fargate',
  'elasticloadbalancing',
  'ec2',
];

const serviceQuotas = allow(['servicequotas:GetServiceQuota'], {
  Sid: 'CloudWatchServiceQuotaPermissions',
  Resource: quotaServices.map((service) => `arn:aws:servicequotas:*:*:${service}/*`),
});

const oamRead = { Resource: 'arn:aws:oam:*:*:sink/*' };

const signalsRole =
  'arn:aws:iam::*:role/aws-service-role/application-signals.cloudwatch.amazonaws.com/AWSServiceRoleForCloudWatchApplicationSignals';

const eventsRole = {
  Resource: 'arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*',
  Condition: { StringLike: { 'iam:AWSServiceName': 'events.amazonaws.com' } },
};

const flowLogRules = {
  Resource: [
    'arn:aws:events:*:*:rule/VPCFlowLogsEC2TagsManagedRule',
    'arn:aws:events:*:*:rule/VPCFlowLogsASGTagsManagedRule',
  ],
};

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy
const sameAccount = { StringEquals: { 'aws:ResourceAccount': '${aws:PrincipalAccount}' } };

/**
 * By policy. `ReadOnlyAccess`, which names more than a thousand actions of all of AWS, has here those of the services
 * that Headgate has or will have, with the live tail that AWS has added since; the others are whole.
 */
export const awsManagedDocuments: Readonly<Record<string, PublishedDocument>> = {
  AdministratorAccess: document(allow('*')),
  PowerUserAccess: document(
    { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
    allow([
      ...actions(
        'account',
        'GetAccountInformation GetGovCloudAccountInformation GetPrimaryEmail ListRegions',
      ),
      ...actions('iam', 'CreateServiceLinkedRole DeleteServiceLinkedRole ListRoles'),
      ...actions('organizations', 'DescribeEffectivePolicy DescribeOrganization'),
    ]),
  ),
  ReadOnlyAccess: document(
    allow([
      ...actions('athena', 'Batch* Get* List*'),
      ...actions('cloudwatch', 'Describe* Get* List*'),
      ...actions(
        'ec2',
        'Describe* Get* ListSnapshotsInRecycleBin SearchLocalGatewayRoutes SearchTransitGatewayRoutes',
      ),
      ...actions('firehose', 'Describe* List*'),
      ...actions('glue', glueReadOnlyActions),
      ...actions('iam', 'Generate* Get* List* Simulate*'),
      ...actions('kinesis', 'Describe* Get* List*'),
      ...actions('kms', 'Describe* Get* List*'),
      ...actions('logs', logsReadOnlyActions),
      ...actions('oam', 'Get* List*'),
      ...actions('s3', 'DescribeJob Get* List*'),
      ...actions('sns', 'Check* Get* List*'),
      ...actions('sts', 'GetAccessKeyInfo GetCallerIdentity GetSessionToken'),
      ...actions('tag', 'DescribeReportCreation Get*'),
    ]),
  ),
  IAMFullAccess: document(
    allow([
      'iam:*',
      ...actions(
        'organizations',
        `DescribeAccount DescribeOrganization DescribeOrganizationalUnit DescribePolicy ListChildren ListParents
         ListPoliciesForTarget ListRoots ListPolicies ListTargetsForPolicy`,
      ),
    ]),
  ),
  IAMReadOnlyAccess: document(
    allow(
      actions(
        'iam',
        `GenerateCredentialReport GenerateServiceLastAccessedDetails Get* List* SimulateCustomPolicy
         SimulatePrincipalPolicy`,
      ),
    ),
  ),
  CloudWatchFullAccess: document(
    allow([
      'autoscaling:Describe*',
      'cloudwatch:*',
      'logs:*',
      'sns:*',
      ...actions('iam', 'GetPolicy GetPolicyVersion GetRole'),
      'oam:ListSinks',
    ]),
    allow('iam:CreateServiceLinkedRole', eventsRole),
    allow(['oam:ListAttachedLinks'], oamRead),
  ),
  CloudWatchFullAccessV2: document(
    allow(
      [
        'application-autoscaling:DescribeScalingPolicies',
        'application-signals:*',
        ...actions('autoscaling', 'DescribeAutoScalingGroups DescribePolicies'),
        'cloudwatch:*',
        'logs:*',
        ...actions('sns', 'CreateTopic ListSubscriptions ListSubscriptionsByTopic ListTopics Subscribe'),
        ...actions('iam', 'GetPolicy GetPolicyVersion GetRole'),
        'oam:ListSinks',
        'rum:*',
        'synthetics:*',
        'xray:*',
      ],
      { Sid: 'CloudWatchFullAccessPermissions' },
    ),
    allow('iam:CreateServiceLinkedRole', {
      Sid: 'CloudWatchApplicationSignalsServiceLinkedRolePermissions',
      Resource: signalsRole,
      Condition: { StringLike: { 'iam:AWSServiceName': 'application-signals.cloudwatch.amazonaws.com' } },
    }),
    allow('iam:CreateServiceLinkedRole', { Sid: 'EventsServicePermissions', ...eventsRole }),
    allow(['oam:ListAttachedLinks'], { Sid: 'OAMReadPermissions', ...oamRead }),
    allow(actions('cloudtrail', 'CreateServiceLinkedChannel GetChannel'), {
      Sid: 'CloudWatchCloudTrailPermissions',
      Resource: 'arn:aws:cloudtrail:*:*:channel/aws-service-channel/application-signals/*',
    }),
    allow(['cloudtrail:ListChannels'], { Sid: 'CloudWatchApplicationSignalsCloudTrailListPermissions' }),
    serviceQuotas,
  ),
  CloudWatchReadOnlyAccess: document(
    allow(
      [
        'application-autoscaling:DescribeScalingPolicies',
        ...actions('application-signals', 'BatchGet* Get* List*'),
        'autoscaling:Describe*',
        'cloudtrail:ListChannels',
        ...actions('cloudwatch', 'BatchGet* Describe* GenerateQuery Get* List*'),
        ...actions('logs', logsReadOnlyActions),
        'oam:ListSinks',
        ...actions(
          'observabilityadmin',
          `GetCentralizationRuleForOrganization ListCentralizationRulesForOrganization GetTelemetryEvaluationStatus
           GetTelemetryEvaluationStatusForOrganization GetTelemetryRule GetTelemetryRuleForOrganization
           ListResourceTelemetry ListResourceTelemetryForOrganization ListTelemetryRules
           ListTelemetryRulesForOrganization GetTelemetryEnrichmentStatus ListTagsForResource GetTelemetryPipeline
           ListTelemetryPipelines TestTelemetryPipeline ValidateTelemetryPipelineConfiguration
           GetS3TableIntegration ListS3TableIntegrations`,
        ),
        ...actions('sns', 'Get* List*'),
        ...actions('rum', 'BatchGet* Get* List*'),
        ...actions('synthetics', 'Describe* Get* List*'),
        ...actions('xray', 'BatchGet* Get* List* StartTraceRetrieval CancelTraceRetrieval'),
      ],
      { Sid: 'CloudWatchReadOnlyAccessPermissions' },
    ),
    allow(['oam:ListAttachedLinks'], { Sid: 'OAMReadPermissions', ...oamRead }),
    allow('iam:GetRole', { Sid: 'CloudWatchReadOnlyGetRolePermissions', Resource: signalsRole }),
    allow(['cloudtrail:GetChannel'], {
      Sid: 'CloudWatchCloudTrailPermissions',
      Resource: 'arn:aws:cloudtrail:*:*:channel/aws-service-channel/application-signals/*',
    }),
    serviceQuotas,
    allow(actions('resource-explorer-2', 'ListIndexes Search'), {
      Sid: 'CloudWatchResourceExplorerPermissions',
      Resource: [
        'arn:aws:resource-explorer-2:*::view/AWSServiceViewForApplicationSignals/service-view',
        'arn:aws:resource-explorer-2:*::view/AWSServiceViewForApplicationSignalsOrgScopeProd/service-view',
      ],
    }),
  ),
  CloudWatchLogsFullAccess: document(
    allow(['logs:*', ...actions('cloudwatch', 'GenerateQuery GenerateQueryResultsSummary')], {
      Sid: 'CloudWatchLogsFullAccess',
    }),
  ),
  CloudWatchLogsReadOnlyAccess: document(
    allow([...actions('logs', logsReadOnlyActions), 'cloudwatch:GenerateQuery'], {
      Sid: 'CloudWatchLogsReadOnlyAccess',
    }),
  ),
  AmazonEC2FullAccess: document(
    allow('ec2:*'),
    allow('elasticloadbalancing:*'),
    allow('cloudwatch:*'),
    allow('autoscaling:*'),
    allow('iam:CreateServiceLinkedRole', {
      Condition: {
        StringEquals: {
          'iam:AWSServiceName': [
            'autoscaling',
            'ec2scheduled',
            'elasticloadbalancing',
            'spot',
            'spotfleet',
            'transitgateway',
          ].map((service) => `${service}.amazonaws.com`),
        },
      },
    }),
  ),
  AmazonEC2ReadOnlyAccess: document(
    allow(actions('ec2', 'Describe* Get*'), { Sid: 'EC2' }),
    allow('elasticloadbalancing:Describe*', { Sid: 'ELB' }),
    allow(actions('cloudwatch', 'ListMetrics GetMetricStatistics Describe*'), { Sid: 'Cloudwatch' }),
    allow('autoscaling:Describe*', { Sid: 'Autoscaling' }),
  ),
  AmazonVPCFullAccess: document(allow(actions('ec2', vpcFullActions), { Sid: 'AmazonVPCFullAccess' })),
  AmazonVPCReadOnlyAccess: document(
    allow(actions('ec2', vpcReadOnlyActions), { Sid: 'AmazonVPCReadOnlyAccess' }),
  ),
  AmazonS3FullAccess: document(allow(['s3:*', 's3-object-lambda:*'])),
  AmazonS3ReadOnlyAccess: document(
    allow([...actions('s3', 'Get* List* Describe*'), ...actions('s3-object-lambda', 'Get* List*')]),
  ),
  AWSServiceRoleForLogDeliveryPolicy: document(
    allow(actions('firehose', 'PutRecord PutRecordBatch ListTagsForDeliveryStream'), {
      Sid: 'LogDeliveryToFirehose',
      Condition: { StringEquals: { 'aws:ResourceTag/LogDeliveryEnabled': 'true' } },
    }),
    allow(actions('kms', 'GenerateDataKey Decrypt'), {
      Sid: 'KMSForFirehoseSSECMK',
      Condition: { StringLike: { 'kms:ViaService': 'firehose.*.amazonaws.com' } },
    }),
  ),
  AWSVPCFlowLogsServiceRolePolicy: document(
    allow(['events:PutRule'], {
      Sid: 'AllowPutRuleOnSpecificSourcesAndDetailTypes',
      ...flowLogRules,
      Condition: {
        ...sameAccount,
        'ForAllValues:StringEquals': {
          'events:source': ['aws.tag', 'aws.autoscaling'],
          'events:detail-type': ['AWS API Call via CloudTrail', 'Tag Change on Resource'],
        },
        Null: { 'events:source': 'false', 'events:detail-type': 'false' },
      },
    }),
    allow(actions('events', 'DeleteRule DescribeRule PutTargets RemoveTargets'), {
      Sid: 'AllowOtherOperationsOnRulesManagedByVPCFlowLogs',
      ...flowLogRules,
      Condition: sameAccount,
    }),
    allow(['tag:GetResources', 'autoscaling:DescribeTags'], { Sid: 'AllowDescribeTagsOnAllEC2Resources' }),
  ),
};
