import { QueryError, ServiceError } from '../../fault/index.ts';
import type { Logs } from '../../logs/index.ts';
import type { Action, Call, Target } from '../action.ts';
import { liveTail } from './live-tail.ts';
import {
  groupTarget,
  ofGroups,
  ofNewGroup,
  ofNothing,
  ofStream,
  ofSubscription,
  ofTags,
  type TargetsOf,
  withGroupTags,
} from './targets.ts';

/** Operations that `Logs` has by the name that AWS gives them, with what IAM is asked about. */
const operations = {
  createLogGroup: ofNewGroup,
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
  putSubscriptionFilter: ofSubscription,
  describeSubscriptionFilters: ofGroups,
  deleteSubscriptionFilter: ofGroups,
  putIndexPolicy: ofGroups,
  describeIndexPolicies: ofGroups,
  deleteIndexPolicy: ofGroups,
  getQueryResults: ofNothing,
  stopQuery: ofNothing,
  describeQueries: ofNothing,
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
  const all = [...plain, ...Object.entries({ ...reading(logsAt), ...lasting(logsAt) })];
  return Object.fromEntries(all.map(([name, action]) => [name, knowingTags(action, logsAt)]));
}

/** What groups are tagged with is a condition of every action on them. */
function knowingTags(action: Action, logsAt: LogsAt): Action {
  const { targets } = action;
  if (!targets) return action;
  return {
    ...action,
    targets: (input, call) => {
      const tagsOf = (name: string) => logsAt(call.place).tagsOf(name);
      return targets(input, call).map((target) => withGroupTags(target, call.place, tagsOf));
    },
  };
}

type Operation = keyof typeof operations;

/** Inputs are what the model says; the methods' own types agree with it, each with its own. */
function operation(logs: Logs, method: Operation): (input: never) => unknown {
  return (logs[method] as (input: never) => unknown).bind(logs);
}

type QueryInput = Parameters<Logs['startQuery']>[0];
type RecordInput = Parameters<Logs['getLogRecord']>[0];

/** What names log groups elsewhere than in members of their own: in a query's text, in a pointer. */
function reading(logsAt: LogsAt): Readonly<Record<string, Action>> {
  const StartQuery: Action<QueryInput> = {
    targets: (input, call) => queryTargets(logsAt(call.place), input, call),
    run: (input, { place }) => logsAt(place).startQuery(input),
  };
  const GetLogRecord: Action<RecordInput> = {
    targets: (input, { place }) => [groupTarget(place, logsAt(place).groupOfRecord(input))],
    run: (input, { place }) => logsAt(place).getLogRecord(input),
  };
  return { StartQuery, GetLogRecord };
}

/** Every group that the query reads, whether a member names it or SOURCE does; of what is no query those of members. */
function queryTargets(logs: Logs, input: QueryInput, call: Call): readonly Target[] {
  try {
    return logs.groupsOfQuery(input).map((name) => groupTarget(call.place, name));
  } catch (error) {
    if (error instanceof ServiceError || error instanceof QueryError) return ofGroups(input, call);
    throw error;
  }
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
