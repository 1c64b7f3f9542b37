import type { Logs } from '../../logs/index.ts';
import type { Action, Call } from '../action.ts';
import { liveTail } from './live-tail.ts';
import { ofGroups, ofNothing, ofStream, ofTags, type TargetsOf } from './targets.ts';

/** Operations that `Logs` has by the name that AWS gives them, with what IAM is asked about. */
const operations = {
  createLogGroup: ofGroups,
  deleteLogGroup: ofGroups,
  describeLogGroups: ofGroups,
  listLogGroups: ofGroups,
  putLogGroupDeletionProtection: ofGroups,
  putRetentionPolicy: ofGroups,
  deleteRetentionPolicy: ofGroups,
  tagResource: ofTags,
  untagResource: ofTags,
  listTagsForResource: ofTags,
  tagLogGroup: ofTags,
  untagLogGroup: ofTags,
  listTagsLogGroup: ofTags,
  createLogStream: ofStream,
  deleteLogStream: ofStream,
  describeLogStreams: ofGroups,
  putLogEvents: ofStream,
  getLogEvents: ofStream,
  putMetricFilter: ofGroups,
  describeMetricFilters: ofGroups,
  deleteMetricFilter: ofGroups,
  testMetricFilter: ofNothing,
  putSubscriptionFilter: ofGroups,
  describeSubscriptionFilters: ofGroups,
  deleteSubscriptionFilter: ofGroups,
  putIndexPolicy: ofGroups,
  describeIndexPolicies: ofGroups,
  deleteIndexPolicy: ofGroups,
  startQuery: ofGroups,
  getQueryResults: ofNothing,
  stopQuery: ofNothing,
  describeQueries: ofNothing,
  getLogRecord: ofNothing,
  getLogGroupFields: ofGroups,
  putQueryDefinition: ofNothing,
  describeQueryDefinitions: ofNothing,
  deleteQueryDefinition: ofNothing,
  createLookupTable: ofNothing,
  updateLookupTable: ofNothing,
  deleteLookupTable: ofNothing,
  describeLookupTables: ofNothing,
} as const satisfies Partial<Record<keyof Logs, TargetsOf>>;

/** The account's CloudWatch Logs in a Region. */
export type LogsAt = (place: Call['place']) => Logs;

export function logsActions(logsAt: LogsAt): Readonly<Record<string, Action>> {
  const plain = Object.entries(operations).map(([method, targets]): [string, Action] => [
    method[0].toUpperCase() + method.slice(1),
    { targets, run: (input, { place }) => operation(logsAt(place), method as Operation)(input) },
  ]);
  return { ...Object.fromEntries(plain), ...lasting(logsAt) };
}

type Operation = keyof typeof operations;

/** Inputs are what the model says; the methods' own types agree with it, each with its own. */
function operation(logs: Logs, method: Operation): (input: never) => unknown {
  return (logs[method] as (input: never) => unknown).bind(logs);
}

/** What lasts ends with the client. */
function lasting(logsAt: LogsAt): Readonly<Record<string, Action>> {
  return {
    FilterLogEvents: {
      targets: ofGroups,
      run: (input: Parameters<Logs['filterLogEvents']>[0], { place, signal }: Call) =>
        logsAt(place).filterLogEvents(input, { signal }),
    },
    StartLiveTail: {
      targets: ofGroups,
      run: (input: Parameters<Logs['tail']>[0], call: Call) => liveTail(logsAt(call.place), input, call),
    },
  };
}
