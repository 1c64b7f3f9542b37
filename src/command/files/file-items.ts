import { ConfigError } from '../../fault/index.ts';
import { defaultLogFormat, fields, type LogFormat, parseHeader } from '../../record/index.ts';
import { type BytesOptions, fileBytes } from './file-bytes.ts';
import type { InputFile } from './input-files.ts';
import { jsonItems } from './json-items.ts';
import { JsonValues } from './json-values.ts';
import { leadingTime } from './leading-time.ts';
import { LineReader } from './lines.ts';

/** What a file holds, some at a time, in the order in which it stands there. */
export type FileItems =
  /** Lines that may be records; the event's time is the record's. */
  | { readonly kind: 'lines'; readonly lines: readonly string[]; readonly format?: LogFormat }
  /** `stream` is the log stream that the file itself names. */
  | { readonly kind: 'events'; readonly events: readonly FileEvent[]; readonly stream?: string };

export interface FileEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

export interface ReadOptions extends BytesOptions {
  /** Of lines without a header. */
  readonly format?: LogFormat;
  /** Told of events that were left out because they are longer than one may be. */
  readonly onTooLong: (events: number) => void;
  /** Reads a Parquet file. */
  readonly readParquet: (path: string) => AsyncIterable<FileItems>;
}

/** What tells one kind of file from another lies in its first bytes. */
const headBytes = 64 * 1024;

/**
 * Reads whatever holds events. What it is, the content tells, never the name: Parquet; text with a header line; what a
 * CloudWatch export holds; JSON, one object a line or any other way, as the AWS CLI, subscriptions and OpenSearch
 * write it; any other text.
 * @throws ConfigError `CannotRead`, `FileDamaged`, `NotText`
 */
export async function* fileItems(file: InputFile, options: ReadOptions): AsyncGenerator<FileItems> {
  const bytes = fileBytes(file, options);
  const { head, isEnd } = await readHead(bytes);
  if (head.length === 0) return;
  if (head.subarray(0, 4).equals(Buffer.from('PAR1'))) {
    yield* parquetItems(file, head, bytes, options);
    return;
  }
  if (head.includes(0)) throw notText(file, head);
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  const all = withHead(head.subarray(hasMark(head) ? 3 : 0), bytes);
  if (isDocument(text, isEnd)) yield* documentItems(file, all, options);
  else yield* lineItems(file, text, all, options);
}

async function readHead(bytes: AsyncIterator<Buffer>): Promise<{ head: Buffer; isEnd: boolean }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < headBytes) {
    const { done, value } = await bytes.next();
    if (done) return { head, isEnd: true };
    head = head.length === 0 ? value : Buffer.concat([head, value]);
    // A pipe may give a line now and the next in an hour.
    if (head.includes(10)) break;
  }
  return { head, isEnd: false };
}

async function* withHead(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

const hasMark = (head: Buffer): boolean => head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;

async function* parquetItems(
  file: InputFile,
  head: Buffer,
  bytes: AsyncGenerator<Buffer>,
  { onRead, readParquet }: ReadOptions,
): AsyncGenerator<FileItems> {
  await bytes.return(undefined);
  if (file.path === undefined || file.bytes === undefined) {
    throw new ConfigError(
      'NotText',
      `${file.name}: Parquet cannot be read from a pipe: give the file itself`,
    );
  }
  onRead(file.bytes - head.length);
  yield* readParquet(file.path);
}

const captureMagics = ['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a'];

function notText(file: InputFile, head: Buffer): ConfigError {
  const isCapture = captureMagics.includes(head.subarray(0, 4).toString('hex'));
  return new ConfigError('NotText', `${file.name}: neither text nor Parquet`, [
    isCapture
      ? 'it is a capture of packets: "headgate capture FILE" makes records of it'
      : 'expected records, CloudWatch exports, JSON or text, gzip or not, or Parquet',
  ]);
}

/** JSON that is not one object a line. */
function isDocument(text: string, isEnd: boolean): boolean {
  const start = text.trimStart();
  if (/^\[\s*(?:[[{"]|\]\s*$)/.test(start)) return true;
  if (!/^\{\s*["}]/.test(start)) return false;
  if (!isWholeLine(start, isEnd)) return true;
  // What the CLI and subscriptions write may be a single line.
  return /^\{(?:[^{[]|\[[^{[\]]*\])*"(?:events|logEvents)"\s*:\s*\[/.test(start);
}

function isWholeLine(text: string, isEnd: boolean): boolean {
  const feed = text.indexOf('\n');
  if (feed < 0 && !isEnd) return false;
  try {
    JSON.parse(feed < 0 ? text : text.slice(0, feed));
    return true;
  } catch {
    return false;
  }
}

async function* documentItems(
  file: InputFile,
  bytes: AsyncIterable<Buffer>,
  options: ReadOptions,
): AsyncGenerator<FileItems> {
  const reader = new JsonValues();
  for await (const piece of bytes) yield* jsonItems(reader.take(piece), file.modifiedMs, options.format);
  options.onTooLong(reader.tooLong);
  if (reader.isOpen) throw new ConfigError('FileDamaged', `${file.name}: the JSON breaks off`);
}

async function* lineItems(
  file: InputFile,
  head: string,
  bytes: AsyncIterable<Buffer>,
  options: ReadOptions,
): AsyncGenerator<FileItems> {
  const reader = new LineReader(bytes);
  const first = head.split('\n', 1)[0].replace(/\r$/, '');
  const { format } = options;
  const header = headerOf(first);
  if (header) yield* recordLines(reader.pieces(), header);
  else if (first.startsWith('{')) {
    for await (const lines of reader.pieces()) yield* jsonItems(lines, file.modifiedMs, format);
  } else if (leadingTime(first) === undefined) yield* recordLines(reader.pieces(), format);
  else yield* timedLines(reader.pieces(), isExport(file, first, format ?? defaultLogFormat));
  options.onTooLong(reader.tooLong);
}

const tokens: ReadonlySet<string> = new Set(fields.map(({ token }) => token));

/** The format that a header line names; one name alone may be any word. */
function headerOf(line: string): LogFormat | undefined {
  const names = line.split(' ');
  return names.length > 1 && names.every((name) => tokens.has(name)) ? parseHeader(line) : undefined;
}

/** Files may be several in one, each with its header. */
async function* recordLines(
  pieces: AsyncIterable<readonly string[]>,
  first: LogFormat | undefined,
): AsyncGenerator<FileItems> {
  let format = first;
  for await (const lines of pieces) {
    let from = 0;
    for (let at = 0; at < lines.length; at++) {
      const header = isLowerCase(lines[at].charCodeAt(0)) ? headerOf(lines[at]) : undefined;
      if (!header) continue;
      if (at > from) yield linesOf(lines.slice(from, at), format);
      format = header;
      from = at + 1;
    }
    if (from < lines.length) yield linesOf(from === 0 ? lines : lines.slice(from), format);
  }
}

const isLowerCase = (code: number): boolean => code >= 97 && code <= 122;

function linesOf(lines: readonly string[], format: LogFormat | undefined): FileItems {
  return { kind: 'lines', lines, ...(format ? { format } : {}) };
}

/**
 * An export task writes `<time> <message>`; in the log of a program the time is part of the message. Exports are named by
 * number, and a record has no time in front.
 */
function isExport(file: InputFile, line: string, { fields: { length } }: LogFormat): boolean {
  return /(?:^|\/)[0-9]{6}(?:\.gz)?$/.test(file.name) || line.split(' ').length === length + 1;
}

/** Lines that begin with a time; one that does not is as old as the line before it. */
async function* timedLines(
  pieces: AsyncIterable<readonly string[]>,
  isExported: boolean,
): AsyncGenerator<FileItems> {
  let timestamp = 0;
  for await (const lines of pieces) {
    const events = lines.map((line): FileEvent => {
      const time = leadingTime(line);
      timestamp = time?.timeMs ?? timestamp;
      return { timestamp, message: isExported && time ? line.slice(time.end + 1) : line };
    });
    if (events.length > 0) yield { kind: 'events', events };
  }
}
