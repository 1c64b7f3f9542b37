const pattern =
  /^\[?([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]{1,9}))?(Z|[+-][0-9]{2}:?[0-9]{2})?\]?(?= |$)/;

/** The time that a line begins with, in epoch milliseconds (UTC where it tells no zone), and where it ends. */
export function leadingTime(line: string): { readonly timeMs: number; readonly end: number } | undefined {
  // Nearly no line of records begins so.
  if (line.charCodeAt(4) !== 45 && line.charCodeAt(5) !== 45) return undefined;
  const match = pattern.exec(line);
  if (!match) return undefined;
  const [whole, date, time, fraction = '0', zone = 'Z'] = match;
  const timeMs = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(timeMs) ? undefined : { timeMs, end: whole.length };
}
