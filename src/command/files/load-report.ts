import { formatCount, type Terminal } from '../../report/index.ts';
import type { InputFiles } from './input-files.ts';
import type { LoadSums } from './load-files.ts';

/** Tells what of the files is not as the user may expect; nothing when all is. */
export function reportLoad(
  sums: LoadSums,
  { outsideTime, notFlowLogs }: InputFiles,
  terminal: Terminal,
): void {
  for (const failure of sums.failures) terminal.line(failure);
  const notes = [
    [sums.textRecords, 'records are kept as text: they are not written as AWS writes them'],
    [sums.records > 0 ? sums.plain : 0, 'lines are no records of the format, and are kept as text'],
    [sums.tooLong, 'events are left out: an event has at most 1 MiB'],
    [outsideTime, 'folders and files are passed over: their keys tell of another time'],
    [notFlowLogs, 'folders and files are passed over: they hold no flow logs'],
  ] as const;
  for (const [count, note] of notes) if (count > 0) terminal.line(`${formatCount(count)} ${note}`);
}
