export interface TimeRange {
  /** Epoch milliseconds, both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** An object is named after when its records ended; they began up to ten minutes earlier, and clocks differ. */
const slackMs = hourMs;

const folders =
  /\/(?:year=)?([0-9]{4})(?:\/(?:month=)?(0[1-9]|1[0-2])(?:\/(?:day=)?([0-2][0-9]|3[01])(?:\/(?:hour=)?([01][0-9]|2[0-3]))?)?)?(?=\/|$)/;
const stamp = /_([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})Z_[^/]*$/;

/**
 * Whether an object or folder of a flow log's bucket may hold events of that time, as far as its key tells: the folders
 * of year, month, day and hour below `AWSLogs`, with or without Hive's names, and the time in a file's name.
 */
export function mayHoldEvents(path: string, { startMs, endMs }: TimeRange): boolean {
  const told = timeOfKey(path);
  return !told || (told.endMs + slackMs >= startMs && told.startMs - slackMs <= endMs);
}

/** The time that a path tells; undefined when it tells none. */
function timeOfKey(path: string): TimeRange | undefined {
  const at = path.lastIndexOf('AWSLogs/');
  if (at < 0) return undefined;
  const key = path.slice(at);
  const named = stamp.exec(key);
  if (named) {
    const [year, month, day, hour, minute] = named.slice(1).map(Number);
    const startMs = Date.UTC(year, month - 1, day, hour, minute);
    return { startMs, endMs: startMs + 5 * minuteMs - 1 };
  }
  const match = folders.exec(key);
  return match ? folderTime(match.slice(1)) : undefined;
}

function folderTime([year, month, day, hour]: readonly (string | undefined)[]): TimeRange {
  const startMs = Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1), Number(hour ?? 0));
  if (hour !== undefined) return { startMs, endMs: startMs + hourMs - 1 };
  if (day !== undefined) return { startMs, endMs: startMs + dayMs - 1 };
  const next = month === undefined ? Date.UTC(Number(year) + 1) : Date.UTC(Number(year), Number(month));
  return { startMs, endMs: next - 1 };
}
