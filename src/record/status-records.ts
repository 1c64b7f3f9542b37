import { missing, repeatNumber } from './build-records.ts';
import type { Field } from './fields.ts';
import type { LogFormat } from './log-format.ts';
import type { Column, FlowRecords } from './record-batch.ts';
import type { RecordContext, RecordOptions } from './record-context.ts';
import { shownBy } from './shown-by.ts';

/** An interface and a window that have no flows to show. Times in Unix seconds. */
export interface StatusEntry {
  readonly interfaceIndex: number;
  readonly status: 'NODATA' | 'SKIPDATA';
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * NODATA and SKIPDATA records. In the default format AWS documents what they hold: version, account-id, interface-id,
 * start, end and log-status. Of custom formats it says nothing; here every field that describes the interface itself
 * is filled as well (vpc-id, subnet-id, instance-id, region, az-id, sublocations, tags, interface-type), and every
 * field that describes traffic is `-`. That holds for SKIPDATA too: what was skipped is in the loss ledger.
 */
export function statusRecords(
  entries: readonly StatusEntry[],
  context: RecordContext,
  format: LogFormat,
  options: RecordOptions = {},
): FlowRecords {
  return {
    format,
    length: entries.length,
    columns: format.fields.map((field) => statusColumn(field, entries, context, format, options)),
    interfaceIds: entries.map(({ interfaceIndex }) => context.facts(interfaceIndex).interfaceId),
    endSeconds: Float64Array.from(entries, ({ endSeconds }) => endSeconds),
    packets: new Float64Array(entries.length),
    bytes: new Float64Array(entries.length),
  };
}

function statusColumn(
  field: Field,
  entries: readonly StatusEntry[],
  context: RecordContext,
  format: LogFormat,
  options: RecordOptions,
): Column {
  const by = shownBy[field.token];
  if (by.from === 'interface') {
    const tagKeys = options.tagKeys ?? {};
    return { texts: entries.map(({ interfaceIndex }) => by.read(context.facts(interfaceIndex), tagKeys)) };
  }
  switch (field.token) {
    case 'version':
      return repeatNumber(format.version, entries.length);
    case 'start':
      return { numbers: Float64Array.from(entries, ({ startSeconds }) => startSeconds) };
    case 'end':
      return { numbers: Float64Array.from(entries, ({ endSeconds }) => endSeconds) };
    case 'log-status':
      return { texts: entries.map(({ status }) => status) };
    default:
      return missing(field, entries.length);
  }
}
