import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { captureDefaults } from '../config/index.ts';
import { ConfigError } from '../fault/index.ts';
import { type LogFormat, parseLogFormat } from '../record/index.ts';
import { formatCount, OutputStream, Terminal } from '../report/index.ts';
import { cannotRead, type InputFile, listInputFiles } from './files/input-files.ts';
import { FileLoader, type LoadSums } from './files/load-files.ts';
import { LoadProgress } from './files/load-progress.ts';
import { reportLoad } from './files/load-report.ts';
import { StopSignal } from './stop-signal.ts';
import { accessLogs } from './store/access-logs.ts';
import { StoreWanted } from './store/store-wanted.ts';

const help = `Usage: headgate import FILE… --log-group NAME [OPTION…]

Loads files into the log store: objects that AWS delivered to S3 (.log.gz, Parquet, whole AWSLogs folders),
what headgate capture wrote, CloudWatch exports, what the AWS CLI prints of log events, JSON or any text;
- is standard input. A file that is there already is passed over, whatever its name; one that an earlier
import did not finish goes on where that stopped.

  --log-group NAME          where to; made when it is not there
  --log-stream NAME         one stream for all (default: the flow log, or the file's name)
  --format STRING           log format of lines without a header, such as '\${srcaddr} \${dstaddr} \${action}'
  --data-dir DIR      where the store is (default ${captureDefaults.dataDirectory})
`;

const optionTypes = {
  'log-group': { type: 'string' },
  'log-stream': { type: 'string' },
  format: { type: 'string' },
  'data-dir': { type: 'string', default: captureDefaults.dataDirectory },
  help: { type: 'boolean', short: 'h' },
} as const;

interface ImportOptions {
  readonly operands: readonly string[];
  readonly logGroup: string;
  readonly logStream?: string;
  readonly format?: LogFormat;
  readonly dataDirectory: string;
}

/** `headgate import`: exit code 1 when a file could not be read. */
export async function importCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: optionTypes,
    allowPositionals: true,
  });
  const output = new OutputStream(1);
  if (values.help) {
    await output.write(help);
    return 0;
  }
  if (positionals.length === 0) {
    throw new ConfigError('InvalidOption', 'headgate import: expected a file or a folder', [
      '--help lists the options',
    ]);
  }
  const { 'log-group': logGroup, 'log-stream': logStream, format } = values;
  if (!logGroup) throw new ConfigError('InvalidOption', '--log-group: expected the log group to import into');
  return importAll(
    {
      operands: positionals,
      logGroup,
      dataDirectory: values['data-dir'],
      ...(logStream === undefined ? {} : { logStream }),
      ...(format === undefined ? {} : { format: parseLogFormat(format) }),
    },
    output,
  );
}

async function importAll(options: ImportOptions, output: OutputStream): Promise<number> {
  const terminal = new Terminal();
  const stop = new StopSignal();
  const spool = new Spool();
  try {
    const inputs = await listInputFiles(options.operands);
    const files = await Promise.all(inputs.files.map((file) => spool.keep(file, stop.signal)));
    const sums = await importFiles(files, options, terminal, stop.signal);
    reportLoad(sums, inputs, terminal);
    await output.write(sumsText(sums, options.logGroup));
    return sums.failures.length > 0 ? 1 : 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.line('stopped: what was imported so far stays, and the same command goes on from there');
    return stop.exitCode;
  } finally {
    spool.close();
    stop.close();
    await terminal.flush();
  }
}

async function importFiles(
  files: readonly InputFile[],
  options: ImportOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<LoadSums> {
  const { dataDirectory, logGroup, logStream, format } = options;
  const progress = new LoadProgress(files, terminal);
  const loader = new FileLoader(files, {
    logGroup,
    ...(logStream === undefined ? {} : { logStream }),
    ...(format ? { format } : {}),
    identify: sha256Of,
    onProgress: (bytes, events) => progress.add(bytes, events),
    signal,
  });
  const wanted = new StoreWanted(dataDirectory);
  try {
    for (let isDone = false; !isDone; ) {
      const access = await accessLogs({
        dataDirectory,
        command: 'headgate import',
        terminal,
        signal,
        make: true,
      });
      try {
        isDone = await loader.run(access, () => access.isOpenHere && wanted.isWanted);
      } catch (error) {
        // The capture that had it open has ended: it is opened here, or by the next.
        if (!(error instanceof ConfigError) || error.code !== 'HolderGone') throw error;
      } finally {
        await access.close();
      }
    }
    return loader.sums;
  } finally {
    progress.close();
  }
}

function sumsText(sums: LoadSums, logGroup: string): string {
  const files = (count: number): string => `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`;
  const added = `${formatCount(sums.added)} events of ${files(sums.files)} imported into ${logGroup}`;
  const isKnownAlready = sums.added === 0 && sums.files === 0 && sums.knownFiles > 0;
  if (isKnownAlready && sums.failures.length === 0) {
    return `nothing to import into ${logGroup}: ${files(sums.knownFiles)} passed over, imported before\n`;
  }
  const parts = [added];
  // Of what an import left off and found again, it is not known what it is kept as.
  const isKnown = sums.records + sums.textRecords + sums.plain === sums.added;
  if (isKnown && sums.records > 0) parts.push(`${formatCount(sums.records)} of them flow log records`);
  if (sums.skipped > 0) parts.push(`${formatCount(sums.skipped)} events were there already`);
  if (sums.knownFiles > 0) parts.push(`${files(sums.knownFiles)} passed over: imported before`);
  if (sums.failures.length > 0) parts.push(`${files(sums.failures.length)} not read to the end`);
  return `${parts.join('; ')}\n`;
}

async function sha256Of(file: InputFile): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file.path ?? '', { highWaterMark: 1024 * 1024 }), hash);
  } catch (error) {
    throw cannotRead(file.name, error);
  }
  return hash.digest('hex');
}

/** What can be read only once is kept in a file, so that it is known by its content before it is imported. */
class Spool {
  #folder: string | undefined;
  #files = 0;
  readonly #remove = (): void => {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  };

  async keep(file: InputFile, signal: AbortSignal): Promise<InputFile> {
    if (file.bytes !== undefined) return file;
    if (this.#folder === undefined) {
      this.#folder = mkdtempSync(path.join(tmpdir(), 'headgate-import-'));
      process.on('exit', this.#remove);
    }
    const kept = path.join(this.#folder, String(this.#files++));
    const from = file.path === undefined ? process.stdin : createReadStream(file.path);
    try {
      await pipeline(from, createWriteStream(kept), { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw cannotRead(file.name, error);
    }
    const name = file.path === undefined ? 'stdin' : path.basename(file.path);
    return { ...file, path: kept, bytes: statSync(kept).size, streamName: name };
  }

  close(): void {
    this.#remove();
    process.off('exit', this.#remove);
  }
}
