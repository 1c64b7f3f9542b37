import { DeliveryError } from '../fault/index.ts';
import type { Change } from '../store/index.ts';
import { type LogGroup, ownedBy, ownedKey } from './catalog.ts';
import { type Engine, knownGroup } from './engine.ts';
import { errors } from './errors.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { byName, groupArn, streamNamePattern } from './names.ts';
import { pageByKey } from './pages.ts';
import type {
  DescribeSubscriptionFiltersRequest,
  DescribeSubscriptionFiltersResponse,
  FilterRequest,
  PutSubscriptionFilterRequest,
  SubscriptionFilter,
} from './shapes.ts';
import { controlRecord } from './subscription-records.ts';
import { validate } from './validation.ts';

const maxFilters = 2;
const pageLength = 50;

/** A filter is made when its destination has taken a message of ours; it begins with what comes from then on. */
export async function putSubscriptionFilter(
  engine: Engine,
  request: PutSubscriptionFilterRequest,
): Promise<void> {
  check(request);
  const { destinationArn, roleArn = '' } = request;
  const before = knownGroup(engine, request.logGroupName);
  checkGroup(engine, before, request.filterName);
  await deliverControl(engine, before, { destinationArn, roleArn });
  // Meanwhile there may be other filters, or no group.
  const group = knownGroup(engine, request.logGroupName);
  checkGroup(engine, group, request.filterName);
  const key = ownedKey(group, request.filterName);
  await engine.catalog.commit({ documents: putFilter(engine, key, request) });
  engine.subscriptions.follow(key);
}

export function describeSubscriptionFilters(
  engine: Engine,
  request: DescribeSubscriptionFiltersRequest,
): DescribeSubscriptionFiltersResponse {
  const { filterNamePrefix: prefix = '', limit = pageLength, nextToken } = request;
  validate(request, { limit: { min: 1, max: pageLength } });
  const name = ({ filterName }: SubscriptionFilter) => filterName;
  const found = ownedBy(knownGroup(engine, request.logGroupName), engine.catalog.subscriptionFilters)
    .map(([, filter]) => filter)
    .filter((filter) => filter.filterName.startsWith(prefix))
    .sort(byName(name));
  const { items, ...rest } = pageByKey(found, name, limit, nextToken);
  return { ...rest, subscriptionFilters: items };
}

/** What it has not delivered yet is not delivered. */
export async function deleteSubscriptionFilter(engine: Engine, request: FilterRequest): Promise<void> {
  const { subscriptionFilters, subscriptionCursors } = engine.catalog;
  const key = ownedKey(knownGroup(engine, request.logGroupName), request.filterName);
  if (!subscriptionFilters.get(key)) throw errors.subscriptionMissing();
  const documents = [subscriptionFilters.remove(key), subscriptionCursors.remove(key)];
  await engine.catalog.commit({ documents });
  engine.subscriptions.follow(key);
}

function check(request: PutSubscriptionFilterRequest): void {
  validate(request, {
    filterName: { required: true, minLength: 1, maxLength: 512, pattern: streamNamePattern },
    filterPattern: { required: true },
    destinationArn: { required: true, minLength: 1 },
    roleArn: { minLength: 1 },
    distribution: { oneOf: ['Random', 'ByLogStream'] },
  });
  readFilterPattern(request.filterPattern);
}

function checkGroup(engine: Engine, group: LogGroup, filterName: string): void {
  if (group.logGroupClass === 'INFREQUENT_ACCESS') throw errors.notInThisClass('PutSubscriptionFilter');
  const { subscriptionFilters } = engine.catalog;
  if (subscriptionFilters.get(ownedKey(group, filterName))) return;
  if (ownedBy(group, subscriptionFilters).length >= maxFilters) throw errors.limitReached();
}

/** Whether the destination can be delivered to, by delivering to it. */
async function deliverControl(
  engine: Engine,
  group: LogGroup,
  { destinationArn, roleArn }: { readonly destinationArn: string; readonly roleArn: string },
): Promise<void> {
  checkDestination(engine, destinationArn, roleArn);
  const { sink } = engine.subscriptions;
  if (!sink) throw errors.firehoseUndeliverable();
  const { accountId, region, name } = group;
  const source = { accountId, region, arn: `${groupArn(group, name)}:*` };
  try {
    await sink.check(destinationArn, roleArn, source);
    await sink.put(destinationArn, roleArn, source, [await controlRecord(engine.clock())]);
  } catch (error) {
    throw error instanceof DeliveryError ? errors.firehoseUndeliverable() : error;
  }
}

/** Of AWS's destinations Firehose is the one that is here; the others are refused as when they cannot be reached. */
function checkDestination({ accountId, region }: Engine, destinationArn: string, roleArn: string): void {
  const [arn, , vendor = '', itsRegion, itsAccount] = destinationArn.split(':');
  if (arn !== 'arn' || vendor === '') throw errors.invalidParameter('destinationArn is not a valid ARN.');
  if (vendor === 'lambda') {
    if (roleArn !== '') throw errors.roleNotTaken(vendor);
    throw itsAccount === accountId ? errors.lambdaNotExecuted() : errors.lambdaOfOthers();
  }
  if (vendor !== 'firehose' && vendor !== 'kinesis') throw errors.vendorUnsupported(vendor);
  if (roleArn === '') throw errors.roleMissing(vendor);
  if (vendor === 'kinesis') throw errors.kinesisUndeliverable();
  if (itsAccount !== accountId || itsRegion !== region) throw errors.firehoseUndeliverable();
}

/** One of the same name goes on where it is. */
function putFilter(engine: Engine, key: string, request: PutSubscriptionFilterRequest): Change[] {
  const { subscriptionFilters, subscriptionCursors } = engine.catalog;
  const { logGroupName, filterName, filterPattern, destinationArn, roleArn } = request;
  const filter: SubscriptionFilter = {
    filterName,
    logGroupName,
    filterPattern,
    destinationArn,
    ...(roleArn === undefined ? {} : { roleArn }),
    distribution: request.distribution ?? 'ByLogStream',
    applyOnTransformedLogs: request.applyOnTransformedLogs === true,
    creationTime: subscriptionFilters.get(key)?.creationTime ?? engine.clock(),
    ...(request.fieldSelectionCriteria === undefined
      ? {}
      : { fieldSelectionCriteria: request.fieldSelectionCriteria }),
    ...(request.emitSystemFields ? { emitSystemFields: request.emitSystemFields } : {}),
  };
  const lost = subscriptionCursors.get(key)?.lost ?? 0;
  return [
    subscriptionFilters.put(key, filter),
    subscriptionCursors.put(key, { after: engine.subscriptions.deliveredId(key), lost }),
  ];
}
