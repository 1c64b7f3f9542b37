import type { LogFormat } from '../record/index.ts';
import type { Place } from '../resource/place.ts';
import type { Store } from '../store/index.ts';
import { Catalog } from './catalog.ts';
import type { Engine } from './engine.ts';
import { beginImport, type ImportsUnderWay } from './file-import.ts';
import { filterLogEvents } from './filter-log-events.ts';
import { getLogEvents } from './get-log-events.ts';
import * as policies from './index-policy.ts';
import { ensureLogGroup, putRecords } from './ingest.ts';
import type { FileImport, ImportRequest, PutRecordsRequest } from './ingest-shapes.ts';
import { InsightsQueries, type QueryBounds, queryBounds } from './insights-queries.ts';
import { startLiveTail, type TailRequest, type TailUpdate } from './live-tail.ts';
import * as groups from './log-group.ts';
import { getLogGroupFields, getLogRecord, groupOfRecord } from './log-record.ts';
import * as streams from './log-stream.ts';
import * as lookups from './lookup-table.ts';
import * as metrics from './metric-filter.ts';
import { PlacedTable } from './placed-table.ts';
import { putLogEvents } from './put-log-events.ts';
import * as definitions from './query-definition.ts';
import type * as query from './query-shapes.ts';
import { RecordOrigins } from './record-origins.ts';
import * as retention from './retention.ts';
import { runQuery } from './run-query.ts';
import type * as shapes from './shapes.ts';
import * as filters from './subscription-filter.ts';
import type { SubscriptionBounds, SubscriptionSink, SubscriptionStatus } from './subscription-shapes.ts';
import { Subscriptions } from './subscriptions.ts';
import * as tags from './tags.ts';
import { TailHub } from './tail-hub.ts';

export interface LogsOptions extends Place {
  readonly store: Store;
  /** What the log groups of all accounts and Regions share; of its own when absent. */
  readonly shared?: SharedLogs;
  /** Epoch milliseconds; `Date.now` when absent. */
  readonly clock?: () => number;
  /** Told, in a sentence, what failed where nobody waits for it. */
  readonly report?: (sentence: string) => void;
  readonly queryBounds?: Partial<QueryBounds>;
}

/** There is one for a store. */
export interface SharedLogs {
  readonly catalog: Catalog;
  readonly tails: TailHub;
  readonly subscriptions: Subscriptions;
}

export function sharedLogs({
  store,
  clock = Date.now,
  report = () => undefined,
}: Pick<LogsOptions, 'store' | 'clock' | 'report'>): SharedLogs {
  const catalog = new Catalog(store);
  const subscriptions = new Subscriptions({ store, catalog, clock, report });
  return { catalog, tails: new TailHub(), subscriptions };
}

/**
 * CloudWatch Logs of an account and Region over a store: its operations by their names, in AWS's semantics. They throw ServiceErrors; those that
 * take a query throw QueryErrors as well. What changes something is durable when it is fulfilled.
 */
export class Logs {
  readonly #engine: Engine;
  readonly #queries: InsightsQueries;
  readonly #imports: ImportsUnderWay = new Set();

  constructor(options: LogsOptions) {
    const { store, accountId, region, clock = Date.now, report = () => undefined } = options;
    const { catalog, tails, subscriptions } = options.shared ?? sharedLogs(options);
    this.#engine = {
      store,
      catalog,
      queryDefinitions: new PlacedTable(catalog.queryDefinitions, options),
      lookupTables: new PlacedTable(catalog.lookupTables, options),
      accountId,
      region,
      clock,
      report,
      tails,
      origins: new RecordOrigins(catalog, options),
      subscriptions,
    };
    this.#queries = new InsightsQueries(this.#engine, { ...queryBounds, ...options.queryBounds });
  }

  async createLogGroup(request: shapes.CreateLogGroupRequest): Promise<void> {
    await groups.createLogGroup(this.#engine, request);
  }

  async deleteLogGroup(request: shapes.LogGroupRequest): Promise<void> {
    await groups.deleteLogGroup(this.#engine, request);
  }

  describeLogGroups(request: shapes.DescribeLogGroupsRequest = {}): shapes.DescribeLogGroupsResponse {
    return groups.describeLogGroups(this.#engine, request);
  }

  listLogGroups(request: shapes.ListLogGroupsRequest = {}): shapes.ListLogGroupsResponse {
    return groups.listLogGroups(this.#engine, request);
  }

  async putLogGroupDeletionProtection(request: shapes.PutLogGroupDeletionProtectionRequest): Promise<void> {
    await groups.putLogGroupDeletionProtection(this.#engine, request);
  }

  async putRetentionPolicy(request: shapes.PutRetentionPolicyRequest): Promise<void> {
    await retention.putRetentionPolicy(this.#engine, request);
  }

  async deleteRetentionPolicy(request: shapes.LogGroupRequest): Promise<void> {
    await retention.deleteRetentionPolicy(this.#engine, request);
  }

  /** To be called once, before anything else: removes files of lookup tables that a crash has left. */
  async begin(): Promise<void> {
    await lookups.removeLostTables(this.#engine);
  }

  /** Removes what is older than each group of any account keeps; to be called every minute or so. */
  async expire(): Promise<void> {
    await retention.expire(this.#engine);
  }

  async tagResource(request: shapes.TagResourceRequest): Promise<void> {
    await tags.tagResource(this.#engine, request);
  }

  async untagResource(request: shapes.UntagResourceRequest): Promise<void> {
    await tags.untagResource(this.#engine, request);
  }

  /** None of a group that is not there. */
  tagsOf(logGroupName: string): shapes.Tags {
    return this.#engine.catalog.group(this.#engine, logGroupName)?.tags ?? {};
  }

  listTagsForResource(request: { readonly resourceArn: string }): { readonly tags: shapes.Tags } {
    return tags.listTagsForResource(this.#engine, request);
  }

  async tagLogGroup(request: shapes.TagLogGroupRequest): Promise<void> {
    await tags.tagLogGroup(this.#engine, request);
  }

  async untagLogGroup(request: shapes.UntagLogGroupRequest): Promise<void> {
    await tags.untagLogGroup(this.#engine, request);
  }

  listTagsLogGroup(request: shapes.LogGroupRequest): { readonly tags: shapes.Tags } {
    return tags.listTagsLogGroup(this.#engine, request);
  }

  async createLogStream(request: shapes.LogStreamRequest): Promise<void> {
    await streams.createLogStream(this.#engine, request);
  }

  async deleteLogStream(request: shapes.LogStreamRequest): Promise<void> {
    await streams.deleteLogStream(this.#engine, request);
  }

  describeLogStreams(request: shapes.DescribeLogStreamsRequest): shapes.DescribeLogStreamsResponse {
    return streams.describeLogStreams(this.#engine, request);
  }

  putLogEvents(request: shapes.PutLogEventsRequest): Promise<shapes.PutLogEventsResponse> {
    return putLogEvents(this.#engine, request);
  }

  getLogEvents(request: shapes.GetLogEventsRequest): Promise<shapes.GetLogEventsResponse> {
    return getLogEvents(this.#engine, request);
  }

  filterLogEvents(
    request: shapes.FilterLogEventsRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<shapes.FilterLogEventsResponse> {
    return filterLogEvents(this.#engine, request, signal);
  }

  /** StartLiveTail: new events as they become durable, until the iteration is left. */
  tail(request: TailRequest): AsyncIterableIterator<TailUpdate> {
    return startLiveTail(this.#engine, request);
  }

  async putMetricFilter(request: shapes.PutMetricFilterRequest): Promise<void> {
    await metrics.putMetricFilter(this.#engine, request);
  }

  describeMetricFilters(
    request: shapes.DescribeMetricFiltersRequest = {},
  ): shapes.DescribeMetricFiltersResponse {
    return metrics.describeMetricFilters(this.#engine, request);
  }

  async deleteMetricFilter(request: shapes.FilterRequest): Promise<void> {
    await metrics.deleteMetricFilter(this.#engine, request);
  }

  testMetricFilter(request: shapes.TestMetricFilterRequest): shapes.TestMetricFilterResponse {
    return metrics.testMetricFilter(request);
  }

  async putSubscriptionFilter(request: shapes.PutSubscriptionFilterRequest): Promise<void> {
    await filters.putSubscriptionFilter(this.#engine, request);
  }

  describeSubscriptionFilters(
    request: shapes.DescribeSubscriptionFiltersRequest,
  ): shapes.DescribeSubscriptionFiltersResponse {
    return filters.describeSubscriptionFilters(this.#engine, request);
  }

  async deleteSubscriptionFilter(request: shapes.FilterRequest): Promise<void> {
    await filters.deleteSubscriptionFilter(this.#engine, request);
  }

  /** Has the subscription filters of all accounts deliver; until then none can be made. To be called once. */
  beginSubscriptions(sink: SubscriptionSink, bounds: Partial<SubscriptionBounds> = {}): void {
    this.#engine.subscriptions.begin(sink, bounds);
  }

  /** How subscription filters of the account and Region stand, once they deliver. */
  subscriptions(): readonly SubscriptionStatus[] {
    return this.#engine.subscriptions.statuses(this.#engine);
  }

  putIndexPolicy(
    request: shapes.PutIndexPolicyRequest,
  ): Promise<{ readonly indexPolicy: shapes.IndexPolicy }> {
    return policies.putIndexPolicy(this.#engine, request);
  }

  describeIndexPolicies(request: { readonly logGroupIdentifiers: readonly string[] }): {
    readonly indexPolicies: readonly shapes.IndexPolicy[];
  } {
    return policies.describeIndexPolicies(this.#engine, request);
  }

  async deleteIndexPolicy(request: { readonly logGroupIdentifier: string }): Promise<void> {
    await policies.deleteIndexPolicy(this.#engine, request);
  }

  async startQuery(request: query.StartQueryRequest): Promise<{ readonly queryId: string }> {
    return this.#queries.start(request);
  }

  /** Names of the log groups that a query would read. @throws as `startQuery` */
  groupsOfQuery(request: query.StartQueryRequest): readonly string[] {
    return this.#queries.groupsRead(request);
  }

  getQueryResults(request: query.GetQueryResultsRequest): query.GetQueryResultsResponse {
    return this.#queries.results(request);
  }

  stopQuery(request: { readonly queryId: string }): Promise<{ readonly success: boolean }> {
    return this.#queries.stop(request);
  }

  describeQueries(request: query.DescribeQueriesRequest = {}): query.DescribeQueriesResponse {
    return this.#queries.describe(request);
  }

  /** A query for a caller in this process: no id, no status; rejected with the signal's reason when aborted. */
  runQuery(request: query.RunQueryRequest): Promise<query.RunQueryAnswer> {
    return runQuery(this.#engine, request);
  }

  /** All discovered fields of an event, by its `@ptr`. */
  getLogRecord(request: {
    readonly logRecordPointer: string;
  }): Promise<{ readonly logRecord: Readonly<Record<string, string>> }> {
    return getLogRecord(this.#engine, request);
  }

  /** The name of the log group that a pointer names. @throws for what is no pointer */
  groupOfRecord(request: { readonly logRecordPointer: string }): string {
    return groupOfRecord(request.logRecordPointer);
  }

  getLogGroupFields(request: query.GetLogGroupFieldsRequest): Promise<query.GetLogGroupFieldsResponse> {
    return getLogGroupFields(this.#engine, request);
  }

  putQueryDefinition(
    request: query.PutQueryDefinitionRequest,
  ): Promise<{ readonly queryDefinitionId: string }> {
    return definitions.putQueryDefinition(this.#engine, request);
  }

  describeQueryDefinitions(
    request: query.DescribeQueryDefinitionsRequest = {},
  ): query.DescribeQueryDefinitionsResponse {
    return definitions.describeQueryDefinitions(this.#engine, request);
  }

  deleteQueryDefinition(request: {
    readonly queryDefinitionId: string;
  }): Promise<{ readonly success: boolean }> {
    return definitions.deleteQueryDefinition(this.#engine, request);
  }

  createLookupTable(
    request: query.CreateLookupTableRequest,
  ): Promise<{ readonly lookupTableArn: string; readonly createdAt: number }> {
    return lookups.createLookupTable(this.#engine, request);
  }

  updateLookupTable(
    request: query.UpdateLookupTableRequest,
  ): Promise<{ readonly lookupTableArn: string; readonly lastUpdatedTime: number }> {
    return lookups.updateLookupTable(this.#engine, request);
  }

  async deleteLookupTable(request: { readonly lookupTableArn: string }): Promise<void> {
    await lookups.deleteLookupTable(this.#engine, request);
  }

  describeLookupTables(request: query.DescribeLookupTablesRequest = {}): query.DescribeLookupTablesResponse {
    return lookups.describeLookupTables(this.#engine, request);
  }

  /** Makes the group when it is not there; the format is what the flow log that delivers to it writes. */
  async ensureLogGroup(name: string, options: { readonly deliveryFormat?: LogFormat } = {}): Promise<void> {
    await ensureLogGroup(this.#engine, name, options);
  }

  /** Records of a capture, all or none; their streams and their group are made when they are not there. */
  async putRecords(request: PutRecordsRequest): Promise<void> {
    await putRecords(this.#engine, request);
  }

  /** What `putRecords` remembers of a source: for when it is gone for good. Durable when fulfilled. */
  async forgetOrigin(source: string): Promise<void> {
    await this.#engine.origins.forget(source);
  }

  /** undefined when the ledger has the whole file in this group already. */
  beginImport(request: ImportRequest): Promise<FileImport | undefined> {
    return beginImport(this.#engine, this.#imports, request);
  }

  /** Cancels queries, and ends tails and deliveries, of other accounts as well. The store stays open. */
  async close(): Promise<void> {
    this.#engine.tails.close();
    await this.#engine.subscriptions.close();
    await this.#queries.close();
  }
}
