import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ErrorOutputType } from './prefix-expression.ts';

/** As destinations have them. */
export interface Processing {
  readonly Enabled?: boolean | undefined;
  readonly Processors?:
    | readonly {
        readonly Type: string | undefined;
        readonly Parameters?: readonly ProcessorParameter[] | undefined;
      }[]
    | undefined;
}

interface ProcessorParameter {
  readonly ParameterName: string | undefined;
  readonly ParameterValue: string | undefined;
}

export interface ProcessingFailure {
  readonly type: Exclude<ErrorOutputType, 'http-endpoint-failed'>;
  readonly code: string;
  readonly message: string;
}

/** What has become of one record. */
export type Processed = { readonly records: readonly Uint8Array[] } | { readonly failure: ProcessingFailure };
export type Process = (record: Uint8Array) => Processed | Promise<Processed>;

/** Of a record when it is decompressed: a thousand times what Logs makes of 1,000 KiB would be a bomb. */
const mostDecompressedBytes = 32 * 1024 * 1024;
const newline = Buffer.from('\n');
const unzip = promisify(gunzip);

/** What a stream does with each record, in the order that Firehose has: Decompression, CloudWatchLogProcessing, AppendDelimiterToRecord. */
export function processOf(processing: Processing | undefined): Process {
  const has = (type: string) => processorOf(processing, type) !== undefined;
  const isDecompressed = has('Decompression');
  const isExtracted = parameterOf(processing, 'CloudWatchLogProcessing', 'DataMessageExtraction') === 'true';
  const isDelimited = has('AppendDelimiterToRecord');
  const whole = (record: Uint8Array): Processed => ({
    records: [isDelimited ? Buffer.concat([record, newline]) : record],
  });
  if (!isDecompressed) return whole;
  return async (record) => {
    const text = await decompressed(record);
    if ('failure' in text) return text;
    return isExtracted ? messagesOf(text.bytes) : whole(text.bytes);
  };
}

function parameterOf(processing: Processing | undefined, type: string, name: string): string | undefined {
  const parameters = processorOf(processing, type)?.Parameters ?? [];
  return parameters.find(({ ParameterName }) => ParameterName === name)?.ParameterValue;
}

/** The enabled processor of a type. */
function processorOf(processing: Processing | undefined, type: string) {
  if (processing?.Enabled !== true) return undefined;
  return processing.Processors?.find(({ Type }) => Type === type);
}

async function decompressed(
  record: Uint8Array,
): Promise<{ readonly bytes: Buffer } | { readonly failure: ProcessingFailure }> {
  try {
    return { bytes: await unzip(record, { maxOutputLength: mostDecompressedBytes }) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = `The record could not be decompressed as GZIP: ${error.message}`;
    return { failure: { type: 'decompression-failed', code: 'Decompression.InvalidData', message } };
  }
}

/** The messages of a record of CloudWatch Logs, each with a newline; none of a message that only tests the stream. */
function messagesOf(bytes: Buffer): Processed {
  const failure = (message: string): Processed => ({
    failure: { type: 'processing-failed', code: 'CloudWatchLogProcessing.InvalidRecord', message },
  });
  let record: unknown;
  try {
    record = JSON.parse(bytes.toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failure('The decompressed record is not JSON');
  }
  if (!isLogsRecord(record)) return failure('The decompressed record is not one of CloudWatch Logs');
  if (record.messageType === 'CONTROL_MESSAGE') return { records: [] };
  return { records: record.logEvents.map(({ message }) => Buffer.from(`${message}\n`)) };
}

interface LogsRecord {
  readonly messageType: string;
  readonly logEvents: readonly { readonly message: string }[];
}

function isLogsRecord(value: unknown): value is LogsRecord {
  const { messageType, logEvents } = (value ?? {}) as Partial<LogsRecord>;
  return (
    (messageType === 'DATA_MESSAGE' || messageType === 'CONTROL_MESSAGE') &&
    Array.isArray(logEvents) &&
    logEvents.every((event) => typeof event?.message === 'string')
  );
}
