import { ownedBy, ownedKey } from './catalog.ts';
import { type Engine, knownGroup } from './engine.ts';
import { errors } from './errors.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { byName, streamNamePattern } from './names.ts';
import { pageByKey } from './pages.ts';
import type {
  DescribeMetricFiltersRequest,
  DescribeMetricFiltersResponse,
  FilterRequest,
  MetricFilter,
  MetricTransformation,
  PutMetricFilterRequest,
  TestMetricFilterRequest,
  TestMetricFilterResponse,
} from './shapes.ts';
import { validate } from './validation.ts';

const maxFilters = 100;
const pageLength = 50;
const maxMessages = 50;
const maxDimensions = 3;

/** Kept and described; what it counts is for the metrics to come. */
export async function putMetricFilter(engine: Engine, request: PutMetricFilterRequest): Promise<void> {
  const { logGroupName, filterName, filterPattern, metricTransformations } = request;
  validate(request, {
    filterName: { required: true, minLength: 1, maxLength: 512, pattern: streamNamePattern },
    filterPattern: { required: true },
    metricTransformations: { required: true },
    fieldSelectionCriteria: { maxLength: 2000 },
  });
  readFilterPattern(filterPattern);
  checkTransformations(metricTransformations);
  const group = knownGroup(engine, logGroupName);
  if (group.logGroupClass === 'INFREQUENT_ACCESS') throw errors.notInThisClass('PutMetricFilter');
  const { metricFilters } = engine.catalog;
  const key = ownedKey(group, filterName);
  if (!metricFilters.get(key) && ownedBy(group, metricFilters).length >= maxFilters)
    throw errors.limitReached();
  const filter: MetricFilter = {
    filterName,
    filterPattern,
    logGroupName,
    metricTransformations,
    creationTime: engine.clock(),
    applyOnTransformedLogs: request.applyOnTransformedLogs === true,
    ...(request.fieldSelectionCriteria === undefined
      ? {}
      : { fieldSelectionCriteria: request.fieldSelectionCriteria }),
    ...(request.emitSystemFieldDimensions
      ? { emitSystemFieldDimensions: request.emitSystemFieldDimensions }
      : {}),
  };
  await engine.catalog.commit({ documents: [metricFilters.put(key, filter)] });
}

function checkTransformations(transformations: readonly MetricTransformation[]): void {
  if (transformations.length !== 1) throw errors.oneTransformation();
  const [transformation] = transformations;
  validate(transformation, {
    metricName: { required: true, maxLength: 255, pattern: '[^:*$]*' },
    metricNamespace: { required: true, maxLength: 255, pattern: '[^:*$]*' },
    metricValue: { required: true, maxLength: 100 },
  });
  const { dimensions, defaultValue } = transformation;
  if (!dimensions) return;
  if (defaultValue !== undefined) throw errors.defaultWithDimensions();
  if (Object.keys(dimensions).length > maxDimensions) throw errors.limitReached();
}

/** By name of group, then of filter. */
export function describeMetricFilters(
  engine: Engine,
  request: DescribeMetricFiltersRequest,
): DescribeMetricFiltersResponse {
  const { logGroupName, filterNamePrefix: prefix = '', metricName, metricNamespace } = request;
  const { limit = pageLength, nextToken } = request;
  validate(request, { limit: { min: 1, max: pageLength } });
  if (logGroupName !== undefined) knownGroup(engine, logGroupName);
  const isOfMetric = ({ metricTransformations: [made] }: MetricFilter) =>
    (metricName === undefined || made.metricName === metricName) &&
    (metricNamespace === undefined || made.metricNamespace === metricNamespace);
  const key = (filter: MetricFilter) => `${filter.filterName}\0${filter.logGroupName}`;
  const found = [...engine.catalog.metricFilters.values()]
    .filter((filter) => logGroupName === undefined || filter.logGroupName === logGroupName)
    .filter((filter) => filter.filterName.startsWith(prefix) && isOfMetric(filter))
    .sort(byName(key));
  const { items, ...rest } = pageByKey(found, key, limit, nextToken);
  return { ...rest, metricFilters: items };
}

export async function deleteMetricFilter(engine: Engine, request: FilterRequest): Promise<void> {
  const { metricFilters } = engine.catalog;
  const key = ownedKey(knownGroup(engine, request.logGroupName), request.filterName);
  if (!metricFilters.get(key)) throw errors.filterMissing();
  await engine.catalog.commit({ documents: [metricFilters.remove(key)] });
}

/** Events are counted from 0, as the examples of AWS's API reference do. */
export function testMetricFilter(request: TestMetricFilterRequest): TestMetricFilterResponse {
  const { filterPattern, logEventMessages } = request;
  validate(request, {
    filterPattern: { required: true },
    logEventMessages: { required: true, minLength: 1, maxLength: maxMessages },
  });
  const pattern = readFilterPattern(filterPattern);
  const matches = logEventMessages.flatMap((eventMessage, eventNumber) => {
    const extractedValues = pattern.extract(eventMessage);
    return extractedValues ? [{ eventNumber, eventMessage, extractedValues }] : [];
  });
  return { matches };
}
