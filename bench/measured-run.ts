import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { repositoryFolder, workPath } from './work-folder.ts';

export interface MeasuredRun {
  readonly exitCode: number | null;
  readonly wallSeconds: number;
  /** User and system time of the command and all that it started. */
  readonly cpuSeconds: number;
  readonly peakRssMegabytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Bash's own `time` gives milliseconds for the whole tree of processes, GNU time the peak RSS (of the largest
 * process); the command writes straight to files, so that nobody waits for a reader.
 */
const script = `TIMEFORMAT='%3R %3U %3S'
{ time /usr/bin/time -o "$1.rss" -f %M "\${@:2}" >"$1.out" 2>"$1.err"; } 2>"$1.times"`;

/** Runs a command to its end in the repository and says what it cost. */
export function measuredRun(command: readonly string[]): MeasuredRun {
  if (!existsSync('/usr/bin/time')) throw new Error('GNU time is needed: apt-get install time');
  const base = workPath('run');
  const { status, error } = spawnSync('bash', ['-c', script, 'bash', base, ...command], {
    cwd: repositoryFolder,
  });
  if (error) throw error;
  const [wall, user, system] = readFileSync(`${base}.times`, 'utf8').trim().split(/\s+/).map(Number);
  // GNU time puts a line about the exit status before the figure when the command failed.
  const rss = Number(readFileSync(`${base}.rss`, 'utf8').trim().split('\n').at(-1));
  return {
    exitCode: status,
    wallSeconds: wall,
    cpuSeconds: user + system,
    peakRssMegabytes: rss / 1024,
    stdout: readFileSync(`${base}.out`, 'utf8'),
    stderr: readFileSync(`${base}.err`, 'utf8'),
  };
}
