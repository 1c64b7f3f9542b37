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
    [sums.textRecords, 'record is', 'records are', 'kept as text: not written as AWS writes them'],
    [sums.records > 0 ? sums.plain : 0, 'line is', 'lines are', 'kept as text: no records of the format'],
    [sums.tooLong, 'event is', 'events are', 'left out: longer than 1 MiB'],
    [
      outsideTime,
      'folder or file is',
      'folders and files are',
      'passed over: of another time, as their keys tell',
    ],
    [
      notFlowLogs,
      'folder or file is',
      'folders and files are',
      'passed over: no flow logs, as their keys tell',
    ],
  ] as const;
  for (const [count, one, several, note] of notes) {
    if (count > 0) terminal.line(`${formatCount(count)} ${count === 1 ? one : several} ${note}`);
  }
}
