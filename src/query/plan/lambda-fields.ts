import { parameter, type Sql, sql } from '../sql/sql.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Fields that Logs Insights discovers in the lines of AWS Lambda; memory is in bytes, durations in milliseconds. */
const lambdaFields: ReadonlyMap<string, { readonly regex: string; readonly factor?: number }> = new Map([
  ['@type', { regex: '^(START|END|REPORT) RequestId: ' }],
  ['@requestId', { regex: `^(?:(?:START|END|REPORT) RequestId: |[^\\t]*\\t)(${uuid})` }],
  ['@duration', { regex: '^REPORT RequestId: .*?\\sDuration: ([0-9.]+) ms' }],
  ['@billedDuration', { regex: '^REPORT RequestId: .*?\\sBilled Duration: ([0-9.]+) ms' }],
  ['@initDuration', { regex: '^REPORT RequestId: .*?\\sInit Duration: ([0-9.]+) ms' }],
  ['@memorySize', { regex: '^REPORT RequestId: .*?\\sMemory Size: ([0-9]+) MB', factor: 1_000_000 }],
  ['@maxMemoryUsed', { regex: '^REPORT RequestId: .*?\\sMax Memory Used: ([0-9]+) MB', factor: 1_000_000 }],
  ['@xrayTraceId', { regex: '^REPORT RequestId: (?s).*?\\sXRAY TraceId: ([0-9A-Fa-f-]+)' }],
]);

/** VARCHAR, NULL where the line does not have it; undefined for names that are not Lambda's. */
export function lambdaField(name: string, line: Sql): Sql | undefined {
  const field = lambdaFields.get(name);
  if (!field) return undefined;
  const found = sql`nullif(regexp_extract(${line}, ${parameter(field.regex)}, 1), '')`;
  return field.factor === undefined
    ? found
    : sql`(try_cast(${found} AS BIGINT) * ${parameter(field.factor)}::BIGINT)::VARCHAR`;
}
