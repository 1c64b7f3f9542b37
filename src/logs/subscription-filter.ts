import { ownedBy, ownedKey } from './catalog.ts';
import { type Engine, knownGroup } from './engine.ts';
import { errors } from './errors.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { byName, streamNamePattern } from './names.ts';
import { pageByKey } from './pages.ts';
import type {
  DescribeSubscriptionFiltersRequest,
  DescribeSubscriptionFiltersResponse,
  FilterRequest,
  PutSubscriptionFilterRequest,
  SubscriptionFilter,
} from './shapes.ts';
import { validate } from './validation.ts';

const maxFilters = 2;
const pageLength = 50;

/** Kept and described; deliveries come with the destinations. */
export async function putSubscriptionFilter(
  engine: Engine,
  request: PutSubscriptionFilterRequest,
): Promise<void> {
  const { logGroupName, filterName, filterPattern, destinationArn, roleArn } = request;
  validate(request, {
    filterName: { required: true, minLength: 1, maxLength: 512, pattern: streamNamePattern },
    filterPattern: { required: true },
    destinationArn: { required: true, minLength: 1 },
    distribution: { oneOf: ['Random', 'ByLogStream'] },
  });
  readFilterPattern(filterPattern);
  if (/^arn:[^:]*:kinesis:/.test(destinationArn) && roleArn === undefined) throw errors.noRole();
  const group = knownGroup(engine, logGroupName);
  if (group.logGroupClass === 'INFREQUENT_ACCESS') throw errors.notInThisClass('PutSubscriptionFilter');
  const { subscriptionFilters } = engine.catalog;
  const key = ownedKey(group, filterName);
  if (!subscriptionFilters.get(key) && ownedBy(group, subscriptionFilters).length >= maxFilters) {
    throw errors.limitReached();
  }
  const filter: SubscriptionFilter = {
    filterName,
    logGroupName,
    filterPattern,
    destinationArn,
    ...(roleArn === undefined ? {} : { roleArn }),
    distribution: request.distribution ?? 'ByLogStream',
    applyOnTransformedLogs: request.applyOnTransformedLogs === true,
    creationTime: engine.clock(),
    ...(request.fieldSelectionCriteria === undefined
      ? {}
      : { fieldSelectionCriteria: request.fieldSelectionCriteria }),
    ...(request.emitSystemFields ? { emitSystemFields: request.emitSystemFields } : {}),
  };
  await engine.catalog.commit({ documents: [subscriptionFilters.put(key, filter)] });
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

export async function deleteSubscriptionFilter(engine: Engine, request: FilterRequest): Promise<void> {
  const { subscriptionFilters } = engine.catalog;
  const key = ownedKey(knownGroup(engine, request.logGroupName), request.filterName);
  if (!subscriptionFilters.get(key)) throw errors.subscriptionMissing();
  await engine.catalog.commit({ documents: [subscriptionFilters.remove(key)] });
}
