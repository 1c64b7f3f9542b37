import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readHeadgateSums } from './headgate-sums.ts';
import type { MeasuredRun } from './measured-run.ts';
import { repositoryFolder } from './work-folder.ts';

/** A program that makes flows from a capture file. */
export interface Contender {
  readonly name: string;
  readonly isPeer: boolean;
  /** Why it cannot run here, or `undefined`. */
  readonly missing: string | undefined;
  command(input: string, outputFolder: string): string[];
  /** The packets that it says it looked at; `undefined` when it says nothing of the kind. */
  reportedPackets(run: MeasuredRun): number | undefined;
}

const headgateCommand = 'dist/command/main.js';

/** Headgate on a file with compressed records as its output; `options` are added. */
export function headgate(name: string, options: readonly string[]): Contender {
  const built = existsSync(join(repositoryFolder, headgateCommand));
  return {
    name,
    isPeer: false,
    missing: built ? undefined : `${headgateCommand} is not built`,
    command: (input, output) => {
      return ['node', headgateCommand, 'capture', input, '--output', output, '--stats', 'json', ...options];
    },
    reportedPackets: ({ stderr }) => readHeadgateSums(stderr)?.frames.captured,
  };
}

/** softflowd exporting NetFlow 9 (which can carry IPv6) to a port of this host. */
export function softflowd(port: number): Contender {
  return {
    name: 'softflowd',
    isPeer: true,
    missing: missingProgram('softflowd'),
    command: (input) => [
      'softflowd',
      '-r',
      input,
      '-m',
      '2000000',
      '-v',
      '9',
      '-n',
      `127.0.0.1:${port}`,
      '-d',
    ],
    reportedPackets: ({ stdout, stderr }) => firstNumber(/Packets processed: (\d+)/, stdout + stderr),
  };
}

/** nfpcapd writing nfdump's own files, uncompressed as is its default; `-v` makes it say what it processed. */
export function nfpcapd(): Contender {
  return {
    name: 'nfpcapd',
    isPeer: true,
    missing: missingProgram('nfpcapd'),
    command: (input, output) => ['nfpcapd', '-r', input, '-w', output, '-v'],
    reportedPackets: ({ stdout, stderr }) => firstNumber(/Total: Processed: (\d+)/, stdout + stderr),
  };
}

/** No contender: libpcap reading the file and copying it nowhere, as a lower bound for the peers that use it. */
export function tcpdumpCopy(): Contender {
  return {
    name: 'tcpdump to /dev/null',
    isPeer: false,
    missing: missingProgram('tcpdump'),
    command: (input) => ['tcpdump', '-r', input, '-w', '/dev/null'],
    reportedPackets: () => undefined,
  };
}

export function missingProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)))
    ? undefined
    : `${program} is not installed`;
}

function firstNumber(pattern: RegExp, text: string): number | undefined {
  const match = pattern.exec(text);
  return match ? Number(match[1]) : undefined;
}
