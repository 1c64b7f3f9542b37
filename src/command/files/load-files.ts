import { createHash } from 'node:crypto';
import path from 'node:path';
import { ConfigError } from '../../fault/index.ts';
import type { FileImport, ImportSums } from '../../logs/index.ts';
import type { LogFormat } from '../../record/index.ts';
import type { LogsAccess } from '../store/logs-access.ts';
import { type FileItems, fileItems } from './file-items.ts';
import type { InputFile } from './input-files.ts';
import { jsonItems } from './json-items.ts';
import { logStreamName } from './log-stream-name.ts';

export interface LoadOptions {
  readonly logGroup: string;
  /** For all files; each names its own when absent. */
  readonly logStream?: string;
  /** Of lines without a header. */
  readonly format?: LogFormat;
  /** What the ledger of imports knows a file by, in hex. */
  readonly identify: (file: InputFile) => Promise<string>;
  /** Told how many more bytes were read, and how many events are in the store since the last call. */
  readonly onProgress: (bytes: number, events: number) => void;
  readonly signal: AbortSignal;
}

export interface LoadSums extends ImportSums {
  /** Files that were read to their end. */
  readonly files: number;
  /** Files that were there already. */
  readonly knownFiles: number;
  /** Events that are longer than one may be. */
  readonly tooLong: number;
  /** Why files could not be read, or not to their end. */
  readonly failures: readonly string[];
}

type ImportAccess = Pick<LogsAccess, 'beginImport'>;

/**
 * Reads files into a log group, one after the other. A file that cannot be read is told of in the sums, and the next is
 * read.
 */
export class FileLoader {
  readonly #sums = { ...noItems, files: 0, knownFiles: 0, tooLong: 0, failures: [] as string[] };
  readonly #files: readonly InputFile[];
  readonly #options: LoadOptions;
  #at = 0;
  /** Whether a part of the present file is there already because this loader left off in it. */
  #isBegun = false;

  constructor(files: readonly InputFile[], options: LoadOptions) {
    this.#files = files;
    this.#options = options;
  }

  get sums(): LoadSums {
    return this.#sums;
  }

  /**
   * Reads on; gives whether all files are read.
   * @param leavesOff asked after some thousand events; the next call goes on there, through any access
   */
  async run(access: ImportAccess, leavesOff: () => boolean = () => false): Promise<boolean> {
    for (; this.#at < this.#files.length; this.#at++) {
      this.#options.signal.throwIfAborted();
      if (leavesOff() || (await this.#load(this.#files[this.#at], access, leavesOff)) === 'left off') {
        return false;
      }
      this.#isBegun = false;
    }
    return true;
  }

  async #load(file: InputFile, access: ImportAccess, leavesOff: () => boolean): Promise<FileOutcome> {
    const sums = this.#sums;
    try {
      const outcome = await loadFile(file, this.#options, access, {
        leavesOff,
        onTooLong: (events) => {
          sums.tooLong += events;
        },
      });
      if (outcome === 'known') sums.knownFiles++;
      else if (outcome === 'left off') this.#isBegun = true;
      else this.#add(outcome);
      return outcome;
    } catch (error) {
      // Another access may go on with the file.
      this.#isBegun = true;
      if (!(error instanceof ConfigError) || !fileFaults.has(error.code)) throw error;
      sums.failures.push([error.message, ...error.details].join('; '));
      return noItems;
    }
  }

  #add(loaded: ImportSums): void {
    const { skipped } = loaded;
    const own = this.#isBegun ? { ...loaded, added: loaded.added + skipped, skipped: 0 } : loaded;
    this.#sums.files++;
    for (const key of itemKeys) this.#sums[key] += own[key];
  }
}

/** What of a file was added; or that it is whole in the group already, or was not read to its end for others' sake. */
type FileOutcome = ImportSums | 'known' | 'left off';

const noItems: ImportSums = { added: 0, skipped: 0, records: 0, textRecords: 0, plain: 0 };
const itemKeys = Object.keys(noItems) as (keyof ImportSums)[];
const fileFaults: ReadonlySet<string> = new Set(['CannotRead', 'FileDamaged', 'NotText']);

interface Watch {
  readonly leavesOff: () => boolean;
  readonly onTooLong: (events: number) => void;
}

async function loadFile(
  file: InputFile,
  options: LoadOptions,
  access: ImportAccess,
  { leavesOff, onTooLong }: Watch,
): Promise<FileOutcome> {
  const parts = new FileParts(file, await options.identify(file), options, access);
  let bytes = 0;
  const items = fileItems(file, {
    ...(options.format ? { format: options.format } : {}),
    onTooLong,
    signal: options.signal,
    onRead: (more) => {
      bytes += more;
    },
    readParquet: (name) => parquetItems(name, file, options.format),
  });
  try {
    for await (const some of items) {
      options.signal.throwIfAborted();
      if (!(await parts.add(some))) return 'known';
      options.onProgress(bytes, countOf(some));
      bytes = 0;
      if (!leavesOff()) continue;
      await parts.abandon();
      return 'left off';
    }
    return await parts.finish();
  } catch (error) {
    await parts.abandon();
    throw error;
  } finally {
    options.onProgress(bytes, 0);
  }
}

async function* parquetItems(
  name: string,
  file: InputFile,
  format: LogFormat | undefined,
): AsyncGenerator<FileItems> {
  const { readParquetFile } = await import('../../store/index.ts');
  for await (const rows of readParquetFile(path.resolve(name))) {
    if (rows.kind === 'json') yield* jsonItems(rows.texts, file.modifiedMs, format);
    else yield rows;
  }
}

function countOf(items: FileItems): number {
  return items.kind === 'lines' ? items.lines.length : items.events.length;
}

/**
 * What a file holds of each log stream and each format: an entry of the ledger of its own. That of the first is the
 * file's, and is the last to be finished: where it is whole, all are.
 */
class FileParts {
  readonly #file: InputFile;
  readonly #sha256: string;
  readonly #options: LoadOptions;
  readonly #access: ImportAccess;
  /** undefined: known to be whole. */
  readonly #parts = new Map<string, FileImport | undefined>();
  /** The next items are read while the last ones are written. */
  #pending: Promise<void> = Promise.resolve();

  constructor(file: InputFile, sha256: string, options: LoadOptions, access: ImportAccess) {
    this.#file = file;
    this.#sha256 = sha256;
    this.#options = options;
    this.#access = access;
  }

  /** False when the whole file is in the group already. */
  async add(items: FileItems): Promise<boolean> {
    const stream = this.#streamOf(items);
    const format = this.#formatOf(items);
    const key = `${stream}\n${format?.text ?? ''}`;
    if (!this.#parts.has(key)) this.#parts.set(key, await this.#begin(stream, format, key));
    const part = this.#parts.get(key);
    if (!part) return this.#parts.size > 1;
    await this.#pending;
    this.#pending = addItems(part, items);
    // Who waits for it next is told.
    this.#pending.catch(() => undefined);
    return true;
  }

  async finish(): Promise<ImportSums> {
    await this.#pending;
    const sums = { ...noItems } as Record<keyof ImportSums, number>;
    for (const part of [...this.#parts.values()].reverse()) {
      const added = await part?.finish();
      if (added) for (const key of itemKeys) sums[key] += added[key];
    }
    return sums;
  }

  async abandon(): Promise<void> {
    await this.#pending.catch(() => undefined);
    for (const part of this.#parts.values()) part?.abandon();
  }

  #formatOf(items: FileItems): LogFormat | undefined {
    return items.kind === 'lines' ? items.format : this.#options.format;
  }

  #streamOf(items: FileItems): string {
    const { logStream } = this.#options;
    if (logStream !== undefined) return logStream;
    return (items.kind === 'events' ? items.stream : undefined) ?? logStreamName(this.#file);
  }

  #begin(logStream: string, format: LogFormat | undefined, key: string): Promise<FileImport | undefined> {
    const isFirst = this.#parts.size === 0;
    return this.#access.beginImport({
      logGroupName: this.#options.logGroup,
      logStreamName: logStream,
      sha256: isFirst ? this.#sha256 : createHash('sha256').update(`${this.#sha256}\n${key}`).digest('hex'),
      fileName: this.#file.name,
      ...(format ? { format } : {}),
    });
  }
}

function addItems(part: FileImport, items: FileItems): Promise<void> {
  return items.kind === 'lines' ? part.addLines(items.lines) : part.addEvents(items.events);
}
