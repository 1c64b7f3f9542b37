import path from 'node:path';
import type { InputFile } from './input-files.ts';

/** `<account>_vpcflowlogs_<region>_<flow log>_<time>_<hash>.log.gz`: all objects of a flow log are one stream. */
const flowLogObject = /^([0-9]{12}_vpcflowlogs_[a-z0-9-]+_fl-[0-9a-f]+)_/;
/** An export task makes a folder for each stream. */
const exportPart = /^[0-9]{6}(?:\.gz)?$/;
const longestName = 512;

/** The log stream that events of a file go to, unless the file or the user names one. */
export function logStreamName(file: InputFile): string {
  if (file.streamName !== undefined) return file.streamName;
  if (file.path === undefined) return 'stdin';
  const base = path.basename(file.path);
  const folder = path.basename(path.dirname(path.resolve(file.path)));
  const name =
    flowLogObject.exec(base)?.[1] ??
    (exportPart.test(base) && folder !== '' ? folder : base.replace(/\.gz$/, ''));
  return name.replace(/[:*]/g, '_').slice(0, longestName);
}
