import { type FlowRecords, linePieces } from '../record/index.ts';
import { recordLines } from './message-records.ts';
import type { StreamNames } from './stream-names.ts';

/** AWS's limits for PutLogEvents: events, bytes with 26 for each event, hours between the first and the last. */
const mostEvents = 10_000;
const mostBytes = 1_048_576;
const bytesPerEvent = 26;
const longestSpanMs = 24 * 3_600_000;

export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

export interface EventRequest {
  readonly logStreamName: string;
  /** In the order of time. */
  readonly events: readonly LogEvent[];
}

/** Records as PutLogEvents takes them; the same for the same records. Few of them are text at a time. */
export function* eventRequests(
  records: FlowRecords,
  streams: StreamNames,
): Generator<EventRequest, void, undefined> {
  const times = eventTimes(records);
  for (const [logStreamName, rows] of rowsByStream(records, streams)) {
    // Sorting is stable: events of one time stay as they were.
    rows.sort((a, b) => times[a] - times[b]);
    for (const slice of slices(rows, times)) {
      for (const events of eventLists(records, slice, times)) yield { logStreamName, events };
    }
  }
}

/** `start`, as AWS has it; `end` of a record that shows none. */
function eventTimes({ format, columns, endSeconds }: FlowRecords): Float64Array {
  const column = columns[format.fields.findIndex(({ token }) => token === 'start')];
  const starts = column !== undefined && 'numbers' in column ? column.numbers : undefined;
  return endSeconds.map((end, row) => {
    const start = starts?.[row] ?? Number.NaN;
    return (Number.isNaN(start) ? end : start) * 1000;
  });
}

function rowsByStream(records: FlowRecords, streams: StreamNames): Map<string, number[]> {
  const names = streams.of(records);
  const lists = new Map<string, number[]>();
  for (let row = 0; row < records.length; row++) {
    const name = typeof names === 'string' ? names : names[row];
    const list = lists.get(name);
    if (list) list.push(row);
    else lists.set(name, [row]);
  }
  return lists;
}

/** Parts that one request may have by their number and their times. */
function* slices(rows: readonly number[], times: Float64Array): Generator<Int32Array, void, undefined> {
  let from = 0;
  for (let to = 1; to <= rows.length; to++) {
    const isWhole =
      to === rows.length || to - from === mostEvents || times[rows[to]] - times[rows[from]] >= longestSpanMs;
    if (!isWhole) continue;
    yield Int32Array.from(rows.slice(from, to));
    from = to;
  }
}

function* eventLists(
  records: FlowRecords,
  rows: Int32Array,
  times: Float64Array,
): Generator<readonly LogEvent[], void, undefined> {
  let events: LogEvent[] = [];
  let bytes = 0;
  let at = 0;
  for (const piece of linePieces(records, rows)) {
    for (const message of recordLines(piece.bytes)) {
      const size = Buffer.byteLength(message) + bytesPerEvent;
      if (bytes + size > mostBytes) {
        yield events;
        events = [];
        bytes = 0;
      }
      events.push({ timestamp: times[rows[at++]], message });
      bytes += size;
    }
  }
  yield events;
}
