import { invariant } from '../fault/index.ts';
import type { LogFormat } from '../record/index.ts';
import type { Store } from '../store/index.ts';
import type { FileImport, ImportRequest, PutRecordsRequest } from './ingest-shapes.ts';
import type { TailRequest, TailUpdate } from './live-tail.ts';
import type * as query from './query-shapes.ts';
import type * as shapes from './shapes.ts';

export interface LogsOptions {
  readonly store: Store;
  readonly accountId: string;
  readonly region: string;
  /** Epoch milliseconds; `Date.now` when absent. */
  readonly clock?: () => number;
}

const later = (): never => invariant(false, 'not built yet') as never;

/** CloudWatch Logs over a store: its operations by their names, in AWS's semantics; errors are ServiceErrors. */
export class Logs {
  readonly options: LogsOptions;
  constructor(options: LogsOptions) {
    this.options = options;
  }

  async createLogGroup(_request: shapes.CreateLogGroupRequest): Promise<void> {
    later();
  }
  async deleteLogGroup(_request: shapes.LogGroupRequest): Promise<void> {
    later();
  }
  describeLogGroups(_request: shapes.DescribeLogGroupsRequest = {}): shapes.DescribeLogGroupsResponse {
    return later();
  }
  listLogGroups(_request: shapes.ListLogGroupsRequest = {}): shapes.ListLogGroupsResponse {
    return later();
  }
  async putLogGroupDeletionProtection(_request: shapes.PutLogGroupDeletionProtectionRequest): Promise<void> {
    later();
  }
  async putRetentionPolicy(_request: shapes.PutRetentionPolicyRequest): Promise<void> {
    later();
  }
  async deleteRetentionPolicy(_request: shapes.LogGroupRequest): Promise<void> {
    later();
  }
  /** Removes what is older than each group keeps; to be called every minute or so. */
  async expire(): Promise<void> {
    later();
  }
  async tagResource(_request: shapes.TagResourceRequest): Promise<void> {
    later();
  }
  async untagResource(_request: shapes.UntagResourceRequest): Promise<void> {
    later();
  }
  listTagsForResource(_request: { readonly resourceArn: string }): { readonly tags: shapes.Tags } {
    return later();
  }
  async tagLogGroup(_request: shapes.TagLogGroupRequest): Promise<void> {
    later();
  }
  async untagLogGroup(_request: shapes.UntagLogGroupRequest): Promise<void> {
    later();
  }
  listTagsLogGroup(_request: shapes.LogGroupRequest): { readonly tags: shapes.Tags } {
    return later();
  }

  async createLogStream(_request: shapes.LogStreamRequest): Promise<void> {
    later();
  }
  async deleteLogStream(_request: shapes.LogStreamRequest): Promise<void> {
    later();
  }
  describeLogStreams(_request: shapes.DescribeLogStreamsRequest): shapes.DescribeLogStreamsResponse {
    return later();
  }

  /** Durable when fulfilled. */
  async putLogEvents(_request: shapes.PutLogEventsRequest): Promise<shapes.PutLogEventsResponse> {
    return later();
  }
  async getLogEvents(_request: shapes.GetLogEventsRequest): Promise<shapes.GetLogEventsResponse> {
    return later();
  }
  async filterLogEvents(_request: shapes.FilterLogEventsRequest): Promise<shapes.FilterLogEventsResponse> {
    return later();
  }
  /** New events as they become durable, until the iteration is left. */
  tail(_request: TailRequest): AsyncIterableIterator<TailUpdate> {
    return later();
  }

  async putMetricFilter(_request: shapes.PutMetricFilterRequest): Promise<void> {
    later();
  }
  describeMetricFilters(
    _request: shapes.DescribeMetricFiltersRequest = {},
  ): shapes.DescribeMetricFiltersResponse {
    return later();
  }
  async deleteMetricFilter(_request: shapes.FilterRequest): Promise<void> {
    later();
  }
  testMetricFilter(_request: shapes.TestMetricFilterRequest): shapes.TestMetricFilterResponse {
    return later();
  }
  async putSubscriptionFilter(_request: shapes.PutSubscriptionFilterRequest): Promise<void> {
    later();
  }
  describeSubscriptionFilters(
    _request: shapes.DescribeSubscriptionFiltersRequest,
  ): shapes.DescribeSubscriptionFiltersResponse {
    return later();
  }
  async deleteSubscriptionFilter(_request: shapes.FilterRequest): Promise<void> {
    later();
  }
  async putIndexPolicy(
    _request: shapes.PutIndexPolicyRequest,
  ): Promise<{ readonly indexPolicy: shapes.IndexPolicy }> {
    return later();
  }
  describeIndexPolicies(_request: { readonly logGroupIdentifiers: readonly string[] }): {
    readonly indexPolicies: readonly shapes.IndexPolicy[];
  } {
    return later();
  }
  async deleteIndexPolicy(_request: { readonly logGroupIdentifier: string }): Promise<void> {
    later();
  }

  /** @throws QueryError for a text that cannot be compiled */
  async startQuery(_request: query.StartQueryRequest): Promise<{ readonly queryId: string }> {
    return later();
  }
  getQueryResults(_request: query.GetQueryResultsRequest): query.GetQueryResultsResponse {
    return later();
  }
  async stopQuery(_request: { readonly queryId: string }): Promise<{ readonly success: boolean }> {
    return later();
  }
  describeQueries(_request: query.DescribeQueriesRequest = {}): query.DescribeQueriesResponse {
    return later();
  }
  /** A query for a caller in this process: no id, no status; rejected with the signal's reason when aborted. */
  async runQuery(_request: query.RunQueryRequest): Promise<query.RunQueryAnswer> {
    return later();
  }
  /** All discovered fields of an event, by its `@ptr`. */
  async getLogRecord(_request: {
    readonly logRecordPointer: string;
  }): Promise<{ readonly logRecord: Readonly<Record<string, string>> }> {
    return later();
  }
  async getLogGroupFields(
    _request: query.GetLogGroupFieldsRequest,
  ): Promise<query.GetLogGroupFieldsResponse> {
    return later();
  }
  async putQueryDefinition(
    _request: query.PutQueryDefinitionRequest,
  ): Promise<{ readonly queryDefinitionId: string }> {
    return later();
  }
  describeQueryDefinitions(
    _request: query.DescribeQueryDefinitionsRequest = {},
  ): query.DescribeQueryDefinitionsResponse {
    return later();
  }
  async deleteQueryDefinition(_request: {
    readonly queryDefinitionId: string;
  }): Promise<{ readonly success: boolean }> {
    return later();
  }
  async createLookupTable(
    _request: query.CreateLookupTableRequest,
  ): Promise<{ readonly lookupTableArn: string; readonly createdAt: number }> {
    return later();
  }
  async updateLookupTable(
    _request: query.UpdateLookupTableRequest,
  ): Promise<{ readonly lookupTableArn: string; readonly lastUpdatedTime: number }> {
    return later();
  }
  async deleteLookupTable(_request: { readonly lookupTableArn: string }): Promise<void> {
    later();
  }
  describeLookupTables(_request: query.DescribeLookupTablesRequest = {}): query.DescribeLookupTablesResponse {
    return later();
  }

  /** Makes the group when it is not there; `format` is what the flow log that delivers to it writes. */
  async ensureLogGroup(_name: string, _options: { readonly deliveryFormat?: LogFormat } = {}): Promise<void> {
    later();
  }
  /** Durable when fulfilled, all or none. */
  async putRecords(_request: PutRecordsRequest): Promise<void> {
    later();
  }
  /** undefined when the ledger has the whole file in this group already. */
  beginImport(_request: ImportRequest): Promise<FileImport | undefined> {
    return later();
  }
  /** Ends what runs: queries are cancelled, tails end. The store stays open. */
  async close(): Promise<void> {
    later();
  }
}
