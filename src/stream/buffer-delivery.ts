import path from 'node:path';
import type { ServiceSource } from '../iam/service-access.ts';
import type { BucketAddress, BucketTarget } from './bucket-target.ts';
import { type DeliveryProgress, readProgress, writeProgress } from './delivery-progress.ts';
import type { DiskSlots } from './disk-slots.ts';
import { errorRecord } from './error-record.ts';
import { type EndpointOutcome, postRecords } from './http-endpoint.ts';
import type { DeliveryStreamResource } from './kinds.ts';
import { objectName, seededUuid } from './object-name.ts';
import { writeParcel } from './parcel-file.ts';
import type { ErrorOutputType } from './prefix-expression.ts';
import { type Process, type Processed, type ProcessingFailure, processOf } from './processors.ts';
import { type SourceRecord, sourceRecords } from './source-records.ts';
import type { StreamBuffer } from './stream-buffers.ts';
import { type ExtendedS3Config, type HttpConfig, type S3Config, targetOf } from './stream-config.ts';

export interface DeliveryParts {
  /** Of the stream: what is made for a delivery lies beside the buffers. */
  readonly folder: string;
  readonly source: ServiceSource;
  readonly bucketTarget: (address: BucketAddress) => BucketTarget;
  readonly slots: DiskSlots;
  readonly httpTimeoutMs: number;
  /** Of what processors make of the records of one buffer. */
  readonly mostObjectBytes: number;
  readonly signal: AbortSignal;
  readonly clock: () => number;
}

export interface DeliveryRefusal {
  readonly kind: 'refused';
  /** `S3.AccessDenied`, `HttpEndpoint.RequestTimeout` */
  readonly code: string;
  readonly message: string;
  /** When to try again. */
  readonly waitMs: number;
}

/** `failedRecords`: those that lie under an error prefix now. */
export type BufferOutcome = { readonly kind: 'delivered'; readonly failedRecords: number } | DeliveryRefusal;

/** What becomes one object. */
interface Parcel {
  readonly name: string;
  readonly config: S3Config & Pick<ExtendedS3Config, 'FileExtension' | 'CustomTimeZone'>;
  readonly errorOutputType?: ErrorOutputType;
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

interface Result {
  readonly source: SourceRecord;
  readonly result: Processed;
}

/** A part of a buffer that goes into one request. */
interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly records: readonly Uint8Array[];
}

const firstWaitMs = 1000;
const longestWaitMs = 60_000;
const defaultRetrySeconds = 300;
const mib = 1024 * 1024;
const contentType = 'application/octet-stream';
/** Records can be a thousand times as long when they are decompressed. */
const tooMuch: ProcessingFailure = {
  type: 'decompression-failed',
  code: 'Decompression.ObjectTooLarge',
  message: 'The records of the object before it are as much as an object may have when they are decompressed',
};

/**
 * The delivery of one closed buffer, tried until all of it is where it belongs. Names of objects follow from the buffer's
 * id and the stream's version: what was put before a crash is put again under the same name.
 */
export class BufferDelivery {
  readonly #buffer: StreamBuffer;
  readonly #parts: DeliveryParts;
  /** Of parcels: those that are put, and the files that are made for a version of the stream. */
  readonly #put = new Set<string>();
  readonly #made = new Map<
    string,
    { readonly version: string; readonly bytes: number; readonly isEmpty: boolean }
  >();
  readonly #failures = new Map<string, number>();
  #progress: DeliveryProgress | undefined;
  #refusals = 0;
  /** Of the chunk that is being sent. */
  #attempts = 0;
  #waitedMs = 0;

  constructor(buffer: StreamBuffer, parts: DeliveryParts) {
    this.#buffer = buffer;
    this.#parts = parts;
  }

  async attempt(resource: DeliveryStreamResource): Promise<BufferOutcome> {
    const target = targetOf(resource);
    const refusal =
      target.kind === 's3'
        ? await this.#toBucket(resource, target.s3)
        : await this.#toEndpoint(resource, target.http, target.backup);
    if (refusal) return refusal;
    const failed = this.#progress?.failed ?? [];
    const refusedRecords = failed.reduce((sum, { from, to }) => sum + to - from, 0);
    return { kind: 'delivered', failedRecords: sumOf(this.#failures.values()) + refusedRecords };
  }

  async #toBucket(
    resource: DeliveryStreamResource,
    s3: ExtendedS3Config,
  ): Promise<DeliveryRefusal | undefined> {
    const process = processOf(s3.ProcessingConfiguration);
    const main: Parcel = { name: 'main', config: s3, pieces: () => this.#processed(process) };
    const backup = s3.S3BackupMode === 'Enabled' ? s3.S3BackupDescription : undefined;
    return (
      (backup && (await this.#putParcel(resource, this.#sources(backup)))) ??
      (await this.#putParcel(resource, main)) ??
      this.#putFailures(resource, s3, () => this.#results(process, this.#parts.mostObjectBytes))
    );
  }

  async #toEndpoint(
    resource: DeliveryStreamResource,
    http: HttpConfig,
    backup: S3Config,
  ): Promise<DeliveryRefusal | undefined> {
    const process = processOf(http.ProcessingConfiguration);
    const refusal =
      (http.S3BackupMode === 'AllData'
        ? await this.#putParcel(resource, this.#sources(backup))
        : undefined) ?? (await this.#send(resource, http, process));
    if (refusal) return refusal;
    await this.#countFailures(process);
    const failed = (this.#progress?.failed ?? []).length > 0;
    const parcel: Parcel = {
      name: 'http-endpoint-failed',
      config: backup,
      errorOutputType: 'http-endpoint-failed',
      pieces: () => this.#unsent(process),
    };
    return (
      (failed ? await this.#putParcel(resource, parcel) : undefined) ??
      this.#putFailures(resource, backup, () => this.#results(process))
    );
  }

  /** All records as they came. */
  #sources(config: S3Config): Parcel {
    const buffer = this.#buffer;
    return {
      name: 'sources',
      config,
      pieces: async function* () {
        for await (const { data } of sourceRecords(buffer)) yield data;
      },
    };
  }

  /** Puts what processors could not do, if there is any. */
  async #putFailures(
    resource: DeliveryStreamResource,
    s3: Parcel['config'],
    results: () => AsyncIterable<Result>,
  ): Promise<DeliveryRefusal | undefined> {
    const { FileExtension: _, ...config } = s3;
    for (const type of ['decompression-failed', 'processing-failed'] as const) {
      if ((this.#failures.get(type) ?? 0) === 0) continue;
      const pieces = () => this.#unprocessed(results(), type);
      const refusal = await this.#putParcel(resource, { name: type, config, errorOutputType: type, pieces });
      if (refusal) return refusal;
    }
    return undefined;
  }

  async #putParcel(resource: DeliveryStreamResource, parcel: Parcel): Promise<DeliveryRefusal | undefined> {
    const { name, config } = parcel;
    if (this.#put.has(name)) return undefined;
    const file = path.join(this.#parts.folder, `${this.#buffer.number}.${name}`);
    const made = await this.#make(resource, parcel, file);
    if (!made.isEmpty) {
      const target = this.#parts.bucketTarget({
        bucketArn: config.BucketARN ?? '',
        roleArn: config.RoleARN ?? '',
        source: this.#parts.source,
      });
      const key = this.#keyOf(resource, parcel);
      const outcome = await target.put({ key, file, bytes: made.bytes, contentType });
      if (outcome.kind === 'refused') return this.#refused(outcome);
    }
    this.#put.add(name);
    return undefined;
  }

  async #make(resource: DeliveryStreamResource, { name, config, pieces }: Parcel, file: string) {
    const version = resource.VersionId ?? '';
    const before = this.#made.get(name);
    if (before?.version === version) return before;
    const isCompressed = config.CompressionFormat === 'GZIP';
    const written = await this.#parts.slots.use(() => writeParcel(file, pieces(), isCompressed));
    const made = { version, ...written };
    this.#made.set(name, made);
    return made;
  }

  #keyOf(resource: DeliveryStreamResource, { name, config, errorOutputType }: Parcel): string {
    const { Prefix, ErrorOutputPrefix, CustomTimeZone, FileExtension = '', CompressionFormat } = config;
    return objectName({
      prefixes: { Prefix, ErrorOutputPrefix },
      timeZone: CustomTimeZone,
      streamName: resource.DeliveryStreamName,
      versionId: resource.VersionId ?? '1',
      arrivedMs: this.#buffer.firstMs ?? 0,
      seed: `${this.#buffer.id} ${name}`,
      extension: FileExtension !== '' ? FileExtension : CompressionFormat === 'GZIP' ? '.gz' : '',
      ...(errorOutputType && { errorOutputType }),
    });
  }

  async *#processed(process: Process): AsyncGenerator<Uint8Array, void> {
    this.#failures.clear();
    for await (const { result } of this.#results(process, this.#parts.mostObjectBytes)) {
      if ('failure' in result) this.#count(result.failure);
      else yield* result.records;
    }
  }

  /** What has become of each record. Where it comes to more than `mostBytes`, records are failures from then on. */
  async *#results(process: Process, mostBytes = Number.POSITIVE_INFINITY): AsyncGenerator<Result, void> {
    let bytes = 0;
    for await (const source of sourceRecords(this.#buffer)) {
      const result = await process(source.data);
      const made = 'failure' in result ? 0 : sumOf(result.records.map(({ length }) => length));
      const isOver = bytes + made > mostBytes;
      if (!isOver) bytes += made;
      yield { source, result: isOver ? { failure: tooMuch } : result };
    }
  }

  #count({ type }: ProcessingFailure): void {
    this.#failures.set(type, (this.#failures.get(type) ?? 0) + 1);
  }

  /** As what was sent before a crash was not counted in this run, records are looked at once more. */
  async #countFailures(process: Process): Promise<void> {
    this.#failures.clear();
    for await (const { result } of this.#results(process)) {
      if ('failure' in result) this.#count(result.failure);
    }
  }

  async *#unprocessed(results: AsyncIterable<Result>, type: string): AsyncGenerator<Uint8Array, void> {
    for await (const { source, result } of results) {
      if (!('failure' in result) || result.failure.type !== type) continue;
      const failed = {
        attemptsMade: 1,
        arrivalTimestamp: source.arrivedMs,
        errorCode: result.failure.code,
        errorMessage: result.failure.message,
        attemptEndingTimestamp: Math.floor(this.#parts.clock()),
      };
      yield errorRecord(failed, source.data);
    }
  }

  /** Records that the endpoint did not take, as they would have been sent; as they came where that would be too much. */
  async *#unsent(process: Process): AsyncGenerator<Uint8Array, void> {
    const { failed } = await this.#readProgress();
    let bytes = 0;
    for await (const { index, arrivedMs, data } of sourceRecords(this.#buffer)) {
      const range = failed.find(({ from, to }) => index >= from && index < to);
      const result = range && (await process(data));
      if (!range || !result || 'failure' in result) continue;
      const made = sumOf(result.records.map(({ length }) => length));
      const isOver = bytes + made > this.#parts.mostObjectBytes;
      if (!isOver) bytes += made;
      for (const record of isOver ? [data] : result.records) {
        const { attempts, code, message, endedMs } = range;
        const shown = {
          attemptsMade: attempts,
          arrivalTimestamp: arrivedMs,
          attemptEndingTimestamp: endedMs,
        };
        yield errorRecord({ ...shown, errorCode: code, errorMessage: message }, record);
      }
    }
  }

  /** Sends what is left, request by request. */
  async #send(
    resource: DeliveryStreamResource,
    http: HttpConfig,
    process: Process,
  ): Promise<DeliveryRefusal | undefined> {
    const { records } = await this.#readProgress();
    for await (const chunk of this.#chunks(http, process, records)) {
      const outcome =
        chunk.records.length === 0 ? ({ kind: 'taken' } as const) : await this.#post(resource, http, chunk);
      if (outcome.kind === 'refused') {
        const wait = this.#waitAfter(outcome, http);
        if (wait) return wait;
      }
      await this.#advance(chunk, outcome);
    }
    return undefined;
  }

  async *#chunks(http: HttpConfig, process: Process, begin: number): AsyncGenerator<Chunk, void> {
    const most = (http.BufferingHints?.SizeInMBs ?? 5) * mib;
    let from = begin;
    let records: Uint8Array[] = [];
    let bytes = 0;
    for await (const { index, data } of sourceRecords(this.#buffer, begin)) {
      const result = await process(data);
      const sent = 'failure' in result ? [] : result.records;
      const size = sumOf(sent.map(({ length }) => length));
      if (records.length > 0 && bytes + size > most) {
        yield { from, to: index, records };
        from = index;
        records = [];
        bytes = 0;
      }
      // One by one: a record may hold more messages than a call has arguments.
      for (const record of sent) records.push(record);
      bytes += size;
    }
    if (from < this.#buffer.records) yield { from, to: this.#buffer.records, records };
  }

  #post(
    resource: DeliveryStreamResource,
    http: HttpConfig,
    { from, records }: Chunk,
  ): Promise<EndpointOutcome> {
    this.#attempts += 1;
    const attributes = http.RequestConfiguration?.CommonAttributes ?? [];
    return postRecords({
      url: http.EndpointConfiguration?.Url ?? '',
      accessKey: resource.httpAccessKey,
      streamArn: resource.DeliveryStreamARN,
      requestId: seededUuid(`${this.#buffer.id} request ${from}`),
      isCompressed: http.RequestConfiguration?.ContentEncoding === 'GZIP',
      commonAttributes: Object.fromEntries(
        attributes.map(({ AttributeName = '', AttributeValue = '' }) => [AttributeName, AttributeValue]),
      ),
      records,
      timeoutMs: this.#parts.httpTimeoutMs,
      signal: this.#parts.signal,
      clock: this.#parts.clock,
    });
  }

  /** Undefined when the retry duration, which is that of the waiting alone, is over. */
  #waitAfter(
    outcome: Extract<EndpointOutcome, { kind: 'refused' }>,
    http: HttpConfig,
  ): DeliveryRefusal | undefined {
    const { code, message, isPermanent } = outcome;
    // The stream is being closed: that is nothing the endpoint did.
    if (this.#parts.signal.aborted) return { kind: 'refused', code, message, waitMs: 0 };
    const durationMs = (http.RetryOptions?.DurationInSeconds ?? defaultRetrySeconds) * 1000;
    const leftMs = durationMs - this.#waitedMs;
    if (isPermanent || leftMs <= 0) return undefined;
    const waitMs = Math.min(leftMs, backoffMs(this.#attempts));
    this.#waitedMs += waitMs;
    return { kind: 'refused', code, message, waitMs };
  }

  async #advance({ from, to }: Chunk, outcome: EndpointOutcome): Promise<void> {
    const { failed } = await this.#readProgress();
    const more =
      outcome.kind === 'refused'
        ? [
            {
              from,
              to,
              attempts: this.#attempts,
              code: outcome.code,
              message: outcome.message,
              endedMs: Math.floor(this.#parts.clock()),
            },
          ]
        : [];
    this.#progress = { records: to, failed: [...failed, ...more] };
    this.#attempts = 0;
    this.#waitedMs = 0;
    await writeProgress(this.#progressFile, this.#progress);
  }

  async #readProgress(): Promise<DeliveryProgress> {
    this.#progress ??= await readProgress(this.#progressFile);
    return this.#progress;
  }

  get #progressFile(): string {
    return path.join(this.#parts.folder, `${this.#buffer.number}.progress`);
  }

  #refused({ code, message }: { readonly code: string; readonly message: string }): DeliveryRefusal {
    this.#refusals += 1;
    return { kind: 'refused', code, message, waitMs: backoffMs(this.#refusals) };
  }
}

/** Twice as long each time, by chance up to half of it less, so that streams do not come back all at once. */
function backoffMs(attempts: number): number {
  const most = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempts - 1, 10));
  return most / 2 + (Math.random() * most) / 2;
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
