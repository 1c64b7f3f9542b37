import type { Change } from '../store/index.ts';
import { type LogGroup, ownedBy } from './catalog.ts';
import { changeGroup, type Engine, groupOf, knownGroup } from './engine.ts';
import { errors } from './errors.ts';
import { byName, checkGroupName, groupArn, groupNameOf, groupNamePattern } from './names.ts';
import { pageByKey } from './pages.ts';
import type {
  CreateLogGroupRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  ListLogGroupsRequest,
  ListLogGroupsResponse,
  LogGroupDescription,
  LogGroupRequest,
  PutLogGroupDeletionProtectionRequest,
} from './shapes.ts';
import { checkTags } from './tags.ts';
import { validate } from './validation.ts';

const classes = ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'];
/** AWS's default and greatest page. */
const pageLength = 50;
/** ListLogGroups gives up to so many. */
const listLength = 1000;

export async function createLogGroup(engine: Engine, request: CreateLogGroupRequest): Promise<void> {
  const { logGroupName, logGroupClass = 'STANDARD', kmsKeyId, tags = {} } = request;
  checkGroupName(logGroupName);
  validate(request, { kmsKeyId: { maxLength: 256 }, logGroupClass: { oneOf: classes } });
  checkTags(tags);
  if (engine.catalog.group(engine, logGroupName)) throw errors.groupExists();
  const documents: Change[] = [];
  engine.catalog.addGroup(
    {
      ...newGroup(engine, logGroupName),
      logGroupClass,
      tags,
      deletionProtectionEnabled: request.deletionProtectionEnabled === true,
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    },
    documents,
  );
  await engine.catalog.commit({ documents });
}

/** As a group is when nothing was said about it. */
export function newGroup(engine: Engine, name: string): Omit<LogGroup, 'number'> {
  return {
    name,
    accountId: engine.accountId,
    region: engine.region,
    creationTime: engine.clock(),
    logGroupClass: 'STANDARD',
    deletionProtectionEnabled: false,
    tags: {},
  };
}

export async function deleteLogGroup(engine: Engine, request: LogGroupRequest): Promise<void> {
  const group = knownGroup(engine, request.logGroupName);
  if (group.deletionProtectionEnabled) throw errors.groupProtected();
  const documents = engine.catalog.removeGroup(group);
  await engine.catalog.commit({ documents, drop: [{ group: group.number }] });
  engine.subscriptions.leave(group.number);
}

export async function putLogGroupDeletionProtection(
  engine: Engine,
  request: PutLogGroupDeletionProtectionRequest,
): Promise<void> {
  const { logGroupIdentifier, deletionProtectionEnabled } = request;
  await changeGroup(engine, groupOf(engine, logGroupIdentifier), { deletionProtectionEnabled });
}

export function describeLogGroups(
  engine: Engine,
  request: DescribeLogGroupsRequest,
): DescribeLogGroupsResponse {
  const { logGroupNamePrefix, logGroupNamePattern, limit = pageLength, nextToken } = request;
  if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined) throw errors.prefixAndPattern();
  validate(request, {
    logGroupNamePrefix: { minLength: 1, maxLength: 512, pattern: groupNamePattern },
    logGroupNamePattern: { maxLength: 512, pattern: '[\\.\\-_/#A-Za-z0-9]*' },
    limit: { min: 1, max: pageLength },
    logGroupClass: { oneOf: classes },
    logGroupIdentifiers: { maxLength: 50 },
  });
  const found = selectGroups(engine, request);
  const { items, ...rest } = pageByKey(found, ({ name }) => name, limit, nextToken);
  // The answer to a pattern is shorter at AWS.
  const withBytes = logGroupNamePattern === undefined;
  return { ...rest, logGroups: items.map((group) => describe(engine, group, withBytes)) };
}

export function listLogGroups(engine: Engine, request: ListLogGroupsRequest): ListLogGroupsResponse {
  const { logGroupNamePattern, logGroupClass, limit = pageLength, nextToken } = request;
  validate(request, {
    logGroupNamePattern: { minLength: 3, maxLength: 129 },
    limit: { min: 1, max: listLength },
    logGroupClass: { oneOf: classes },
  });
  const found = selectGroups(engine, logGroupClass === undefined ? {} : { logGroupClass }).filter(
    ({ name }) => logGroupNamePattern === undefined || hasAny(name, logGroupNamePattern),
  );
  const { items, ...rest } = pageByKey(found, ({ name }) => name, limit, nextToken);
  return {
    ...rest,
    logGroups: items.map(({ name, logGroupClass }) => ({
      logGroupName: name,
      logGroupArn: groupArn(engine, name),
      logGroupClass,
    })),
  };
}

/** Substrings, and with `^` before them prefixes, separated by `|`. */
function hasAny(name: string, pattern: string): boolean {
  return pattern
    .split('|')
    .some((part) => (part.startsWith('^') ? name.startsWith(part.slice(1)) : name.includes(part)));
}

/** By name. */
function selectGroups(engine: Engine, request: DescribeLogGroupsRequest): LogGroup[] {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupClass } = request;
  const { logGroupIdentifiers: identifiers, accountIdentifiers } = request;
  if (identifiers && (prefix !== undefined || pattern !== undefined || logGroupClass !== undefined)) {
    throw errors.identifiersAlone();
  }
  const names = identifiers && new Set(identifiers.map((identifier) => groupNameOf(engine, identifier)));
  return [...engine.catalog.groups(engine)]
    .filter(
      ({ name, accountId, ...group }) =>
        (prefix === undefined || name.startsWith(prefix)) &&
        (pattern === undefined || name.includes(pattern)) &&
        (logGroupClass === undefined || group.logGroupClass === logGroupClass) &&
        (names === undefined || names.has(name)) &&
        (!request.includeLinkedAccounts || (accountIdentifiers ?? [accountId]).includes(accountId)),
    )
    .sort(byName(({ name }) => name));
}

function describe(engine: Engine, group: LogGroup, withBytes: boolean): LogGroupDescription {
  const { name, retentionInDays, kmsKeyId } = group;
  const arn = groupArn(engine, name);
  return {
    logGroupName: name,
    creationTime: group.creationTime,
    ...(retentionInDays === undefined ? {} : { retentionInDays }),
    metricFilterCount: ownedBy(group, engine.catalog.metricFilters).length,
    arn: `${arn}:*`,
    ...(withBytes ? { storedBytes: engine.store.groupSummary(group.number).bytes } : {}),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    logGroupClass: group.logGroupClass,
    logGroupArn: arn,
    deletionProtectionEnabled: group.deletionProtectionEnabled,
  };
}
