/** Requests and answers about Logs Insights queries, saved queries and lookup tables. */

export type QueryStatus = 'Scheduled' | 'Running' | 'Complete' | 'Failed' | 'Cancelled' | 'Timeout';

export interface StartQueryRequest {
  readonly queryLanguage?: 'CWLI' | 'SQL' | 'PPL';
  /** Exactly one of these three, or a query that begins with SOURCE. */
  readonly logGroupName?: string;
  readonly logGroupNames?: readonly string[];
  readonly logGroupIdentifiers?: readonly string[];
  /** Epoch seconds, both inclusive; a number that can only be milliseconds is taken as such. */
  readonly startTime: number;
  readonly endTime: number;
  readonly queryString: string;
  readonly limit?: number;
}

export interface ResultField {
  readonly field: string;
  readonly value: string;
}

export interface InsightsStatistics {
  readonly recordsMatched: number;
  readonly recordsScanned: number;
  readonly estimatedRecordsSkipped: number;
  readonly bytesScanned: number;
  readonly estimatedBytesSkipped: number;
  readonly logGroupsScanned: number;
}

export interface GetQueryResultsRequest {
  readonly queryId: string;
  readonly nextToken?: string;
  readonly maxItems?: number;
}

export interface GetQueryResultsResponse {
  readonly queryLanguage: 'CWLI';
  readonly results: readonly (readonly ResultField[])[];
  readonly statistics: InsightsStatistics;
  readonly status: QueryStatus;
  readonly nextToken?: string;
}

export interface DescribeQueriesRequest {
  readonly logGroupName?: string;
  readonly status?: QueryStatus;
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly queryLanguage?: 'CWLI' | 'SQL' | 'PPL';
}

export interface QueryInfo {
  readonly queryLanguage: 'CWLI';
  readonly queryId: string;
  readonly queryString: string;
  readonly status: QueryStatus;
  /** Epoch milliseconds. */
  readonly createTime: number;
  readonly logGroupName?: string;
  readonly queryDuration?: number;
  readonly bytesScanned?: number;
}

export interface DescribeQueriesResponse {
  readonly queries: readonly QueryInfo[];
  readonly nextToken?: string;
}

/** A query that is run at once, for callers in the same process. Times are epoch milliseconds, both inclusive. */
export interface RunQueryRequest {
  /** Names, ARNs or, with `*` at the end, all that begin so; not with a query that begins with SOURCE. */
  readonly logGroups?: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly queryString: string;
  /** When the text has no `limit`; 10,000 when absent. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Told rows as they come. */
  readonly onRows?: (rows: readonly (readonly (string | null)[])[]) => void;
}

export interface RunQueryAnswer {
  readonly columns: readonly string[];
  /** Whether the last column is `@ptr`. */
  readonly hasPointer: boolean;
  /** null: the row does not have the field. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly statistics: InsightsStatistics;
}

export interface QueryParameter {
  readonly name: string;
  readonly defaultValue?: string;
  readonly description?: string;
}

export interface PutQueryDefinitionRequest {
  readonly queryLanguage?: 'CWLI' | 'SQL' | 'PPL';
  readonly name: string;
  /** Replaces this one. */
  readonly queryDefinitionId?: string;
  readonly logGroupNames?: readonly string[];
  readonly queryString: string;
  readonly parameters?: readonly QueryParameter[];
  readonly clientToken?: string;
}

export interface QueryDefinition {
  readonly queryLanguage: 'CWLI';
  readonly queryDefinitionId: string;
  readonly name: string;
  readonly queryString: string;
  readonly lastModified: number;
  readonly logGroupNames: readonly string[];
  readonly parameters?: readonly QueryParameter[];
}

export interface DescribeQueryDefinitionsRequest {
  readonly queryDefinitionNamePrefix?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

export interface DescribeQueryDefinitionsResponse {
  readonly queryDefinitions: readonly QueryDefinition[];
  readonly nextToken?: string;
}

/** A name of letters, digits and `_`; CSV with a header. */
export interface CreateLookupTableRequest {
  readonly lookupTableName: string;
  readonly description?: string;
  readonly tableBody: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface UpdateLookupTableRequest {
  readonly lookupTableArn: string;
  readonly description?: string;
  readonly tableBody: string;
}

export interface LookupTable {
  readonly lookupTableArn: string;
  readonly lookupTableName: string;
  readonly description?: string;
  readonly tableFields: readonly string[];
  readonly recordsCount: number;
  readonly sizeBytes: number;
  readonly lastUpdatedTime: number;
}

export interface DescribeLookupTablesRequest {
  readonly lookupTableNamePrefix?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

export interface DescribeLookupTablesResponse {
  readonly lookupTables: readonly LookupTable[];
  readonly nextToken?: string;
}

export interface GetLogGroupFieldsRequest {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
  /** Epoch seconds; the eight minutes before and after are looked at. The last fifteen minutes when absent. */
  readonly time?: number;
}

export interface GetLogGroupFieldsResponse {
  readonly logGroupFields: readonly { readonly name: string; readonly percent: number }[];
}
