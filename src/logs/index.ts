/**
 * CloudWatch Logs: log groups, streams, events, retention, tags, filters, saved queries and Insights queries, in AWS's
 * semantics, over a store. How rows are kept is the store's, what a query means is `query`'s, the wire is the API's.
 */
export type { FileImport, ImportRequest, ImportSums } from './ingest-shapes.ts';
export type { TailRequest, TailUpdate } from './live-tail.ts';
export { Logs, type LogsOptions } from './logs.ts';
export { authorizedResource, groupArn, groupNameOf } from './names.ts';
export { PlacedLogs } from './placed-logs.ts';
export * from './query-shapes.ts';
export * from './shapes.ts';
export type {
  SubscriptionSink,
  SubscriptionSource,
  SubscriptionStatus,
} from './subscription-shapes.ts';
