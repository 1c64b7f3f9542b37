/** Requests and answers of CloudWatch Logs about groups, streams and events: AWS's members, as far as they mean something here. */

export type LogGroupClass = 'STANDARD' | 'INFREQUENT_ACCESS' | 'DELIVERY';
export type Tags = Readonly<Record<string, string>>;

export interface CreateLogGroupRequest {
  readonly logGroupName: string;
  readonly kmsKeyId?: string;
  readonly tags?: Tags;
  readonly logGroupClass?: LogGroupClass;
  readonly deletionProtectionEnabled?: boolean;
}

/** `DeleteLogGroup`, `PutRetentionPolicy` and their like take a name; newer operations an identifier: a name or an ARN. */
export interface LogGroupRequest {
  readonly logGroupName: string;
}

export interface DescribeLogGroupsRequest {
  readonly accountIdentifiers?: readonly string[];
  readonly logGroupNamePrefix?: string;
  readonly logGroupNamePattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
  readonly includeLinkedAccounts?: boolean;
  readonly logGroupClass?: LogGroupClass;
  readonly logGroupIdentifiers?: readonly string[];
}

export interface LogGroupDescription {
  readonly logGroupName: string;
  readonly creationTime: number;
  readonly retentionInDays?: number;
  readonly metricFilterCount: number;
  /** Ends in `:*`. */
  readonly arn: string;
  readonly storedBytes?: number;
  readonly kmsKeyId?: string;
  readonly logGroupClass: LogGroupClass;
  readonly logGroupArn: string;
  readonly deletionProtectionEnabled: boolean;
}

export interface DescribeLogGroupsResponse {
  readonly logGroups: readonly LogGroupDescription[];
  readonly nextToken?: string;
}

export interface ListLogGroupsRequest {
  readonly logGroupNamePattern?: string;
  readonly logGroupClass?: LogGroupClass;
  readonly nextToken?: string;
  readonly limit?: number;
}

export interface ListLogGroupsResponse {
  readonly logGroups: readonly Pick<LogGroupDescription, 'logGroupName' | 'logGroupArn' | 'logGroupClass'>[];
  readonly nextToken?: string;
}

export interface PutLogGroupDeletionProtectionRequest {
  readonly logGroupIdentifier: string;
  readonly deletionProtectionEnabled: boolean;
}

export interface PutRetentionPolicyRequest {
  readonly logGroupName: string;
  readonly retentionInDays: number;
}

export interface TagResourceRequest {
  /** Of a log group, without `:*`. */
  readonly resourceArn: string;
  readonly tags: Tags;
}

export interface UntagResourceRequest {
  readonly resourceArn: string;
  readonly tagKeys: readonly string[];
}

export interface TagLogGroupRequest {
  readonly logGroupName: string;
  readonly tags: Tags;
}

export interface UntagLogGroupRequest {
  readonly logGroupName: string;
  readonly tags: readonly string[];
}

export interface LogStreamRequest {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export interface DescribeLogStreamsRequest {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
  readonly logStreamNamePrefix?: string;
  readonly orderBy?: 'LogStreamName' | 'LastEventTime';
  readonly descending?: boolean;
  readonly nextToken?: string;
  readonly limit?: number;
}

export interface LogStreamDescription {
  readonly logStreamName: string;
  readonly creationTime: number;
  readonly firstEventTimestamp?: number;
  readonly lastEventTimestamp?: number;
  readonly lastIngestionTime?: number;
  readonly uploadSequenceToken: string;
  readonly arn: string;
  readonly storedBytes: 0;
}

export interface DescribeLogStreamsResponse {
  readonly logStreams: readonly LogStreamDescription[];
  readonly nextToken?: string;
}

export interface InputLogEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

export interface PutLogEventsRequest extends LogStreamRequest {
  readonly logEvents: readonly InputLogEvent[];
  /** Taken and not looked at, as at AWS. */
  readonly sequenceToken?: string;
}

export interface RejectedLogEventsInfo {
  /** Inclusive. */
  readonly tooNewLogEventStartIndex?: number;
  /** Exclusive. */
  readonly tooOldLogEventEndIndex?: number;
  /** Exclusive. */
  readonly expiredLogEventEndIndex?: number;
}

export interface PutLogEventsResponse {
  readonly nextSequenceToken: string;
  readonly rejectedLogEventsInfo?: RejectedLogEventsInfo;
}

export interface GetLogEventsRequest {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
  readonly logStreamName: string;
  /** Inclusive. */
  readonly startTime?: number;
  /** Exclusive. */
  readonly endTime?: number;
  readonly nextToken?: string;
  readonly limit?: number;
  readonly startFromHead?: boolean;
}

export interface OutputLogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
}

export interface GetLogEventsResponse {
  readonly events: readonly OutputLogEvent[];
  readonly nextForwardToken: string;
  readonly nextBackwardToken: string;
}

export interface FilterLogEventsRequest {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefix?: string;
  /** Both inclusive. */
  readonly startTime?: number;
  readonly endTime?: number;
  readonly filterPattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
  /** Oldest first, unless false. */
  readonly startFromHead?: boolean;
}

export interface FilteredLogEvent extends OutputLogEvent {
  readonly logStreamName: string;
  readonly eventId: string;
}

export interface FilterLogEventsResponse {
  readonly events: readonly FilteredLogEvent[];
  /** Always empty, as at AWS. */
  readonly searchedLogStreams: readonly [];
  readonly nextToken?: string;
}

export interface MetricTransformation {
  readonly metricName: string;
  readonly metricNamespace: string;
  readonly metricValue: string;
  readonly defaultValue?: number;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly unit?: string;
}

export interface PutMetricFilterRequest {
  readonly logGroupName: string;
  readonly filterName: string;
  readonly filterPattern: string;
  readonly metricTransformations: readonly MetricTransformation[];
  readonly applyOnTransformedLogs?: boolean;
  readonly fieldSelectionCriteria?: string;
  readonly emitSystemFieldDimensions?: readonly string[];
}

export interface MetricFilter extends PutMetricFilterRequest {
  readonly creationTime: number;
  readonly applyOnTransformedLogs: boolean;
}

export interface DescribeMetricFiltersRequest {
  readonly logGroupName?: string;
  readonly filterNamePrefix?: string;
  readonly metricName?: string;
  readonly metricNamespace?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

export interface DescribeMetricFiltersResponse {
  readonly metricFilters: readonly MetricFilter[];
  readonly nextToken?: string;
}

export interface FilterRequest {
  readonly logGroupName: string;
  readonly filterName: string;
}

export interface TestMetricFilterRequest {
  readonly filterPattern: string;
  readonly logEventMessages: readonly string[];
}

export interface TestMetricFilterResponse {
  readonly matches: readonly {
    /** From 0. */
    readonly eventNumber: number;
    readonly eventMessage: string;
    readonly extractedValues: Readonly<Record<string, string>>;
  }[];
}

export interface PutSubscriptionFilterRequest {
  readonly logGroupName: string;
  readonly filterName: string;
  readonly filterPattern: string;
  readonly destinationArn: string;
  readonly roleArn?: string;
  readonly distribution?: 'Random' | 'ByLogStream';
  readonly applyOnTransformedLogs?: boolean;
  readonly fieldSelectionCriteria?: string;
  readonly emitSystemFields?: readonly string[];
}

export interface SubscriptionFilter extends PutSubscriptionFilterRequest {
  readonly distribution: 'Random' | 'ByLogStream';
  readonly creationTime: number;
  readonly applyOnTransformedLogs: boolean;
}

export interface DescribeSubscriptionFiltersRequest {
  readonly logGroupName: string;
  readonly filterNamePrefix?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

export interface DescribeSubscriptionFiltersResponse {
  readonly subscriptionFilters: readonly SubscriptionFilter[];
  readonly nextToken?: string;
}

export interface PutIndexPolicyRequest {
  readonly logGroupIdentifier: string;
  /** `{"Fields": ["action", "srcAddr"]}` */
  readonly policyDocument: string;
}

export interface IndexPolicy {
  readonly logGroupIdentifier: string;
  readonly lastUpdateTime: number;
  readonly policyDocument: string;
  readonly source: 'LOG_GROUP';
}
